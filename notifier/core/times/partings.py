"""When the clocks of a reader and those of a series part: daylight saving time on other days."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from notifier.core.times.schedule import Occurrence, Schedule, occurrences_after
from notifier.core.times.zones import to_local

# Every zone that goes to daylight saving time comes back within a year.
AHEAD: Final = timedelta(days=370)
DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)


def partings(schedule: Schedule, zone: str, *, after: datetime) -> Iterator[Occurrence]:
    """Give the occurrences from which on clocks in `zone` show another time than for those before.

    `after` is an aware moment; the first occurrence later than that is what others are compared
    with. About a year is looked through from there on, however far ahead a series begins. A moved
    occurrence has a time of its own and is left out.
    """
    series = schedule.time_zone
    begun = shown = _regular(schedule, after) if schedule.recurrence else None
    for change in _changes(zone, series, begun.start.date()) if begun else ():
        first = _regular(schedule, max(after, change - MINUTE))
        if first is None or (begun and first.start > begun.start + AHEAD):
            return
        if shown and _apart(zone, series, first.start) != _apart(zone, series, shown.start):
            yield first
            shown = first


def _regular(schedule: Schedule, after: datetime) -> Occurrence | None:
    regular = (each for each in occurrences_after(schedule, after) if each.local == each.original)
    return next(regular, None)


# Four hundred looks at two zones take 3 ms; those who hear of one notice share a few zones.
@lru_cache(maxsize=1024)
def _changes(zone: str, other: str, since: date) -> tuple[datetime, ...]:
    """Give the first minutes (UTC), from `since` on, at which two zones stand otherwise."""
    midnight = datetime.combine(since, time(), UTC)
    days = [midnight + DAY * number for number in range(AHEAD // DAY)]
    return tuple(
        _minute(zone, other, day)
        for day in days
        if _apart(zone, other, day) != _apart(zone, other, day + DAY)
    )


def _minute(zone: str, other: str, day: datetime) -> datetime:
    before = _apart(zone, other, day)
    minutes = [day + MINUTE * number for number in range(DAY // MINUTE + 1)]
    return minutes[bisect_left(minutes, True, key=lambda at: _apart(zone, other, at) != before)]


def _apart(zone: str, other: str, at: datetime) -> timedelta:
    return _offset(at, zone) - _offset(at, other)


def _offset(at: datetime, zone: str) -> timedelta:
    return to_local(at, zone).utcoffset() or timedelta()
