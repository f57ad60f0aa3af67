"""Two listeners and a worker on one Redis whose clock, stream and mail server the test plays."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from notifier.adapters import keys
from notifier.adapters.lookout import Lookout
from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.delivery import Delivery, State
from notifier.core.life import Known, Member, on_list
from notifier.core.notice import Notice
from notifier.core.outcomes import Accepted, Deferred, Outcome, Stopped, Unanswered
from notifier.ports.inbox import Entry
from notifier.ports.mail import Fence, Letter
from notifier.remembering import BEGINNING
from tests.adapters.desk import SETTINGS, Desk, Hints, furnished
from tests.cast import NOW, raw
from tests.faults.held import told_our_time
from tests.faults.publisher_world import CONFERENCE

_SHELF: Final = Shelf(shipped_root(), glance_ns=10**15)

# What the mail server says, and whether it has the letter then.
ANSWERS: Final[dict[str, tuple[Outcome, bool]]] = {
    "takes it": (Accepted("250 2.0.0 ok"), True),
    "puts it off": (Deferred("451 4.7.1 try again"), False),
    "takes it and is cut off": (Unanswered("connection reset"), True),
    "is cut off": (Unanswered("connection reset"), False),
}


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A letter whose body left: what it is, and whether the mail server has it."""

    delivery: Delivery
    notice: Notice
    content: bytes
    at: datetime
    taken: bool


class OurRedis(Redis):
    """A client by whose clock it is what the test says."""

    now: Callable[[], datetime]

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        if args[0] == "TIME":
            moment = self.now().timestamp()
            return int(moment), int(moment % 1 * 1_000_000)
        # redis-py leaves this method without types.
        return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def register_script(self, script: Any) -> Any:
        return super().register_script(told_our_time(script))


def _our_redis(url: str, now: Callable[[], datetime]) -> OurRedis:
    client: Any = OurRedis.from_url(url, protocol=2)
    client.now = now
    assert isinstance(client, OurRedis)
    return client


