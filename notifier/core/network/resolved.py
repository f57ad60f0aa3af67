"""What the DNS says of a name: its addresses, its services, or why it says neither."""

import ipaddress
from enum import StrEnum
from typing import Final

import msgspec

# RFC 1035 §4.2: where name servers listen.
DNS_PORT: Final = 53


class NameServer(msgspec.Struct, frozen=True):
    """A server to ask: its address without brackets, and its port."""

    address: str
    port: int = DNS_PORT

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


class Why(StrEnum):
    """Why a name has led nowhere."""

    NO_NAME = "no such name"
    NO_ADDRESS = "no address"  # the name is there, records of this type are not
    TIMED_OUT = "timed out"
    LOOP = "loop"  # aliases that lead back, or on and on
    BROKEN = "broken answer"
    FAILED = "no answer for now"  # the server says that it has failed, as where others are away
    REFUSED = "refused"
    NO_SERVER = "no server"  # nobody to ask, or nobody listens there


class Unresolved(msgspec.Struct, frozen=True):
    """A question without an answer of use: why, and in words who said what."""

    why: Why
    detail: str

    def __str__(self) -> str:
        return f"{self.why} ({self.detail})" if self.detail else str(self.why)


class Resolved(msgspec.Struct, frozen=True):
    """The addresses of a name, those of IPv4 first, each family in the order of its numbers.

    `alias` is the name that they belong to, where the one that was asked for is only an alias
    (CNAME), else empty. `unknown` says why the addresses of one family are not known, where only
    those of the other were to be had; that a name has none of one family is no fault. `pinned`
    tells that they stand in the hosts file of this machine, which nobody else reads.
    """

    addresses: tuple[str, ...]
    alias: str = ""
    unknown: Unresolved | None = None
    pinned: bool = False


class Service(msgspec.Struct, frozen=True):
    """One SRV record (RFC 2782); the target `.` says that there is no such service."""

    target: str
    port: int
    priority: int
    weight: int


def name_servers(text: str) -> tuple[NameServer, ...]:
    """Read `ADDRESS[:PORT]`, several by commas; an IPv6 address with a port stands in brackets.

    Raises ValueError with the part that is none.
    """
    return tuple(_name_server(each.strip()) for each in text.split(",") if each.strip())


def _name_server(text: str) -> NameServer:
    address, port = text, str(DNS_PORT)
    if text.startswith("[") or text.count(":") == 1:
        address, _, port = text.rpartition(":") if not text.endswith("]") else (text, "", port)
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
        raise ValueError(f"{text!r} has a port that is none")
    bracketed = address.startswith("[") and address.endswith("]")
    try:
        known = ipaddress.ip_address(address[1:-1] if bracketed else address)
    except ValueError:
        raise ValueError(f"{text!r} is no IP address") from None
    return NameServer(str(known), int(port))
