"""Doubles: people who are on a list twice, by their ID and by their bare address.

Somebody listed by ID whose mailbox is listed as a bare address as well is one person, and what goes
to everyone goes to them once. Two IDs that share a mailbox are two persons.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from notifier.core.life import Member
from notifier.core.people import MAILTO, BadAddress, Person, is_unregistered, mailbox
from notifier.core.reasons import Reason

# What the row with the ID takes from the other where it says nothing itself.
_TAKEN: Final = ("name", "language", "time_zone", "unique_link")


def each_once(
    members: Iterable[Member], *, kept_out: Callable[[Person], object] = lambda _person: False
) -> Iterator[tuple[Member, Reason | None]]:
    """Give members with the reason why they are not told, None where they are: each person once.

    The row with the ID decides who they are; the personal link comes from whichever has one (R10).
    Where the ID is `kept_out`, the bare address is told: it lives nowhere (R45).
    """
    rows = list(members)
    bare = {each.key for each in rows if is_unregistered(each.person)}
    if not bare or len(bare) == len(rows):
        yield from ((each, None) for each in rows)
        return
    addresses = {each.key: _address(each) for each in rows}
    doubles = {addresses[each.key]: each for each in rows if each.key in bare}
    by_id = {
        addresses[each.key]
        for each in rows
        if each.key not in bare and addresses[each.key] in doubles and not kept_out(each.person)
    } - {None}
    for each in rows:
        address = addresses[each.key]
        if each.key not in bare:
            yield _with_what_is_known(each, doubles.get(address) if address else None), None
        else:
            yield each, Reason.LISTED_TWICE if address in by_id else None


def apart_from(members: Iterable[Member], others: Iterable[Member]) -> list[Member]:
    """Give those members whose mailbox is that of none of the others."""
    taken = {_address(each) for each in others} - {None}
    return [each for each in members if _address(each) not in taken]


def bare_keys(person: Person) -> frozenset[str]:
    """Give the keys under which somebody with an ID may be on a list by address as well."""
    address = None if is_unregistered(person) else _address_of(person)
    if address is None:
        return frozenset()
    spelt = {address, _in_letters(address)}
    return frozenset(MAILTO + each for each in spelt)


def _in_letters(address: str) -> str:
    """Give an address with its domain in letters of any script, as a person would write it."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode().decode('idna')}" if "xn--" in domain else address
    except UnicodeError:
        return address


def _with_what_is_known(member: Member, double: Member | None) -> Member:
    if double is None:
        return member
    taken = {
        name: getattr(double.person, name)
        for name in _TAKEN
        if not getattr(member.person, name) and getattr(double.person, name)
    }
    person = msgspec.structs.replace(member.person, **taken)
    return msgspec.structs.replace(member, person=person)


def _address(member: Member) -> str | None:
    return _address_of(member.person)


def _address_of(person: Person) -> str | None:
    """Give the mailbox as it is compared, None where there is none."""
    try:
        found = mailbox(person)
    except BadAddress:
        return None
    return found.address.lower() if found else None
