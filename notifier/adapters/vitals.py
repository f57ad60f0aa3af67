"""The signs by which one sees from outside whether the notifier works: queues, ages, heartbeats."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from redis.exceptions import ResponseError

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.places import unix_time

# Parts that leave a heartbeat while they make progress.
BEATING: Final = ("listen", "worker", "beat")

# For so long after a look at the clocks somebody hears that something was wrong (seconds).
ALARM_SECONDS: Final = 10

# Publishers that are named; there are few.
MOST_NAMED: Final = 20


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """How far the stream of events is heard; ages in seconds, by Redis's clock."""

    has_group: bool
    unheard_for: float | None = None  # the oldest entry that nobody has read
    unfinished: int = 0  # read and not acknowledged
    unfinished_for: float | None = None


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed, and how late the most urgent of it is (seconds; below 0: in time)."""

    ready: int
    later: int
    on_the_way: int  # hinted at or claimed
    late: float | None
    overdue_leases: int
    spreading: int
    spreading_for: float | None


class Vitals:
    """Reads a handful of numbers; none of it grows with the number of people."""

    def __init__(self, client: AsyncClient) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client

    async def silences(self, *, now: float) -> dict[str, float | None]:
        """Give for how long each part has made no progress (seconds); None for never seen.

        `now` is the Unix time by this machine's clock, as the parts write it.
        """
        beaten = await self._client.mget([keys.HEARTBEAT + role for role in BEATING])
        return {
            role: None if each is None else now - float(each)
            for role, each in zip(BEATING, beaten, strict=True)
        }

    async def stream(self) -> Stream:
        """Give how far the stream is heard."""
        group = await self._group()
        if group is None:
            return Stream(has_group=False, unheard_for=await self._age_of_first("-"))
        pending = await self._client.xpending(keys.EVENTS, keys.GROUP)
        return Stream(
            has_group=True,
            unheard_for=await self._age_of_first(f"({group['last-delivered-id'].decode()}"),
            unfinished=pending["pending"],
            unfinished_for=await self._age(pending["min"]) if pending["pending"] else None,
        )

    async def queue(self) -> Queue:
        """Give how much is owed and how late it is."""
        now = await self._now()
        pipeline = self._client.pipeline(transaction=False)
        for key in (keys.READY, keys.LATER, keys.HINTED, keys.LEASES, keys.SPREADING):
            pipeline.zcard(key)
        pipeline.zcount(keys.LEASES, "-inf", now)
        for key in (keys.READY, keys.SPREADING):
            pipeline.zrange(key, 0, 0, withscores=True)
        answers = await pipeline.execute()
        ready, later, hinted, claimed, spreading, overdue, urgent, slowest = answers
        return Queue(
            ready=ready,
            later=later,
            on_the_way=hinted + claimed,
            late=_since(urgent, now),
            overdue_leases=overdue,
            spreading=spreading,
            spreading_for=_since(slowest, now),
        )

    async def clock_fault(self) -> str:
        """Give what some part found wrong with the clocks a moment ago, if anything."""
        found = await self._client.get(keys.CLOCK)
        if not found:
            return ""
        at, _, fault = found.decode().partition(" ")
        # Set by a clock that was ahead, it would outlive by a day what it says.
        return fault if abs(await self._now() - float(at)) <= ALARM_SECONDS else ""

    async def behind(self) -> dict[str, float]:
        """Give the publishers that spoke of earlier revisions than before, and how long ago."""
        now = await self._now()
        found = await self._client.zrevrange(keys.BEHIND, 0, MOST_NAMED - 1, withscores=True)
        return {source.decode("utf-8", "replace"): now - at for source, at in found}

    async def _group(self) -> dict[str, Any] | None:
        try:
            groups = await self._client.xinfo_groups(keys.EVENTS)
        except ResponseError:  # There is no stream yet.
            return None
        return next((each for each in groups if each["name"] == keys.GROUP.encode()), None)

    async def _age_of_first(self, after: str) -> float | None:
        found = await self._client.xrange(keys.EVENTS, after, "+", count=1)
        return await self._age(found[0][0]) if found else None

    async def _age(self, entry_id: bytes) -> float:
        return await self._now() - unix_time(entry_id)

    async def _now(self) -> float:
        seconds, micros = await self._client.time()
        return float(seconds + micros / 1e6)


def _since(found: Sequence[tuple[bytes, float]], now: float) -> float | None:
    return now - found[0][1] if found else None
