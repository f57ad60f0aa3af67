"""Dead beats, wrong beats and many ticks at once: everybody is reminded once, and on time."""

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from notifier.adapters import keys
from schedules.beat import MOST_WAITING
from tests.accounts import each_told
from tests.adapters.desk import desk
from tests.cast import BORIS, CHEN, START, conference, event, plain
from tests.crew import Part
from tests.faults.ticking import assert_none_early, wait_for_a_tick
from tests.settling import settle
from tests.shifted_clock import ShiftedClock
from tests.smtp_servers import wait_until
from tests.stage import LISTENER, PEOPLE, WORKER, Stage, reminded_in

HOUR = 3600
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


def test_fault_36_a_beat_that_is_killed_delays_no_reminder(opened: Stage) -> None:
    beat = beating(opened)
    opened.invite("killed", start=reminded_in(8))

    beat.kill()

    opened.wait_for_mails(2 * len(PEOPLE), "killed", seconds=30)
    assert_none_early(opened, "killed")


def test_fault_36_a_beat_that_is_frozen_delays_no_reminder_and_repeats_none(opened: Stage) -> None:
    beat = beating(opened)
    opened.invite("frozen", start=reminded_in(8))

    beat.freeze()

    opened.wait_for_mails(2 * len(PEOPLE), "frozen", seconds=30)
    beat.thaw()
    wait_for_a_tick(opened)
    settle(opened.client)
    assert set(each_told(opened.mails_about("frozen")).values()) == {1}
    assert_none_early(opened, "frozen")


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_fault_36_a_beat_whose_clock_is_wrong_is_heard_like_any_other(
    opened: Stage, clock: ShiftedClock, ahead: int
) -> None:
    # Nobody else ticks: there is no listener.
    opened.ensure(WORKER)
    beat = opened.crew.start(BEAT, **clock.environment)
    wait_until(lambda: bool(opened.client.exists(keys.HEARTBEAT + "worker")), seconds=30)

    clock.set(ahead)

    # More than could have waited, or been on the way, when the clock was set.
    for _tick in range(MOST_WAITING + 3):
        wait_for_a_tick(opened)
    assert beat.running


def test_fault_36_ticks_that_no_worker_takes_do_not_pile_up(opened: Stage) -> None:
    opened.crew.start(BEAT)
    wait_until(lambda: ticks_waiting(opened) == MOST_WAITING, seconds=30, what="waiting ticks")

    time.sleep(3)  # as many are due as wait already

    assert ticks_waiting(opened) == MOST_WAITING
    opened.ensure(WORKER)
    wait_until(lambda: ticks_waiting(opened) < MOST_WAITING, seconds=30, what="a worker")
    wait_for_a_tick(opened)


def test_a_tick_calls_a_worker_away_from_the_door(opened: Stage) -> None:
    opened.client.zadd(keys.DOOR, {"waiting": time.time() + HOUR})

    opened.crew.start(BEAT)

    told = keys.bell("waiting")
    wait_until(lambda: opened.client.lrange(told, 0, -1) == [b"leave"], seconds=30, what="the bell")


def test_a_worker_that_has_ticked_waits_at_the_door(opened: Stage) -> None:
    opened.ensure(WORKER)

    opened.crew.start(BEAT)

    wait_until(lambda: bool(opened.client.zcard(keys.DOOR)), seconds=30, what="a worker")


def beating(opened: Stage) -> Part:
    """Have all parts play, and give the beat whose ticks the worker hears."""
    opened.ensure(LISTENER, WORKER)
    beat = opened.crew.start(BEAT)
    wait_until(lambda: bool(opened.client.exists(keys.HEARTBEAT + "worker")), seconds=30)
    return beat


def ticks_waiting(opened: Stage) -> int:
    return int(opened.client.llen(f"{keys.PREFIX}celery:tick"))
