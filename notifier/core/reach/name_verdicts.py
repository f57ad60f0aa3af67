"""Judging where the name of a federated server leads: our lists, SRV records, addresses (R47)."""

from collections.abc import Iterable, Sequence, Set
from shlex import quote
from typing import Final

from notifier.core.federation.federation import AT_HOME, NO_HOME, Judgement
from notifier.core.federation.scripts import mixed
from notifier.core.federation.server_names import ServerName
from notifier.core.network.hosts import address_of
from notifier.core.network.listening import Scope, scope_of
from notifier.core.network.resolved import Resolved, Service, Unresolved, Why
from notifier.core.reach.probes import MOST_ADDRESSES, Endpoint, Lookup, Status, Step

_OUR_DNS: Final = "check the name servers of this machine (NOTIFIER_DNS, else its resolv.conf)"
_THEIR_DNS: Final = "ask its administrator to see to the name servers of the domain"

# What to do about a name that leads nowhere.
_UNRESOLVED: Final[dict[Why, str]] = {
    Why.NO_NAME: "check its spelling, or ask its administrator to publish its address records",
    Why.NO_ADDRESS: "ask its administrator to publish an A or AAAA record for it",
    Why.TIMED_OUT: f"{_OUR_DNS}; if they answer for other names, {_THEIR_DNS}",
    Why.LOOP: "ask its administrator to let the alias end at a name that has addresses",
    Why.BROKEN: f"try again later; if it stays, {_THEIR_DNS}",
    Why.FAILED: f"try again later; if it stays, {_THEIR_DNS}",
    Why.REFUSED: f"{_OUR_DNS}: they must answer for names of others",
    Why.NO_SERVER: _OUR_DNS,
}

# RFC 2782: a target of one dot says that the service is decidedly not to be had.
_NO_SERVICE: Final = "."

# What an address is, whose: status, what is odd about it, and what to do.
_ODD_ADDRESSES: Final[dict[str, tuple[Status, str, str]]] = {
    "unspecified": (
        "fail",
        "is no address of a machine",
        "ask its administrator to publish a real address",
    ),
    "multicast": (
        "fail",
        "is an address of many machines at once",
        "ask its administrator to publish the address of one machine",
    ),
    "link-local": (
        "fail",
        "is an address that only its own cable knows",
        "ask its administrator to publish an address that others can reach",
    ),
    "loopback": (
        "warn",
        "is this machine itself, to everybody who asks",
        "unless both servers run on this machine, ask its administrator for the true address",
    ),
    "ours": (
        "warn",
        "is an address of this machine",
        "unless both servers run on this machine, ask its administrator what the world should get",
    ),
    "private": (
        "warn",
        "is an address of a private network, or one for examples",
        "it is right only where both servers and all of their clients are in that network",
    ),
}


# What to do where our own lists keep a server out.
_LET_IN: Final = {
    "disabled": "choose a mode, such as: notifier federation mode blacklist",
    "whitelist": "let it in: notifier federation add whitelist {server}",
    "blacklist": "let it in: notifier federation remove blacklist {mask}",
}


def lists_step(server: ServerName, judgement: Judgement, mode: str) -> Step:
    """Judge our side: whether our own lists let the server take part (R43, R46)."""
    status: Status
    if judgement.by == NO_HOME:
        status, found = "warn", NO_HOME
        advice = "set [server] domain: without it nobody is ever kept out"
    elif judgement.by == AT_HOME:
        status, found, advice = "ok", AT_HOME, ""
    elif judgement.admitted:
        found = f"let in: {judgement.by}; the other side decides for itself as well"
        status, advice = "ok", ""
    else:
        status, found = "fail", f"kept out: {judgement.by}"
        advice = _LET_IN[mode].format(server=server.name, mask=quote(judgement.by))
    return Step(step="our lists", subject=mode, status=status, found=found, advice=advice)


def name_step(server: ServerName, *, home: bool) -> Step:
    """Say how the name is compared and asked for, and what is odd about it."""
    shown = server.name if server.given.isascii() else f"asked for as {server.name}"
    odd, advice = _odd_about(server.name, home=home)
    return Step(
        step="name",
        subject=server.given,
        status="warn" if odd else "ok",
        found=f"{shown}: {odd}" if odd else shown,
        advice=advice,
    )


def _odd_about(name: str, *, home: bool) -> tuple[str, str]:
    """Give what is odd about a name and what to do, or nothing twice."""
    if home:
        return "our own domain", "this is how it looks from inside; ask from elsewhere as well"
    if "." not in name:
        return "a name without a dot", "give its full name; by a short one others find another"
    if scripts := mixed(name):
        found = f"has letters of several scripts ({', '.join(scripts)}), as look-alikes have"
        return found, "look at how it is spelt"
    if "_" in name:
        return "a name with an underscore", "no public authority gives certificates for it"
    return "", ""


