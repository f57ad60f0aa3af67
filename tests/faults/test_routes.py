"""A mail server that goes away for hours: nothing is lost, no attempt burnt, and nobody trampled.

The clock is the test's: queues are moved by its time, the breaker and the notifier look at it.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifier.adapters.smtp import SmtpMailer
from notifier.core.delivery import State
from notifier.core.outcomes import Outcome, Unreachable
from notifier.core.times.schedule import Schedule
from notifier.ports.mail import Letter
from tests.adapters.desk import Desk, desk
from tests.cast import conference, event, person
from tests.lanes import DOWN, UP, Lane
from tests.redis_servers import free_port
from tests.smtp_scripts import scripted_server
from tests.smtp_servers import HOST, mail_server

pytestmark = pytest.mark.asyncio

# A moment that Redis's own clock does not see during a test (unix seconds).
NEVER = 4_000_000_000.0
GUESTS = [person(number) for number in range(60)]


class Outage:
    """A desk with one road, and time that goes as fast as the test likes."""

    def __init__(self, office: Desk, road: Lane) -> None:
        self.office = office
        self.road = road
        self._due: dict[bytes, float] = {}
        office.now = datetime.now(UTC).replace(microsecond=0)
        self.began = office.now

    @property
    def now(self) -> datetime:
        assert self.office.now is not None
        return self.office.now

    async def invite(self, name: str, *, starts_in: timedelta, remind: str | None = None) -> None:
        """Plan a conference with all guests."""
        start = (self.now + starts_in).replace(tzinfo=None)
        planned: dict[str, Any] = {
            "id": name,
            "schedule": Schedule(start=start, time_zone="UTC", duration=3600),
        }
        if remind:
            planned["notifications"] = {"reminders": [remind]}
        told = {"conference": conference(**planned), "participants": GUESTS}
        await self.office.hear(event("conference.invitation", told))

    async def pass_time(self, duration: timedelta) -> None:
        """Let time go by in the steps in which something may happen, ticking at each."""
        end = self.now + duration
        while self.now < end:
            waiting = [each.until for each in (await self.office.roads.breakers()).values()]
            steps = [datetime.fromtimestamp(until, UTC) for until in waiting if until]
            later = [each for each in steps if each > self.now]
            self.office.now = min([end, self.now + timedelta(minutes=1), *later])
            await self._wake()
            await self.office.notifier.tick()
            await self._work()

    async def _wake(self) -> None:
        """What was put off until now is due now, whatever Redis's own clock says."""
        client, moment = self.office.client, self.now.timestamp()
        for delivery, until in await client.zrange("notifier:later", 0, -1, withscores=True):
            due = until if until < NEVER else self._due[delivery]
            self._due[delivery] = due
            score = 0 if due <= moment else NEVER
            await client.zadd("notifier:later", {delivery: score}, xx=True)

    async def _work(self) -> None:
        """Play the workers until no hint is left."""
        hints = self.office.hints.given
        while hints:
            _kind, ids = hints.pop(0)
            await self.office.notifier.deliver(ids)

    def received(self) -> Counter[str]:
        return Counter(letter.recipient for letter in self.road.sent)


async def test_fault_38_six_hours_away_burn_no_attempt_and_send_only_what_is_still_true(
    redis_url: str,
) -> None:
    road = Lane(DOWN)
    async with desk(redis_url, make_road=lambda _smtp: road) as office:
        outage = Outage(office, road)
        await outage.invite("over by then", starts_in=timedelta(hours=3), remind="1h")
        await outage.invite("evening", starts_in=timedelta(hours=10), remind="5h")
        await outage.invite("later", starts_in=timedelta(days=3))

        await outage.pass_time(timedelta(hours=6))

        assert {row.attempts for row in await office.deliveries()} == {0}
        assert road.sent == []
        # A minute between two tries, once the pause has grown; 300 letters wait and do not knock.
        assert len(road.tried) < 6 * 60 / 0.8 + 10

        road.outcome = UP
        await outage.pass_time(timedelta(minutes=5))

        ends = Counter((row.conference, row.kind, row.state) for row in await office.deliveries())
        assert ends == {
            ("over by then", "invitation", State.EXPIRED): len(GUESTS),
            ("over by then", "reminder", State.EXPIRED): len(GUESTS),
            ("evening", "invitation", State.SENT): len(GUESTS),
            ("evening", "reminder", State.SENT): len(GUESTS),
            ("later", "invitation", State.SENT): len(GUESTS),
        }
        assert outage.received() == Counter({guest.email: 3 for guest in GUESTS})


