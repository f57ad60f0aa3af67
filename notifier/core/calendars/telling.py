"""What a calendar is told of a conference, and which of its occurrences that are."""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from notifier.core.times.schedule import (
    Occurrence,
    Schedule,
    last_occurrence,
    moved_occurrences,
    next_occurrence,
    occurrences_after,
)
from notifier.core.times.zones import to_utc

# Characters; longer ones are cut short by calendars in their own ways.
LONGEST_SUMMARY: Final = 240
ALARM_MINUTES: Final = 15
UTC_ZONES: Final = frozenset({"UTC", "Etc/UTC"})


class CalendarEntry(msgspec.Struct, frozen=True, kw_only=True):
    """All that a calendar is told about a conference, for one person.

    `uid` and `sequence` decide what replaces what; `dtstamp`, `created` and `last_modified` are
    aware moments in UTC, fixed with the notice, so that a retry is the same to the byte. `now`
    chooses the first occurrence of a series that is told: the next one, so that no past dates are
    written into anybody's history. `status_cancelled` is for a conference that does not take
    place; who is only taken off its list gets a CANCEL without STATUS (RFC 5546, 3.2.5).
    """

    method: Literal["REQUEST", "CANCEL"]
    uid: str
    sequence: int
    dtstamp: datetime
    created: datetime
    last_modified: datetime
    organizer_name: str
    organizer_address: str
    attendee_name: str
    attendee_address: str
    summary: str
    schedule: Schedule
    now: datetime
    prodid: str
    description: str = ""
    url: str = ""
    location: str = ""
    partstat: Literal["NEEDS-ACTION", "ACCEPTED"] = "NEEDS-ACTION"
    classification: Literal["PUBLIC", "PRIVATE"] = "PUBLIC"
    status_cancelled: bool = True
    # Exchange takes at most one alarm and Google ignores it; None leaves it out.
    alarm_minutes: int | None = ALARM_MINUTES
    # The sending mailbox, where the organizer is somebody else (an administrator's choice).
    sent_by: str = ""


def told(schedule: Schedule, now: datetime) -> Occurrence:
    """The occurrence that stands for all: the next one, else the last there was."""
    found = next_occurrence(schedule, after=now) or last_occurrence(schedule)
    assert found is not None  # a schedule has an occurrence, and an endless one has a next
    return found


def first_original(schedule: Schedule, now: datetime) -> datetime:
    """The regular start from which the series is told: DTSTART must be one by the rule.

    If an occurrence still to come was moved here from an earlier regular start, the series has to
    begin there, or its RECURRENCE-ID would name nothing.
    """
    moved = {each.original: each for each in moved_occurrences(schedule)}
    coming = [each.original for each in moved.values() if each.start > now]
    regular = (each for each in occurrences_after(schedule, now) if each.original not in moved)
    coming += [each.original for each in [next(regular, None)] if each]
    return min(coming) if coming else told(schedule, now).original


def regular(schedule: Schedule, original: datetime) -> Occurrence:
    """The occurrence that the rule itself has at a local start."""
    start = to_utc(original, schedule.time_zone)
    end = start + timedelta(seconds=schedule.duration)
    return Occurrence(start=start, end=end, local=original, original=original)
