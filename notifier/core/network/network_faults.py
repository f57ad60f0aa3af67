"""What is wrong with network settings on this machine, by what the DNS says (R40, R42)."""

from collections.abc import Iterable, Iterator

from notifier.core.network.hosts import address_of, is_known_elsewhere, plain_host, shown_host
from notifier.core.network.listening import Found, Machine, leads_to
from notifier.core.network.network import Endpoint, Network, repeated
from notifier.core.network.own_hosts import (
    having,
    instead,
    listed,
    not_ours,
    ours,
    unseen,
    untold,
)
from notifier.core.network.told_hosts import near, odd_web_address


def questions(before: Network, after: Network, *, again: bool = False) -> tuple[str, ...]:
    """Give the names that the DNS is to be asked for before this change can be judged.

    What matters most comes first, for time may be short.

    `again` tells that what is listened on is applied, whether or not it changes.
    """
    asked: list[str] = []
    if not after.listen_on_all and (again or _listens_otherwise(before, after)):
        asked += [each.host for each in after.internal]
    if _known_otherwise(before, after) and not _fits_by_name(after):
        asked += [after.web_address, *(each.host for each in after.external)]
    return _names(asked)


def names_of(network: Network) -> tuple[str, ...]:
    """Give every name of these settings, as hosts are compared."""
    listed = (*network.internal, *network.external)
    return _names([network.web_address, *(each.host for each in listed)])


def _names(hosts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain_host(each) for each in hosts if not address_of(each)))


def check_internal(before: Network, after: Network, machine: Machine, found: Found) -> None:
    """Raise ValueError where the server would listen on what is not this machine's (R40).

    A name will do if one of its addresses is ours: settings are shared by machines, and a name by
    several of them is usual. Where the DNS is away nothing is refused.
    """
    if after.listen_on_all or not _listens_otherwise(before, after):
        return
    for place, each in enumerate(after.internal):
        if fault := not_ours(each.host, machine, found):
            raise ValueError(
                f"internal[{place}].host: {fault}; this machine has {having(machine)}: "
                f"{instead(machine)}"
            )


def warnings(before: Network, after: Network, machine: Machine, found: Found) -> tuple[str, ...]:
    """Give what looks wrong about a change and is not refused, a sentence each."""
    said: list[str] = []
    if _listens_otherwise(before, after):
        said += _listening(after, machine, found)
    else:
        said += _gone(after, machine, found)
    if _ports(before) != _ports(after):
        said += _contested(after)
    if before.external != after.external:
        said += _external(after)
    if before.web_address != after.web_address:
        said += odd_web_address(after.web_address)
    if _known_otherwise(before, after):
        said += filter(None, [unfit(after, found)])
    return tuple(said)


def unfit(network: Network, found: Found) -> str:
    """Say that links may lead elsewhere than clients, and what to set (R42); nothing if they fit.

    The two fit where the web address is one of the external addresses by name, or leads to one.
    """
    if not network.external or _fits_by_name(network):
        return ""
    leading = leads_to(network.web_address, found)
    external = {one for each in network.external for one in leads_to(each.host, found)}
    if not external.isdisjoint(leading):
        return ""
    hosts = list({plain_host(each.host): each.host for each in network.external}.values())
    asked = [network.web_address, *hosts]
    unknown = next(filter(None, (untold(each, found) for each in asked)), "")
    by_dns = f"and by DNS nobody can tell ({unknown})" if unknown else "nor does it lead to one"
    return (
        f"network.web_address is {shown_host(network.web_address)}, which is none of the external "
        f"addresses ({listed(map(shown_host, hosts))}) by name, {by_dns}: links in mails may lead "
        f"elsewhere than clients; {_fitting(hosts)}"
    )


def _listening(network: Network, machine: Machine, found: Found) -> Iterator[str]:
    if network.listen_on_all:
        if network.internal:
            yield (
                "network.internal stays unused while listen_on_all is true; "
                "set listen_on_all = false to listen on what it lists alone"
            )
        return
    if not network.internal:
        yield nothing_to_listen_on(network)
    if machine.hidden:
        yield unseen(machine)
        return
    yield from _unknown(network, found)
    for place, each in enumerate(network.internal):
        yield from _elsewhere(f"network.internal[{place}].host", each.host, machine, found)
    yield from _shared(network.internal, found)


