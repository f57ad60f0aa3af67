"""Wrong clocks: what depends on the time waits for a right one, and nobody is told too early."""

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from notifier.adapters import keys
from tests.accounts import each_told
from tests.adapters.desk import desk
from tests.cast import BORIS, conference, event, plain
from tests.faults.ticking import assert_none_early, wait_for_a_tick
from tests.redis_servers import PrivateRedis
from tests.settling import settle
from tests.shifted_clock import ShiftedClock
from tests.smtp_servers import wait_until
from tests.stage import LISTENER, PEOPLE, WORKER, Stage, planned, reminded_in, stage

HOUR = 3600
DAY = 24 * HOUR
BEAT = "beat"


def test_fault_36_a_machine_whose_clock_goes_back_an_hour_and_forth_reminds_by_it(
    tmp_path: Path, clock: ShiftedClock
) -> None:
    with machine(tmp_path, clock) as opened:
        clock.set(-HOUR)
        wait_until(lambda: "clock not trusted" in said(opened), seconds=20, what="the alarm")
        wait_until(lambda: "clock trusted" in said(opened), seconds=20, what="the all-clear")
        opened.invite("an hour ago", start=reminded_in(4 - HOUR))
        opened.wait_for_mails(2 * len(PEOPLE), "an hour ago", seconds=30)
        assert_none_early(opened, "an hour ago", ahead=-HOUR)

        clock.set(0)
        wait_until(lambda: said(opened).count("clock trusted") == 2, seconds=20, what="all-clear")
        opened.invite("now", start=reminded_in(4))
        opened.wait_for_mails(2 * len(PEOPLE), "now", seconds=30)
        assert_none_early(opened, "now")


def test_fault_36_a_machine_whose_clock_is_slewed_reminds_by_it_without_an_alarm(
    tmp_path: Path, clock: ShiftedClock
) -> None:
    with machine(tmp_path, clock) as opened:
        # Faster than any time server dares: a minute and a half within fifteen seconds.
        clock.set(0, rate=6.0)
        began = time.monotonic()
        opened.invite("slewed", start=reminded_in(90))

        opened.wait_for_mails(2 * len(PEOPLE), "slewed", seconds=60)

        gained = 6.0 * (time.monotonic() - began)
        assert gained > 70
        assert_none_early(opened, "slewed", ahead=gained)
        assert "clock not trusted" not in said(opened)


def test_fault_37_a_machine_a_day_ahead_reminds_nobody_until_it_is_set_right(
    tmp_path: Path, clock: ShiftedClock
) -> None:
    with machine(tmp_path, clock) as opened:
        opened.invite("tomorrow", start=reminded_in(23 * HOUR))
        settle(opened.client)

        clock.set(DAY)

        wait_until(lambda: "clock not trusted" in said(opened), seconds=20, what="the alarm")
        opened.invite("heard meanwhile", start=reminded_in(12))
        time.sleep(4)  # some ticks, of which none may take it for tomorrow
        assert b"ahead of what it should be" in opened.client.get(keys.CLOCK)
        assert kinds(opened, "tomorrow", "heard meanwhile") == {"invitation"}

        clock.set(0)

        opened.wait_for_mails(2 * len(PEOPLE), "heard meanwhile", seconds=40)
        assert kinds(opened, "tomorrow") == {"invitation"}
        assert_none_early(opened, "heard meanwhile")


def test_fault_37_a_listener_a_day_ahead_hears_by_the_time_that_it_had(
    opened: Stage, clock: ShiftedClock
) -> None:
    opened.replace(LISTENER, **clock.environment)
    opened.replace(WORKER, **clock.environment)
    opened.invite("before", PEOPLE[:1])
    opened.wait_for_mails(1, "before")

    clock.set(DAY)
    # By the clock of its listener it has been over since yesterday.
    opened.invite("soon", start=reminded_in(15))

    opened.wait_for_mails(len(PEOPLE), "soon")
    due = opened.client.zscore(keys.DUE, "soon")
    assert due == pytest.approx(time.time(), abs=60)
    clock.set(0)
    opened.wait_for_mails(2 * len(PEOPLE), "soon", seconds=40)
    assert_none_early(opened, "soon")


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


