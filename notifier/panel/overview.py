"""What the front page tells: read from Redis in few round trips, and without a single name."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.heartbeats import Beats
from notifier.adapters.leaning import upright
from notifier.adapters.places import unix_time

# A part that has shown no life for this long is taken for stuck; each shows it every second.
SILENT_SECONDS: Final = 10.0

PARTS: Final[Mapping[str, str]] = {
    "listen": "reads events",
    "worker": "sends mails",
    "beat": "looks at the clock",
}

QUEUE: Final[Mapping[str, str]] = {
    "Ready to go": keys.READY,
    "Handed to a worker": keys.HINTED,
    "Being sent": keys.LEASES,
    "To be tried later": keys.LATER,
    "Lists being spread": keys.SPREADING,
}

# How many deliveries are looked at for the longest wait, and how many are shown.
NEXT: Final = 100
LATEST: Final = 12


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the service; `silent_seconds` is None where it was never seen."""

    name: str
    does: str
    silent_seconds: float | None

    @property
    def working(self) -> bool:
        return self.silent_seconds is not None and self.silent_seconds < SILENT_SECONDS


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """How far the stream has been heard."""

    unfinished: int
    unread_seconds: float | None
    rejected: int


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as everybody may see it: no person, no address, no server's reply."""

    id: str
    kind: str
    state: str
    updated: float


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the front page."""

    parts: tuple[Part, ...]
    events: Events
    queue: Mapping[str, int]
    oldest_seconds: float | None
    totals: Mapping[str, int]
    latest: tuple[Latest, ...]


def parts(beats: Beats, *, now: float) -> tuple[Part, ...]:
    """Give the parts by their last signs of life; `now` in Unix seconds."""
    return tuple(
        Part(name=name, does=does, silent_seconds=_silence(beats.get(name), now))
        for name, does in PARTS.items()
    )


async def overview(client: AsyncClient, beats: Beats, *, now: float) -> Overview:
    """Read the front page; raises what the client raises."""
    pipeline = client.pipeline(transaction=False)
    for key in QUEUE.values():
        pipeline.zcard(key)
    pipeline.hgetall(keys.COUNTERS)
    pipeline.zrange(keys.READY, 0, NEXT - 1)
    pipeline.zrevrange(keys.NOTICES, 0, LATEST - 1)
    *lengths, counters, ready, notices = await pipeline.execute()
    return Overview(
        parts=parts(beats, now=now),
        events=await _events(client, now=now),
        queue=dict(zip(QUEUE, lengths, strict=True)),
        oldest_seconds=await _oldest(client, _texts(ready), now=now),
        totals=_totals(counters),
        latest=await _latest(client, _texts(notices)),
    )


async def _events(client: AsyncClient, *, now: float) -> Events:
    untyped: Any = client
    rejected = await untyped.xlen(keys.REJECTED)
    groups = await untyped.xinfo_groups(keys.EVENTS) if await untyped.exists(keys.EVENTS) else []
    for group in groups:
        if group["name"] == keys.GROUP.encode():
            # `lag` is known from Redis 7 on; the next unread entry tells it in every version.
            after = b"(" + group["last-delivered-id"]
            unread = await untyped.xrange(keys.EVENTS, min=after, count=1)
            return Events(
                unfinished=group["pending"],
                unread_seconds=max(0.0, now - unix_time(unread[0][0])) if unread else None,
                rejected=rejected,
            )
    return Events(unfinished=0, unread_seconds=None, rejected=rejected)


async def _oldest(client: AsyncClient, ids: Sequence[str], *, now: float) -> float | None:
    """Give the seconds for which the longest waiting of these deliveries has waited."""
    pipeline = client.pipeline(transaction=False)
    for each in ids:
        pipeline.hget(keys.delivery(each), "made")
    made = [float(each) for each in await pipeline.execute() if each]
    return max(0.0, now - min(made)) if made else None


async def _latest(client: AsyncClient, notices: Sequence[str]) -> tuple[Latest, ...]:
    """Give the newest deliveries of the newest notices."""
    pipeline = client.pipeline(transaction=False)
    for each in notices:
        pipeline.lrange(keys.notice_deliveries(each), -LATEST, -1)
    ids = [each for found in await pipeline.execute() for each in _texts(found)]
    for each in ids:
        pipeline.hmget(keys.delivery(each), _ROW)
    rows = zip(ids, await pipeline.execute(), strict=True)
    there = {each: _named(values) for each, values in rows if any(values)}
    whole = zip(there, await upright(client, list(there.values())), strict=True)
    known = [_row(each, row) for each, row in whole if row.keys() >= _SHOWN]
    return tuple(sorted(known, key=lambda row: row.updated, reverse=True)[:LATEST])


# What is read of a delivery: what is shown, and what tells where the rest of it is written.
_SHOWN: Final = frozenset({b"kind", b"state", b"updated"})
_ROW: Final = sorted(_SHOWN | {b"made", b"notice"})


def _named(values: Sequence[bytes | None]) -> dict[bytes, bytes]:
    return {name: value for name, value in zip(_ROW, values, strict=True) if value}


def _row(delivery: str, row: Mapping[bytes, bytes]) -> Latest:
    kind, state = row[b"kind"].decode(), row[b"state"].decode()
    return Latest(id=delivery, kind=kind, state=state, updated=float(row[b"updated"]))


def _totals(counters: Mapping[bytes, bytes]) -> dict[str, int]:
    """Give the counters in words: `deliveries_sent` is `Deliveries sent`."""
    return {
        name.decode().replace("_", " ").capitalize(): int(total)
        for name, total in sorted(counters.items())
    }


def _silence(beat: object, now: float) -> float | None:
    return max(0.0, now - float(beat)) if isinstance(beat, bytes) else None


def _texts(found: Sequence[bytes]) -> list[str]:
    return [each.decode() for each in found]
