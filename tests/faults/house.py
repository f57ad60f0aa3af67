"""A whole service of held processes on one real Redis, with a mail server that the test plays."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from notifier.adapters import keys
from notifier.adapters.inbox import TAKE_OVER_AFTER_MS
from notifier.adapters.leaning import deliveries_of
from notifier.adapters.ledger import RedisLedger
from notifier.adapters.lookout import Lookout
from notifier.adapters.memory import RedisMemory
from notifier.adapters.rows import pairs
from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.delivery import (
    Delivery,
)
from notifier.core.notice import Notice
from notifier.ports.inbox import Entry
from tests.adapters.desk import SETTINGS, Desk, Hints, furnished
from tests.cast import NOW, raw
from tests.faults.held import Process, held_redis, owned, told_our_time
from tests.faults.mail_server import HeldMailer, MailServer

LISTENERS: Final = ("listener 1", "listener 2")
WORKERS: Final = ("worker 1", "worker 2")

_SHELF: Final = Shelf(shipped_root(), glance_ns=10**15)


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """All deliveries, who stands in which queue, and the totals, at one moment."""

    rows: dict[str, Delivery]
    queues: dict[str, set[str]]
    counters: dict[str, int]

    @property
    def quiet(self) -> bool:
        """Tell whether nobody waits for anything but a person."""
        return not any(self.queues.values())


PLACES: Final = (keys.READY, keys.LATER, keys.HINTED, keys.LEASES)
# The prefix of deliveries, the counters, then the queues: one round trip for a look at everything.
_LOOK: Final = """
local rows = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  rows[#rows + 1] = { string.sub(key, #ARGV[1] + 1), redis.call('HGETALL', key) }
end
table.sort(rows, function(one, other) return one[1] < other[1] end)
local queues = {}
for i = 2, #KEYS do queues[#queues + 1] = redis.call('ZRANGE', KEYS[i], 0, -1) end
return { rows, queues, redis.call('HGETALL', KEYS[1]) }
"""


class House:
    """Two listeners, two workers, their Redis, their mail server and their clock."""

    def __init__(self, url: str, folder: Path) -> None:
        asyncio.get_running_loop().set_task_factory(owned)
        self.folder = folder  # the local disk, where Redis is away
        self.now = NOW
        self.client: Any = Redis.from_url(url, protocol=2)
        self.ledger, self.memory = RedisLedger(self.client), RedisMemory(self.client)
        look = self.client.register_script(_LOOK)
        self._read_books = partial(look, keys=[keys.COUNTERS, *PLACES], args=[keys.delivery("")])
        self.hints = Hints()
        self.mail_server = MailServer(self._about)
        self.openings = 0
        self.entries = 0
        self._settings: dict[str, Any] = {}
        self.processes = {name: Process() for name in LISTENERS + WORKERS}
        self.clients = {
            name: held_redis(url, process.hold, lambda: self.now)
            for name, process in self.processes.items()
        }
        self.desks: dict[str, Desk] = {}

    async def load_scripts(self) -> None:
        """Load every script: the first example would need more steps than all others."""
        for script in sorted((files("notifier.adapters") / "lua").iterdir(), key=str):
            await self.client.script_load(told_our_time(script.read_text(encoding="utf-8")))

    async def open(self, **tables: Any) -> None:
        """Begin anew, with an empty Redis and these settings."""
        for process in self.processes.values():
            await process.kill()
        for each in self.folder.iterdir():
            each.unlink()
        self.desks = {name: self._desk(name) for name in self.processes}
        self.hints.given.clear()
        self.mail_server.forget()
        self.openings += 1
        stored = await self._stored(tables)
        async with self.client.pipeline() as pipeline:
            pipeline.flushall()
            pipeline.xgroup_create(keys.EVENTS, keys.GROUP, id="0", mkstream=True)
            # A revision of its own: whoever has read the settings before must read them again.
            pipeline.hset(keys.SETTINGS, mapping={**stored, "revision": self.openings})
            await pipeline.execute()
        # Somebody has looked at this Redis: deliveries may leave.
        assert await Lookout(self.client).look()
        self.now = NOW
        await self.pass_time(timedelta(0))

    async def close(self) -> None:
        for each in self.processes.values():
            await each.kill()
        for client in self.clients.values():
            await client.aclose()
        await self.client.aclose()

    async def put(self, event: Any) -> None:
        """Publish as XADD would, at our time."""
        self.entries += 1
        entry = f"{int(self.now.timestamp() * 1000)}-{self.entries}"
        await self.client.xadd(keys.EVENTS, {"event": raw(event)}, id=entry)

    async def start(self, name: str, job: str, *args: Any) -> None:
        """Set a process to work; one that works goes on with what it has."""
        process = self.processes[name]
        if not process.busy:
            if process.died:
                process.died = False
                self.desks[name] = self._desk(name)
            desk = self.desks[name]
            desk.now = self.now
            await process.start(_JOBS[job](_Jobs(desk), *args))

    async def pass_time(self, time: timedelta) -> None:
        """Let time pass for everybody, for leases and for entries that nobody finished."""
        self.now += time
        for desk in self.desks.values():
            desk.now = self.now
        await self._set_clock()
        await self._age_entries(time)

    async def recover(self) -> None:
        """Let everybody finish and everything be tried again, with good luck, until all is quiet.

        Waits are passed over: hints, leases, doubts, and the pauses between tries.
        """
        for process in self.processes.values():
            await process.finish()
        for wait in PAUSES:
            await self.pass_time(timedelta(seconds=wait))
            await self.whole(LISTENERS[0], "everything")
            while self.hints.given:
                _kind, ids = self.hints.given.pop(0)
                await self.whole(WORKERS[0], "deliver", ids)
            if (await self.books()).quiet:
                return

    async def whole(self, name: str, job: str, *args: Any) -> None:
        """Do a whole job with good luck."""
        await self.start(name, job, *args)
        await self.processes[name].finish()

    async def books(self) -> Books:
        """Read everything about deliveries at one moment."""
        rows, queues, counters = await self._read_books()
        written = [(key.decode(), pairs(flat)) for key, flat in rows]
        return Books(
            rows={each.id: each for each in await deliveries_of(self.client, written)},
            queues={
                name: {each.decode() for each in found}
                for name, found in zip(PLACES, queues, strict=True)
            },
            counters={name.decode(): int(value) for name, value in pairs(counters).items()},
        )

    async def _about(self, delivery: str) -> tuple[Delivery, Notice, datetime]:
        [found] = await self.ledger.deliveries([delivery])
        notice = await self.memory.notice(found.notice)
        assert notice is not None
        return found, notice, self.now

    def _desk(self, name: str) -> Desk:
        """Furnish a process that remembers nothing."""
        client = self.clients[name]
        mailer = HeldMailer(self.mail_server, client.hold)
        desk, _courier = furnished(
            client,
            journal=self.folder,
            consumer=name,
            shelf=_SHELF,
            make_mailer=lambda _smtp: mailer,
            hints=self.hints,
        )
        return desk

    async def _stored(self, tables: Any) -> Any:
        """Give settings as Redis keeps them."""
        if str(tables) not in self._settings:
            await self.client.flushall()
            plain, _courier = furnished(self.client, journal=self.folder, consumer="nobody")
            await plain.settings.apply(SETTINGS | tables)
            self._settings[str(tables)] = await self.client.hgetall(keys.SETTINGS)
        return self._settings[str(tables)]

    async def _set_clock(self) -> None:
        moment = self.now.timestamp()
        async with self.client.pipeline() as pipeline:
            pipeline.delete("model:clock")
            pipeline.rpush("model:clock", int(moment), int(moment % 1 * 1_000_000))
            await pipeline.execute()

    async def _age_entries(self, time: timedelta) -> None:
        """Redis counts the idle time of entries by its own clock alone: add ours."""
        found = await self.client.xpending_range(keys.EVENTS, keys.GROUP, "-", "+", 1000)
        for each in found:
            idle = each["time_since_delivered"] + int(time.total_seconds() * 1000)
            await self.client.xclaim(
                keys.EVENTS,
                keys.GROUP,
                each["consumer"].decode(),
                0,
                [each["message_id"]],
                idle=min(idle, 10 * TAKE_OVER_AFTER_MS),
                justid=True,
            )


# Enough for hints and claims, for an answer and a doubt, for the longest pause between tries
# (seconds), and a few more for whatever only then begins.
PAUSES: Final = (61, 961, 961, 5 * 3600, 961, 961, 61)


class _Jobs:
    """What processes do, a job each, in the words of the workers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def hear(self) -> None:
        await self._hear(await self._desk.inbox.read(limit=200, block_seconds=0))
        await self._desk.notifier.dispatch()

    async def take_over(self) -> None:
        while left := await self._desk.inbox.take_over(limit=200):
            await self._hear(left)
        await self._desk.notifier.dispatch()

    async def sweep(self) -> None:
        await self._desk.notifier.sweep()

    async def tick(self) -> None:
        await self._desk.notifier.tick()

    async def deliver(self, ids: list[str]) -> None:
        await self._desk.notifier.deliver(ids)

    async def look_after_everything(self) -> None:
        while left := await self._desk.inbox.take_over(limit=200):
            await self._hear(left)
        await self._hear(await self._desk.inbox.read(limit=200, block_seconds=0))
        await self._desk.notifier.tick()
        await self._hear([])
        await self._desk.notifier.dispatch()

    async def _hear(self, entries: list[Entry]) -> None:
        if entries:
            await self._desk.notifier.hear(entries)
        while await self._desk.notifier.spread():
            pass


_JOBS: Final[dict[str, Any]] = {
    "hear": _Jobs.hear,
    "take_over": _Jobs.take_over,
    "sweep": _Jobs.sweep,
    "tick": _Jobs.tick,
    "deliver": _Jobs.deliver,
    "everything": _Jobs.look_after_everything,
}
