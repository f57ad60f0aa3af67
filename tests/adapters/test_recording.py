"""What a mail server said is not forgotten: not when Redis goes away, not when it is full."""

import resource
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from notifier.adapters.connection import RedisError
from notifier.adapters.journal import DiskJournal
from notifier.core.delivery import State
from notifier.core.outcomes import Accepted, Outcome, Refused
from notifier.ports.ledger import Ending
from notifier.ports.mail import Fence, Letter
from tests.adapters.desk import Desk, Postman, desk
from tests.cast import BORIS, CHEN, NOW, conference, event
from tests.redis_servers import PROGRAMS, PrivateRedis
from workers.listen import hear_singly

pytestmark = pytest.mark.asyncio


@dataclass
class Eventful(Postman):
    """A Postman to whom something happens once, before or behind the fence."""

    before_fence: Callable[[], None] | None = None
    behind_fence: Callable[[], None] | None = None

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        happens, self.before_fence = self.before_fence, None
        if happens:
            happens()
        outcome = await super().send(letter, fence)
        happens, self.behind_fence = self.behind_fence, None
        if happens:
            happens()
        return outcome


@dataclass
class Place:
    """A desk on a Redis that the test may kill."""

    redis: PrivateRedis
    office: Desk
    postman: Eventful

    async def try_to_deliver(self) -> None:
        """Deliver while Redis goes away: the task ends with its fault, as Celery would see it."""
        [row] = await self.office.deliveries()
        with pytest.raises(RedisError):
            await self.office.notifier.deliver([row.id])


@pytest_asyncio.fixture(params=sorted(PROGRAMS))
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """One invitation is owed to Boris."""
    postman = Eventful()
    with PrivateRedis(program=PROGRAMS[request.param]) as redis:
        async with desk(redis.url, postman=postman) as office:
            office.now = NOW
            told = {"conference": conference(), "participants": [BORIS]}
            await office.hear(event("conference.invitation", told))
            yield Place(redis, office, postman)


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Accepted("250 2.0.0 ok"), State.SENT), (Refused("550 5.7.1 no"), State.FAILED)],
)
async def test_an_answer_that_redis_cannot_take_waits_on_the_disk(
    place: Place, answer: Outcome, state: State
) -> None:
    place.postman.outcome = answer
    place.postman.behind_fence = place.redis.kill
    await place.try_to_deliver()
    assert [each.suffix for each in place.office.journal.iterdir()] == [".json"]

    place.redis.start()
    await place.office.notifier.sweep()
    await place.office.deliver()

    [row] = await place.office.deliveries()
    assert (row.state, row.doubts) == (state, 0)
    assert len(place.postman.sent) == 1
    assert list(place.office.journal.iterdir()) == []


async def test_without_the_leave_of_the_ledger_nothing_leaves_and_nobody_is_blamed(
    place: Place,
) -> None:
    place.postman.before_fence = place.redis.kill
    await place.try_to_deliver()
    assert place.postman.sent == []

    place.redis.start()
    await place.office.notifier.sweep()

    [row] = await place.office.deliveries()
    assert (row.state, row.crashes, row.attempts) == (State.PENDING, 0, 0)


async def test_in_a_full_redis_what_is_on_its_way_arrives_and_is_recorded(place: Place) -> None:
    await place.office.client.config_set("maxmemory", "1")

    await place.office.deliver()

    [row] = await place.office.deliveries()
    assert row.state is State.SENT
    assert list(place.office.journal.iterdir()) == []


async def test_the_journal_names_nobody_and_is_for_our_eyes_alone(
    place: Place, tmp_path: Path
) -> None:
    [row] = await place.office.deliveries()
    journal = DiskJournal(tmp_path / "journal")

    journal.keep(Ending(before=row, after=msgspec.structs.replace(row, state=State.SENT)))

    [file] = (tmp_path / "journal").iterdir()
    assert b"boris" not in file.read_bytes().lower()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("left", [b'{"before": {"id"', b'{"before": {"id": "\xff"}}', b""])
async def test_a_torn_file_of_the_journal_stops_nothing(place: Place, left: bytes) -> None:
    torn = place.office.journal / "torn.json"
    torn.write_bytes(left)

    await place.office.deliver()

    [row] = await place.office.deliveries()
    assert row.state is State.SENT
    assert [each.name for each in place.office.journal.iterdir()] == ["torn.unreadable"]


async def test_an_ending_that_redis_will_not_take_stops_nothing(place: Place) -> None:
    [row] = await place.office.deliveries()
    refused = msgspec.structs.replace(row, id="refused", token="token")
    DiskJournal(place.office.journal).keep(Ending(before=refused, after=refused))
    await place.office.client.set("notifier:delivery:refused", "no hash")

    await place.office.deliver()

    assert len(place.postman.sent) == 1
    assert [each.name for each in place.office.journal.iterdir()] == ["refused-token.json"]


async def test_a_disk_that_takes_nothing_leaves_a_doubt_and_no_crash(
    place: Place, tmp_path: Path
) -> None:
    def no_redis_and_no_disk() -> None:
        place.redis.kill()
        place.office.journal.rename(tmp_path / "away")
        place.office.journal.write_text("a file where the folder should be")

    place.postman.behind_fence = no_redis_and_no_disk
    await place.try_to_deliver()
    place.office.journal.unlink()
    place.office.journal.mkdir()

    place.redis.start()
    [row] = await place.office.deliveries()
    await place.office.client.zadd("notifier:leases", {row.id: 0})
    await place.office.notifier.sweep()

    [row] = await place.office.deliveries()
    assert (row.state, row.doubts) == (State.UNKNOWN, 1)


async def test_an_event_that_redis_will_not_write_does_not_stop_those_beside_it(
    place: Place,
) -> None:
    office = place.office
    await office.client.set("notifier:list:broken", "not a hash")
    for name, guest in (("broken", BORIS), ("sound", CHEN)):
        told = {"conference": conference(id=name), "participants": [guest]}
        await office.put(event("conference.invitation", told))

    await hear_singly(office.notifier, await office.inbox.read(limit=10, block_seconds=0.01))

    assert {row.conference for row in await office.deliveries()} >= {"sound"}
    assert (await office.client.xpending("notifier:events", "notifier"))["pending"] == 1


async def test_what_is_no_event_is_buried_once(place: Place) -> None:
    office = place.office
    await office.client.xadd("notifier:events", {"event": "{"})
    [entry] = await office.inbox.read(limit=10, block_seconds=0.01)

    await office.notifier.hear([entry])
    await office.notifier.hear([entry])

    assert await office.client.xlen("notifier:rejected") == 1


async def test_what_fits_on_the_disk_in_part_is_not_kept(place: Place, tmp_path: Path) -> None:
    [row] = await place.office.deliveries()
    journal = DiskJournal(tmp_path)

    with room_for(100), pytest.raises(OSError, match="File too large"):
        journal.keep(Ending(before=row, after=row))

    assert journal.endings() == []


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
