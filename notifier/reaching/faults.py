"""Why Redis does not do what was asked: what was found, and what to do, for whoever reads it."""

import re
from typing import Final

import msgspec

# What OpenSSL says of a certificate; the text is all that is left of it once sentinels were asked.
_CERTIFICATE: Final = re.compile(r"certificate verify failed: (?P<cause>[^(]*[^( ])")
# redis-py shows each sentinel with all that its client was made of; a port is not worth a page.
_CLIENT: Final = re.compile(r"<redis\.(asyncio\.)?client\.Redis\(.*?\)>\)>\)> - ")
# It quotes the command of a pipeline, which may hold what happened to whom.
_QUOTED: Final = re.compile(r"^Command # .* caused error: ")

# A Redis without TLS says nothing at all to whoever begins with it.
SILENT_ADVICE: Final = (
    "see that it runs, is not overloaded, and speaks TLS if rediss:// asks for it"
)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and what to do; `hopeless` where waiting alone will not mend it."""

    found: str
    advice: str
    hopeless: bool = False


# What is in Redis's answer, and how it reads to somebody who has to do something about it. redis-py
# takes the code away from answers that it knows. The first that fits is told.
_ANSWERS: Final = (
    (
        r"\bOOM\b|not allowed when used memory",
        "it is full: it uses all of its maxmemory and refuses every write",
        "raise its maxmemory, and give its machine more memory if need be",
    ),
    (
        "MISCONF",
        "it cannot write to its disk and refuses every write",
        "make room on its disk, and read its log",
    ),
    (
        r"READONLY|read only replica",
        "it is a replica, which cannot be written",
        "name its primary in NOTIFIER_REDIS_URL, or its sentinels",
    ),
    (
        "The previous master is now a slave",
        "it has just become a replica",
        "try again: its sentinels name another primary",
    ),
    (
        "NOREPLICAS",
        "too few replicas are connected to it, as min-replicas-to-write asks",
        "see to its replicas",
    ),
    (
        "AuthenticationError",
        "its sentinels refuse our password",
        "correct NOTIFIER_REDIS_SENTINEL_PASSWORD",
    ),
    (
        "No master found for",
        "no sentinel names a primary",
        "see that the sentinels run, that a failover has ended, and how the primary is called",
    ),
    (
        "NOAUTH|Authentication required",
        "it asks for a password",
        "set NOTIFIER_REDIS_PASSWORD or its _FILE",
    ),
    (
        "WRONGPASS|invalid username-password",
        "it refuses the user and the password",
        "correct NOTIFIER_REDIS_PASSWORD",
    ),
    ("Timeout", "it did not answer in time", SILENT_ADVICE),
)

_CAUSES: Final = (
    (
        "expired",
        "its certificate has expired",
        "have it renewed",
    ),
    (
        "mismatch",
        "its certificate is for another name",
        "use the name that stands in the certificate, or have one made for this name",
    ),
)
_UNKNOWN_CA: Final = (
    "its certificate is signed by nobody that we trust",
    "name the file of its CA in NOTIFIER_REDIS_CA_FILE",
)


def told(fault: BaseException) -> Told | None:
    """Say what is behind a fault of Redis, or None where its own words are the best there are."""
    text = _words(fault)
    if certificate := _CERTIFICATE.search(text):
        return _about_certificate(certificate["cause"])
    for answer, found, advice in _ANSWERS:
        if re.search(answer, text):
            return Told(found=f"{found} ({text})", advice=advice)
    return None


def reason(fault: BaseException) -> str:
    """One sentence: what was found and what to do, else the fault's own words."""
    known = told(fault)
    return f"{known.found}; {known.advice}" if known else _words(fault)


def _words(fault: BaseException) -> str:
    return _CLIENT.sub("", _QUOTED.sub("", " ".join(str(fault).split())))


def _about_certificate(cause: str) -> Told:
    for word, found, advice in _CAUSES:
        if word in cause:
            return Told(found=f"{found} ({cause})", advice=advice, hopeless=True)
    found, advice = _UNKNOWN_CA
    return Told(found=f"{found} ({cause})", advice=advice, hopeless=True)
