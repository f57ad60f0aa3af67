"""When reminders of a schedule are due: exact elapsed minutes before each start (R11, R16)."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from notifier.core.times.schedule import (
    Occurrence,
    Schedule,
    occurrences_after,
    occurrences_between,
)


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """The moment (aware UTC) at which one occurrence is `offset` minutes away."""

    at: datetime
    offset: int
    occurrence: Occurrence


def reminder_moments(
    schedule: Schedule, offsets: Iterable[int], *, after: datetime
) -> Iterator[Reminder]:
    """Reminders due strictly after an aware moment, in order; lazily, for a series may be endless.

    `offsets` are minutes. Where two are due at once, the nearer start comes first.
    """
    streams = [_moments(schedule, offset, after=after) for offset in sorted(set(offsets))]
    return heapq.merge(*streams, key=lambda reminder: reminder.at)


def next_reminder(
    schedule: Schedule, offsets: Iterable[int], *, after: datetime
) -> Reminder | None:
    """The first reminder due strictly after an aware moment."""
    return next(reminder_moments(schedule, offsets, after=after), None)


def due_reminders(
    schedule: Schedule, offsets: Iterable[int], *, since: datetime, until: datetime
) -> list[Reminder]:
    """Reminders with since < due <= until, for a clock that stands at `until`.

    Of an occurrence only the nearest offset that is due, however many were missed, and nothing of
    an occurrence that has begun by `until` (R16). In order of the starts.
    """
    nearest_first = sorted(set(offsets))
    if not nearest_first:
        return []
    horizon = until + timedelta(minutes=nearest_first[-1])
    coming = occurrences_between(schedule, after=until, until=horizon)
    chosen = (_nearest(each, nearest_first, since=since, until=until) for each in coming)
    return [reminder for reminder in chosen if reminder]


def missed_reminders(
    schedule: Schedule,
    offsets: Iterable[int],
    *,
    since: datetime,
    until: datetime,
    longest_ago: timedelta,
) -> list[Reminder]:
    """The nearest reminder of each occurrence that began by `until`, if it fell due after `since`.

    That is one that nobody looked for in time; of what began longer ago there is none. In order of
    the starts.
    """
    nearest = min(offsets, default=None)
    if nearest is None:
        return []
    ahead = timedelta(minutes=nearest)
    begun = occurrences_between(
        schedule, after=max(since + ahead, until - longest_ago), until=until
    )
    return [Reminder(at=each.start - ahead, offset=nearest, occurrence=each) for each in begun]


def _moments(schedule: Schedule, offset: int, *, after: datetime) -> Iterator[Reminder]:
    ahead = timedelta(minutes=offset)
    for occurrence in occurrences_after(schedule, after + ahead):
        yield Reminder(at=occurrence.start - ahead, offset=offset, occurrence=occurrence)


def _nearest(
    occurrence: Occurrence, nearest_first: list[int], *, since: datetime, until: datetime
) -> Reminder | None:
    for offset in nearest_first:
        at = occurrence.start - timedelta(minutes=offset)
        if at <= until:
            due = Reminder(at=at, offset=offset, occurrence=occurrence)
            return due if at > since else None
    return None
