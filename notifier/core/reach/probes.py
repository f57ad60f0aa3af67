"""What is found at a federated server, before anybody has judged it, and the judged lines (R47)."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

import msgspec

from notifier.core.network.resolved import Resolved, Unresolved

# Where clients and servers meet (R39).
CLIENT_PORT: Final = 4307
HTTPS_PORT: Final = 443

# What would take a name with hundreds of addresses beyond every patience.
MOST_ADDRESSES: Final = 16

Status = Literal["ok", "warn", "fail"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the test: what was looked at, how it is, how long it took, what to do about it.

    `seconds` is None where nothing outside of this machine was asked.
    """

    step: str
    subject: str
    status: Status
    seconds: float | None = None
    found: str
    advice: str = ""


class Door(StrEnum):
    """What becomes of an attempt to connect."""

    OPEN = "open"
    REFUSED = "refused"
    SILENT = "no answer"
    NO_ROUTE = "no way there"
    BROKEN = "failed"


class Knock(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt to connect to one address and port; `detail` is what the system said."""

    address: str
    port: int
    door: Door
    seconds: float
    detail: str = ""

    @property
    def where(self) -> str:
        """Its address and port, as URLs write them."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


class Tls(StrEnum):
    """What becomes of a handshake in which the certificate is checked against the name."""

    SECURED = "secured"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    OTHER_NAME = "other name"
    SELF_SIGNED = "self-signed"
    UNKNOWN_ISSUER = "unknown issuer"
    NO_CHAIN = "no chain"
    UNTRUSTED = "untrusted"
    PLAIN = "no TLS"
    OLD = "old TLS"
    SILENT = "no answer"
    HUNG_UP = "hung up"
    BROKEN = "failed"


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What a certificate says of itself: for whom, by whom, from when until when (UTC)."""

    names: tuple[str, ...]
    issuer: str
    begins: datetime
    ends: datetime


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """A handshake, the certificate that was shown in it, and what the system said."""

    tls: Tls
    seconds: float
    version: str = ""
    certificate: Certificate | None = None
    detail: str = ""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What is behind one address and port of HTTPS: no handshake where the door was not open."""

    knock: Knock
    handshake: Handshake | None = None


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """A name to connect to at a port, and where it leads."""

    name: str
    port: int
    found: Resolved | Unresolved
    seconds: float


class Endpoint(msgspec.Struct, frozen=True):
    """An address and the port that clients knock at."""

    address: str
    port: int