@pytest.mark.asyncio
async def test_fault_37_what_a_listener_held_when_the_clock_was_ahead_is_taken_over(
    clock: ShiftedClock,
) -> None:
    clock.set(DAY)
    with PrivateRedis(environment=clock.environment) as redis:
        async with desk(redis.url, consumer="dead") as dead, desk(redis.url) as alive:
            invited = {"conference": conference(), "participants": [BORIS]}
            await dead.put(event("conference.invitation", invited))
            [held] = await dead.inbox.read(limit=10, block_seconds=0.1)

            clock.set(0)
            await alive.notifier.tidy()
            assert await alive.inbox.take_over(limit=10) == []
            await alive.notifier.tidy()

            assert await alive.inbox.take_over(limit=10) == [held]


def test_after_hours_in_which_all_were_down_each_is_reminded_once_with_the_time_that_is_left(
    tmp_path: Path, clock: ShiftedClock
) -> None:
    with machine(tmp_path, clock) as opened:
        # What is due in an hour and in two and a half, half a minute before the start of a minute.
        invite_with(opened, "late", ["4h", "150m"], start=reminded_in(5 * HOUR - 270))
        invite_with(opened, "begun", ["1h"], start=reminded_in(2 * HOUR))
        settle(opened.client)

        for part in opened.parts.values():
            part.kill()
        opened.redis.kill()
        clock.set(3 * HOUR)
        opened.redis.start()
        play(opened, clock)

        opened.wait_for_mails(2 * len(PEOPLE), "late", seconds=40)
        settle(opened.client)
        reminders = [each for each in opened.mails_about("late") if each.told.kind == "reminder"]
        assert set(each_told(reminders).values()) == {1}
        assert len(reminders) == len(PEOPLE)
        assert all("in 2 hours" in each for each in texts(opened, "late", "reminder"))
        assert rows_of(opened, "begun", "reminder") == {("expired", "started")}


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


def kinds(opened: Stage, *about: str) -> set[str]:
    """The kinds of what is owed or sent about conferences."""
    return {row["kind"] for row in opened.rows_about(*about).values()}


@contextlib.contextmanager
def machine(folder: Path, clock: ShiftedClock) -> Iterator[Stage]:
    """A stage on a machine of its own: Redis and all parts live by its clock, beat too."""
    with stage(folder, **clock.environment) as opened:
        play(opened, clock)
        yield opened


def play(opened: Stage, clock: ShiftedClock) -> None:
    """Have every part played by this clock."""
    for role in (LISTENER, WORKER, BEAT):
        opened.replace(role, **clock.environment)
    wait_for_a_tick(opened)


def invite_with(opened: Stage, about: str, offsets: list[str], *, start: datetime) -> None:
    """Invite people to a conference with offsets of its own."""
    held = plain(planned(about, start=start)) | {"notifications": {"reminders": offsets}}
    opened.publish("conference.invitation", {"conference": held, "participants": PEOPLE})


def texts(opened: Stage, about: str, kind: str) -> list[str]:
    """Give what mails of a kind about a conference say."""
    read = [message_from_bytes(each.content, policy=default) for each in opened.server.seen.mails]
    found = [each for each in read if each["X-Notifier-Conference"] == about]
    bodies = [each.get_body(("plain",)) for each in found if each["X-Notifier-Kind"] == kind]
    return [each.get_content() for each in bodies if each]


def rows_of(opened: Stage, about: str, kind: str) -> set[tuple[str, str]]:
    """Give the states and reasons of the deliveries of a kind about a conference."""
    rows = opened.rows_about(about).values()
    return {(row["state"], row.get("why", "")) for row in rows if row["kind"] == kind}


def hint_ends(opened: Stage, delivery: str) -> float:
    return float(opened.client.zscore(keys.HINTED, delivery))
