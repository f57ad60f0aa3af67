"""Portions: how much of what waits is heard, and written, in one go."""

from collections.abc import Iterable, Iterator
from typing import Final

from notifier.loads import loads
from notifier.ports.inbox import Entry
from notifier.remembering import SLICE, Commitment

# Events applied in one go, all together (bytes). What they mean takes 27 times as much memory:
# a batch of lists of a hundred thousand people would take all that there is.
HEAVIEST_BATCH: Final = 4 * 1024 * 1024
# Slices of long lists that are written in one round trip: nobody is woken meanwhile, which is for
# 20 ms, and of a hundred thousand people so many lie in memory a second time, as they are written.
SLICES_TOGETHER: Final = 4


def by_weight(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Give the entries in their order, as many at a time as are light enough; a giant alone."""
    return loads(entries, _bytes, heaviest=HEAVIEST_BATCH)


def _bytes(entry: Entry) -> int:
    return sum(map(len, entry.fields.values()))


def in_trips(steps: Iterable[Commitment]) -> Iterator[list[Commitment]]:
    """Give steps in their order, as many at a time as are written in one round trip.

    The first slice of a long list goes by itself: workers are woken while the rest is written.
    """
    return loads(steps, _rows, heaviest=SLICES_TOGETHER * SLICE, first=SLICE)


def _rows(step: Commitment) -> int:
    return max(1, len(step.rows), len(step.deliveries))
