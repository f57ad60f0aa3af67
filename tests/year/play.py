"""The year played on a real notifier and a real Redis, with a clock that the agenda sets."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

import msgspec

from notifier.adapters import keys
from notifier.core.delivery import FINAL
from tests.adapters.desk import Desk
from tests.cast import SOURCE
from tests.year.agenda import Look, Posted, Step
from tests.year.oracle import Reminder
from tests.year.owed import Row
from tests.year.world import Decided, Heard

# Ticks after a decision, until the walk over all conferences is done.
STRIDE: Final = timedelta(seconds=0.05)
MOST_STRIDES: Final = 150
# Clocks are set back a little now and then, those of Redis too (seconds).
OVERLAP: Final = 5.0
# How often a worker comes to a letter that was put off.
MOST_TRIES: Final = 5
# Notices and rows read in one go.
PAGE: Final = 1_000


# Conference, start and offset of a reminder.
Subject = tuple[str, datetime, int]


class _Conference(msgspec.Struct):
    id: str


class _When(msgspec.Struct):
    start: datetime


class _Notice(msgspec.Struct):
    """As much of a stored notice as tells which reminder it is."""

    id: str
    kind: str
    created: datetime
    conference: _Conference | None = None
    occurrence: _When | None = None
    offset: int | None = None


_notice: Final = msgspec.json.Decoder(_Notice)


class Player:
    """Plays an agenda."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._client = desk.client
        self._read: set[bytes] = set()
        self._read_until = 0.0
        self._notices: dict[Subject, list[_Notice]] = {}

    async def play(self, agenda: Sequence[Step]) -> None:
        """Let everything happen at its moment."""
        for at, together in groupby(agenda, key=lambda each: each.at):
            self._desk.now = at
            heard = []
            for step in together:
                match step:
                    case Heard():
                        heard.append(step)
                    case Look():
                        await self._look()
                    case Decided():
                        await self._decide(step)
                    case Posted():
                        await self._send(step.reminder)
            if heard:
                await self._hear(heard)

    async def _look(self) -> None:
        await self._desk.notifier.tick()
        # Whatever is planned to be sent, a tick hints at.
        if self._desk.hints.given:
            await self._settle()

    async def _settle(self) -> None:
        """Spread what is to be spread, and put aside what is to be sent: its time comes later."""
        while await self._put_aside():
            await self._desk.notifier.spread()
        self._desk.hints.given.clear()

    async def _put_aside(self) -> int:
        pipeline = self._client.pipeline(transaction=False)
        pipeline.zcard(keys.SPREADING)
        pipeline.delete(keys.READY, keys.HINTED, keys.LATER)
        waiting, _deleted = await pipeline.execute()
        return int(waiting)

    async def _hear(self, heard: Sequence[Heard]) -> None:
        await self._desk.put(*(_on_the_wire(each) for each in heard))
        left = len(heard)
        while left:
            entries = await self._desk.inbox.read(limit=100, block_seconds=1)
            await self._desk.notifier.hear(entries)
            left -= len(entries)
        await self._settle()

    async def _decide(self, decided: Decided) -> None:
        """Apply settings, and tick until all conferences were looked at again."""
        await self._desk.settings.apply(decided.tables)
        for stride in range(MOST_STRIDES):
            self._desk.now = decided.at + stride * STRIDE
            await self._look()
            if not await self._client.exists(keys.REINDEX):
                return
        raise AssertionError("the walk over the conferences does not end")

    async def _send(self, reminder: Reminder) -> None:
        await self._read_notices()
        planned = self._notices.get((reminder.conference, reminder.start, reminder.offset), [])
        ids = [each for notice in planned for each in await self._deliveries(notice)]
        for _try in range(MOST_TRIES):
            if not ids:
                break
            await self._client.zadd(keys.READY, dict.fromkeys(ids, 0))
            await self._desk.notifier.deliver(ids)
            await self._put_aside()
            self._desk.hints.given.clear()
            # Put off, or to be written anew: a worker comes to it again.
            ids = [
                each.id
                for each in await self._desk.ledger.deliveries(ids)
                if each.state not in FINAL
            ]

    async def _deliveries(self, notice: _Notice) -> list[str]:
        found = await self._client.lrange(keys.notice_deliveries(notice.id), 0, -1)
        return [each.decode() for each in found]

    async def _read_notices(self) -> None:
        """Read the notices that were decided since the last time."""
        since = self._read_until - OVERLAP
        found = await self._client.zrange(
            keys.NOTICES, since, "+inf", byscore=True, withscores=True
        )
        ids = [each for each, _score in found if each not in self._read]
        self._read.update(ids)
        self._read_until = max((score for _each, score in found), default=self._read_until)
        for some in _pages(ids):
            for text in await self._client.mget([keys.notice(each.decode()) for each in some]):
                notice = _notice.decode(text)
                if notice.kind == "reminder":
                    assert notice.conference is not None
                    assert notice.occurrence is not None
                    assert notice.offset is not None
                    subject = (notice.conference.id, notice.occurrence.start, notice.offset)
                    self._notices.setdefault(subject, []).append(notice)

    async def rows(self) -> list[Row]:
        """Give every delivery of a reminder that stands in Redis."""
        await self._read_notices()
        told = [(reminder, each) for reminder, some in self._notices.items() for each in some]
        found: dict[bytes, Row] = {}
        for page in _pages(told):
            # One that was written anew at the fence stands in the lists of two notices.
            found |= await self._rows(page)
        return list(found.values())

    async def _rows(self, told: Sequence[tuple[Subject, _Notice]]) -> dict[bytes, Row]:
        pipeline = self._client.pipeline(transaction=False)
        for _subject, notice in told:
            pipeline.lrange(keys.notice_deliveries(notice.id), 0, -1)
        lists = await pipeline.execute()
        ids = [(*about, each) for about, some in zip(told, lists, strict=True) for each in some]
        for _subject, _about, each in ids:
            pipeline.hmget(keys.delivery(each.decode()), "key", "link", "state")
        found = zip(ids, await pipeline.execute(), strict=True)
        return {each: _row(subject, notice, fields) for (subject, notice, each), fields in found}


def _row(subject: Subject, notice: _Notice, fields: Sequence[bytes | None]) -> Row:
    key, link, state = ((each or b"").decode() for each in fields)
    conference, start, offset = subject
    return Row(conference, start, offset, key, link, notice.created, state)


def _pages(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(found), PAGE):
        yield found[at : at + PAGE]


def _on_the_wire(heard: Heard) -> dict[str, Any]:
    said = heard.said
    return {
        "specversion": "1.0",
        "id": said.id,
        "source": SOURCE,
        "type": said.type,
        "time": said.at.isoformat(),
        "data": said.data,
    }
