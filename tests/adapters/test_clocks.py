"""Claims about the clocks that the service follows, on a real Redis and a clock that is set."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from notifier.adapters import keys
from notifier.adapters.clocks import WatchedClocks
from notifier.adapters.connection import connect
from notifier.core.times.steadiness import AHEAD_BELIEVED_AFTER

pytestmark = pytest.mark.asyncio

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC).timestamp()
HOUR = 3600.0
DAY = 24 * HOUR


@dataclass
class Machine:
    """A machine and its Redis: time passes for both, and either clock can be set."""

    client: Any
    passed: float = 0.0
    own_ahead: float = 0.0
    redis_ahead: float = 0.0
    clocks: WatchedClocks = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Start another process on it."""
        client: Any = self  # only what is asked of a client
        self.clocks = WatchedClocks(
            client, own=lambda: START + self.passed + self.own_ahead, steady=lambda: self.passed
        )

    async def time(self) -> tuple[int, int]:
        now = START + self.passed + self.redis_ahead
        return int(now), int(now % 1 * 1e6)

    async def set(self, *args: Any, **options: Any) -> Any:
        return await self.client.set(*args, **options)

    async def look(self, times: int = 1) -> bool:
        """Look so many times, a second apart; tell whether the last was trusted."""
        trusted = False
        for _time in range(times):
            self.passed += 1
            trusted = await self.clocks.moment() is not None
        return trusted

    @property
    def doubtful(self) -> bool:
        """Whether clocks disagree, be it about a minute ago or about the next."""
        near = (self.clocks.now() + timedelta(minutes=minutes) for minutes in (-1, 1))
        return any(self.clocks.doubt(each) for each in near)

    @property
    def error(self) -> timedelta:
        """By how much the time that the service follows is wrong."""
        return self.clocks.now() - datetime.fromtimestamp(START + self.passed, UTC)


@pytest_asyncio.fixture
async def machine(redis_url: str) -> AsyncIterator[Machine]:
    client = connect(redis_url)
    made = Machine(client)
    await made.look()
    yield made
    await client.aclose()


@pytest.mark.parametrize("ahead", [-DAY, -HOUR, HOUR, DAY])
async def test_a_clock_of_ours_that_jumps_changes_no_time_that_is_followed(
    machine: Machine, ahead: float
) -> None:
    machine.own_ahead = ahead

    assert machine.error == timedelta(0)
    assert machine.doubtful
    assert not await machine.look(1000)
    assert machine.error == timedelta(0)
    assert not machine.doubtful


async def test_a_jump_since_the_last_look_is_looked_at_at_once(machine: Machine) -> None:
    machine.own_ahead = DAY

    assert not await machine.clocks.moment()

    assert not machine.doubtful


async def test_a_clock_that_is_put_right_is_followed_and_certain_again(machine: Machine) -> None:
    machine.own_ahead = DAY
    await machine.look(10)

    machine.own_ahead = 0.25

    assert not machine.doubtful
    assert machine.error == timedelta(seconds=0.25)
    assert not await machine.look(2)
    assert await machine.look()


async def test_a_clock_of_redis_that_jumps_leaves_our_time_certain(machine: Machine) -> None:
    machine.redis_ahead = DAY

    assert not await machine.look(1000)

    assert machine.error == timedelta(0)
    assert not machine.doubtful


async def test_a_jump_of_both_is_held_back_for_minutes_and_then_believed(machine: Machine) -> None:
    machine.own_ahead = machine.redis_ahead = DAY

    assert not await machine.look(int(AHEAD_BELIEVED_AFTER))
    assert machine.error == timedelta(0)
    assert await machine.look()
    assert machine.error == timedelta(days=1)
    assert not machine.doubtful


async def test_both_set_back_are_believed_within_seconds(machine: Machine) -> None:
    machine.own_ahead = machine.redis_ahead = -HOUR

    assert not await machine.look(3)
    assert machine.error == timedelta(0)
    assert await machine.look()
    assert machine.error == timedelta(hours=-1)


async def test_a_machine_that_slept_goes_on_without_an_alarm(machine: Machine) -> None:
    # The steady clock counts the night, as CLOCK_BOOTTIME does.
    machine.passed += 9 * HOUR

    assert not machine.doubtful
    assert await machine.look()


async def test_a_correction_of_a_few_seconds_is_followed_at_once(machine: Machine) -> None:
    machine.own_ahead = machine.redis_ahead = -20

    assert machine.error == timedelta(seconds=-20)
    assert await machine.look()


async def test_a_process_that_starts_where_clocks_disagree_is_certain_of_nothing(
    machine: Machine,
) -> None:
    machine.own_ahead = DAY
    machine.restart()

    assert not await machine.look()
    assert machine.doubtful


async def test_what_is_wrong_with_the_clocks_is_left_for_the_doctor_while_it_is(
    machine: Machine,
) -> None:
    machine.own_ahead = DAY
    await machine.look()

    said = await machine.client.get(keys.CLOCK)

    at = START + machine.passed
    assert said == f"{at:.3f} the clock of Redis is 86400 s behind ours".encode()
    assert 0 < await machine.client.ttl(keys.CLOCK) <= 10


async def test_several_looks_at_one_time_ask_redis_once(machine: Machine) -> None:
    asked = (await machine.client.info("commandstats")).get("cmdstat_time")
    clocks = WatchedClocks(machine.client, steady=lambda: 1.0)

    for _time in range(5):
        assert await clocks.moment()

    calls = (await machine.client.info("commandstats"))["cmdstat_time"]["calls"]
    assert calls == (asked["calls"] if asked else 0) + 1
