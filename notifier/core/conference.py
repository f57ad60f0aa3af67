"""What an event changes about one conference and its list, whatever the order of arrival."""

from datetime import datetime

import msgspec

from notifier.core.beginnings import Word
from notifier.core.change import Change, Verdict, conference_of, said_at
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
from notifier.core.joining import joined, removed
from notifier.core.life import (
    NEXT,
    Known,
    Phase,
    Standing,
    Turn,
    goes_on,
    heard_of,
    knows_no_time,
    lives_before,
    over,
    plan_of,
    turned,
)
from notifier.core.moves import Move, followed
from notifier.core.roster import Members
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
            return joined(before, members, event, people, Standing.INVITED, now=now, uid=uid)
        case PersonRegistered(participant=person):
            return joined(before, members, event, (person,), Standing.REGISTERED, now=now, uid=uid)
        case PeopleRemoved(participants=people):
            return removed(before, members, event, people, now=now, uid=uid)
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


def _rescheduled(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """Times changed: compare with what people were told, not with the last snapshot (R17–R20)."""
    said = conference_of(event)
    at = said_at(event, now=now)
    after = heard_of(before, said, at=at, now=now, uid=uid, revives=True)
    after = turned(before, after, Word.BACK, at=said.revision)
    if before and after.list_since < before.list_since:
        return _list_found_again(before, after, event, now=now)
    verdict = _verdict_on_times(before, after, said, at=at, now=now)
    if verdict is Verdict.CANCELLED:
        after = msgspec.structs.replace(
            after, told=None, told_revision=said.revision, gone_revision=said.revision
        )
    if verdict in (Verdict.MOVED, Verdict.RELAUNCHED, Verdict.UNCHANGED):
        after = msgspec.structs.replace(
            after, told=after.conference.schedule, told_revision=said.revision
        )
    if verdict is Verdict.RELAUNCHED and before and after.generation > before.generation:
        after = msgspec.structs.replace(after, former_lives=lives_before(before) + 1)
    if verdict in (Verdict.MOVED, Verdict.RELAUNCHED) and before:
        move = Move(event.key, after.conference.revision, previous=before.told, at=now)
        after = msgspec.structs.replace(
            after, moves=followed(after.moves, move), asked=after.conference.revision
        )
    return Change(event=event, now=now, verdict=verdict, before=before, after=after)


def _list_found_again(before: Known, after: Known, event: Event, *, now: datetime) -> Change:
    """It was not made anew: whoever was taken to be off its list is invited to what it is now.

    Those who joined since know that, or are told of it by later words.
    """
    silent = after.phase is not Phase.PLANNED or over(after, at=now)
    after = msgspec.structs.replace(
        after, gone_revision=-1 if after.phase is not Phase.CANCELLED else after.gone_revision
    )
    if not silent:
        after = msgspec.structs.replace(after, asked=after.conference.revision)
    verdict = Verdict.SILENT if silent else Verdict.RELAUNCHED
    return Change(event=event, now=now, verdict=verdict, before=before, after=after)


def _verdict_on_times(
    before: Known | None, after: Known, said: Conference, *, at: datetime, now: datetime
) -> Verdict:
    if before is None:
        return Verdict.SILENT
    if said.revision <= max(before.told_revision, before.gone_revision):
        return Verdict.STALE
    if after.phase is Phase.PLANNED and over(after, at=now) and _was_to_go_on(before, at=at):
        return Verdict.CANCELLED
    if after.phase is not Phase.PLANNED or over(after, at=now):
        return Verdict.SILENT
    if after.generation > before.generation or knows_no_time(before, at=at):
        return Verdict.RELAUNCHED
    if same_times(before.told, after.conference.schedule, now=now):
        return Verdict.UNCHANGED
    return Verdict.MOVED


def _was_to_go_on(known: Known, *, at: datetime) -> bool:
    """Tell whether people know a series with more to come.

    One that is made to end before its next start is deleted for them, whatever the word for it.
    """
    told = known.told
    is_series = told is not None and told.recurrence is not None
    return told is not None and is_series and next_occurrence(told, after=at) is not None


def _cancelled(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """Deleted, or turned into a room; told only before the start (R21, R22)."""
    said = conference_of(event)
    unsaid = _turned_unsaid(before, said)
    if before is not None and _old_news(before, said) and not unsaid:
        after = _deleted_long_ago(before, said)
        return Change(event=event, now=now, verdict=Verdict.STALE, before=before, after=after)
    at = said_at(event, now=now)
    after = _in_the_same_life(heard_of(before, said, at=at, now=now, uid=uid), before)
    phase = before.phase if before else None
    becomes_room = said.schedule is None and (phase in (None, Phase.PLANNED, Phase.ENDED) or unsaid)
    turn = Turn.OPEN if becomes_room else Turn.CANCEL
    after = msgspec.structs.replace(
        after,
        phase=NEXT.get((phase, turn), after.phase),
        told=None,
        gone_revision=max(said.revision, after.gone_revision),
        # One more, whatever else the event says of times that will not be (RFC 5546 §2.1.4).
        sequence=(before.sequence if before else 0) + 1,
    )
    if after.phase is Phase.CANCELLED:
        after = turned(before, after, Word.DELETED, at=said.revision)
    taken_back = plan_of(before) if before else None
    still_ahead = taken_back is not None and next_occurrence(taken_back, after=at) is not None
    verdict = Verdict.CANCELLED if still_ahead else Verdict.SILENT
    return Change(event=event, now=now, verdict=verdict, before=before, after=after)


def _turned_unsaid(known: Known | None, said: Conference) -> bool:
    """Tell whether we know it as a room already, and this is the word that nobody has heard yet."""
    return (
        known is not None
        and said.schedule is None
        and known.phase is Phase.ROOM
        and known.told is not None
        and said.revision > known.told_revision
    )


def _in_the_same_life(after: Known, before: Known | None) -> Known:
    """What is deleted begins no new life, whatever its last snapshot says.

    It may have become a room and a plan again without our knowing. People have the entry of the
    life before, and nobody has one of that.
    """
    if before is None or after.generation == before.generation:
        return after
    return msgspec.structs.replace(
        after,
        generation=before.generation,
        former_lives=before.former_lives,
        sequence=before.sequence,
        born=before.born,
        asked=before.asked,
        moves=before.moves,
        gone_revision=before.gone_revision,
    )


def _old_news(before: Known, said: Conference) -> bool:
    """Tell whether the conference has changed since, or was said to be gone by this revision."""
    return said.revision < before.conference.revision or said.revision <= before.gone_revision


def _deleted_long_ago(known: Known, said: Conference) -> Known:
    """Remember a deletion that was followed by another, or by what began its list anew.

    Any other would part people who are on one list by now: to them it was a silent change.
    """
    parts_nobody = known.phase is Phase.CANCELLED or said.revision < known.list_since
    deleted = said.schedule is not None and parts_nobody
    return turned(known, known, Word.DELETED, at=said.revision) if deleted else known


def _updated(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    at = said_at(event, now=now)
    after = heard_of(before, conference_of(event), at=at, now=now, uid=uid)
    return Change(event=event, now=now, verdict=Verdict.SILENT, before=before, after=after)


def _ended(before: Known | None, event: Event, *, now: datetime, uid: str) -> Change:
    """It ended: for good, unless it is a room or a series with more to come."""
    said = conference_of(event)
    if before is not None and said.revision < before.conference.revision:
        return Change(event=event, now=now, verdict=Verdict.STALE, before=before, after=before)
    after = heard_of(before, said, at=said_at(event, now=now), now=now, uid=uid)
    if not goes_on(after, at=now) and (after.phase, Turn.END) in NEXT:
        after = msgspec.structs.replace(
            after, phase=NEXT[after.phase, Turn.END], gone_revision=said.revision
        )
    return Change(event=event, now=now, verdict=Verdict.SILENT, before=before, after=after)