class Postman:
    """Plays the Mailer; what happens `meanwhile`, happens while a letter is on its way."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self.answer = "takes it"
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()
        reason = await fence()
        if reason:
            return Stopped(reason)
        outcome, taken = ANSWERS[self.answer]
        await self._house.leave(letter, taken=taken)
        return outcome

    async def close(self) -> None:
        """Nothing is open."""


class House:
    """One notifier, and its clock."""

    def __init__(self, url: str, folder: Path) -> None:
        self.now = NOW
        self.client: Any = _our_redis(url, lambda: self.now)
        self.left: list[Left] = []
        self.watch: Callable[[Left], None] = lambda _left: None
        self._folder = folder
        self._openings = 0
        self._settings: dict[str, dict[bytes, bytes]] = {}

    async def load_scripts(self) -> None:
        for script in sorted((files("notifier.adapters") / "lua").iterdir(), key=str):
            await self.client.script_load(told_our_time(script.read_text(encoding="utf-8")))

    async def open(self, **tables: Any) -> None:
        """Begin anew, with an empty Redis and these settings."""
        self.hints = Hints()
        self.postman = Postman(self)
        self.desks = [self._desk(name) for name in ("a", "b")]
        self.left = []
        stored = await self._stored(tables)
        self._openings += 1
        await self.client.flushdb()
        # A revision of its own: whoever has read the settings before must read them again.
        mapping = {**stored, b"revision": self._openings * 1000}
        await self.client.hset(keys.SETTINGS, mapping=mapping)
        await self.client.xgroup_create(keys.EVENTS, keys.GROUP, id="0", mkstream=True)
        # Somebody has looked at this Redis: deliveries may leave.
        assert await Lookout(self.client).look()
        self.now = NOW
        await self.pass_time(timedelta(0))

    async def close(self) -> None:
        await self.client.aclose()

    async def pass_time(self, time: timedelta) -> None:
        self.now += time
        for desk in self.desks:
            desk.now = self.now
        moment = self.now.timestamp()
        async with self.client.pipeline() as pipeline:
            pipeline.delete("model:clock")
            pipeline.rpush("model:clock", int(moment), int(moment % 1 * 1_000_000))
            await pipeline.execute()

    async def hear(self, told: Sequence[dict[str, Any]], *, who: int = 0) -> None:
        """Publish events, and let a listener hear them in one batch."""
        entries = await self.read(told, who=who)
        await self.listen(entries, who=who)

    async def read(self, told: Sequence[dict[str, Any]], *, who: int = 0) -> list[Entry]:
        """Publish events, and let a listener read them; nothing is done about them yet."""
        if not told:
            return []
        for each in told:
            await self.client.xadd(keys.EVENTS, {"event": raw(each)})
        return await self.desks[who].inbox.read(limit=100, block_seconds=0.001)

    async def listen(self, entries: Sequence[Entry], *, who: int = 0) -> None:
        if entries:
            await self.desks[who].notifier.hear(entries)
            await self.spread()

    async def spread(self) -> None:
        while await self.desks[0].notifier.spread():
            pass

    async def tick(self) -> None:
        await self.desks[0].notifier.tick()
        await self.spread()

    async def send(
        self,
        *,
        most: int = 1000,
        answer: str = "takes it",
        meanwhile: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Let the worker send what is ready, one letter after the other, at most so many."""
        self.postman.answer, self.postman.meanwhile = answer, meanwhile
        await self.desks[0].notifier.dispatch()
        while most and self.hints.given:
            kind, ids = self.hints.given.pop(0)
            if ids[1:]:
                self.hints.given.insert(0, (kind, ids[1:]))
            await self.desks[1].notifier.deliver(ids[:1])
            most -= 1

    async def send_all(self) -> None:
        """Let time pass until nothing waits any more, and send whatever is ready."""
        await self.tick()
        await self.send()
        while (due := await self._next_moment()) is not None:
            await self.pass_time(max(timedelta(seconds=1), due - self.now))
            await self.tick()
            await self.send()

    async def _next_moment(self) -> datetime | None:
        for queue in (keys.READY, keys.LATER, keys.HINTED, keys.LEASES):
            found = await self.client.zrange(queue, 0, 0, withscores=True)
            if found and queue == keys.LATER:
                return datetime.fromtimestamp(found[0][1], tz=NOW.tzinfo) + timedelta(seconds=1)
            if found:
                return self.now
        return None

    async def apply(self, **tables: Any) -> None:
        await self.desks[0].settings.apply(tables)

    async def known(self) -> tuple[Known | None, dict[str, Member]]:
        """Give what is remembered of the conference, and who is on its list."""
        memory = self.desks[0].memory
        known = (await memory.recall({CONFERENCE: ()}))[CONFERENCE].known
        if known is None:
            return None, {}
        rows, cursor = await memory.slice(CONFERENCE, cursor=BEGINNING)
        while cursor != BEGINNING:
            more, cursor = await memory.slice(CONFERENCE, cursor=cursor)
            rows += more
        return known, {row.key: row for row in rows if on_list(row, known)}

    async def next_reminder(self) -> float | None:
        score: float | None = await self.client.zscore(keys.DUE, CONFERENCE)
        return score

    async def deliveries(self) -> list[Delivery]:
        return await self.desks[0].deliveries()

    async def leave(self, letter: Letter, *, taken: bool) -> None:
        """Note a letter whose body leaves."""
        mark = letter.content.partition(b"X-Notifier-Delivery: ")[2].split(b"\r\n")[0].decode()
        [delivery] = await self.desks[0].ledger.deliveries([mark])
        assert delivery.state is State.IN_DATA
        notice = await self.desks[0].memory.notice(delivery.notice)
        assert notice is not None
        left = Left(
            delivery=delivery, notice=notice, content=letter.content, at=self.now, taken=taken
        )
        self.left.append(left)
        self.watch(left)

    def _desk(self, name: str) -> Desk:
        """Furnish a process that remembers nothing."""
        desk, _courier = furnished(
            self.client,
            journal=self._folder,
            consumer=name,
            shelf=_SHELF,
            make_mailer=lambda _smtp: self.postman,
            hints=self.hints,
        )
        return desk

    async def _stored(self, tables: Any) -> dict[bytes, bytes]:
        """Give settings as Redis keeps them."""
        if str(tables) not in self._settings:
            await self.client.flushdb()
            await self.desks[0].settings.apply(SETTINGS | tables)
            self._settings[str(tables)] = await self.client.hgetall(keys.SETTINGS)
        return self._settings[str(tables)]
