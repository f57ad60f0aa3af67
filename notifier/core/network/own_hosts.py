"""Whether hosts are this machine's, and in which words they are not (R40)."""

from collections.abc import Iterable
from ipaddress import IPv6Address
from typing import Final

from notifier.core.network.hosts import Address, address_of, plain_host, shown_host
from notifier.core.network.listening import Found, Machine, leads_to
from notifier.core.network.resolved import Resolved, Unresolved, Why

# The DNS answers, and what it says leads nowhere; everything else may be over soon.
_NOTHING: Final = frozenset({Why.NO_NAME, Why.NO_ADDRESS, Why.LOOP, Why.BROKEN})
# So many addresses of a machine, or hosts of a list, are named in a sentence.
_NAMED: Final = 12


def not_ours(host: str, machine: Machine, found: Found) -> str:
    """Say why nothing can listen on a host here; nothing if it can, or if nobody knows."""
    addresses = leads_to(host, found)
    known = not (machine.hidden or untold(host, found))
    if not known or not ours(machine).isdisjoint(addresses):
        return ""
    answer = found.get(plain_host(host))
    if isinstance(answer, Unresolved):
        return f"{shown_host(host)} leads nowhere: {answer}"
    if not addresses:
        return ""
    if address := address_of(host):
        return _no_address_of_ours(address)
    return f"{shown_host(host)} leads to {listed(addresses)}, no address of this machine"


def _no_address_of_ours(address: Address) -> str:
    """Say it; link-local addresses of IPv6 count only with their interface (RFC 4007 §6)."""
    if isinstance(address, IPv6Address) and address.is_link_local and not address.scope_id:
        return (
            f"{address} is a link-local address, which says nothing without the interface that "
            f"has it (write it with that one, such as {address}%eth0)"
        )
    return f"{address} is no address of this machine"


def having(machine: Machine) -> str:
    """Name what this machine has: `127.0.0.1 (lo) and 10.0.0.5 (eth0)`."""
    return (
        listed(f"{each.address} ({each.interface})" for each in machine.addresses)
        or "no address at all"
    )


def instead(machine: Machine) -> str:
    """Say what to do where none of its addresses is listed."""
    if machine.addresses:
        return "list one of these, or a name that leads to one, or set listen_on_all = true"
    return "set listen_on_all = true, or bring an interface up"


def unseen(machine: Machine) -> str:
    """Say that nobody knows what this machine has; nothing where it can be seen."""
    if not machine.hidden:
        return ""
    return (
        f"the interfaces of this machine cannot be read ({machine.hidden}), so nobody can tell "
        "which addresses it has; let the notifier use netlink (systemd: RestrictAddressFamilies "
        "with AF_NETLINK)"
    )


def untold(host: str, found: Found) -> str:
    """Say why nobody knows all that a name leads to; nothing where that is known, even nowhere."""
    answer = found.get(plain_host(host))
    fault = answer.unknown if isinstance(answer, Resolved) else answer
    away = fault is not None and fault.why not in _NOTHING
    return f"{shown_host(host)}: {fault}" if away else ""


def ours(machine: Machine) -> frozenset[str]:
    """Give the addresses of a machine, as hosts are compared."""
    return frozenset(each.address for each in machine.addresses)


def listed(parts: Iterable[str]) -> str:
    """Give `a, b and c`; of very many the first, and how many more."""
    named = list(parts)
    if len(named) > _NAMED:
        named[_NAMED:] = [f"{len(named) - _NAMED} more"]
    *first, last = named or [""]
    return f"{', '.join(first)} and {last}" if first else last
