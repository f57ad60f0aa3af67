"""The life of a conference and of its list: what is remembered between two events."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from notifier.core.beginnings import Turning, Word, begun, remembered
from notifier.core.events import Conference
from notifier.core.moves import Move
from notifier.core.people import Person, display_name, person_key
from notifier.core.times.changes import same_times
from notifier.core.times.offsets import read_offsets
from notifier.core.times.schedule import Schedule, ended, next_occurrence


class Phase(StrEnum):
    """How a conference stands.

    PLANNED has a schedule, ROOM has none, CANCELLED was deleted, ENDED is over for good.
    Deliberately absent: "running". Whether it runs is a question to the clock, not to memory.
    """

    PLANNED = "planned"
    ROOM = "room"
    CANCELLED = "cancelled"
    ENDED = "ended"


class Turn(StrEnum):
    """What can happen to a conference's phase."""

    PLAN = "plan"  # told of with a schedule
    OPEN = "open"  # told of without one: a virtual room
    CANCEL = "cancel"
    END = "end"


# The machine; None is "never heard of". A later plan revives what was cancelled or has ended.
# Deliberately absent: the end of a room (its meetings end, the room stays).
NEXT: Final[dict[tuple[Phase | None, Turn], Phase]] = {
    (None, Turn.PLAN): Phase.PLANNED,
    (None, Turn.OPEN): Phase.ROOM,
    (None, Turn.CANCEL): Phase.CANCELLED,
    (None, Turn.END): Phase.ENDED,
    (Phase.PLANNED, Turn.PLAN): Phase.PLANNED,
    (Phase.PLANNED, Turn.OPEN): Phase.ROOM,
    (Phase.PLANNED, Turn.CANCEL): Phase.CANCELLED,
    (Phase.PLANNED, Turn.END): Phase.ENDED,
    (Phase.ROOM, Turn.PLAN): Phase.PLANNED,
    (Phase.ROOM, Turn.OPEN): Phase.ROOM,
    (Phase.ROOM, Turn.CANCEL): Phase.CANCELLED,
    (Phase.CANCELLED, Turn.PLAN): Phase.PLANNED,
    (Phase.CANCELLED, Turn.OPEN): Phase.ROOM,
    (Phase.ENDED, Turn.PLAN): Phase.PLANNED,
    (Phase.ENDED, Turn.OPEN): Phase.ROOM,
    (Phase.ENDED, Turn.CANCEL): Phase.CANCELLED,
}


class Standing(StrEnum):
    """How somebody stands to a conference."""

    INVITED = "invited"
    REGISTERED = "registered"
    REMOVED = "removed"


class Former(msgspec.Struct, frozen=True):
    """That somebody was on the list of a life of the conference that was over when they left it.

    Its end may still have to be told to them, whatever their row says by then.
    """

    epoch: int
    told: int  # the revision whose times they knew then
    seen: int  # the revision of the conference by which they were on that list no more
    revision: int = 0  # that of their row


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of a conference's list, or the memory that somebody was taken off it."""

    person: Person
    standing: Standing
    revision: int  # of the conference, when it happened
    by: str  # the key of the event that said so
    told: int  # the revision whose times this person knows
    epoch: int = 0  # of rows that an older version wrote: those of another list do not count
    former: tuple[Former, ...] = ()  # the last lives that ended while they were on the list
    without_entry: bool = False  # the letter that was to bring their calendar entry was never due

    @property
    def key(self) -> str:
        """What makes this person the same person."""
        return person_key(self.person)


