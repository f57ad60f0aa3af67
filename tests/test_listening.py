"""The listener's rounds: what is done beside them holds up no event."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from notifier.adapters import keys
from notifier.adapters.connection import connect_sync
from notifier.adapters.export import Exporter
from notifier.config import load
from notifier.core.notice import Kind
from notifier.deployment import redis_url
from notifier.ports.ledger import Wake
from notifier.wiring import Parts
from tests.cast import BORIS, conference, event, person, raw, schedule
from tests.redis_servers import PrivateRedis
from workers import listen
from workers.listen import BLOCK_SECONDS, Listener

pytestmark = pytest.mark.asyncio

PATIENCE_SECONDS = 20.0


class Deaf:
    """Plays the Wake: nobody delivers here."""

    def deliver(self, kind: Kind, ids: object) -> None:
        """Hint at nobody."""


class Noting:
    """Plays the Wake: notes how many lists are being spread when workers are told of them."""

    def __init__(self) -> None:
        self.url = ""
        self.spread: list[object] = []

    def deliver(self, kind: Kind, ids: object) -> None:
        """Note it; whoever hints waits for this, so nothing is spread meanwhile."""
        with connect_sync(self.url) as client:
            self.spread.append(client.zcard(keys.SPREADING))


class SlowDisk(Exporter):
    """An export that hangs until a test lets it go, and breaks as often as the test says."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.client, parts.export_files, parts.settings)
        self.hangs = asyncio.Event()
        self.free = asyncio.Event()
        self.faults = 0
        self.running = 0
        self.most_running = 0

    async def export(self) -> int:
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        self.hangs.set()
        await self.free.wait()
        self.running -= 1
        if self.faults:
            self.faults -= 1
            raise ValueError("no such state")
        return await super().export()


class Running(Listener):
    """A listener at work."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.running = asyncio.create_task(self.run())


@asynccontextmanager
async def listening(
    folder: Path, wake: Wake | None = None
) -> AsyncIterator[tuple[Parts, SlowDisk, Running]]:
    """A listener on a Redis of its own."""
    with PrivateRedis() as server:
        environ = {"HOME": str(folder), "NOTIFIER_DATA": str(folder / "data")}
        parts = Parts(load({**environ, "NOTIFIER_REDIS_URL": server.url}), wake or Deaf())
        parts.exporter = disk = SlowDisk(parts)
        listener = Running(parts)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                yield parts, disk, listener
        finally:
            disk.free.set()
            listener.stop()
            await listener.running
            await parts.close()


async def heard(parts: Parts, conference_id: str) -> None:
    """Tell of a conference, and wait until the listener knows it."""
    told = {"conference": conference(id=conference_id), "participants": [BORIS]}
    await parts.client.xadd("notifier:events", {"event": raw(event("conference.invitation", told))})
    while not await parts.client.exists(f"notifier:conference:{conference_id}"):  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def test_a_disk_that_hangs_holds_up_no_event_and_is_waited_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "EXPORT_SECONDS", 0.0)

    async with listening(tmp_path) as (parts, disk, _listener):
        await disk.hangs.wait()
        await heard(parts, "c1")
        await heard(parts, "c2")

        assert (disk.running, disk.most_running) == (1, 1)


async def test_a_listener_that_stops_ends_the_export_that_it_has_begun(tmp_path: Path) -> None:
    async with listening(tmp_path) as (_parts, disk, listener):
        await disk.hangs.wait()

        listener.stop()
        done, _ = await asyncio.wait([listener.running], timeout=1.5 * BLOCK_SECONDS)
        assert not done

        disk.free.set()
        await listener.running
        assert (disk.running, disk.most_running) == (0, 1)


async def test_an_export_that_breaks_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listen, "EXPORT_SECONDS", 0.0)

    async with listening(tmp_path) as (parts, disk, _listener):
        disk.faults = 1
        disk.free.set()
        while "failed to apply" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await heard(parts, "c1")

        assert disk.faults == 0
        assert not [each for each in caplog.records if each.name == "asyncio"]


async def test_what_is_planned_of_a_long_list_leaves_while_the_rest_is_planned(
    tmp_path: Path,
) -> None:
    planned = {"schedule": schedule(start=datetime(2090, 12, 1, 15, 0))}
    people = [person(number) for number in range(1000)]
    told = {"conference": conference(1, **planned), "participants": people}
    noting = Noting()

    async with listening(tmp_path, noting) as (parts, disk, _listener):
        noting.url = redis_url(parts.config)
        disk.free.set()
        await publish(parts, event("conference.invitation", told))
        await until(parts, "deliveries_planned", len(people))
        await parts.client.delete(keys.READY, keys.HINTED)  # all have left
        noting.spread.clear()
        await publish(
            parts, event("conference.cancellation", {"conference": conference(2, **planned)})
        )
        await until(parts, "deliveries_planned", 2 * len(people))

    assert noting.spread[0] == 1


async def publish(parts: Parts, told: dict[str, object]) -> None:
    await parts.client.xadd("notifier:events", {"event": raw(told)})


async def until(parts: Parts, name: str, total: int) -> None:
    """Wait until a total is reached."""
    while int(await parts.client.hget(keys.COUNTERS, name) or 0) < total:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
