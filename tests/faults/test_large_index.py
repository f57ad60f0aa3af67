"""A hundred thousand conferences: reminders are turned on, and off, and nobody waits for Redis.

`INDEX_CONFERENCES=20000` looks quickly: what is claimed of each page does not grow with them.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import pytest

from notifier.adapters.audit_walk import ENTRIES, PAGE
from notifier.auditing import Auditor
from notifier.core.indexed import indexed_due
from notifier.core.life import Known
from tests import cast
from tests.adapters.desk import Desk, desk
from tests.cast import BORIS, NOW
from tests.core.story import Story, invitation
from tests.redis_servers import PrivateRedis, most_values

pytestmark = pytest.mark.asyncio

# Five hundred pages.
CONFERENCES: Final = int(os.environ.get("INDEX_CONFERENCES", "100000"))
# Conferences that differ in their plans; all others are like one of them.
PLANS: Final = 400
AT_ONCE: Final = 2000
# What one command carries bounds what it costs, however busy the machine is: a page of the index
# and a few more, as Redis gives them.
LONGEST_COMMAND: Final = 2 * ENTRIES
# Commands that take longer than this are looked at (microseconds), and so many of them kept.
SLOW: Final = 500
KEPT: Final = 100_000
ZONES: Final = ("Europe/Paris", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


@pytest.mark.slow
async def test_r13_a_hundred_thousand_conferences_are_filled_in_and_taken_out_again() -> None:
    with PrivateRedis(options={"appendfsync": "everysec"}) as redis:
        async with desk(redis.url) as office:
            office.now = NOW
            plans = [plan(number) for number in range(PLANS)]
            await write(office, plans)
            await office.client.config_set("slowlog-max-len", KEPT)
            await office.client.config_set("slowlog-log-slower-than", SLOW)
            await office.client.config_resetstat()

            await walk(office, {"offsets": ["1d", "5m"]})
            settings = await office.settings.current()
            slow = await office.client.slowlog_get(KEPT)
            filled = await index(office)
            await walk(office, {"offsets": []})
            emptied = await index(office)

            ought = [indexed_due(each, settings) for each in plans]
            assert len(filled) == CONFERENCES
            wrong = [name for name, at in filled.items() if at != ought[int(name[2:]) % PLANS]]
            assert wrong == []
            assert emptied == {}
            assert most_values(slow) <= LONGEST_COMMAND
            asked = await office.client.info("commandstats")
            assert asked["cmdstat_sscan"]["calls"] > CONFERENCES / PAGE
            assert await office.counter("index_renewed") == 2 * CONFERENCES


def plan(number: int) -> Known:
    """One of those that differ: when they begin, where, and whether they come again."""
    schedule = cast.schedule(
        start=cast.START.replace(tzinfo=None) + timedelta(hours=number),
        time_zone=ZONES[number % len(ZONES)],
        recurrence=None if number % 3 else "FREQ=WEEKLY",
    )
    return Story(invitation(1, BORIS, id="c-x", schedule=schedule)).known


async def write(office: Desk, plans: list[Known]) -> None:
    """Write them as they are kept."""
    texts = [msgspec.json.encode(each) for each in plans]
    for start in range(0, CONFERENCES, AT_ONCE):
        pipeline = office.client.pipeline(transaction=False)
        names = [f"c-{number}" for number in range(start, start + AT_ONCE)]
        for number, name in enumerate(names, start):
            known = texts[number % PLANS].replace(b'"c-x"', f'"{name}"'.encode())
            pipeline.hset(f"notifier:conference:{name}", mapping={"known": known, "etag": "1"})
        pipeline.sadd("notifier:conferences", *names)
        await pipeline.execute()


async def walk(office: Desk, reminders: dict[str, Any]) -> None:
    """Apply settings, and let ticks follow them to the end."""
    auditor = Auditor(memory=office.memory, walk=office.walk, settings=office.settings)
    await office.settings.apply({"reminders": reminders})
    while await office.client.exists("notifier:reindex"):
        await auditor.hurry(now=NOW)


async def index(office: Desk) -> dict[str, datetime]:
    found = await office.client.zrange("notifier:due", 0, -1, withscores=True)
    return {name.decode(): datetime.fromtimestamp(score, UTC) for name, score in found}