async def test_fault_38_an_hour_away_costs_nobody_a_mail(redis_url: str) -> None:
    road = Lane(DOWN)
    async with desk(redis_url, make_road=lambda _smtp: road) as office:
        outage = Outage(office, road)
        await outage.invite("later", starts_in=timedelta(days=3))
        await outage.pass_time(timedelta(hours=1))

        road.outcome = UP
        await outage.pass_time(timedelta(minutes=5))

        rows = await office.deliveries()
        assert {row.state for row in rows} == {State.SENT}
        assert {row.crashes for row in rows} == {0}
        assert outage.received() == Counter({guest.email: 1 for guest in GUESTS})


async def test_fault_38_one_letter_that_upsets_a_server_does_not_stop_the_others(
    redis_url: str,
) -> None:
    def touchy(letter: Letter) -> Outcome:
        if letter.recipient == GUESTS[0].email:
            return Unreachable("the answer to RCPT TO was: 421 4.3.0 closing")
        return UP

    road = Lane(touchy)
    async with desk(redis_url, make_road=lambda _smtp: road) as office:
        outage = Outage(office, road)
        await outage.invite("later", starts_in=timedelta(days=3))

        await outage.pass_time(timedelta(minutes=10))

        waiting = [row for row in await office.deliveries() if row.state is not State.SENT]
        assert [row.recipient.address for row in waiting] == [GUESTS[0].email]
        assert set(outage.received().values()) == {1}


async def test_fault_38_a_server_that_comes_back_meets_no_herd(redis_url: str) -> None:
    road = Lane(DOWN)
    async with desk(redis_url, make_road=lambda _smtp: road) as office:
        outage = Outage(office, road)
        await outage.invite("later", starts_in=timedelta(days=3))
        await outage.pass_time(timedelta(hours=1))
        rounds: Counter[int] = Counter()

        def up(_letter: Letter) -> Outcome:
            rounds[office.roads.breaker(0).width] += 1
            return UP

        road.outcome = up
        await outage.pass_time(timedelta(minutes=2))

        # The probe has no width yet, and in the last rounds is what was left.
        assert [rounds[width] for width in (0, 2, 4, 8, 16)] == [1, 2, 4, 8, 16]
        assert rounds.total() == len(GUESTS)


async def test_fault_38_real_servers_a_backup_stands_in_and_steps_back(redis_url: str) -> None:
    port = free_port()
    first: dict[str, Any] = {"host": HOST, "port": port, "security": "none"}
    with mail_server() as second:
        backup = {"host": HOST, "port": second.port, "security": "none"}
        async with desk(redis_url, make_road=SmtpMailer) as office:
            await office.settings.apply({"smtp": {**first, "backup": [backup]}})
            await _send(office, "while the first is away")

            with mail_server(port=port) as server:
                await _pause_over(office)
                for number in range(3):
                    await _send(office, f"back {number}", guests=1)

                rows = await office.deliveries()
                returned, stood_in = len(server.seen.mails), len(second.seen.mails)

    assert {(row.state, row.attempts) for row in rows} == {(State.SENT, 0)}
    assert (stood_in, returned) == (20, 3)


async def test_fault_38_real_server_says_421_in_the_middle_and_nothing_leaves_twice(
    redis_url: str,
) -> None:
    script: dict[str, object] = {"BODY": ["250 2.0.0 queued"] * 3 + ["421 4.3.2 closing"]}
    with mail_server() as second, scripted_server(script) as server:
        backup = {"host": HOST, "port": second.port, "security": "none"}
        first = {"host": HOST, "port": server.port, "security": "none", "connections": 1}
        async with desk(redis_url, make_road=SmtpMailer) as office:
            await office.settings.apply({"smtp": {**first, "backup": [backup]}})
            await _send(office, "cut short")
            rows = await office.deliveries()

    taken_by_first = [mail.recipients for mail in server.seen.mails[:3]]
    taken = taken_by_first + [mail.recipients for mail in second.seen.mails]
    waiting = [row for row in rows if row.state is State.PENDING]
    # The one whose body the server had in its hands waits its 15 seconds; the others went around.
    assert len(waiting) == 1
    assert len(taken) == len(set(taken)) == 19
    assert {row.attempts for row in rows} == {0}


async def _send(office: Desk, name: str, *, guests: int = 20) -> None:
    """Invite some people, and deliver until nothing is ready."""
    told = {"conference": conference(id=name), "participants": GUESTS[:guests]}
    await office.hear(event("conference.invitation", told))
    await office.deliver()


async def _pause_over(office: Desk) -> None:
    """Let the pause of the first road be over, as the sweep sees it."""
    [breaker] = (await office.roads.breakers()).values()
    office.now = datetime.fromtimestamp(breaker.until + 1, UTC)
    await office.notifier.sweep()
    await office.deliver()
