"""Wrong clocks, dead beats and many ticks at once: everybody is reminded once, and on time."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from notifier.adapters import keys
from tests.accounts import each_told
from tests.adapters.desk import desk
from tests.cast import BORIS, CHEN, START, conference, event, plain
from tests.settling import settle
from tests.shifted_clock import ShiftedClock
from tests.smtp_servers import wait_until
from tests.stage import LISTENER, PEOPLE, WORKER, Stage, reminded_in, stage

HOUR = 3600
DAY = 24 * HOUR
BEAT = "beat"


@pytest.mark.asyncio
async def test_fault_35_three_ticks_at_once_remind_everybody_once(redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        desks = [await stack.enter_async_context(desk(redis_url, consumer=c)) for c in "abc"]
        for number in range(10):
            held = plain(conference(id=f"c{number}")) | {"notifications": {"reminders": ["5m"]}}
            data = {"conference": held, "participants": [BORIS, CHEN]}
            await desks[0].hear(event("conference.invitation", data))
        for each in desks:
            each.now = START - timedelta(minutes=5)

        await asyncio.gather(*(each.notifier.tick() for each in desks))

        rows = [row for row in await desks[0].deliveries() if row.kind == "reminder"]
        assert len(rows) == len({(row.conference, row.recipient.key) for row in rows}) == 20


@pytest.fixture
def clock(tmp_path: Path) -> ShiftedClock:
    """A clock for whoever lives by it."""
    return ShiftedClock(tmp_path)


@pytest.fixture
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage of its own: a clock that was wrong leaves traces."""
    with stage(tmp_path_factory.mktemp("crew")) as found:
        yield found


def test_fault_35_two_beats_remind_everybody_once(opened: Stage) -> None:
    opened.ensure(LISTENER, WORKER)
    beats = [opened.crew.start(BEAT) for _ in range(2)]
    opened.invite("twice", start=reminded_in(4))

    opened.wait_for_mails(2 * len(PEOPLE), "twice", seconds=30)
    settle(opened.client)

    assert all(beat.running for beat in beats)
    assert set(each_told(opened.mails_about("twice")).values()) == {1}
    assert len(opened.mails_about("twice")) == 2 * len(PEOPLE)


def test_fault_36_a_worker_whose_clock_was_ahead_is_not_taken_for_alive(opened: Stage) -> None:
    opened.ensure(LISTENER, WORKER)
    # The last that was heard of any tick, by a clock that has been put right since.
    opened.client.set(keys.HEARTBEAT + "worker", f"{time.time() + HOUR:.3f}")

    opened.invite("dead", start=reminded_in(4))

    opened.wait_for_mails(2 * len(PEOPLE), "dead", seconds=30)


def test_fault_36_a_beat_whose_clock_goes_back_delays_no_reminder(
    opened: Stage, clock: ShiftedClock
) -> None:
    opened.ensure(LISTENER, WORKER)
    beat = opened.crew.start(BEAT, **clock.environment)
    wait_until(lambda: bool(opened.client.exists(keys.HEARTBEAT + "worker")), seconds=30)

    # Its ticks are over for a worker whose clock is right: it is as good as dead.
    clock.set(-HOUR)
    opened.invite("back", start=reminded_in(4))

    opened.wait_for_mails(2 * len(PEOPLE), "back", seconds=30)
    assert beat.running


def test_fault_37_a_day_ahead_on_the_host_of_redis_ends_no_lease_and_reminds_nobody(
    tmp_path: Path, clock: ShiftedClock
) -> None:
    with stage(tmp_path, **clock.environment) as opened:
        opened.ensure(LISTENER)
        opened.invite("tomorrow", start=reminded_in(23 * HOUR))
        opened.ensure(WORKER)
        settle(opened.client)
        opened.road.swallow_replies()
        opened.invite("on its way", PEOPLE[:1])
        opened.wait_for_state("sending", "on its way")

        clock.set(DAY)

        wait_until(lambda: "clock not trusted" in said(opened), seconds=20, what="the alarm")
        opened.parts[WORKER].freeze()
        time.sleep(3)
        assert opened.states("on its way") == {"sending"}
        assert kinds(opened, "tomorrow") == {"invitation"}

        clock.set(0)
        opened.road.heal()
        opened.road.cut()
        opened.parts[WORKER].thaw()
        wait_until(lambda: "clock trusted" in said(opened), seconds=20, what="the all-clear")
        opened.invite("soon", start=reminded_in(4))
        opened.wait_for_mails(2 * len(PEOPLE), "soon", seconds=30)
        assert kinds(opened, "tomorrow") == {"invitation"}


def test_a_lease_from_a_time_when_the_clock_was_ahead_is_over_when_its_time_is(
    opened: Stage,
) -> None:
    opened.ensure(LISTENER)
    opened.invite("ahead", PEOPLE[:1])
    wait_until(lambda: opened.client.zcard(keys.HINTED) == 1, what="the hint")
    [delivery] = opened.rows_about("ahead")
    opened.client.zadd(keys.HINTED, {delivery: time.time() + DAY})

    wait_until(lambda: hint_ends(opened, delivery) < time.time() + HOUR, what="a shorter lease")


def said(opened: Stage) -> str:
    return opened.parts[LISTENER].said


def kinds(opened: Stage, about: str) -> set[str]:
    """The kinds of what is owed or sent about a conference."""
    return {row["kind"] for row in opened.rows_about(about).values()}


def hint_ends(opened: Stage, delivery: str) -> float:
    return float(opened.client.zscore(keys.HINTED, delivery))
