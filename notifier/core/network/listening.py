"""Where the server listens, and which addresses clients try, in which order (R39–R41)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from notifier.core.network.hosts import Address, address_of, is_known_elsewhere, plain_host
from notifier.core.network.network import Endpoint, Network, server_url
from notifier.core.network.resolved import Resolved, Unresolved

# What the DNS says of names, by the name as hosts are compared.
Found = Mapping[str, Resolved | Unresolved]


class Scope(StrEnum):
    """How far an address is known: on this machine, on this link, in this house, everywhere."""

    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    PRIVATE = "private"  # also what providers share out among their customers (RFC 6598)
    GLOBAL = "global"


# What no other machine can reach, or none without knowing by which of its interfaces.
_NEAR: Final = frozenset({Scope.LOOPBACK, Scope.LINK_LOCAL})
_FURTHEST_LAST: Final = tuple(Scope)


class Local(msgspec.Struct, frozen=True):
    """An address of this machine, and the interface that has it."""

    address: str
    interface: str


class Machine(msgspec.Struct, frozen=True):
    """A machine as it is seen from inside: its name, and every address of its interfaces.

    `hidden` says why they cannot be seen, where the system does not let us.
    """

    name: str
    addresses: tuple[Local, ...] = ()
    hidden: str = ""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """An address with a port by which clients may find the server."""

    host: Annotated[str, Meta(description="An IP address, or a name.")]
    port: Annotated[int, Meta(description="The TCP port for clients.")]
    kind: Annotated[
        Literal["internal", "external"],
        Meta(description="Listened on, or a hint by which it is known elsewhere (R40, R41)."),
    ]
    interface: Annotated[
        str, Meta(description="Which interface has it, where it is an address of this machine.")
    ] = ""
    scope: Annotated[
        Scope | None,
        Meta(description="How far it is known; null of a name that nobody has looked up."),
    ] = None
    place: Annotated[
        int | None, Meta(description="When clients try it, from 1 on; null: they do not.")
    ] = None


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """All ways to the server, and among them those that clients try, in their order."""

    settings_revision: Annotated[
        int,
        Meta(description="Of the settings that say so; it rises with a change of any setting."),
    ]
    machine: Annotated[str, Meta(description="The machine from which it is seen.")]
    listen_on_all: Annotated[
        bool, Meta(description="Whether every address of the machine is listened on (R40).")
    ]
    addresses: Annotated[
        tuple[Way, ...], Meta(description="What is listened on, then what is known elsewhere.")
    ]
    tried: Annotated[
        tuple[Endpoint, ...], Meta(description="What a client should try, in that order.")
    ]
    web_url: Annotated[
        str, Meta(description="What links in mails begin with; without a slash at the end (R37).")
    ]


def scope_of(address: Address) -> Scope:
    """Give how far an address is known, as the registries of addresses have it."""
    if address.is_loopback:
        return Scope.LOOPBACK
    if address.is_link_local:
        return Scope.LINK_LOCAL
    return Scope.GLOBAL if address.is_global else Scope.PRIVATE


def leads_to(host: str, found: Found) -> tuple[str, ...]:
    """Give the addresses of a host; none where it is a name of which nothing is found."""
    if address := address_of(host):
        return (str(address),)
    answer = found.get(plain_host(host))
    return tuple(map(plain_host, answer.addresses)) if isinstance(answer, Resolved) else ()


def ways(network: Network, machine: Machine, *, revision: int, found: Found | None = None) -> Ways:
    """Give all ways: what the server listens on, then what it is known by elsewhere (R40, R41).

    Clients try the external addresses as they are listed, then the internal ones that another
    machine can reach, nothing twice, and nothing that is no host: settings that are older than the
    checks of hosts may hold some. Without `found`, names are left for others to look up.
    """
    known = found or {}
    internal = [_way(each, "internal", machine, known) for each in listened(network, machine)]
    external = [_way(each, "external", machine, known) for each in network.external]
    tried = _once([*external, *(each for each in internal if each.scope not in _NEAR)])
    places = {each: place for place, each in enumerate(tried, start=1)}
    return Ways(
        settings_revision=revision,
        machine=machine.name,
        listen_on_all=network.listen_on_all,
        addresses=tuple(
            msgspec.structs.replace(each, place=places.get(_endpoint(each)))
            for each in (*internal, *external)
        ),
        tried=tuple(tried),
        web_url=server_url(network),
    )


def listened(network: Network, machine: Machine) -> list[Endpoint]:
    """Give what the server listens on, `listen_on_all` spelled out."""
    if network.listen_on_all:
        return [Endpoint(host=each.address, port=network.client_port) for each in machine.addresses]
    return list(network.internal)


def _way(
    endpoint: Endpoint, kind: Literal["internal", "external"], machine: Machine, found: Found
) -> Way:
    addresses = leads_to(endpoint.host, found)
    having = (each.interface for each in machine.addresses if each.address in addresses)
    return Way(
        host=plain_host(endpoint.host),
        port=endpoint.port,
        kind=kind,
        interface=", ".join(dict.fromkeys(having)),
        scope=_furthest(endpoint.host, addresses),
    )


def _furthest(host: str, addresses: Iterable[str]) -> Scope | None:
    """Give the furthest scope; `localhost` is known without the DNS (RFC 6761 §6.3)."""
    if f".{plain_host(host)}".endswith(".localhost"):
        return Scope.LOOPBACK
    scopes = [scope_of(known) for each in addresses if (known := address_of(each))]
    return max(scopes, key=_FURTHEST_LAST.index, default=None)


def _once(found: Iterable[Way]) -> list[Endpoint]:
    return list(dict.fromkeys(_endpoint(each) for each in found if is_known_elsewhere(each.host)))


def _endpoint(way: Way) -> Endpoint:
    return Endpoint(host=way.host, port=way.port)
