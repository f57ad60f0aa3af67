"""A whole machine whose clock is set: it tells so, waits, and goes on when it is right again."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.shifted_clock import ShiftedClock
from tests.smtp_servers import mail_server, wait_until
from tests.stories.road import Road, road
from tests.stories.test_main_road import BORIS, invite, planned

DAY = 24 * 3600


def test_a_machine_that_is_set_a_day_ahead_waits_and_tells_the_doctor(tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path)
    with mail_server() as server, road(tmp_path, server, environ=clock.environment) as running:
        remind(running, "tomorrow", timedelta(hours=23))
        running.new_mails(1)

        clock.set(DAY)

        wait_until(lambda: clock_is(running) == "fail", seconds=30, what="the alarm")
        time.sleep(5)
        assert len(running.seen.mails) == running.read

        clock.set(0)

        wait_until(lambda: clock_is(running) == "ok", seconds=30, what="the all-clear")
        moment = remind(running, "soon", timedelta(seconds=8))
        running.new_mails(2, seconds=60)
        assert moment <= datetime.now(UTC) < moment + timedelta(seconds=40)


def test_r16_a_reminder_whose_entry_was_lost_comes_all_the_same(tmp_path: Path) -> None:
    with mail_server() as server, road(tmp_path, server) as running:
        remind(running, "soon", timedelta(seconds=25))
        running.new_mails(1)
        with running.redis() as client:
            lost = client.zrem("notifier:due", "soon")

        [reminder] = running.new_mails(1, seconds=80)

        assert lost == 1
        assert "commence dans" in str(reminder["Subject"])
        with running.redis() as client:
            assert client.hget("notifier:counters", "index_mended") == b"1"


def remind(running: Road, about: str, left: timedelta) -> datetime:
    """Invite Boris to a conference of which he is reminded after so long; give that moment."""
    moment = datetime.now(UTC).replace(microsecond=0) + left
    start = (moment + timedelta(minutes=1)).replace(tzinfo=None)
    running.publish(
        "conference.invitation", invite(planned(about, start=start, offsets=["1m"]), BORIS)
    )
    return moment


def clock_is(running: Road) -> str:
    """What the doctor says about the clocks."""
    looks = json.loads(running.notifier("doctor", "--json").stdout)
    return next(str(each["status"]) for each in looks if each["name"] == "clock")
