"""Knocking at the ports of a federated server: TCP, then TLS and the certificate shown (R47)."""

import asyncio
import errno
import os
import socket
import ssl
from typing import Final

import msgspec

from notifier.adapters.certificates import certificate_of
from notifier.adapters.refused_certificates import onlooker
from notifier.core.cleaning import clean_line
from notifier.core.reach.probes import Certificate, Door, Endpoint, Handshake, Knock, Tls, Visit

# What is kept of the words of a fault (characters).
_KEPT_TEXT: Final = 200

_NO_ROUTE: Final = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}

# OpenSSL's verification results (X509_V_ERR_*).
_VERDICTS: Final[dict[int, Tls]] = {
    9: Tls.NOT_YET_VALID,
    10: Tls.EXPIRED,
    18: Tls.SELF_SIGNED,
    19: Tls.UNKNOWN_ISSUER,
    20: Tls.UNKNOWN_ISSUER,
    21: Tls.NO_CHAIN,
    62: Tls.OTHER_NAME,
}

# How OpenSSL calls what is no TLS, its words of several versions.
_PLAIN: Final = {
    *("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"),
    *("PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "BAD_RECORD_TYPE"),
}
_OLD: Final = {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"}


# Why an authority's word is not taken; then the certificate is worth a look.
_REFUSED: Final = {*_VERDICTS.values(), Tls.UNTRUSTED}


async def knock(endpoint: Endpoint, deadline: float) -> Knock:
    """Connect and leave again, until `deadline`, a moment of the loop's clock."""
    found, door = await _knocked(endpoint, deadline)
    if door:
        door.close()
    return found


async def visit(endpoint: Endpoint, name: str, tls: ssl.SSLContext, deadline: float) -> Visit:
    """Connect, and shake hands by `tls` with a server that must show a certificate for `name`.

    A certificate that is refused is looked at over a second connection, on which nothing is sent.
    All of it until `deadline`, a moment of the loop's clock.
    """
    found, door = await _knocked(endpoint, deadline)
    if door is None:
        return Visit(knock=found)
    shaken = await _shaken(door, name, tls, deadline)
    if shaken.tls in _REFUSED:
        certificate = await _looked_at(endpoint, name, deadline)
        shaken = msgspec.structs.replace(shaken, certificate=certificate)
    return Visit(knock=found, handshake=shaken)


async def _knocked(endpoint: Endpoint, deadline: float) -> tuple[Knock, socket.socket | None]:
    """Give how it went and, where the door is open, the connection."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    def told(door: Door, detail: str = "") -> Knock:
        seconds = round(loop.time() - began, 6)
        return Knock(
            address=endpoint.address,
            port=endpoint.port,
            door=door,
            seconds=seconds,
            detail=detail,
        )

    line: socket.socket | None = None
    try:
        family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
        line = socket.socket(family, socket.SOCK_STREAM)
        line.setblocking(False)
        async with asyncio.timeout_at(deadline):
            await loop.sock_connect(line, (endpoint.address, endpoint.port))
    except OSError as fault:  # TimeoutError is one of them
        if line is not None:
            line.close()
        return told(*_closed(fault)), None
    return told(Door.OPEN), line


def _closed(fault: OSError) -> tuple[Door, str]:
    match fault:
        case ConnectionRefusedError():
            return Door.REFUSED, ""
        case TimeoutError():
            return Door.SILENT, ""
        case OSError(errno=number) if number in _NO_ROUTE:
            return Door.NO_ROUTE, os.strerror(number)
        case OSError(errno=number):
            # The loop's own words name the address once more, as Python writes it.
            return Door.BROKEN, os.strerror(number) if number else str(fault)


async def _shaken(
    door: socket.socket, name: str, tls: ssl.SSLContext, deadline: float
) -> Handshake:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout_at(deadline):
            _, writer = await asyncio.open_connection(sock=door, ssl=tls, server_hostname=name)
    except OSError as fault:  # ssl.SSLError and TimeoutError are some of them
        which, detail = _failed(fault)
        return Handshake(tls=which, seconds=round(loop.time() - began, 6), detail=detail)
    seconds = round(loop.time() - began, 6)
    session: ssl.SSLObject = writer.get_extra_info("ssl_object")
    # Nothing was said, so there is nothing to take leave of.
    writer.transport.abort()
    return Handshake(
        tls=Tls.SECURED,
        seconds=seconds,
        version=session.version() or "",
        certificate=certificate_of(session.getpeercert(binary_form=True)),
    )


def _failed(fault: OSError) -> tuple[Tls, str]:
    """Tell what became of a handshake by its fault."""
    match fault:
        case ssl.SSLCertVerificationError(verify_code=code):
            which = _VERDICTS.get(code, Tls.UNTRUSTED)
            return which, clean_line(str(fault.verify_message)) if which is Tls.UNTRUSTED else ""
        case ssl.SSLError(reason=reason) if reason in _PLAIN:
            return Tls.PLAIN, ""
        case ssl.SSLError(reason=reason) if reason in _OLD:
            return Tls.OLD, ""
        case ssl.SSLError():
            return Tls.BROKEN, clean_line(fault.reason or str(fault), _KEPT_TEXT)
        case TimeoutError():
            return Tls.SILENT, ""
        case _:  # reset, or ended before it had begun
            return Tls.HUNG_UP, ""


async def _looked_at(endpoint: Endpoint, name: str, deadline: float) -> Certificate | None:
    """Give the certificate that is shown, whoever it is for."""
    _, door = await _knocked(endpoint, deadline)
    if door is None:
        return None
    return (await _shaken(door, name, onlooker(), deadline)).certificate
