"""When a conference takes place: wall time in a zone, once or by a rule, and what follows from it.

Everything is computed on naive wall time and each start is turned into UTC by itself, so a series
at 15:00 stays at 15:00 when the clocks change.
"""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby, islice, takewhile
from typing import Final

import msgspec

from notifier.core.times.expansion import Expansion
from notifier.core.times.limits import (
    FIRST_YEAR,
    MOST_EXCEPTIONS,
    MOST_MOVED,
    check_duration,
    check_number,
    check_rule,
    check_wall_time,
    check_zone,
)
from notifier.core.times.recurrence import LAST_YEAR, Rule, read_rule
from notifier.core.times.zones import to_utc

# No zone is further from UTC than 14 hours and no gap longer than a day (Samoa, 2011).
ANY_OFFSET: Final = timedelta(days=2)


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence of a series at another time: its regular local start, the new one, seconds."""

    original: datetime
    start: datetime
    duration: int

    def __post_init__(self) -> None:
        check_wall_time("original", self.original)
        check_wall_time("start", self.start)
        check_duration(self.duration)


class Schedule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Local wall time, IANA zone and seconds; for a series an RRULE value without 'RRULE:'.

    `exceptions` are regular local starts left out, `moved` those held at another time; both wins
    the exception. Entries whose regular start is not in the series change nothing, because a
    server may send yesterday's exceptions with today's rule. A start that does not fit its own
    rule is not an occurrence (RFC 5545 leaves that open; it is what most calendars do).
    """

    start: datetime
    time_zone: str
    duration: int
    recurrence: str | None = None
    exceptions: tuple[datetime, ...] = ()
    moved: tuple[Moved, ...] = ()

    def __post_init__(self) -> None:
        """Refuses with ValueError, in one sentence, what could not be held or costs too much."""
        check_wall_time("start", self.start)
        check_duration(self.duration)
        check_zone(self.time_zone)
        check_number("exceptions", len(self.exceptions), MOST_EXCEPTIONS)
        check_number("moved", len(self.moved), MOST_MOVED)
        for exception in self.exceptions:
            check_wall_time("exceptions", exception)
        check_rule(self.recurrence)
        if not _alive(self):
            raise ValueError(
                f"The schedule from {self.start.isoformat()} by {str(self.recurrence)[:200]!r} "
                "leaves no occurrence at all, but one is needed."
            )


