"""Whether there is anything to do: whatever waits is seen, and what is not due is left alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from notifier.adapters.agenda import RedisAgenda
from notifier.ports.clocks import Moment
from tests.adapters.desk import Desk

pytestmark = pytest.mark.asyncio

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MOMENT = Moment(redis=NOON.timestamp(), own=NOON)

waiting = pytest.mark.parametrize(
    ("key", "written"),
    [
        ("ready", {"d": NOON.timestamp() + 600}),
        ("hinted", {"d": NOON.timestamp() + 60}),
        ("leases", {"d": NOON.timestamp() + 60}),
        ("spreading", {"n": NOON.timestamp()}),
        ("due", {"c": NOON.timestamp()}),
        ("later", {"d": NOON.timestamp()}),
        ("roads", {"0": "{}"}),
        ("reindex", "0@1"),
    ],
)


async def write(client: Any, key: str, written: dict[str, Any] | str) -> None:
    if isinstance(written, str):
        await client.set(f"notifier:{key}", written)
    elif key == "roads":
        await client.hset(f"notifier:{key}", mapping=written)
    else:
        await client.zadd(f"notifier:{key}", written)


@pytest.fixture
def agenda(office: Desk) -> RedisAgenda:
    return RedisAgenda(office.client)


async def test_an_empty_ledger_has_nothing_to_do(office: Desk, agenda: RedisAgenda) -> None:
    await office.client.flushall()

    assert await agenda.empty(MOMENT)


@waiting
async def test_whatever_waits_is_something_to_do(
    office: Desk, agenda: RedisAgenda, key: str, written: dict[str, Any] | str
) -> None:
    await office.client.flushall()

    await write(office.client, key, written)

    assert not await agenda.empty(MOMENT)


@pytest.mark.parametrize("key", ["due", "later"])
async def test_what_is_not_due_yet_is_nothing_to_do(
    office: Desk, agenda: RedisAgenda, key: str
) -> None:
    await office.client.flushall()

    await write(office.client, key, {"x": NOON.timestamp() + 0.1})

    assert await agenda.empty(MOMENT)


async def test_due_moments_follow_our_clock_and_leases_that_of_redis(
    office: Desk, agenda: RedisAgenda
) -> None:
    await office.client.flushall()
    later, sooner = NOON.timestamp() + 5, NOON.timestamp()
    await write(office.client, "due", {"c": later})

    assert await agenda.empty(Moment(redis=later, own=NOON))

    await office.client.delete("notifier:due")
    await write(office.client, "later", {"d": later})

    assert await agenda.empty(Moment(redis=sooner, own=datetime.fromtimestamp(later, UTC)))


async def test_a_tick_that_finds_nothing_runs_no_script(office: Desk) -> None:
    office.now = NOON
    await office.client.config_resetstat()

    await office.notifier.tick()

    asked = await office.client.info("commandstats")
    assert not any("eval" in command for command in asked)
    assert "cmdstat_zrangebyscore" not in asked
