"""Asking the DNS, within a time, and telling each way in which it can fail from the others."""

import asyncio
import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import dns.exception
import dns.message
import dns.name
import dns.rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from notifier.adapters.dns_asking import asked
from notifier.adapters.dns_machine import HOSTS, RESOLV_CONF, Machine, machine
from notifier.core.federation.masks import normalised
from notifier.core.network.resolved import NameServer, Resolved, Service, Unresolved, Why

# Beside a person who waits for the answer (seconds).
PATIENCE: Final = 5.0

# RFC 1034 §3.6.2 would have no alias lead to another; name servers follow about so many.
MOST_ALIASES: Final = 8

# The records of one type, and the name that they belong to, where that is not the one asked for.
_Found = tuple[tuple[Any, ...], str]


class Dns:
    """Looks names up: at the servers given, else as this machine does.

    The machine's way is its hosts file, then the servers of its `resolv.conf`, both read anew for
    every question: a machine may move to another network. A name without a dot is looked for in
    the domains that `resolv.conf` searches.
    """

    def __init__(
        self,
        servers: Sequence[NameServer] = (),
        *,
        hosts: Path = HOSTS,
        resolv_conf: Path = RESOLV_CONF,
    ) -> None:
        self._servers = tuple(servers)
        self._files = (hosts, resolv_conf)

    async def addresses(self, name: str, *, within: float = PATIENCE) -> Resolved | Unresolved:
        """Give the addresses of a name, aliases followed; an address is its own.

        Never takes longer than `within` (seconds), and raises nothing.
        """
        if literal := _literal(name):
            return Resolved((literal,))
        return await addresses_of(normalised(name), await self._known(), within=within)

    async def services(
        self, name: str, *, within: float = PATIENCE
    ) -> tuple[Service, ...] | Unresolved:
        """Give the SRV records of a name such as `_vcs._tcp.example.org`, the preferred one first.

        Never takes longer than `within` (seconds), and raises nothing.
        """
        known = await self._known()
        deadline = asyncio.get_running_loop().time() + within
        found = await _records(known.servers, normalised(name), RdataType.SRV, deadline)
        if isinstance(found, Unresolved):
            return found
        services = (
            Service(_plain(each.target), each.port, each.priority, each.weight) for each in found[0]
        )
        return tuple(sorted(services, key=lambda each: (each.priority, -each.weight)))

    async def _known(self) -> Machine:
        if self._servers:
            return Machine(self._servers)
        return await asyncio.to_thread(machine, *self._files)


async def addresses_of(name: str, known: Machine, *, within: float) -> Resolved | Unresolved:
    """Give the addresses of a normalised name, as `known` looks it up."""
    if pinned := known.hosts.get(name):
        return Resolved(pinned, pinned=True)
    if reserved := _reserved(name):
        return Resolved(reserved)
    deadline = asyncio.get_running_loop().time() + within
    for each in known.candidates(name):
        found = _together(
            *await asyncio.gather(
                _records(known.servers, each, RdataType.A, deadline),
                _records(known.servers, each, RdataType.AAAA, deadline),
            )
        )
        if not (isinstance(found, Unresolved) and found.why is Why.NO_NAME):
            break
    return found


