"""Redis is started again in the middle of a walk through a table: its old cursors mean nothing."""

import pytest

from notifier.core.notice import Kind
from tests.adapters.desk import Desk, desk
from tests.cast import NOW, conference, event, person, schedule
from tests.redis_servers import PrivateRedis

pytestmark = pytest.mark.asyncio

PEOPLE = 2000
# The conferences of a walk are read two hundred at a time.
CONFERENCES = 1200


async def test_fault_29_a_list_being_spread_when_redis_dies_leaves_nobody_out() -> None:
    with PrivateRedis() as redis:
        async with desk(redis.url) as office:
            office.now = NOW
            await _invite(office)
            moved = conference(revision=2, schedule=schedule(time_zone="America/New_York"))
            await office.put(event("conference.reschedule", {"conference": moved}))
            await office.notifier.hear(await office.inbox.read(limit=10, block_seconds=0.1))
            await office.notifier.spread()
            await office.notifier.spread()

            redis.kill()
            redis.start()
            while await office.notifier.spread():
                pass

            moves = [row for row in await office.deliveries() if row.kind == Kind.RESCHEDULE]
            assert len({row.recipient.key for row in moves}) == len(moves) == PEOPLE


async def test_fault_29_conferences_being_indexed_when_redis_dies_are_all_indexed() -> None:
    with PrivateRedis() as redis:
        async with desk(redis.url) as office:
            office.now = NOW
            await office.settings.apply({"reminders": {"offsets": ["1d"]}})
            await office.hear(*(_planned(number) for number in range(CONFERENCES)))
            await office.settings.apply({"reminders": {"offsets": ["3h"]}})
            before = await _indexed(office)
            await office.notifier.audit()

            redis.kill()
            redis.start()
            while await office.notifier.audit():
                pass

            after = await _indexed(office)
            assert len(before) == len(after) == CONFERENCES
            assert not set(before.items()) & set(after.items())


async def _invite(office: Desk) -> None:
    people = [person(number) for number in range(PEOPLE)]
    told = {"conference": conference(), "participants": people}
    await office.hear(event("conference.invitation", told))
    # As if their letters had left: a move is told to those only who know the time before.
    await office.client.delete("notifier:untold:df0a2adebe")


def _planned(number: int) -> dict[str, object]:
    held = conference(id=f"conference-{number}")
    return event("conference.invitation", {"conference": held, "participants": [person(number)]})


async def _indexed(office: Desk) -> dict[bytes, float]:
    return dict(await office.client.zrange("notifier:due", 0, -1, withscores=True))
