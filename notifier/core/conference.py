"""What an event changes about one conference and its list, whatever the order of arrival."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

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
from notifier.core.life import NEXT, Known, Member, Phase, Standing, Turn, over, same_times
from notifier.core.people import Person
from notifier.core.reasons import Reason
from notifier.core.roster import LeftOut, Members, Moves, join, leave
from notifier.core.schedule import next_occurrence


class Verdict(StrEnum):
    """What an event turned out to mean."""

    INVITED = "invited"
    REGISTERED = "registered"
    MOVED = "moved"
    RELAUNCHED = "relaunched"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    SILENT = "silent"
    UNCHANGED = "unchanged"
    STALE = "stale"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one event changes: the conference before and after, and whom it concerns."""

    event: Event
    now: datetime
    verdict: Verdict
    before: Known | None = None
    after: Known | None = None
    concerned: tuple[Member, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    rows: tuple[Member, ...] = ()


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
            return Change(event=event, now=now, verdict=Verdict.SILENT)


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
    if before and before.phase is Phase.CANCELLED and said.revision <= before.gone_revision:
        return _nobody(before, event, people, Reason.CANCELLED, now=now)
    after = _told_of(before, event, now=now, uid=uid, revives=True)
    if over(after, at=now):
        return _nobody(before, event, people, Reason.ENDED, now=now)
    moves = join(after, members, people, standing, revision=said.revision, by=event.key)
    verdict = Verdict.INVITED if standing is Standing.INVITED else Verdict.REGISTERED
    return _listed(before, after, event, verdict, moves, now=now)


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
    if before and before.phase is Phase.CANCELLED:
        return _nobody(before, event, people, Reason.CANCELLED, now=now)
    after = _told_of(before, event, now=now, uid=uid)
    moves = leave(after, members, people, revision=said.revision, by=event.key)
    if over(after, at=now):
        moves = moves.without(Reason.ENDED)
    # Every CANCEL raises SEQUENCE, the one for a single person as well (RFC 5546 §2.1.4).
    after = msgspec.structs.replace(after, sequence=after.sequence + bool(moves.concerned))
    return _listed(before, after, event, Verdict.REMOVED, moves, now=now)


def _listed(
    before: Known | None,
    after: Known,
    event: Event,
    verdict: Verdict,
    moves: Moves,
    *,
    now: datetime,
) -> Change:
    return Change(
        event=event,
        now=now,
        verdict=verdict,
        before=before,
        after=after,
        concerned=moves.concerned,
        left_out=moves.left_out,
        rows=moves.rows,
    )


def _rescheduled(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """Times changed: compare with what people were told, not with the last snapshot (R17–R20)."""
    said = _conference(event)
    after = _told_of(before, event, now=now, uid=uid, revives=True)
    stale = before is not None and (
        said.revision <= before.told_revision or said.revision <= before.gone_revision
    )
    if before is None or stale:
        verdict = Verdict.SILENT if before is None else Verdict.STALE
        return Change(event=event, now=now, verdict=verdict, before=before, after=after)
    after = msgspec.structs.replace(
        after, told=after.conference.schedule, told_revision=said.revision
    )
    if after.phase is not Phase.PLANNED or over(after, at=now):
        verdict = Verdict.SILENT
    elif after.generation > before.generation:
        verdict = Verdict.RELAUNCHED
    elif same_times(before.told, after.conference.schedule, now=now):
        verdict = Verdict.UNCHANGED
    else:
        verdict = Verdict.MOVED
    return Change(event=event, now=now, verdict=verdict, before=before, after=after)


def _cancelled(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """Deleted, or turned into a room; told only before the start (R21, R22)."""
    said = _conference(event)
    if before is not None and said.revision < before.conference.revision:
        return Change(event=event, now=now, verdict=Verdict.STALE, before=before, after=before)
    after = _told_of(before, event, now=now, uid=uid)
    was_room = before is not None and before.phase is Phase.ROOM
    becomes_room = said.schedule is None and not was_room
    turn = Turn.OPEN if becomes_room else Turn.CANCEL
    after = msgspec.structs.replace(
        after,
        phase=NEXT.get((before.phase if before else None, turn), after.phase),
        gone_revision=said.revision,
        sequence=after.sequence + 1,
    )
    at = min(event.time, now) if event.time else now
    still_ahead = before is not None and before.phase is Phase.PLANNED and _ahead(before, at=at)
    verdict = Verdict.CANCELLED if still_ahead else Verdict.SILENT
    return Change(event=event, now=now, verdict=verdict, before=before, after=after)


def _ahead(known: Known, *, at: datetime) -> bool:
    """Tell whether anything of it is still to start: a one-off's start, any start of a series."""
    schedule = known.conference.schedule
    return schedule is not None and next_occurrence(schedule, after=at) is not None


def _updated(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    after = _told_of(before, event, now=now, uid=uid)
    return Change(event=event, now=now, verdict=Verdict.SILENT, before=before, after=after)


def _ended(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """It ended: for good, unless it is a room or a series with more to come."""
    said = _conference(event)
    if before is not None and said.revision < before.conference.revision:
        return Change(event=event, now=now, verdict=Verdict.STALE, before=before, after=before)
    after = _told_of(before, event, now=now, uid=uid)
    schedule = after.conference.schedule
    goes_on = schedule is not None and schedule.recurrence is not None and _ahead(after, at=now)
    if not goes_on and (after.phase, Turn.END) in NEXT:
        after = msgspec.structs.replace(
            after, phase=NEXT[after.phase, Turn.END], gone_revision=said.revision
        )
    return Change(event=event, now=now, verdict=Verdict.SILENT, before=before, after=after)


def _told_of(
    before: Known | None, event: Event, *, now: datetime, uid: str, revives: bool = False
) -> Known:
    """Take the event's snapshot of the conference if it is newer than ours."""
    said = _conference(event)
    turn = Turn.OPEN if said.schedule is None else Turn.PLAN
    if before is None:
        return Known(
            conference=said,
            phase=NEXT[None, turn],
            uid=uid,
            created=now,
            changed=now,
            told=said.schedule,
            told_revision=said.revision,
            since=said.revision,
            reminded_until=now,
        )
    if said.revision <= before.conference.revision:
        return before
    gone = before.phase in (Phase.CANCELLED, Phase.ENDED) or over(before, at=now)
    moved = said.schedule != before.conference.schedule
    deleted = before.phase is Phase.CANCELLED
    if gone and not (revives and (moved or deleted)):
        return msgspec.structs.replace(before, conference=said, changed=now)
    reborn = turn is Turn.PLAN and (gone or before.phase is Phase.ROOM)
    after = msgspec.structs.replace(
        before,
        conference=said,
        changed=now,
        phase=NEXT[before.phase, turn],
        since=said.revision if moved else before.since,
        reminded_until=now if moved else before.reminded_until,
        sequence=before.sequence + moved,
    )
    return _reborn(after, before, event) if reborn else after


def _reborn(after: Known, before: Known, event: Event) -> Known:
    """Begin a new life: clients bury the UID of what was cancelled, so it gets a new one.

    Whoever was on the list of one that was deleted or has ended is not on the list of the one
    that an invitation makes anew; a reschedule brings its list back.
    """
    was_room = before.phase is Phase.ROOM
    anew = not was_room and not isinstance(event.what, ConferenceRescheduled)
    return msgspec.structs.replace(
        after,
        generation=before.generation + 1,
        sequence=0,
        epoch=before.epoch + anew,
        told=after.conference.schedule if anew else before.told,
    )


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
