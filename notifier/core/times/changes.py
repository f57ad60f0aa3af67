"""Which meeting a reader sees at another time when a plan has changed."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from notifier.core.times.schedule import Occurrence, Schedule, last_occurrence, occurrences

# How many coming starts of two plans are compared to see whether a reader would see a change.
COMPARED_STARTS: Final = 50

Pair = tuple[Occurrence, Occurrence]


def same_times(one: Schedule | None, other: Schedule | None, *, now: datetime) -> bool:
    """Tell whether a reader sees no difference: same starts, same kind of recurrence (R18, R20)."""
    if one is None or other is None or one == other:
        return one == other
    if (one.recurrence is None) != (other.recurrence is None):
        return False
    if one.recurrence is None:
        return _last_start(one) == _last_start(other)
    coming = _starts(one, now)
    if coming != _starts(other, now):
        return False
    # The end of a long series lies behind the starts that are compared.
    return len(coming) < COMPARED_STARTS or _last_start(one) == _last_start(other)


# A reschedule to a whole list asks the same question for every letter.
@lru_cache(maxsize=256)
def first_change(before: Schedule, after: Schedule, *, since: datetime) -> Pair | None:
    """Give the first meeting after `since` (aware UTC) that is at another time: was, and is now.

    A meeting that was moved is told by its name in the series; where none was, the two plans are
    compared start by start. None where what is left of them begins alike.
    """
    old = occurrences(before, after=since, limit=COMPARED_STARTS)
    new = occurrences(after, after=since, limit=COMPARED_STARTS)
    return _moved(old, new) or _unlike(old, new)


def _moved(old: Sequence[Occurrence], new: Sequence[Occurrence]) -> Pair | None:
    by_name = {each.original: each for each in new}
    pairs = ((each, by_name[each.original]) for each in old if each.original in by_name)
    return next((pair for pair in pairs if pair[0].start != pair[1].start), None)


def _unlike(old: Sequence[Occurrence], new: Sequence[Occurrence]) -> Pair | None:
    pairs = zip(old, new, strict=False)
    return next((pair for pair in pairs if pair[0].start != pair[1].start), None)


# One event asks for the same starts several times: against the last snapshot, and what was told.
@lru_cache(maxsize=16)
def _starts(schedule: Schedule, now: datetime) -> tuple[datetime, ...]:
    found = occurrences(schedule, after=now, limit=COMPARED_STARTS)
    return tuple(each.start for each in found)


def _last_start(schedule: Schedule) -> datetime | None:
    """Give when it begins for the last time; None for a series without end."""
    last = last_occurrence(schedule)
    return last.start if last else None
