"""Claims about the doorbell: who waits is told of work at once, and nothing hangs on it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from cryptography.fernet import Fernet

from notifier.adapters import doorbell, keys
from notifier.adapters.connection import connect_sync
from notifier.adapters.doorbell import Doorbell, call_away
from notifier.adapters.settings_store import RedisSettings
from notifier.adapters.taking import LEFT_TO_ONE, MOST_HINTED, ONE_BELL
from tests.adapters.desk import Desk
from tests.cast import NOW, conference, event, person
from tests.redis_servers import PrivateRedis

pytestmark = pytest.mark.asyncio

NEW_SENDER = "new@example.com"
QUEUE = "notifier:celery:tick"
# A worker that nobody rings waits for as long as a test may take (seconds).
LONG = 10.0


@pytest.fixture(autouse=True)
def _nobody_gives_up(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    office.now = NOW
    monkeypatch.setattr(doorbell, "WAIT_SECONDS", LONG)


@asynccontextmanager
async def at_the_door(
    office: Desk, workers: int = 1
) -> AsyncIterator[list["asyncio.Task[int | None]"]]:
    """Let so many workers wait; their answers, when they have one."""
    bells = [Doorbell(office.client, queues=[QUEUE]) for _worker in range(workers)]
    waiting = [asyncio.create_task(each.rung()) for each in bells]
    try:
        async with asyncio.timeout(LONG):
            while await office.client.zcard(keys.DOOR) < workers:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            yield waiting
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def invite(office: Desk, people: int) -> None:
    """Have so many people invited, in one event."""
    await office.lookout.look()
    told = {"conference": conference(), "participants": [person(n) for n in range(people)]}
    await office.hear(event("conference.invitation", told))


async def unhinted(office: Desk) -> list[str]:
    """Let nobody be hinted at what is ready; give what that is."""
    ids = [row.id for row in await office.deliveries()]
    await office.client.zadd(keys.READY, dict.fromkeys(ids, 1))
    await office.client.delete(keys.HINTED)
    office.hints.given.clear()
    return ids


async def test_an_event_rings_who_waits_and_hints_at_nothing(office: Desk) -> None:
    async with at_the_door(office) as [worker]:
        await invite(office, 1)

        assert await worker is not None
        assert office.hints.given == []
        assert await office.client.zcard(keys.DOOR) == 0


async def test_who_was_rung_finds_the_letters_without_a_hint(office: Desk) -> None:
    async with at_the_door(office) as [worker]:
        await invite(office, 3)
        assert await worker is not None

    await office.notifier.deliver(())

    assert len(office.postman.sent) == 3


async def test_who_was_rung_asks_for_no_settings_that_it_has(office: Desk) -> None:
    revision, _settings = await office.settings.in_force()
    async with at_the_door(office) as [worker]:
        await invite(office, 1)
        assert await worker == revision
    await office.client.delete(keys.SETTINGS)

    await office.notifier.deliver((), under=revision)

    assert len(office.postman.sent) == 1


async def test_who_was_rung_after_new_settings_reads_them(office: Desk) -> None:
    await office.settings.in_force()
    elsewhere = RedisSettings(office.client, Fernet.generate_key().decode())
    revision = await elsewhere.apply({"smtp": {"sender_address": NEW_SENDER}})
    async with at_the_door(office) as [worker]:
        await invite(office, 1)
        assert await worker == revision

    await office.notifier.deliver((), under=revision)

    assert [each.sender for each in office.postman.sent] == [NEW_SENDER]


async def test_as_many_are_rung_as_hints_would_be_given(office: Desk) -> None:
    async with at_the_door(office, workers=3) as workers:
        await invite(office, ONE_BELL + 1)
        done, waiting = await asyncio.wait(workers, timeout=1.0)

        assert (len(done), len(waiting)) == (2, 1)


async def test_what_is_too_much_for_those_at_the_door_is_hinted_at(office: Desk) -> None:
    async with at_the_door(office) as [worker]:
        await office.client.zadd(keys.READY, {f"queued-{n}": 1 for n in range(LEFT_TO_ONE)})
        await invite(office, 10)

        assert await worker is not None
        assert await office.client.zcard(keys.READY) == LEFT_TO_ONE


async def test_what_killed_a_worker_is_hinted_at_and_sends_nobody_from_door_to_door(
    office: Desk,
) -> None:
    await invite(office, 1)
    [suspect] = await unhinted(office)
    await office.client.hset(keys.delivery(suspect), "crashes", 1)

    async with at_the_door(office, workers=2) as workers:
        await office.notifier.dispatch()
        done, _waiting = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
        assert None not in [await each for each in done]
        await office.notifier.deliver(())

        assert [ids for _kind, ids in office.hints.given] == [[suspect]]


async def test_a_sweep_hints_at_all_and_sends_away_who_waits(office: Desk) -> None:
    await invite(office, 1)
    [ready] = await unhinted(office)

    async with at_the_door(office) as [worker]:
        [hint] = await office.ledger.take(limit=MOST_HINTED)

        assert await worker is None
        assert hint.delivery == ready


async def test_nobody_waits_while_a_hint_is_under_way(office: Desk) -> None:
    await office.client.zadd(keys.HINTED, {"on its way": time.time()})

    assert (await asyncio.wait_for(Doorbell(office.client, queues=[]).rung(), LONG / 2)) is None
    assert await office.client.zcard(keys.DOOR) == 0


async def test_nobody_waits_while_another_task_needs_a_worker(office: Desk) -> None:
    await office.client.lpush(QUEUE, "tick")

    assert (
        await asyncio.wait_for(Doorbell(office.client, queues=[QUEUE]).rung(), LONG / 2)
    ) is None


async def test_a_task_that_was_sent_calls_one_away(office: Desk, server: PrivateRedis) -> None:
    with connect_sync(server.url) as client:
        async with at_the_door(office, workers=2) as workers:
            call_away(client)
            done, waiting = await asyncio.wait(workers, timeout=1.0)

            assert [each.result() for each in done] == [None]
            assert len(waiting) == 1


async def test_a_word_that_came_when_a_worker_had_left_sends_it_away_no_more(office: Desk) -> None:
    bell = Doorbell(office.client, queues=[QUEUE], name="mine")
    await office.client.lpush(keys.bell("mine"), "leave")

    waiting = asyncio.create_task(bell.rung())
    async with asyncio.timeout(LONG):
        while not await office.client.zcard(keys.DOOR):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    await invite(office, 1)

    assert await waiting is not None


async def test_who_is_sent_away_late_takes_no_ring_with_it(office: Desk) -> None:
    bell = Doorbell(office.client, queues=[QUEUE], name="mine")
    waiting = asyncio.create_task(bell.rung())
    async with asyncio.timeout(LONG):
        while not await office.client.zcard(keys.DOOR):  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    await office.client.lpush(keys.bell("mine"), "leave")

    assert await waiting is None
    assert await office.client.zcard(keys.DOOR) == 0


async def test_who_died_at_the_door_is_not_waited_for(office: Desk) -> None:
    await office.client.zadd(keys.DOOR, {"died": time.time() - 0.1})

    await invite(office, 1)

    assert len(office.hints.given) == 1


async def test_who_died_at_the_door_is_forgotten_when_the_next_one_comes(office: Desk) -> None:
    await office.client.zadd(keys.DOOR, {"died": time.time() - 0.1})

    async with asyncio.timeout(LONG):
        waiting = asyncio.create_task(Doorbell(office.client, queues=[QUEUE]).rung())
        while await office.client.zscore(keys.DOOR, "died"):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        waiting.cancel()


async def test_a_worker_that_nobody_rings_leaves_the_door(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "WAIT_SECONDS", 0.05)

    assert await Doorbell(office.client, queues=[QUEUE]).rung() is None

    assert await office.client.zcard(keys.DOOR) == 0


async def test_a_ring_at_the_last_moment_is_heard(office: Desk) -> None:
    bell = Doorbell(Deaf(office), queues=[QUEUE])  # type: ignore[arg-type]  # plays the client

    assert await bell.rung() is not None

    assert not await office.client.keys("notifier:door*")


class Deaf:
    """A client whose wait is over just before somebody rings."""

    def __init__(self, office: Desk) -> None:
        self._office = office

    async def brpop(self, _key: str, **_given: float) -> None:
        await invite(self._office, 1)

    def __getattr__(self, name: str) -> object:
        return getattr(self._office.client, name)