class Known(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered of one conference."""

    conference: Conference
    phase: Phase
    uid: str  # of its calendar entries, without generation and domain
    domain: str = ""  # of their UIDs, once a mailbox sends; whatever sends later
    created: datetime
    changed: datetime
    generation: int = 1
    # Lives that ended with their list, or were told anew to it; an older version counted entries.
    former_lives: int | None = None
    sequence: int = 0
    epoch: int = 0
    turnings: tuple[Turning, ...] = ()  # its deletions, and what came after them
    list_since: int = 0  # the revision at which its list began anew: rows of before do not count
    told: Schedule | None = None  # the times that people were told
    told_revision: int = 0  # the newest event that told them
    moves: tuple[Move, ...] = ()  # of this life, those of which a letter may still wait
    since: int = 0  # the revision from which the present times hold
    born: int = 0  # the revision at which this life began
    asked: int = 0  # the newest revision at which everybody was sent its calendar entry
    gone_revision: int = -1  # of the cancellation or the end
    reminded_until: datetime | None = None


def last_look(known: Known) -> datetime:
    """Give the moment up to which nothing is left to remind of."""
    return known.reminded_until or known.created


def lives_before(known: Known) -> int:
    """Give how many lives were over, to the people on its list, when the present one began.

    What somebody was told of one says nothing of the next.
    """
    return known.generation - 1 if known.former_lives is None else known.former_lives


def relaunch_of(known: Known) -> Move | None:
    """Give the word by which the whole list is told of the present life, while letters may wait."""
    return next((each for each in known.moves if each.revision == known.born), None)


def on_list(member: Member, known: Known) -> bool:
    """Tell whether this row is on the conference's list today."""
    return member.standing is not Standing.REMOVED and of_its_list(member, known)


def of_its_list(member: Member, known: Known) -> bool:
    """Tell whether this row belongs to the list that the conference has today."""
    return member.epoch == known.epoch and member.revision >= known.list_since


def turned(before: Known | None, after: Known, word: Word, *, at: int) -> Known:
    """Remember what was said of its deletion or return at that revision, however late.

    By it the list may have begun at another time than we knew, or never have been lost.
    """
    turnings = remembered(_turnings(before), Turning(at, word))
    return msgspec.structs.replace(after, turnings=turnings, list_since=begun(turnings))


def _turnings(known: Known | None) -> tuple[Turning, ...]:
    if known and known.phase is Phase.CANCELLED and not known.turnings:
        return (Turning(known.gone_revision, Word.DELETED),)  # so an older version wrote it
    return known.turnings if known else ()


def over(known: Known, *, at: datetime) -> bool:
    """Tell whether the conference has ended for good: said so, or by the clock."""
    if known.phase is Phase.ENDED:
        return True
    schedule = known.conference.schedule
    return known.phase is Phase.PLANNED and schedule is not None and ended(schedule, at=at)


def goes_on(known: Known, *, at: datetime) -> bool:
    """Tell whether it is a series with more to come."""
    schedule = known.conference.schedule
    if schedule is None or schedule.recurrence is None:
        return False
    return next_occurrence(schedule, after=at) is not None


def knows_no_time(known: Known, *, at: datetime) -> bool:
    """Tell whether people were told no time, or one that was over (R19)."""
    return known.told is None or ended(known.told, at=at)


def plan_of(known: Known) -> Schedule | None:
    """Give the times that a cancellation takes back: the plan, or what people think it is."""
    match known.phase:
        case Phase.PLANNED:
            return known.conference.schedule
        case Phase.ROOM:
            return known.told
        case Phase.CANCELLED | Phase.ENDED:
            return None


def heard_of(
    before: Known | None,
    said: Conference,
    *,
    at: datetime,
    now: datetime,
    uid: str,
    revives: bool = False,
    anew: bool = False,
) -> Known:
    """Take a snapshot of the conference if it is newer than ours.

    `at` is when it was said: one that ended only while the event waited had not ended yet.
    `revives` brings back what was deleted, `anew` with an empty list, also where a newer snapshot
    came first. What has ended needs no more than a new start, whoever tells of it.
    """
    revived_late = revives and before is not None and _deleted_before(before, said)
    if before and revived_late:
        said = before.conference
    turn = Turn.OPEN if said.schedule is None else Turn.PLAN
    if before is None:
        return _first_heard(said, turn, now=now, uid=uid)
    if said.revision <= before.conference.revision and not revived_late:
        return before
    deleted = before.phase is Phase.CANCELLED
    gone = deleted or over(before, at=at)
    # Other words for the same starts move nobody and silence no letter that waits (R20).
    moved = not same_times(before.conference.schedule, said.schedule, now=now)
    if gone and not (revives if deleted else moved):
        return msgspec.structs.replace(before, conference=said, changed=now)
    rewritten = _in_calendars(said) != _in_calendars(before.conference)
    reminds_anew = moved or _own_offsets(said) != _own_offsets(before.conference)
    after = msgspec.structs.replace(
        before,
        conference=said,
        changed=now,
        phase=NEXT[before.phase, turn],
        since=said.revision if moved or deleted else before.since,
        reminded_until=now if reminds_anew or gone else before.reminded_until,
        sequence=before.sequence + rewritten,
    )
    new_list = anew and deleted
    # What begins in silence, a plan of a room, is the same life to those on the list.
    after = msgspec.structs.replace(after, former_lives=lives_before(before) + new_list)
    reborn = turn is Turn.PLAN and (gone or before.phase is Phase.ROOM)
    return _reborn(after, before, anew=new_list) if reborn else after


def _first_heard(said: Conference, turn: Turn, *, now: datetime, uid: str) -> Known:
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


def _deleted_before(before: Known, said: Conference) -> bool:
    """Tell whether this was said of what we know only as deleted, though newer words came first."""
    heard_newer = said.revision <= before.conference.revision
    return heard_newer and before.phase is Phase.CANCELLED and said.revision > before.gone_revision


def _reborn(after: Known, before: Known, *, anew: bool) -> Known:
    """Begin a new life: clients bury the UID of what was cancelled, so it gets a new one.

    Whoever was on the list of one that was deleted is not on the list of the one that is made
    anew; any other new life keeps its list, late comers included.
    """
    return msgspec.structs.replace(
        after,
        generation=before.generation + 1,
        sequence=0,
        told=after.conference.schedule if anew else before.told,
        born=after.conference.revision,
        asked=0,
        moves=(),
        gone_revision=before.gone_revision if anew else -1,
    )


def _in_calendars(conference: Conference) -> tuple[object, ...]:
    """Give what SEQUENCE counts of a snapshot: the times, and whom ORGANIZER may name (§1.1)."""
    owner = conference.owner
    return conference.schedule, display_name(owner), owner.email or owner.directory_email


def _own_offsets(conference: Conference) -> tuple[int, ...] | None:
    """Give the offsets in minutes: `60m` and `1h` are one choice in two words."""
    own = conference.notifications
    return read_offsets(own.reminders) if own and own.reminders is not None else None
