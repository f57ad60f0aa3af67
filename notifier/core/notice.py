"""A notice: something to be told, complete but for the person it is told to."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from notifier.core.events import CallMissed, Conference, ServerRestarted
from notifier.core.exclusion import Exclusion
from notifier.core.life import Known, lives_before
from notifier.core.reasons import Reason
from notifier.core.times.schedule import Occurrence, Schedule, last_end


class Kind(StrEnum):
    """One word per kind of notice, used everywhere (domain, "Kinds of notice")."""

    MISSED_CALL = "missed_call"
    MISSED_CALL_UNREGISTERED = "missed_call_unregistered"
    INVITATION = "invitation"
    REGISTRATION = "registration"
    REMINDER = "reminder"
    RESCHEDULE = "reschedule"
    CANCELLATION = "cancellation"
    REMOVAL = "removal"
    SERVER_RESTART = "server_restart"


# Whoever has one of these knows of the conference: they speak of what is still to come. What the
# last take back can only be taken back from somebody who knows of it.
TELLING: Final = frozenset({Kind.INVITATION, Kind.REGISTRATION, Kind.RESCHEDULE, Kind.REMINDER})
INVITING: Final = frozenset({Kind.INVITATION, Kind.REGISTRATION})
TAKING_BACK: Final = frozenset({Kind.CANCELLATION, Kind.REMOVAL})


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """The identity of the calendar entry that a notice speaks of (calendar §1.1)."""

    uid: str
    generation: int
    former_lives: int | None = None  # of the conference, to the people on its list
    sequence: int
    created: datetime
    domain: str = ""  # of its UID; that of the mailbox that sends, where nothing is remembered


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to be told, complete but for the person; stored once, however many are told."""

    id: str
    root: str  # what happened; the ids of its deliveries are made from it, so nobody is told twice
    kind: Kind
    event: str
    created: datetime
    revision: int = 0
    conference: Conference | None = None
    calendar: Calendar | None = None
    previous: Schedule | None = None
    occurrence: Occurrence | None = None
    offset: int | None = None  # minutes before the start
    call: CallMissed | None = None
    restart: ServerRestarted | None = None
    deadline: datetime | None = None
    everyone: bool = False
    epoch: int = 0  # of its list, as an older version told lists apart
    list_since: int = 0  # the revision at which its list began
    since: int | None = None  # only members who were told before this revision
    skip: Reason | None = None
    excluded: Exclusion | None = None  # by whom, where federation is the reason of the skip
    entry: bool = True  # with a calendar entry, if the kind has one
    traceparent: str | None = None


def calendar_of(known: Known) -> Calendar:
    """Give the identity of a conference's calendar entry as it is now."""
    return Calendar(
        uid=known.uid,
        generation=known.generation,
        former_lives=lives_before(known),
        sequence=known.sequence,
        created=known.created,
        domain=known.domain,
    )


def former_lives(notice: Notice) -> int:
    """Give how many lives its conference had before the one that a notice speaks of."""
    calendar = notice.calendar
    if calendar is None:
        return 0
    # An older version counted those of the calendar entry.
    return calendar.generation - 1 if calendar.former_lives is None else calendar.former_lives


def last_use(conference: Conference) -> datetime | None:
    """Give when telling of a conference becomes useless: a mail about what is over helps nobody."""
    return last_end(conference.schedule) if conference.schedule else None


def without_entry(notice: Notice) -> Notice:
    """Give a notice that takes back as those hear of it whose calendars hold nothing of it."""
    return msgspec.structs.replace(
        notice, id=short_id(notice.id, "without entry"), entry=False, everyone=False
    )


def root_of(kind: Kind, what: str) -> str:
    """Give the root of the notice of this kind about what happened: an event's key, as a rule."""
    return short_id("notice", kind, what)


def invitation_root(root: str, kind: Kind) -> str:
    """Give the root of a reschedule as somebody hears of it who was told nothing yet."""
    return short_id(root, kind)


def invitation_id(notice: Notice, kind: Kind) -> str:
    """Give the id of a reschedule as those hear of it who were told nothing yet."""
    return short_id(invitation_root(notice.root, kind), str(notice.revision))


def invitation_ids(notice: Notice) -> list[str]:
    """Give the ids of the invitations by which a move may reach somebody; nothing else has any."""
    if notice.kind is not Kind.RESCHEDULE:
        return []
    return [invitation_id(notice, kind) for kind in sorted(INVITING)]


def short_id(*parts: str) -> str:
    """Give 20 characters that stand for `parts`: the same parts, the same id."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=10).hexdigest()