BEGINNING: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - ANY_OFFSET
END: Final = datetime(LAST_YEAR, 12, 31, tzinfo=UTC) - ANY_OFFSET


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a conference takes place.

    `start` and `end` are aware UTC, `local` is the naive start in the zone of the schedule, and
    `original` the naive local start by the rule: its name in calendars (RECURRENCE-ID).
    """

    start: datetime
    end: datetime
    local: datetime
    original: datetime


# ---- asking --------------------------------------------------------------------------------


def occurrences(schedule: Schedule, *, after: datetime, limit: int) -> list[Occurrence]:
    """The first `limit` occurrences that start strictly after an aware moment, in order."""
    return list(islice(occurrences_after(schedule, after), limit))


def occurrences_after(schedule: Schedule, after: datetime) -> Iterator[Occurrence]:
    """Occurrences that start strictly after an aware moment, in order; a series may be endless."""
    return (each for each in _from(schedule, after) if each.start > after)


def next_occurrence(schedule: Schedule, *, after: datetime) -> Occurrence | None:
    """The first occurrence that starts strictly after an aware moment."""
    if schedule.recurrence is None and not schedule.moved and not schedule.exceptions:
        # Most conferences, and a tenth of the time of going through their occurrences.
        alone = _regular(schedule, schedule.start)
        return alone if alone.start > after else None
    return next(occurrences_after(schedule, after), None)


def occurrence_at(schedule: Schedule, start: datetime) -> Occurrence | None:
    """The occurrence that starts at an aware moment, if there is one."""
    following = next_occurrence(schedule, after=start - timedelta(seconds=1))
    return following if following and following.start == start else None


def occurrences_between(
    schedule: Schedule, *, after: datetime, until: datetime
) -> Iterator[Occurrence]:
    """Occurrences with after < start <= until, in order."""
    return takewhile(lambda each: each.start <= until, occurrences_after(schedule, after))


def running(schedule: Schedule, *, at: datetime) -> Occurrence | None:
    """The occurrence with start <= at < end; of several the one begun last."""
    longest = max([schedule.duration, *(moved.duration for moved in schedule.moved)])
    begun = occurrences_between(schedule, after=at - timedelta(seconds=longest), until=at)
    return max((each for each in begun if at < each.end), key=_by_start, default=None)


def last_occurrence(schedule: Schedule) -> Occurrence | None:
    """The occurrence that starts last, or None for a series without end."""
    return max(_last_candidates(schedule), key=_by_start, default=None)


def last_end(schedule: Schedule) -> datetime | None:
    """The moment after which nothing takes place any more; None for a series without end."""
    return max((each.end for each in _last_candidates(schedule)), default=None)


def last_original(schedule: Schedule) -> datetime | None:
    """The last regular local start, be it held then or moved; None for a series without end."""
    return max((each.original for each in _last_candidates(schedule)), default=None)


def holds(schedule: Schedule, original: datetime) -> bool:
    """Whether a local start is one by the rule, be it held then, moved or left out."""
    if _past_until(schedule, original):
        return False
    if schedule.recurrence is None:
        return original == schedule.start
    return _expansion(schedule.recurrence, schedule.start).holds(original)


def ended(schedule: Schedule, *, at: datetime) -> bool:
    """Whether the last occurrence is over at a moment."""
    end = last_end(schedule)
    return end is not None and end <= at


def endless(schedule: Schedule) -> bool:
    """Whether the rule has neither COUNT nor UNTIL."""
    rule = rule_of(schedule)
    return rule is not None and rule.count is None and rule.until is None


def rule_of(schedule: Schedule) -> Rule | None:
    """The rule of a series, or None for a single conference."""
    return None if schedule.recurrence is None else read_rule(schedule.recurrence)


# ---- computing -----------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _expansion(recurrence: str, start: datetime) -> Expansion:
    return Expansion(read_rule(recurrence), start)


def _from(schedule: Schedule, after: datetime) -> Iterator[Occurrence]:
    """All occurrences that could start after a moment, and a few before it, in order."""
    if _is_single(schedule):
        return iter((_regular(schedule, schedule.start),))
    return heapq.merge(_forward(schedule, after), moved_occurrences(schedule), key=_by_start)


def _forward(schedule: Schedule, after: datetime) -> Iterator[Occurrence]:
    clamped = min(max(after, BEGINNING), END)
    earliest = (clamped - ANY_OFFSET).replace(tzinfo=None)
    starts = takewhile(lambda start: not _past_until(schedule, start), _starts(schedule, earliest))
    # Two starts of one day may change places when the clocks go forward between them.
    for _, day in groupby(starts, key=datetime.date):
        yield from sorted((_regular(schedule, start) for start in day), key=_by_start)


def _starts(schedule: Schedule, earliest: datetime) -> Iterator[datetime]:
    left_out = _left_out(schedule)
    if schedule.recurrence is None:
        return iter({schedule.start} - left_out)
    return _expansion(schedule.recurrence, schedule.start).forward(earliest, left_out)


def _last_regular(schedule: Schedule) -> list[Occurrence]:
    """The regular occurrence that starts last, if there is one; not for a series without end."""
    left_out = _left_out(schedule)
    if schedule.recurrence is None:
        return [_regular(schedule, start) for start in {schedule.start} - left_out]
    until = read_rule(schedule.recurrence).until or END
    latest = until.replace(tzinfo=None) + ANY_OFFSET
    starts = _expansion(schedule.recurrence, schedule.start).backward(latest, left_out)
    within = (start for start in starts if not _past_until(schedule, start))
    return [_regular(schedule, start) for start in islice(within, 1)]


def _past_until(schedule: Schedule, start: datetime) -> bool:
    rule = rule_of(schedule)
    if rule is None or rule.until is None:
        return False
    if rule.until.tzinfo is None:
        return start > rule.until
    return to_utc(start, schedule.time_zone) > rule.until


def _last_candidates(schedule: Schedule) -> list[Occurrence]:
    if _is_single(schedule):
        return [_regular(schedule, schedule.start)]
    if endless(schedule):
        return []
    return [*moved_occurrences(schedule), *_last_regular(schedule)]


def _alive(schedule: Schedule) -> bool:
    """Whether there is a first occurrence, and a last one unless the series is endless."""
    if _is_single(schedule):
        return True
    if next(_from(schedule, BEGINNING), None) is None:
        return False
    return endless(schedule) or bool(_last_candidates(schedule))


def _is_single(schedule: Schedule) -> bool:
    """Whether it takes place once, as it says: nearly all do, and what rules cost is saved."""
    return schedule.recurrence is None and not schedule.exceptions and not schedule.moved


def _left_out(schedule: Schedule) -> frozenset[datetime]:
    return frozenset(schedule.exceptions) | {moved.original for moved in schedule.moved}


# Asked for by every question about a schedule, and dear only where somebody moved a hundred.
@lru_cache(maxsize=256)
def _moved_occurrences(schedule: Schedule) -> tuple[Occurrence, ...]:
    valid = {
        moved.original: _occurrence(schedule, moved.original, moved.start, moved.duration)
        for moved in schedule.moved
        if moved.original not in schedule.exceptions and holds(schedule, moved.original)
    }
    return tuple(sorted(valid.values(), key=_by_start))


def moved_occurrences(schedule: Schedule) -> list[Occurrence]:
    """The occurrences held at another time than the rule says, in order of their new start."""
    return list(_moved_occurrences(schedule)) if schedule.moved else []


def _regular(schedule: Schedule, start: datetime) -> Occurrence:
    return _occurrence(schedule, start, start, schedule.duration)


def _occurrence(
    schedule: Schedule, original: datetime, local: datetime, duration: int
) -> Occurrence:
    start = to_utc(local, schedule.time_zone)
    end = start + timedelta(seconds=duration)
    return Occurrence(start=start, end=end, local=local, original=original)


def _by_start(occurrence: Occurrence) -> datetime:
    return occurrence.start