def _gone(network: Network, machine: Machine, found: Found) -> Iterator[str]:
    """Warn of what was this machine's once, and is refused no more, for it stays as it was."""
    if network.listen_on_all:
        return
    hosts = (each.host for each in network.internal)
    if faults := [fault for each in hosts if (fault := not_ours(each, machine, found))]:
        yield (
            f"network.internal: {listed(faults)}, so nothing listens there; this machine has "
            f"{having(machine)}: bring the interface up that is missing, or change the list"
        )


def nothing_to_listen_on(network: Network) -> str:
    """Say that no client can connect; nothing where the server listens on something."""
    if network.listen_on_all or network.internal:
        return ""
    return (
        "network.internal is empty while listen_on_all is false: no client can connect; "
        "list an address of this machine, or set listen_on_all = true"
    )


def _unknown(network: Network, found: Found) -> Iterator[str]:
    """Warn of names of which the DNS says nothing: nobody knows whether they lead to us."""
    faults = [fault for each in network.internal if (fault := untold(each.host, found))]
    if faults:
        yield (
            "network.internal: the DNS is no help with names in it, so whether they lead to this "
            f"machine cannot be told ({listed(faults)}); they are taken as they are, "
            "so look again when the DNS answers: notifier network addresses"
        )


def _elsewhere(path: str, host: str, machine: Machine, found: Found) -> Iterator[str]:
    """Warn of a name that leads to other machines too."""
    addresses = leads_to(host, found)
    others = [each for each in addresses if each not in ours(machine)]
    if others and len(others) < len(addresses):
        yield (
            f"{path}: {shown_host(host)} leads to {listed(others)} too, which this machine does "
            "not have; unless another machine listens there, take it out of the DNS"
        )


def _shared(endpoints: Iterable[Endpoint], found: Found) -> Iterator[str]:
    """Warn of two entries that lead to one address and port."""
    first: dict[tuple[str, int], str] = {}
    for each in endpoints:
        for address in leads_to(each.host, found):
            other = first.setdefault((address, each.port), each.host)
            if other != each.host:
                yield (
                    f"network.internal lists {shown_host(other)} and {shown_host(each.host)} with "
                    f"port {each.port}, and both lead to {address}; leave one of them out"
                )


def _ports(network: Network) -> tuple[int, frozenset[int]]:
    """Give where browsers come, and the ports where clients are listened for."""
    internal = frozenset(each.port for each in network.internal)
    return network.https_port, frozenset(
        {network.client_port}
    ) if network.listen_on_all else internal


def _contested(network: Network) -> Iterator[str]:
    https, clients = _ports(network)
    if https in clients:
        yield (
            f"network.https_port is {https}, and clients are listened for on port {https} too: "
            "unless a proxy tells them apart, change the port of one of the two"
        )


def _external(network: Network) -> Iterator[str]:
    for place, each in repeated(network.external):
        yield (
            f"network.external[{place}]: {shown_host(each.host)} with port {each.port} stands "
            "there twice; clients try it once, so leave one out"
        )
    for place, each in enumerate(network.external):
        if fault := near(each.host):
            yield f"network.external[{place}].host: {fault}; list one that clients elsewhere can"


def _listens_otherwise(before: Network, after: Network) -> bool:
    """Tell whether what is listened on has changed."""
    return (before.listen_on_all, before.internal) != (after.listen_on_all, after.internal)


def _known_otherwise(before: Network, after: Network) -> bool:
    """Tell whether an external address has changed, that of the web among them."""
    return (before.external, before.web_address) != (after.external, after.web_address)


def _fits_by_name(network: Network) -> bool:
    web = plain_host(network.web_address)
    return not network.external or any(plain_host(each.host) == web for each in network.external)


def _fitting(hosts: Iterable[str]) -> str:
    """Say which host links should have: a name before an address, for certificates' sake."""
    known = filter(is_known_elsewhere, hosts)
    best = min(known, key=lambda host: address_of(host) is not None, default="")
    if not best:
        return "put an address or a name that clients elsewhere can reach into network.external"
    return f'to change that, set web_address = "{best}"'
