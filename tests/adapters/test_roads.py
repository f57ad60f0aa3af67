"""Choosing among mail servers: a backup only while the first is down, and nothing sent twice."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from notifier.adapters.connection import RedisError, connect
from notifier.adapters.ledger import RedisLedger
from notifier.adapters.road_states import RedisRoads
from notifier.adapters.roads import PATIENCE_SECONDS, Roads
from notifier.core.breaker import POLICY_PAUSE, Breaker, Sign, Stand
from notifier.core.mail_servers import MailServer, Smtp
from notifier.core.outcomes import Deferred, Outcome, Refused, Stopped, Unanswered, Unreachable
from tests.adapters.desk import Desk
from tests.lanes import DOWN, UP, Lanes
from tests.redis_servers import PrivateRedis
from tests.smtp_sending import LETTER, go_on

pytestmark = pytest.mark.asyncio

SMTP = Smtp(host="first", backup=(MailServer(host="second"), MailServer(host="third")))
SPAM = Refused("554 5.7.1 spam", policy=True)


class House:
    """Workers over one Redis, whose clock stands still unless a test moves it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.now = 1_000_000.0
        self.lanes = Lanes()

    def worker(self, smtp: Smtp = SMTP) -> Roads:
        return Roads(smtp, self.states(), make_road=self.lanes)

    def states(self) -> RedisRoads:
        return RedisRoads(self.client, clock=lambda: self.now)

    async def breaker(self, road: int = 0) -> Breaker:
        return (await self.states().breakers()).get(road, Breaker())

    async def pause_over(self, road: int = 0) -> None:
        """Let time go by until the road may be tried, and let the sweep see it."""
        self.now = max(self.now, (await self.breaker(road)).until)
        await self.states().look_after()


@pytest_asyncio.fixture
async def house(office: Desk) -> AsyncIterator[House]:
    made = House(office.client)
    await office.lookout.look()  # until somebody has looked, nothing is hinted at
    for host in ("first", "second", "third"):
        made.lanes(Smtp(host=host))
    yield made


async def send(roads: Roads, count: int = 1) -> list[Outcome]:
    return [await roads.send(LETTER, go_on) for _letter in range(count)]


class TestChoosing:
    async def test_the_first_server_takes_everything_while_it_works(self, house: House) -> None:
        assert await send(house.worker(), 3) == [UP] * 3

        assert len(house.lanes["first"].sent) == 3
        assert house.lanes["second"].tried == []

    async def test_a_letter_goes_at_once_over_the_next_server(self, house: House) -> None:
        house.lanes["first"].outcome = DOWN

        assert await send(house.worker()) == [UP]
        assert len(house.lanes["second"].sent) == 1
        assert house.lanes["third"].tried == []

    async def test_a_server_known_to_be_down_is_not_tried_by_the_next_letters(
        self, house: House
    ) -> None:
        house.lanes["first"].outcome = house.lanes["second"].outcome = DOWN

        assert await send(house.worker(), 10) == [UP] * 10
        assert len(house.lanes["first"].tried) == len(house.lanes["second"].tried) == 1

    async def test_another_worker_need_not_find_out_itself(self, house: House) -> None:
        house.lanes["first"].outcome = DOWN
        await send(house.worker())
        states = house.states()
        other = Roads(SMTP, states, make_road=house.lanes)

        states.read(await house.client.hgetall("notifier:roads"))  # as its next claim does
        await send(other)

        assert len(house.lanes["first"].tried) == 1

    async def test_the_first_takes_over_again_after_one_probe(self, house: House) -> None:
        worker = house.worker()
        house.lanes["first"].outcome = DOWN
        await send(worker)
        house.lanes["first"].outcome = UP
        await house.pause_over()

        await send(worker, 3)

        assert len(house.lanes["first"].sent) == 3
        assert len(house.lanes["second"].sent) == 1

    async def test_a_failed_probe_costs_its_letter_nothing(self, house: House) -> None:
        worker = house.worker()
        house.lanes["first"].outcome = DOWN
        await send(worker)
        await house.pause_over()

        assert await send(worker, 5) == [UP] * 5
        assert len(house.lanes["first"].tried) == 2

    @pytest.mark.parametrize(
        "answer",
        [
            Deferred("451 4.7.1 greylisted"),
            Refused("550 5.1.1 nobody", bad_address=True),
            Unanswered("no definite answer to the message"),
            Unreachable("the answer to the message was: 421 closing"),
        ],
    )
    async def test_an_answer_stays_and_a_body_never_leaves_twice(
        self, house: House, answer: Outcome
    ) -> None:
        house.lanes["first"].outcome = answer

        assert await send(house.worker()) == [answer]
        assert house.lanes["second"].tried == []

    async def test_a_letter_stopped_at_the_fence_is_not_offered_elsewhere(
        self, house: House
    ) -> None:
        async def cancelled() -> str:
            return "cancelled"

        assert await house.worker().send(LETTER, cancelled) == Stopped("cancelled")
        assert house.lanes["second"].tried == []

    async def test_with_every_server_down_the_letter_waits_and_hears_why(
        self, house: House
    ) -> None:
        for host in ("first", "second", "third"):
            house.lanes[host].outcome = DOWN
        worker = house.worker()

        outcomes = await send(worker, 3)

        assert outcomes == [DOWN] * 3
        assert [len(house.lanes[host].tried) for host in ("first", "second", "third")] == [1, 1, 1]

    async def test_closing_our_own_connections_is_no_fault_of_the_server(
        self, house: House
    ) -> None:
        worker = house.worker()
        await worker.close()
        house.lanes["first"].outcome = house.lanes["second"].outcome = DOWN

        await send(worker)

        assert await house.breaker() == Breaker()


