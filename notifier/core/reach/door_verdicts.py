"""Judging what answers at a federated server: its ports, its TLS, its certificate (R47)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from notifier.core.reach.probes import Certificate, Door, Handshake, Knock, Status, Step, Tls, Visit

# Authorities whose certificates live 90 days renew them 30 days before the end: who is later than
# this has forgotten it.
SOON: Final = timedelta(days=14)

# So many names of a certificate are shown; some have a hundred.
_NAMES_SHOWN: Final = 5

# What is told of a door that is not open, and what to do.
_DOORS: Final[dict[Door, tuple[str, str]]] = {
    Door.REFUSED: (
        "refused: nothing listens there",
        "ask its administrator to start the server, or {elsewhere}",
    ),
    Door.SILENT: (
        "no answer: something on the way, or at its end, drops what we send",
        "open TCP port {port} in the firewalls of both sides",
    ),
    Door.NO_ROUTE: (
        "no way there from this machine",
        "see to the routes of this machine, and whether it has IPv6 at all",
    ),
    Door.BROKEN: (
        "cannot be reached",
        "see to the network of this machine, then ask its administrator",
    ),
}

# Where the true port is said, if this is not it.
_ELSEWHERE: Final = {
    "client port": "to publish its true port by an SRV record",
    "https port": "which port HTTPS has, and give it with --https-port",
}

# What is told of a handshake that failed, and what to do.
_HANDSHAKES: Final[dict[Tls, tuple[str, str]]] = {
    Tls.EXPIRED: ("the certificate has expired", "ask its administrator to renew it"),
    Tls.NOT_YET_VALID: (
        "the certificate is not valid yet",
        "check the clock of this machine, then ask its administrator",
    ),
    Tls.OTHER_NAME: (
        "the certificate is for another name than {name}",
        "ask its administrator for a certificate that names {name}",
    ),
    Tls.SELF_SIGNED: (
        "the certificate is signed by itself",
        "ask its administrator for one of an authority; if you trust this one, name it as ca_file",
    ),
    Tls.UNKNOWN_ISSUER: (
        "the certificate comes from an authority that this machine does not know",
        "name a private authority as [federation] ca_file; else ask for the whole chain",
    ),
    Tls.NO_CHAIN: (
        "the certificate comes without its chain",
        "ask its administrator to send the whole chain",
    ),
    Tls.UNTRUSTED: (
        "the certificate is not trusted",
        "ask its administrator to check the certificate",
    ),
    Tls.PLAIN: (
        "what answers speaks no TLS",
        "ask its administrator which port HTTPS has, and give it with --https-port",
    ),
    Tls.OLD: (
        "it speaks no TLS of 1.2 or later",
        "ask its administrator to switch TLS 1.2 or 1.3 on",
    ),
    Tls.SILENT: (
        "it took the connection and then said nothing",
        "ask its administrator whether HTTPS has this port, and what hangs behind it",
    ),
    Tls.HUNG_UP: (
        "it hung up during the handshake",
        "ask its administrator whether it has a certificate for {name}, and admits this machine",
    ),
    Tls.BROKEN: (
        "the handshake failed",
        "ask its administrator to check TLS on this port",
    ),
}


def client_steps(knocks: Collection[Knock]) -> list[Step]:
    """Judge each attempt at the port of clients."""
    return [_door_step("client port", each, among=knocks) for each in knocks]


def https_steps(visits: Collection[Visit], name: str, *, now: datetime) -> list[Step]:
    """Judge each attempt at HTTPS: the port, then, where it is open, TLS and the certificate."""
    knocks = [each.knock for each in visits]
    steps = []
    for each in visits:
        steps.append(_door_step("https port", each.knock, among=knocks))
        if each.handshake:
            steps.append(_tls_step(each.knock.where, each.handshake, name, now))
    return steps


def _door_step(step: str, knock: Knock, *, among: Collection[Knock]) -> Step:
    status, found, advice = _door(knock, others_open=any(e.door is Door.OPEN for e in among))
    advice = advice.format(port=knock.port, elsewhere=_ELSEWHERE[step])
    return Step(
        step=step,
        subject=knock.where,
        status=status,
        seconds=knock.seconds,
        found=found,
        advice=advice,
    )


def _door(knock: Knock, *, others_open: bool) -> tuple[Status, str, str]:
    if knock.door is Door.OPEN:
        return "ok", "open", ""
    found, advice = _DOORS[knock.door]
    # Half of the world has no IPv6: an address that cannot be tried from here is no fault of the
    # server's, as long as another one answers.
    passable = knock.door is Door.NO_ROUTE and others_open
    detail = f" ({knock.detail})" if knock.detail else ""
    return "warn" if passable else "fail", f"{found}{detail}", advice


def _tls_step(where: str, handshake: Handshake, name: str, now: datetime) -> Step:
    status, found, advice = _tls(handshake, name, now)
    shown = [found, _shown(handshake.certificate)] if handshake.certificate else [found]
    return Step(
        step="TLS",
        subject=where,
        status=status,
        seconds=handshake.seconds,
        found=": ".join(shown),
        advice=advice,
    )


def _tls(handshake: Handshake, name: str, now: datetime) -> tuple[Status, str, str]:
    if handshake.tls is Tls.SECURED:
        return _secured(handshake, now)
    found, advice = _HANDSHAKES[handshake.tls]
    detail = f" ({handshake.detail})" if handshake.detail else ""
    return "fail", f"{found.format(name=name)}{detail}", advice.format(name=name)


def _secured(handshake: Handshake, now: datetime) -> tuple[Status, str, str]:
    certificate = handshake.certificate
    if certificate and certificate.ends - now < SOON:
        days = max(0, (certificate.ends - now).days)
        found = f"{handshake.version}, but the certificate ends in {days} days"
        return "warn", found, "ask its administrator to renew it"
    return "ok", handshake.version, ""


def _shown(certificate: Certificate | None) -> str:
    """Give for whom a certificate is, who says so, and how long it is valid."""
    if certificate is None:
        return ""
    names = ", ".join(certificate.names[:_NAMES_SHOWN]) or "nobody"
    more = len(certificate.names) - _NAMES_SHOWN
    others = f" and {more} more" if more > 0 else ""
    return (
        f"for {names}{others}, by {certificate.issuer or 'nobody'}, "
        f"from {certificate.begins:%Y-%m-%d} until {certificate.ends:%Y-%m-%d}"
    )
