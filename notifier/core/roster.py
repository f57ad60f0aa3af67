"""The list of a conference: who joins it, who leaves it, and who is not told of either."""

from collections.abc import Iterable, Mapping

import msgspec

from notifier.core.life import Known, Member, Standing
from notifier.core.people import Person, person_key
from notifier.core.reasons import Reason

Members = Mapping[str, Member]


class LeftOut(msgspec.Struct, frozen=True):
    """Somebody whom an event names and who is not told, with the reason (R27)."""

    person: Person
    reason: Reason


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """What an event does to the list: rows to write, people to tell, people left out."""

    rows: tuple[Member, ...] = ()
    concerned: tuple[Member, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def without(self, reason: Reason) -> "Moves":
        """Give the same rows with everybody left out for `reason`."""
        unheard = tuple(LeftOut(each.person, reason) for each in self.concerned)
        return Moves(rows=self.rows, left_out=self.left_out + unheard)


def join(
    known: Known,
    members: Members,
    people: Iterable[Person],
    standing: Standing,
    *,
    revision: int,
    by: str,
) -> Moves:
    """Put people on the list at `revision`, as the event `by` says; whoever is on it stays (R9)."""
    rows: dict[str, Member] = {}
    left_out: list[LeftOut] = []
    for person in people:
        row = Member(
            person=person,
            standing=standing,
            revision=revision,
            by=by,
            told=known.conference.revision,
            epoch=known.epoch,
        )
        if row.key in rows:
            continue
        reason = _why_not_join(members.get(row.key), row, known)
        if reason:
            left_out.append(LeftOut(person, reason))
        else:
            rows[row.key] = row
    concerned = tuple(rows.values())
    return Moves(rows=concerned, concerned=concerned, left_out=tuple(left_out))


def leave(
    known: Known, members: Members, people: Iterable[Person], *, revision: int, by: str
) -> Moves:
    """Take people off the list; those whom we never had on it are remembered, not told."""
    rows: dict[str, Member] = {}
    concerned: list[Member] = []
    left_out: list[LeftOut] = []
    for person in people:
        present = members.get(person_key(person))
        row = Member(
            person=_fuller(present, person),
            standing=Standing.REMOVED,
            revision=revision,
            by=by,
            told=revision,
            epoch=known.epoch,
        )
        if row.key in rows:
            continue
        reason = _why_not_leave(present, row, known)
        if reason is None:
            concerned.append(row)
        else:
            left_out.append(LeftOut(person, reason))
        if reason in (None, Reason.NOT_ON_LIST):
            rows[row.key] = row
    return Moves(rows=tuple(rows.values()), concerned=tuple(concerned), left_out=tuple(left_out))


def _why_not_join(present: Member | None, joining: Member, known: Known) -> Reason | None:
    """Say why this person is not told of joining, if so."""
    if present is None or present.epoch != known.epoch or _same_again(present, joining):
        return None
    if present.standing is Standing.REMOVED:
        # At the same revision the removal wins: nobody is invited back by an older word (P4).
        return None if joining.revision > present.revision else Reason.REMOVED
    signs_up = joining.standing is Standing.REGISTERED
    if signs_up and present.standing is Standing.INVITED:
        return None
    if signs_up and present.person.unique_link != joining.person.unique_link:
        return None if joining.revision >= present.revision else Reason.NEWER
    return Reason.ALREADY_ON_LIST


def _why_not_leave(present: Member | None, row: Member, known: Known) -> Reason | None:
    """Say why this person is not told of being removed, if so."""
    if present is None or present.epoch != known.epoch:
        return Reason.NOT_ON_LIST
    if _same_again(present, row):
        return None
    if present.standing is Standing.REMOVED:
        return Reason.REMOVED
    return None if row.revision >= present.revision else Reason.NEWER


def _same_again(present: Member, row: Member) -> bool:
    """Tell whether this very event wrote the row, before a crash: its work is done again."""
    return present.by == row.by and present.standing == row.standing


def _fuller(present: Member | None, person: Person) -> Person:
    """Give the person as named now, with what only the list knows: language, zone, address."""
    if present is None:
        return person
    known = msgspec.structs.asdict(present.person)
    named = {name: value for name, value in msgspec.structs.asdict(person).items() if value}
    return Person(**(known | named))
