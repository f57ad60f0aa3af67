"""What an event changes about one conference and its list, whatever the order of arrival."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from notifier.core.change import Change, Verdict
from notifier.core.events import (
    Conference,
    ConferenceCancelled,
    ConferenceEnded,
    ConferenceRescheduled,
    ConferenceUpdated,
    Event,
    PeopleInvited,
    PeopleRemoved,
    PersonRegistered,
)
from notifier.core.life import (
    NEXT,
    Known,
    Member,
    Phase,
    Standing,
    Turn,
    goes_on,
    heard_of,
    knows_no_time,
    over,
    plan_of,
    turned_unsaid,
    was_to_go_on,
)
from notifier.core.moves import Move, followed
from notifier.core.people import Person
from notifier.core.reasons import Reason
from notifier.core.roster import LeftOut, ListChange, Members, join, leave
from notifier.core.times.changes import same_times
from notifier.core.times.schedule import next_occurrence


def apply(
    before: Known | None, members: Members, event: Event, *, now: datetime, uid: str
) -> Change:
    """Give what `event` changes.

    `members` are the rows of the people whom the event names; `uid` is used if the conference is
    new. The outcome is that of the right order, whatever the order of arrival (P4): a snapshot is
    taken only if its revision is newer, a row only if it is not older.
    """
    match event.what:
        case PeopleInvited(participants=people):
            return _joined(before, members, event, people, Standing.INVITED, now=now, uid=uid)
        case PersonRegistered(participant=person):
            return _joined(before, members, event, (person,), Standing.REGISTERED, now=now, uid=uid)
        case PeopleRemoved(participants=people):
            return _removed(before, members, event, people, now=now, uid=uid)
        case ConferenceRescheduled():
            return _rescheduled(before, event, now=now, uid=uid)
        case ConferenceCancelled():
            return _cancelled(before, event, now=now, uid=uid)
        case ConferenceUpdated():
            return _updated(before, event, now=now, uid=uid)
        case ConferenceEnded():
            return _ended(before, event, now=now, uid=uid)
        case _:
            return Change(event=event, now=now, verdict=Verdict.APART)


def _joined(
    before: Known | None,
    members: Members,
    event: Event,
    people: Iterable[Person],
    standing: Standing,
    *,
    now: datetime,
    uid: str,
) -> Change:
    """Invite or register: only people who are not on the list yet are concerned (R9)."""
    said = _conference(event)
    gone = before is not None and said.revision <= before.gone_revision
    if before and gone and before.phase is Phase.PLANNED:
        return _nobody(before, event, people, Reason.CANCELLED, now=now)
    at = _said_at(event, now=now)
    after = heard_of(before, said, at=at, now=now, uid=uid, revives=True, anew=True)
    list_change = join(
        after,
        members,
        people,
        standing,
        revision=said.revision,
        by=event.key,
        unaware_before=after.since if knows_no_time(after, at=at) else 0,
    )
    if over(after, at=now):
        list_change = list_change.without(Reason.ENDED, told=after.gone_revision)
    elif gone:
        # It is a room by now (R22), or was deleted and may be back: they are on that list, untold.
        list_change = list_change.without(Reason.CANCELLED, told=after.gone_revision)
    # Whoever is back needs more than the SEQUENCE of the CANCEL that took them off (calendar 1.3).
    back = any(_was_removed(members, each) for each in list_change.concerned)
    after = msgspec.structs.replace(after, sequence=after.sequence + back)
    verdict = Verdict.INVITED if standing is Standing.INVITED else Verdict.REGISTERED
    return _listed(before, after, event, verdict, list_change, now=now)


def _was_removed(members: Members, joining: Member) -> bool:
    row = members.get(joining.key)
    return row is not None and row.standing is Standing.REMOVED


def _removed(
    before: Known | None,
    members: Members,
    event: Event,
    people: Iterable[Person],
    *,
    now: datetime,
    uid: str,
) -> Change:
    """Take people off the list (R23)."""
    said = _conference(event)
    after = heard_of(before, said, at=_said_at(event, now=now), now=now, uid=uid)
    list_change = leave(after, members, people, revision=said.revision, by=event.key)
    if before and after.phase is Phase.CANCELLED:
        # It may be brought back, and then they are off its list (P4).
        nobody = _nobody(before, event, people, Reason.CANCELLED, now=now)
        return msgspec.structs.replace(nobody, after=after, rows=list_change.rows)
    if over(after, at=now):
        list_change = list_change.without(Reason.ENDED, told=after.gone_revision)
    # Every CANCEL raises SEQUENCE, the one for a single person as well (RFC 5546 §2.1.4).
    after = msgspec.structs.replace(after, sequence=after.sequence + bool(list_change.concerned))
    return _listed(before, after, event, Verdict.REMOVED, list_change, now=now)


def _listed(
    before: Known | None,
    after: Known,
    event: Event,
    verdict: Verdict,
    list_change: ListChange,
    *,
    now: datetime,
) -> Change:
    return Change(
        event=event,
        now=now,
        verdict=verdict,
        before=before,
        after=after,
        concerned=list_change.concerned,
        newcomers=list_change.newcomers,
        left_out=list_change.left_out,
        rows=list_change.rows,
    )


def _rescheduled(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """Times changed: compare with what people were told, not with the last snapshot (R17–R20)."""
    said = _conference(event)
    at = _said_at(event, now=now)
    after = heard_of(before, said, at=at, now=now, uid=uid, revives=True)
    verdict = _verdict_on_times(before, after, said, at=at, now=now)
    if verdict is Verdict.CANCELLED:
        after = msgspec.structs.replace(
            after, told=None, told_revision=said.revision, gone_revision=said.revision
        )
    if verdict in (Verdict.MOVED, Verdict.RELAUNCHED, Verdict.UNCHANGED):
        after = msgspec.structs.replace(
            after, told=after.conference.schedule, told_revision=said.revision
        )
    if verdict in (Verdict.MOVED, Verdict.RELAUNCHED) and before:
        move = Move(event.key, after.conference.revision, previous=before.told, at=now)
        after = msgspec.structs.replace(after, moves=followed(after.moves, move))
    return Change(event=event, now=now, verdict=verdict, before=before, after=after)


def _verdict_on_times(
    before: Known | None, after: Known, said: Conference, *, at: datetime, now: datetime
) -> Verdict:
    if before is None:
        return Verdict.SILENT
    if said.revision <= max(before.told_revision, before.gone_revision):
        return Verdict.STALE
    if after.phase is Phase.PLANNED and over(after, at=now) and was_to_go_on(before, at=at):
        return Verdict.CANCELLED
    if after.phase is not Phase.PLANNED or over(after, at=now):
        return Verdict.SILENT
    if after.generation > before.generation or knows_no_time(before, at=at):
        return Verdict.RELAUNCHED
    if same_times(before.told, after.conference.schedule, now=now):
        return Verdict.UNCHANGED
    return Verdict.MOVED


def _cancelled(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """Deleted, or turned into a room; told only before the start (R21, R22)."""
    said = _conference(event)
    unsaid = turned_unsaid(before, said)
    if before is not None and _old_news(before, said) and not unsaid:
        return Change(event=event, now=now, verdict=Verdict.STALE, before=before, after=before)
    at = _said_at(event, now=now)
    after = heard_of(before, said, at=at, now=now, uid=uid)
    phase = before.phase if before else None
    becomes_room = said.schedule is None and (phase in (None, Phase.PLANNED, Phase.ENDED) or unsaid)
    turn = Turn.OPEN if becomes_room else Turn.CANCEL
    after = msgspec.structs.replace(
        after,
        phase=NEXT.get((phase, turn), after.phase),
        told=None,
        gone_revision=max(said.revision, after.gone_revision),
        sequence=after.sequence + 1,
    )
    taken_back = plan_of(before) if before else None
    still_ahead = taken_back is not None and next_occurrence(taken_back, after=at) is not None
    verdict = Verdict.CANCELLED if still_ahead else Verdict.SILENT
    return Change(event=event, now=now, verdict=verdict, before=before, after=after)


def _old_news(before: Known, said: Conference) -> bool:
    """Tell whether the conference has changed since, or was said to be gone by this revision."""
    return said.revision < before.conference.revision or said.revision <= before.gone_revision


def _updated(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    at = _said_at(event, now=now)
    after = heard_of(before, _conference(event), at=at, now=now, uid=uid)
    return Change(event=event, now=now, verdict=Verdict.SILENT, before=before, after=after)


def _ended(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """It ended: for good, unless it is a room or a series with more to come."""
    said = _conference(event)
    if before is not None and said.revision < before.conference.revision:
        return Change(event=event, now=now, verdict=Verdict.STALE, before=before, after=before)
    after = heard_of(before, said, at=_said_at(event, now=now), now=now, uid=uid)
    if not goes_on(after, at=now) and (after.phase, Turn.END) in NEXT:
        after = msgspec.structs.replace(
            after, phase=NEXT[after.phase, Turn.END], gone_revision=said.revision
        )
    return Change(event=event, now=now, verdict=Verdict.SILENT, before=before, after=after)


def _said_at(event: Event, *, now: datetime) -> datetime:
    """Give when it happened: an event may have waited, but none comes from the future."""
    return min(event.time, now) if event.time else now


def _nobody(
    before: Known | None, event: Event, people: Iterable[Person], reason: Reason, *, now: datetime
) -> Change:
    """Nothing changes, nobody is told, and everybody's reason is recorded (R27)."""
    return Change(
        event=event,
        now=now,
        verdict=Verdict.STALE,
        before=before,
        after=before,
        left_out=tuple(LeftOut(person, reason) for person in people),
    )


def _conference(event: Event) -> Conference:
    said = event.conference
    assert said is not None  # apply() sends only conference events here
    return said