class TestTheBreaker:
    async def test_a_road_that_works_costs_redis_nothing(self, house: House) -> None:
        worker = house.worker()
        before = await house.client.info("commandstats")

        await send(worker, 20)

        after = await house.client.info("commandstats")
        used = {name for name in after if after[name]["calls"] != before.get(name, {}).get("calls")}
        assert used <= {"cmdstat_info"}

    async def test_many_failures_at_one_time_are_one(self, house: House) -> None:
        house.lanes["first"].outcome = DOWN
        workers = [house.worker(Smtp(host="first")) for _ in range(5)]

        await asyncio.gather(*(send(worker) for worker in workers))

        breaker = await house.breaker()
        assert (breaker.stand, breaker.failures) == (Stand.OPEN, 1)

    async def test_of_many_workers_one_probes(self, house: House) -> None:
        house.lanes["first"].outcome = DOWN
        alone = Smtp(host="first")
        workers = [house.worker(alone) for _ in range(5)]
        await asyncio.gather(*(send(worker) for worker in workers))
        tried = len(house.lanes["first"].tried)
        await house.pause_over()

        await asyncio.gather(*(send(worker, 4) for worker in workers))

        assert len(house.lanes["first"].tried) == tried + 1

    async def test_a_lost_probe_does_not_close_the_road_for_ever(self, house: House) -> None:
        house.lanes["first"].outcome = DOWN
        worker = house.worker(Smtp(host="first"))
        await send(worker)
        await house.pause_over()
        states = house.states()
        await states.breakers()
        assert await states.leave(0)  # and this one is killed with the leave in its hand
        house.lanes["first"].outcome = UP
        assert isinstance((await send(worker))[0], Unreachable)

        await house.pause_over()

        assert await send(worker) == [UP]

    async def test_a_late_failure_from_before_does_not_undo_the_probe(self, house: House) -> None:
        states = house.states()
        house.lanes["first"].outcome = DOWN
        worker = house.worker(Smtp(host="first"))
        await send(worker)
        await house.pause_over()
        house.lanes["first"].outcome = UP
        await send(worker)

        await states.hear(0, Sign.FAIL, 0, cause="a time-out that took a minute")

        assert (await house.breaker()).stand is Stand.RISING

    async def test_why_a_road_is_closed_is_kept_without_the_person_of_the_mail(
        self, house: House
    ) -> None:
        """A server may quote the recipient as it goes away; the cause outlives the mail."""
        quoting = Unreachable("the answer to RCPT TO was: 421 <boris@example.org> later")
        house.lanes["first"].outcome = quoting

        await send(house.worker(Smtp(host="first")))

        cause = (await house.breaker()).cause
        assert cause.startswith("the answer to RCPT TO was: 421")
        assert "boris" not in cause

    async def test_the_own_grudge_of_a_process_is_forgotten_when_it_may_knock(
        self, house: House
    ) -> None:
        house.lanes["first"].outcome = DOWN
        worker = house.worker(Smtp(host="first"))
        await send(worker)
        await house.pause_over()

        await send(worker)

        assert house.lanes["first"].forgiven == 1

    async def test_new_settings_try_every_road_afresh(self, house: House, office: Desk) -> None:
        house.lanes["first"].outcome = DOWN
        await send(house.worker())

        await office.settings.apply({"smtp": {"username": "mended"}})

        assert await house.breaker() == Breaker()

    async def test_other_settings_leave_the_roads_as_they_are(
        self, house: House, office: Desk
    ) -> None:
        house.lanes["first"].outcome = DOWN
        await send(house.worker())

        await office.settings.apply({"server": {"name": "New"}})

        assert (await house.breaker()).stand is Stand.OPEN

    async def test_an_outcome_is_kept_when_redis_goes_away(self) -> None:
        lanes = Lanes(first=Unreachable("421 closing"))
        with PrivateRedis() as redis:
            client = connect(redis.url)
            roads = Roads(Smtp(host="first"), RedisRoads(client), make_road=lanes)
            redis.kill()

            assert await roads.send(LETTER, go_on) == Unreachable("421 closing")
            with pytest.raises(RedisError):
                await RedisRoads(client).breakers()
            await client.aclose()

    async def test_a_redis_that_is_full_still_learns_how_a_road_stands(
        self, house: House, office: Desk
    ) -> None:
        house.lanes["first"].outcome = DOWN
        worker = house.worker(Smtp(host="first"))
        await office.client.config_set("maxmemory", 1)
        try:
            await send(worker)
            await house.pause_over()
            breaker = await house.breaker()
        finally:
            await office.client.config_set("maxmemory", 0)

        assert (breaker.stand, breaker.failures) == (Stand.PROBING, 1)

    async def test_a_redis_that_is_frozen_does_not_hold_up_an_outcome(self) -> None:
        lanes = Lanes(first=Unreachable("421 closing"))
        with PrivateRedis() as redis:
            client = connect(redis.url)
            roads = Roads(Smtp(host="first"), RedisRoads(client), make_road=lanes)
            redis.freeze()
            async with asyncio.timeout(3 * PATIENCE_SECONDS):
                outcome = await roads.send(LETTER, go_on)
            redis.thaw()
            await client.aclose()

        assert outcome == Unreachable("421 closing")

    async def test_trouble_and_its_end_are_told(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        house.lanes["first"].outcome = DOWN
        worker = house.worker(Smtp(host="first"))
        await send(worker)
        await house.pause_over()
        house.lanes["first"].outcome = UP
        await send(worker, 300)

        told = [vars(each)["facts"] for each in caplog.records if each.message == "road"]
        assert [each["stand"] for each in told] == ["open", "probing", "rising", "closed"]
        assert told[0]["cause"] == "connection refused"


class TestTheReputation:
    async def answered(self, house: House, count: int) -> None:
        await house.client.hincrby("notifier:counters", "deliveries_sent", count)

    async def test_a_few_refusals_are_those_recipients_own_affair(self, house: House) -> None:
        house.lanes["first"].outcome = SPAM

        assert await send(house.worker(), 19) == [SPAM] * 19
        assert await house.breaker() == Breaker()

    async def test_many_refusals_stop_everything_and_raise_an_alarm(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        house.lanes["first"].outcome = SPAM

        outcomes = await send(house.worker(), 30)

        breaker = await house.breaker()
        [alarm] = [each for each in caplog.records if each.message == "reputation at risk"]
        assert outcomes[:20] == [SPAM] * 20
        assert all(isinstance(each, Unreachable) for each in outcomes[20:])
        assert breaker.cause.startswith("policy: refused as unwanted, the last with 554 5.7.1 spam")
        assert breaker.until == house.now + POLICY_PAUSE
        assert alarm.levelno == logging.ERROR
        # The next server would be burnt in its turn.
        assert house.lanes["second"].tried == []

    async def test_many_refusals_among_very_many_mails_are_none(self, house: House) -> None:
        await house.states().look_after()
        await self.answered(house, 1000)
        house.lanes["first"].outcome = SPAM

        await send(house.worker(), 40)

        assert await house.breaker() == Breaker()

    async def test_what_was_sent_an_hour_ago_does_not_count(self, house: House) -> None:
        await house.states().look_after()
        await self.answered(house, 1000)
        house.now += 3600
        await house.states().look_after()
        house.lanes["first"].outcome = SPAM

        await send(house.worker(), 25)

        assert (await house.breaker()).stand is Stand.OPEN

    async def test_a_probe_that_is_refused_likewise_closes_it_for_as_long_again(
        self, house: House
    ) -> None:
        house.lanes["first"].outcome = SPAM
        worker = house.worker()
        await send(worker, 20)
        house.now += 3600  # the refusals are out of the window
        await house.pause_over()

        await send(worker)

        breaker = await house.breaker()
        assert (breaker.stand, breaker.until) == (Stand.OPEN, house.now + POLICY_PAUSE)

    async def test_a_probe_that_is_taken_opens_the_road_step_by_step(self, house: House) -> None:
        house.lanes["first"].outcome = SPAM
        worker = house.worker()
        await send(worker, 20)
        await house.pause_over()
        house.lanes["first"].outcome = UP

        assert await send(worker, 300) == [UP] * 300
        assert await house.breaker() == Breaker()


class TestTheAllowance:
    async def test_nothing_is_hinted_while_every_road_is_closed(self, house: House) -> None:
        for host in ("first", "second", "third"):
            house.lanes[host].outcome = DOWN
        await send(house.worker())

        assert await self.allowed(house) == 0

    async def test_one_is_hinted_for_each_road_that_is_tried(self, house: House) -> None:
        await self.test_nothing_is_hinted_while_every_road_is_closed(house)
        for road in range(3):
            await house.pause_over(road)

        assert await self.allowed(house) == 3

    async def test_one_road_that_works_is_enough(self, house: House) -> None:
        house.lanes["first"].outcome = DOWN
        await send(house.worker())

        assert await self.allowed(house) == 50

    async def test_backups_do_not_help_against_a_policy(self, house: House) -> None:
        house.lanes["first"].outcome = SPAM
        await send(house.worker(), 20)

        assert await self.allowed(house) == 0

    async def allowed(self, house: House) -> int:
        """Give how many of fifty ready deliveries would be hinted at."""
        for number in range(50):
            await house.client.hset(f"notifier:delivery:d{number}", "kind", "invitation")
            await house.client.zadd("notifier:ready", {f"d{number}": number})
        return len(await RedisLedger(house.client).take(limit=500, roads=3))
