"""The interfaces of this machine, virtual ones too, and their addresses of both families."""

import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import psutil

from notifier.core.network.hosts import plain_host
from notifier.core.network.listening import Local, Machine

_FAMILIES: Final = frozenset({socket.AF_INET, socket.AF_INET6})


def this_machine(read: Callable[[], Mapping[str, Any]] = psutil.net_if_addrs) -> Machine:
    """Give every address of every interface, in the order of the system.

    The machine is what this process sees of it: in a container that is the container, unless it
    shares the network of its host. A link-local address of IPv6 has its interface behind a `%`.
    A look takes a tenth of a millisecond. Where the system forbids it, as a sandbox may that allows
    no netlink, the machine says so, and nothing else stops for that.
    """
    name = socket.gethostname()
    try:
        found = read()
    except OSError as fault:
        return Machine(name, hidden=fault.strerror or str(fault))
    return Machine(name, tuple(_locals(found)))


def _locals(found: Mapping[str, Any]) -> Iterator[Local]:
    return (
        Local(address=plain_host(each.address), interface=interface)
        for interface, addresses in found.items()
        for each in addresses
        if each.family in _FAMILIES
    )
