"""A notifier on a private Redis whose workers are the test itself: hints are kept, not sent."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.fernet import Fernet

from notifier.adapters.agenda import RedisAgenda
from notifier.adapters.audit_walk import RedisAuditWalk
from notifier.adapters.connection import connect
from notifier.adapters.due_index import RedisDueIndex
from notifier.adapters.inbox import StreamInbox
from notifier.adapters.journal import DiskJournal
from notifier.adapters.ledger import RedisLedger
from notifier.adapters.lookout import Lookout
from notifier.adapters.mark_file import MarkFile
from notifier.adapters.memory import RedisMemory
from notifier.adapters.road_states import RedisRoads
from notifier.adapters.roads import Road, Roads
from notifier.adapters.settings_store import RedisSettings
from notifier.adapters.shelf import Shelf
from notifier.adapters.suppressions import RedisSuppressions
from notifier.adapters.template_files import shipped_root
from notifier.core.delivery import Delivery
from notifier.core.mail_servers import Smtp
from notifier.core.notice import Kind
from notifier.core.outcomes import Accepted, Outcome, Stopped
from notifier.delivering import Courier
from notifier.ports.clocks import Moment
from notifier.ports.ledger import Ending
from notifier.ports.mail import Fence, Letter, Mailer
from notifier.ports.mail import Shelf as AnyShelf
from notifier.recording import Recorder
from notifier.service import Notifier
from tests.cast import HOME, raw

SETTINGS: dict[str, Any] = {
    "server": {"domain": HOME, "time_zone": "Europe/Paris"},
    "smtp": {"host": "mail.example.com", "sender_address": "conf@example.com"},
    "administrator": {"name": "Chris", "email": "admin@example.com"},
    # Nobody here waits for a second thought; the tests of that say so.
    "notifications": {"settle_seconds": 0},
}


@dataclass
class Postman:
    """Plays the Mailer: asks the fence as a real one does, and answers what the test says."""

    outcome: Outcome = field(default_factory=lambda: Accepted("250 2.0.0 ok"))
    sent: list[Letter] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        reason = await fence()
        if reason:
            self.stopped.append(reason)
            return Stopped(reason)
        self.sent.append(letter)
        return self.outcome

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Hints:
    """Plays the Wake."""

    given: list[tuple[Kind, list[str]]] = field(default_factory=list)

    def deliver(self, kind: Kind, ids: Sequence[str]) -> None:
        self.given.append((kind, list(ids)))


class RightClocks:
    """Plays the Clocks, which a test sets as it likes: right, unless it says otherwise."""

    def __init__(self, client: Any, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self.trusted = True
        self.another: datetime | None = None  # what another clock tells

    async def moment(self) -> Moment | None:
        if not self.trusted:
            return None
        seconds, micros = await self._client.time()
        return Moment(redis=seconds + micros / 1e6, own=self._clock())

    def now(self) -> datetime:
        return self._clock()

    def doubt(self, moment: datetime) -> bool:
        told = (self._clock(), self.another or self._clock())
        return min(told) < moment <= max(told)


@dataclass
class Desk:
    """Everything of one notifier, within reach."""

    client: Any  # redis-py types an answer as the union of what every protocol could say
    inbox: StreamInbox
    memory: RedisMemory
    index: RedisDueIndex
    walk: RedisAuditWalk
    ledger: RedisLedger
    lookout: Lookout
    settings: RedisSettings
    notifier: Notifier
    courier: Courier
    journal: Path
    hints: Hints
    postman: Postman
    suppressions: RedisSuppressions
    roads: RedisRoads
    clocks: RightClocks
    now: datetime | None = None

    async def put(self, *events: dict[str, Any]) -> None:
        """Publish events as XADD would."""
        for each in events:
            await self.client.xadd("notifier:events", {"event": raw(each)})

    async def hear(self, *events: dict[str, Any]) -> None:
        """Publish events, and hear all that is new, lists spread to their end."""
        await self.put(*events)
        while entries := await self.inbox.read(limit=100, block_seconds=0.01):
            await self.notifier.hear(entries)
        while await self.notifier.spread():
            pass

    async def deliver(self) -> None:
        """Hint and deliver until nothing is ready."""
        await self.notifier.dispatch()
        while self.hints.given:
            _kind, ids = self.hints.given.pop(0)
            await self.notifier.deliver(ids)

    async def deliver_only(self, delivery: str) -> None:
        """Claim and deliver this one, whatever else is ready."""
        for claimed in await self.ledger.claim([delivery]):
            await self.courier.deliver(claimed, await self.settings.current())

    async def deliveries(self) -> list[Delivery]:
        """Give every delivery there is, by kind and recipient."""
        found = [key async for key in self.client.scan_iter("notifier:delivery:*", count=1000)]
        ids = [key.decode().rpartition(":")[2] for key in found]
        rows = await self.ledger.deliveries(ids)
        return sorted(rows, key=lambda row: (row.kind, row.recipient.key))

    async def record(self, before: Delivery, after: Delivery) -> bool:
        """Record one ending by itself; tell whether it was written."""
        return await self.ledger.record([Ending(before=before, after=after)]) == [True]

    async def counter(self, name: str) -> int:
        """Give one of the totals."""
        return int(await self.client.hget("notifier:counters", name) or 0)


@asynccontextmanager
async def desk(
    url: str,
    *,
    consumer: str = "a",
    shelf: AnyShelf | None = None,
    postman: Postman | None = None,
    make_mailer: Callable[[Smtp], Mailer] | None = None,
    make_road: Callable[[Smtp], Road] | None = None,
    marks: MarkFile | None = None,
) -> AsyncIterator[Desk]:
    """Open a desk on the Redis at `url`; without a mailer of its own, a postman plays it.

    With `make_road` letters choose among the roads that it makes, as in production.
    With `marks` its machine remembers what it has seen of the ledger.
    """
    with TemporaryDirectory() as journal:
        opened, courier = furnished(
            connect(url),
            journal=Path(journal),
            consumer=consumer,
            shelf=shelf,
            postman=postman,
            make_mailer=make_mailer,
            make_road=make_road,
            marks=marks,
        )
        await opened.inbox.open()
        if await opened.settings.revision() == 0:
            await opened.settings.apply(SETTINGS)
        try:
            yield opened
        finally:
            await courier.close()
            await opened.client.aclose()


def furnished(
    client: Any,
    *,
    journal: Path,
    consumer: str,
    shelf: AnyShelf | None = None,
    postman: Postman | None = None,
    make_mailer: Callable[[Smtp], Mailer] | None = None,
    make_road: Callable[[Smtp], Road] | None = None,
    hints: Hints | None = None,
    marks: MarkFile | None = None,
) -> tuple[Desk, Courier]:
    """Give a desk whose every command goes through `client`; nothing is read or written yet."""
    suppressions = RedisSuppressions(client, _KEY)
    inbox, memory = StreamInbox(client, consumer), RedisMemory(client, suppressions)
    index, walk = RedisDueIndex(client), RedisAuditWalk(client)
    roads = RedisRoads(client, clock=lambda: clock().timestamp())
    lookout = Lookout(client, marks)
    ledger = RedisLedger(client, suppressions, roads, lookout.look)
    settings = RedisSettings(client, _KEY)
    hints, postman = hints or Hints(), postman or Postman()
    made: list[Desk] = []

    def clock() -> datetime:
        return made[0].now or datetime.now(UTC)

    def mailer(smtp: Smtp) -> Mailer:
        return Roads(smtp, roads, make_road=make_road) if make_road else postman

    recorder = Recorder(ledger, DiskJournal(journal))
    clocks = RightClocks(client, clock)
    courier = Courier(
        ledger=ledger,
        recorder=recorder,
        shelf=shelf or Shelf(shipped_root()),
        make_mailer=make_mailer or mailer,
        clocks=clocks,
    )
    notifier = Notifier(
        inbox=inbox,
        memory=memory,
        index=index,
        walk=walk,
        ledger=ledger,
        settings=settings,
        courier=courier,
        recorder=recorder,
        roads=roads,
        wake=hints,
        clocks=clocks,
        agenda=RedisAgenda(client),
    )
    made.append(
        Desk(
            client=client,
            inbox=inbox,
            memory=memory,
            index=index,
            walk=walk,
            ledger=ledger,
            lookout=lookout,
            settings=settings,
            notifier=notifier,
            courier=courier,
            journal=journal,
            hints=hints,
            postman=postman,
            suppressions=suppressions,
            roads=roads,
            clocks=clocks,
        )
    )
    return made[0], courier


_KEY = Fernet.generate_key().decode()
