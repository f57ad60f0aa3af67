"""The list of a conference: who joins it, who leaves it, and who is not told of either."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from notifier.core.entries import has_entry
from notifier.core.life import Former, Known, Member, Phase, Standing, of_its_list, on_list
from notifier.core.people import Person, person_key
from notifier.core.reasons import Reason

Members = Mapping[str, Member]

# Stands for the revision whose times somebody knows who was never on the list.
NOTHING: Final = -1

# Ends are told within seconds: of more lives than these at once nobody is told.
_LIVES_KEPT: Final = 2


class LeftOut(msgspec.Struct, frozen=True):
    """Somebody whom an event names and who is not told, with the reason (R27)."""

    person: Person
    reason: Reason


class ListChange(msgspec.Struct, frozen=True, kw_only=True):
    """What an event does to the list: rows to write, people to tell, people left out."""

    rows: tuple[Member, ...] = ()
    concerned: tuple[Member, ...] = ()
    newcomers: Mapping[str, str] = {}  # by key, with the event that took them off before, or ''
    left_out: tuple[LeftOut, ...] = ()

    def without(self, reason: Reason, *, told: int) -> "ListChange":
        """Give the same rows with everybody left out for `reason`; nobody told them more than that.

        `told` is the revision that ended what they would have been told of. Newcomers stay
        newcomers: nothing has reached them yet.
        """
        unheard = {each.key: LeftOut(each.person, reason) for each in self.concerned}
        rows = (
            msgspec.structs.replace(row, told=told) if row.key in unheard else row
            for row in self.rows
        )
        return ListChange(
            rows=tuple(rows),
            newcomers=self.newcomers,
            left_out=(*self.left_out, *unheard.values()),
        )


def join(
    known: Known,
    members: Members,
    people: Iterable[Person],
    standing: Standing,
    *,
    revision: int,
    by: str,
    unaware_before: int = 0,
) -> ListChange:
    """Put people on the list at `revision`, as the event `by` says; whoever is on it stays (R9).

    Those on it who were last told before `unaware_before` know nothing that still holds, and are
    told like newcomers.
    """
    roll = _Roll()
    for person in people:
        present = _present(members, person, known)
        row = Member(
            person=_fuller(present, person) if present and on_list(present, known) else person,
            standing=_standing(present, standing),
            revision=max(revision, present.revision) if present else revision,
            by=by,
            told=known.conference.revision,
            epoch=known.epoch,
            former=_left_before(members, person, known),
        )
        reason = _why_not_join(
            present, row, standing, revision=revision, unaware_before=unaware_before
        )
        stays = _raised(present, revision, row.person) if reason is Reason.ALREADY_ON_LIST else None
        roll.add(row, reason, unheard=stays)
        if reason is None and _knows_nothing_of_it(present, row, unaware_before):
            roll.newcomer(row, present, known)
    return roll.done()


def joined_before(
    known: Known,
    members: Members,
    people: Iterable[Person],
    standing: Standing,
    *,
    revision: int,
    by: str,
) -> tuple[Member, ...]:
    """Give the rows of people who joined a list that was lost by now, but for newer rows.

    They do not count, unless that list is found again; nobody has told them anything of it.
    """
    found: dict[str, Member] = {}
    for person in people:
        row = members.get(person_key(person))
        if row and row.revision >= revision and row.by != by:
            continue
        joined = Member(
            person=_fuller(row, person) if row and row.standing is not Standing.REMOVED else person,
            standing=_standing(row, standing),
            revision=revision,
            by=by,
            told=known.gone_revision,
            epoch=known.epoch,
            former=_lives_left(row, known),
        )
        found.setdefault(joined.key, joined)
    return tuple(found.values())


def leave(
    known: Known, members: Members, people: Iterable[Person], *, revision: int, by: str
) -> ListChange:
    """Take people off the list; those whom we never had on it are remembered, not told."""
    roll = _Roll()
    for person in people:
        present = _present(members, person, known)
        row = Member(
            person=_fuller(members.get(person_key(person)), person),
            standing=Standing.REMOVED,
            revision=revision,
            by=by,
            told=revision,
            epoch=known.epoch,
            former=_lives_left(members.get(person_key(person)), known),
            without_entry=present is None or not has_entry(present, known),
        )
        newer = members.get(row.key)
        if present is None and newer and newer.revision > revision:
            roll.add(row, Reason.NEWER, unheard=None)  # of a list that was lost
            continue
        reason = _why_not_leave(present, row)
        stays = _raised(present, revision, row.person) if reason is Reason.REMOVED else None
        unlisted = msgspec.structs.replace(row, told=NOTHING)
        roll.add(row, reason, unheard=unlisted if reason is Reason.NOT_ON_LIST else stays)
    return roll.done()


class _Roll:
    """Collects what happens to each person, once however often an event names them."""

    def __init__(self) -> None:
        self._rows: dict[str, Member | None] = {}
        self._concerned: list[Member] = []
        self._left_out: list[LeftOut] = []
        self._newcomers: dict[str, str] = {}

    def add(self, row: Member, reason: Reason | None, *, unheard: Member | None) -> None:
        """Note a person who is told, or who is not for `reason` but has `unheard` written."""
        if row.key in self._rows:
            return
        if reason is None:
            self._concerned.append(row)
        else:
            self._left_out.append(LeftOut(row.person, reason))
        self._rows[row.key] = row if reason is None else unheard

    def newcomer(self, row: Member, present: Member | None, known: Known) -> None:
        """Note a person for whom this is the first word of the conference, or of being back."""
        removed = present is not None and present.standing is Standing.REMOVED
        of_this_life = present.by if present and of_its_list(present, known) else ""
        self._newcomers.setdefault(row.key, of_this_life if removed else "")

    def done(self) -> ListChange:
        return ListChange(
            rows=tuple(row for row in self._rows.values() if row),
            concerned=tuple(self._concerned),
            newcomers=self._newcomers,
            left_out=tuple(self._left_out),
        )


def _present(members: Members, person: Person, known: Known) -> Member | None:
    """Give the row of this person that counts in the present life of the conference.

    A removal counts in every life: it may belong to this one, and have come before its beginning.
    """
    row = members.get(person_key(person))
    counts = row and (of_its_list(row, known) or row.standing is Standing.REMOVED)
    return row if counts else None


def _left_before(members: Members, person: Person, known: Known) -> tuple[Former, ...]:
    """Give the lives that ended while this person was on the list; whoever is on it stays on it."""
    row = members.get(person_key(person))
    return row.former if row and on_list(row, known) else _lives_left(row, known)


def _lives_left(row: Member | None, known: Known) -> tuple[Former, ...]:
    """Give the lives of which a row that takes the place of `row` keeps that they were on the list.

    Of the present life that is worth keeping where it may follow one that has just ended: from a
    plan that was never taken back they leave by a removal.
    """
    if row is None:
        return ()
    planned = known.phase is Phase.PLANNED
    ended_with_them = not of_its_list(row, known) or known.generation > 1 or not planned
    if row.standing is Standing.REMOVED or not ended_with_them:
        return row.former
    # What is planned by now is another life: its own end is nothing to them.
    seen = known.since - 1 if planned else known.conference.revision
    left = Former(epoch=row.epoch, told=row.told, seen=seen, revision=row.revision)
    return (*row.former, left)[-_LIVES_KEPT:]


def _standing(present: Member | None, standing: Standing) -> Standing:
    """Whoever signed up stays signed up, also when invited afterwards."""
    signed_up = present is not None and present.standing is Standing.REGISTERED
    return Standing.REGISTERED if signed_up else standing


def _raised(present: Member | None, revision: int, person: Person) -> Member | None:
    """Give the row that says the same of a newer revision: an older event never undoes it (P4).

    Whoever is named once more is known as named last: later mails go to the new address.
    """
    if present is None or revision <= present.revision:
        return None
    return msgspec.structs.replace(present, revision=revision, person=person)


def _why_not_join(
    present: Member | None,
    joining: Member,
    standing: Standing,
    *,
    revision: int,
    unaware_before: int,
) -> Reason | None:
    """Say why this person is not told of joining, if so."""
    # By this very event, before a crash: its work is done again.
    if present is None or present.by == joining.by:
        return None
    if present.standing is Standing.REMOVED:
        # At the same revision the removal wins: nobody is invited back by an older word (P4).
        return None if revision > present.revision else Reason.REMOVED
    if standing is Standing.INVITED:
        return None if present.told < unaware_before else Reason.ALREADY_ON_LIST
    if present.standing is Standing.INVITED:
        return None
    if present.person.unique_link != joining.person.unique_link:
        return None if revision >= present.revision else Reason.NEWER
    return Reason.ALREADY_ON_LIST


def _knows_nothing_of_it(present: Member | None, joining: Member, unaware_before: int) -> bool:
    """Tell whether nothing that was sent before tells this person of what they join now.

    Of somebody who was taken off, only what became of that removal can tell.
    """
    if present is None or present.standing is Standing.REMOVED or present.by == joining.by:
        return True
    return present.told < unaware_before


def _why_not_leave(present: Member | None, row: Member) -> Reason | None:
    """Say why this person is not told of being removed, if so."""
    if present is None:
        return Reason.NOT_ON_LIST
    if present.by == row.by:
        return None
    if present.standing is Standing.REMOVED:
        return Reason.REMOVED
    return None if row.revision >= present.revision else Reason.NEWER


def _fuller(present: Member | None, person: Person) -> Person:
    """Give the person as named now, with what only the list knows: language, zone, address."""
    if present is None:
        return person
    known = msgspec.structs.asdict(present.person)
    named = {name: value for name, value in msgspec.structs.asdict(person).items() if value}
    return Person(**(known | named))
