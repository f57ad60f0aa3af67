"""The inbox reads many light events at a time and few heavy ones, and passes none over."""

import pytest

from notifier.adapters.inbox import FIRST_READ, READ_BYTES
from tests.adapters.desk import Desk

pytestmark = pytest.mark.asyncio

HEAVY = READ_BYTES // 4
LIMIT = 200


async def test_heavy_events_are_read_a_few_at_a_time_and_none_is_passed_over(office: Desk) -> None:
    await fill(office, 60, size=HEAVY)

    reads = await all_reads(office)

    assert reads[0] == FIRST_READ
    assert set(reads[1:-1]) == {3}
    assert sum(reads) == 60


async def test_light_events_are_soon_read_as_many_as_are_asked_for(office: Desk) -> None:
    await fill(office, 1000, size=10)

    assert await all_reads(office) == [10, 20, 40, 80, 160, LIMIT, LIMIT, LIMIT, 90]


async def test_one_at_a_time_is_read_of_what_is_heavier_than_all_that_is_wanted(
    office: Desk,
) -> None:
    await fill(office, FIRST_READ + 3, size=2 * READ_BYTES)

    assert await all_reads(office) == [FIRST_READ, 1, 1, 1]


async def test_after_heavy_events_light_ones_are_read_many_at_a_time_again(office: Desk) -> None:
    await fill(office, FIRST_READ, size=2 * READ_BYTES)
    await fill(office, 300, size=10)

    assert await all_reads(office) == [FIRST_READ, 1, 2, 4, 8, 16, 32, 64, 128, 45]


async def fill(office: Desk, number: int, *, size: int) -> None:
    async with office.client.pipeline(transaction=False) as pipeline:
        for _entry in range(number):
            pipeline.xadd("notifier:events", {"event": b"x" * size})
        await pipeline.execute()


async def all_reads(office: Desk) -> list[int]:
    """Read to the end; give how many entries came each time."""
    reads = []
    while entries := await office.inbox.read(limit=LIMIT, block_seconds=0.01):
        reads.append(len(entries))
    return reads