def services_step(
    query: str, services: tuple[Service, ...] | Unresolved, seconds: float
) -> tuple[Step, tuple[Service, ...]]:
    """Judge the SRV records; give those that lead somewhere, preferred ones first, as well.

    Without any the name itself is what clients connect to.
    """
    useful: tuple[Service, ...] = ()
    if isinstance(services, Unresolved):
        status, found, advice = _no_services(services)
    elif any(each.target == _NO_SERVICE for each in services):
        status, found = "fail", "says that there is no such service (target `.`)"
        advice = "ask its administrator to remove this record, or to name the server in it"
    elif wrong := [each for each in services if _never(each)]:
        useful = tuple(each for each in services if not _never(each))
        status, found = "fail", f"leads nowhere: {_all(wrong)}"
        advice = "ask its administrator for records with the name of a machine and its port"
    else:
        useful = services
        status, found, advice = "ok", _all(services), ""
    step = Step(
        step="SRV", subject=query, status=status, seconds=seconds, found=found, advice=advice
    )
    return step, useful


def _no_services(fault: Unresolved) -> tuple[Status, str, str]:
    if fault.why in {Why.NO_NAME, Why.NO_ADDRESS}:
        return "ok", "none; clients connect to the name itself", ""
    return "warn", f"not known: {fault}", _UNRESOLVED[fault.why]


def _never(service: Service) -> bool:
    """Tell whether nobody can connect to it: RFC 2782 wants a name, and port 0 is none."""
    return service.port == 0 or address_of(service.target) is not None


def _all(services: Iterable[Service]) -> str:
    return ", ".join(f"{each.target}:{each.port} (priority {each.priority})" for each in services)


def address_steps(lookup: Lookup, *, ours: Set[str], by_service: bool) -> list[Step]:
    """Judge the addresses of a name: one line for all of them, one more for each that is odd.

    `ours` are the addresses of this machine. By a service only true names may be reached, and no
    aliases (RFC 2782).
    """
    found = lookup.found
    if isinstance(found, Unresolved):
        return [_addresses(lookup, "fail", str(found), _UNRESOLVED[found.why])]
    shown = ", ".join(found.addresses[:MOST_ADDRESSES])
    if found.alias:
        shown = f"by its alias {found.alias}: {shown}"
    first = _addresses(lookup, *_reservations(found, shown, by_service=by_service))
    return [first, *_odd(lookup.name, found.addresses[:MOST_ADDRESSES], ours)]


def _reservations(found: Resolved, shown: str, *, by_service: bool) -> tuple[Status, str, str]:
    if by_service and found.alias:
        advice = f"ask its administrator to name {found.alias} in the SRV record itself (RFC 2782)"
        return "warn", f"{shown}; an SRV record must not lead to an alias", advice
    if found.pinned:
        advice = "ask from another machine as well, or take the name out of that file"
        return (
            "warn",
            f"{shown}; by the hosts file of this machine, which nobody else reads",
            advice,
        )
    if found.unknown:
        return "warn", f"{shown}; of the others {found.unknown}", _UNRESOLVED[found.unknown.why]
    if len(found.addresses) > MOST_ADDRESSES:
        shown = f"{shown} … {len(found.addresses)} in all; the first {MOST_ADDRESSES} are tried"
        return "warn", shown, "ask its administrator whether it means so many"
    return "ok", shown, ""


def _addresses(lookup: Lookup, status: Status, found: str, advice: str) -> Step:
    return Step(
        step="addresses",
        subject=lookup.name,
        status=status,
        seconds=lookup.seconds,
        found=found,
        advice=advice,
    )


def _odd(name: str, addresses: Sequence[str], ours: Set[str]) -> list[Step]:
    kinds = ((each, _kind(each, ours)) for each in addresses)
    steps = []
    for address, kind in kinds:
        if kind:
            status, found, advice = _ODD_ADDRESSES[kind]
            steps.append(
                Step(
                    step="address",
                    subject=address,
                    status=status,
                    found=f"{name} leads to {address}, which {found}",
                    advice=advice,
                )
            )
    return steps


def _kind(text: str, ours: Set[str]) -> str:
    """Give what is odd about an address, the worst first; empty where it is one of the internet."""
    address = address_of(text)
    assert address is not None  # the DNS gives whole ones
    scope = scope_of(address)
    kinds = {
        "unspecified": address.is_unspecified,
        "multicast": address.is_multicast or str(address) == "255.255.255.255",
        "loopback": scope is Scope.LOOPBACK,
        "ours": str(address) in ours,
        "link-local": scope is Scope.LINK_LOCAL,
        "private": scope is not Scope.GLOBAL,
    }
    return next((name for name, true in kinds.items() if true), "")


def endpoints(lookups: Iterable[Lookup]) -> tuple[Endpoint, ...]:
    """Give where to knock, in the order of the lookups, each once, and not too many."""
    found = (
        Endpoint(address, each.port)
        for each in lookups
        if isinstance(each.found, Resolved)
        for address in each.found.addresses
        if _kind(address, frozenset()) not in {"unspecified", "multicast"}
    )
    return tuple(dict.fromkeys(found))[:MOST_ADDRESSES]