def _literal(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return ""


def _reserved(name: str) -> tuple[str, ...]:
    """Give the addresses of `localhost`, which no server is asked for (RFC 6761 §6.3)."""
    return ("127.0.0.1", "::1") if f".{name}".endswith(".localhost") else ()


async def _records(
    servers: Sequence[NameServer], name: str, kind: RdataType, deadline: float
) -> _Found | Unresolved:
    """Ask for records, and on for those of an alias where the answer leaves them out."""
    try:
        seen = [dns.name.from_text(name)]
    except dns.exception.DNSException as fault:
        return Unresolved(Why.NO_NAME, f"{name} cannot be one: {fault}")
    while True:
        asked_for = seen[-1]
        answer = await asked(servers, dns.message.make_query(asked_for, kind), deadline)
        if isinstance(answer, Unresolved):
            return answer
        if loop := _follow(answer, kind, seen):
            return loop
        if records := _of(answer, seen[-1], kind):
            return records, _plain(seen[-1]) if len(seen) > 1 else ""
        if answer.rcode() == dns.rcode.NXDOMAIN:
            return Unresolved(Why.NO_NAME, f"there is no {_chain(seen)}")
        if seen[-1] == asked_for:
            return _nothing(answer, seen, kind)


def _follow(
    answer: dns.message.Message, kind: RdataType, seen: list[dns.name.Name]
) -> Unresolved | None:
    """Add to `seen` the aliases behind its last name; give a fault if there is no end of them."""
    while not _of(answer, seen[-1], kind) and (aliases := _of(answer, seen[-1], RdataType.CNAME)):
        target = aliases[0].target
        seen.append(target)
        if target in seen[:-1]:
            return Unresolved(Why.LOOP, f"its aliases lead in a circle: {_chain(seen)}")
        if len(seen) > MOST_ALIASES + 1:
            return Unresolved(Why.LOOP, f"more than {MOST_ALIASES} aliases: {_chain(seen)}")
    return None


def _of(answer: dns.message.Message, name: dns.name.Name, kind: RdataType) -> tuple[Any, ...]:
    """Give the records of this name and type; dnspython types them no further.

    Those of another class than that of the internet are read as bytes, and mean nothing here.
    """
    wanted = (name, kind, RdataClass.IN)
    groups = (each for each in answer.answer if (each.name, each.rdtype, each.rdclass) == wanted)
    return tuple(record for group in groups for record in group)


def _nothing(
    answer: dns.message.Message, seen: Sequence[dns.name.Name], kind: RdataType
) -> Unresolved:
    """Say that there are no such records, or that the answer is about another name."""
    others = [each.name for each in answer.answer if each.name not in seen]
    if others:
        told = f"asked for {_plain(seen[-1])}, it tells of {_plain(others[0])}"
        return Unresolved(Why.BROKEN, told)
    return Unresolved(Why.NO_ADDRESS, f"{_chain(seen)} has no {kind.name} record")


def _together(four: _Found | Unresolved, six: _Found | Unresolved) -> Resolved | Unresolved:
    """Make one answer of those for IPv4 and for IPv6."""
    if isinstance(four, Unresolved):
        if isinstance(six, Unresolved):
            return _neither(four, six)
        return Resolved(_addresses(six), six[1], _grave(four))
    if isinstance(six, Unresolved):
        return Resolved(_addresses(four), four[1], _grave(six))
    return Resolved(_addresses(four) + _addresses(six), four[1] or six[1])


def _neither(four: Unresolved, six: Unresolved) -> Unresolved:
    """Give the one that says more: a fault, else that the name is there, else that it is not."""
    if four.why is six.why is Why.NO_ADDRESS:
        return Unresolved(Why.NO_ADDRESS, four.detail.replace(" A record", " A or AAAA record"))
    there = four if four.why is Why.NO_ADDRESS else six
    return _grave(four) or _grave(six) or there


def _grave(fault: Unresolved) -> Unresolved | None:
    """Give what is more than the news that there is nothing."""
    return None if fault.why in {Why.NO_ADDRESS, Why.NO_NAME} else fault


def _addresses(found: _Found) -> tuple[str, ...]:
    """Give them in the order of their numbers: name servers shuffle them at every question."""
    addresses = (ipaddress.ip_address(record.address) for record in found[0])
    return tuple(str(each) for each in sorted(addresses, key=int))


def _chain(names: Sequence[dns.name.Name]) -> str:
    """Give a name, with those that led to it."""
    return " -> ".join(_plain(each) for each in names)


def _plain(name: dns.name.Name) -> str:
    """Give a name without its last dot; dnspython escapes what is no letter, digit or hyphen."""
    return name.to_text(omit_final_dot=True).lower()
