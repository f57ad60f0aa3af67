"""Hosts: IP addresses and names of the DNS, as settings write them and as URLs do."""

import ipaddress
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from notifier.core.federation.masks import normalised

Address = IPv4Address | IPv6Address

# RFC 1035 §2.3.4, without the root's dot.
LONGEST_NAME: Final = 253
# How much of a wrong value is repeated.
_SHOWN: Final = 100

# A-labels (RFC 5890 §2.3.2.1), and the underscore that some name servers allow.
_LABEL: Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")
# What resolvers take for an IPv4 address, whole or not: no name ends so (RFC 1123 §2.1).
_NUMBER: Final = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")

# What people write beside a host, and where it belongs. `{port}` is the setting for a port.
_BESIDE: Final = (
    (
        re.compile(r".*[\x00-\x08\x0e-\x1b\x7f].*", re.DOTALL),
        "leave out its control sign, which nobody sees",
    ),
    (re.compile(r"[a-z][a-z0-9+.-]*:/.*", re.IGNORECASE), "leave out what stands before the host"),
    (re.compile(r".*@.*"), "leave out the @ and what stands before it"),
    (
        re.compile(r"([0-9.]+|[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*)/[0-9.]+", re.IGNORECASE),
        "it is a range of addresses; write one address",
    ),
    (re.compile(r".*[/\\?#].*"), "leave out the path"),
    (re.compile(r"\[.*\]"), "write an IPv6 address without brackets"),
    (re.compile(r"\[.*\]:\d*"), "write an IPv6 address without brackets, and its port as `{port}`"),
    (re.compile(r"[^:]*:\d*"), "write the port as `{port}`"),
    (re.compile(r".*\*.*"), "write a host in full, without *"),
    (re.compile(r".*\s.*", re.DOTALL), "write one host, without spaces"),
)


def address_of(host: str) -> Address | None:
    """Give the IP address that `host` is, or None; IPv4 that is written as IPv6 is IPv4."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


@lru_cache(maxsize=20_000)
def plain_host(host: str) -> str:
    """Give a host as hosts are compared: an address in its short form, a name in A-labels."""
    return str(address_of(host.strip()) or normalised(host))


def url_host(host: str) -> str:
    """Give a host as URLs have it: A-labels, and IPv6 in brackets (RFC 3986 §3.2.2).

    What is no host stays as it is written: links were made of it before hosts were checked, and
    people may follow them still.
    """
    if address := address_of(host.strip()):
        return f"[{address}]" if isinstance(address, IPv6Address) else str(address)
    return plain_host(host) if is_host(host.strip()) else host


def shown_host(host: str) -> str:
    """Give a host for people: a name that is not ASCII with its A-labels behind it."""
    plain = plain_host(host)
    written = host.strip(" .")
    return plain if written.isascii() else f"{written} ({plain})"


def check_host(host: str, *, port: str = "port") -> None:
    """Raise ValueError, which says what to write, where `host` is no address and no name.

    `port` is the setting where a port belongs. A host that nobody can connect to is refused too.
    """
    fault = _fault(host)
    if fault:
        raise ValueError(f"{host[:_SHOWN]!r} is not a host: {fault.format(port=port)}")


def is_host(host: str) -> bool:
    """Tell whether this is an address or a name that somebody can connect to."""
    return not _fault(host)


def is_known_elsewhere(host: str) -> bool:
    """Tell whether another machine can make something of this: it names no interface of ours."""
    return is_host(host) and "%" not in host


def _fault(host: str) -> str:
    if not host.strip():
        return "it is empty; write an IP address or a name"
    if address := address_of(host):
        return _address_fault(address)
    for pattern, advice in _BESIDE:
        if pattern.fullmatch(host):
            return advice
    plain = normalised(host)
    if ":" in plain or _NUMBER.fullmatch(plain):
        return "it is neither a whole IP address nor a name"
    if len(plain) > LONGEST_NAME:
        return f"a name has at most {LONGEST_NAME} characters"
    if not _NAME.fullmatch(plain):
        return (
            "a name is made of labels of 1 to 63 letters, digits and hyphens with dots between "
            "them, and no label begins or ends with a hyphen"
        )
    return ""


def _address_fault(address: Address) -> str:
    if address.is_unspecified:
        return "nobody can connect to it; it stands for every address of a machine"
    if address.is_multicast or str(address) == "255.255.255.255":
        return "nobody can connect to it; write the address of one machine"
    return ""
