"""How each road to a mail server stands, kept in Redis for all workers."""

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from notifier import log
from notifier.adapters import keys
from notifier.adapters.absence import answering
from notifier.adapters.lua_scripts import Scripts
from notifier.core.breaker import Breaker, Sign, Stand, heard, taken
from notifier.core.reputation import WINDOW_MINUTES, Tally, tally
from notifier.lines import harmless
from notifier.ports.ledger import LedgerAway

# Deliveries that a server answered for good (`record.lua` counts them).
_ANSWERED: Final = ("deliveries_sent", "deliveries_failed")

# How a road stands of which nothing is kept.
WORKS: Final = Breaker()

_breaker: Final = msgspec.json.Decoder(Breaker)
Change = Callable[[Breaker, float], Breaker | None]


class RedisRoads:
    """Keeps a breaker for each road; this process's last look at them costs nothing to ask.

    A road that works is kept nowhere and told nothing. Moments are those of Redis, unless `clock`
    gives others (unix seconds).
    """

    def __init__(self, client: Redis, *, clock: Callable[[], float] | None = None) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)
        self._clock = clock
        self._seen: dict[int, Breaker] = {}
        self._minute = 0

    def breaker(self, road: int) -> Breaker:
        """Give how a road stood when this process last looked."""
        return self._seen.get(road, WORKS)

    def read(self, stored: Mapping[bytes, bytes]) -> None:
        """Take in how the roads stand: what `HGETALL` says."""
        self._seen = {int(road): _breaker.decode(text) for road, text in stored.items()}

    async def breakers(self) -> dict[int, Breaker]:
        """Give the breakers of the roads that do not simply work."""
        self.read(await self._client.hgetall(keys.ROADS))
        return self._seen

    async def leave(self, road: int) -> int | None:
        """Ask leave for one mail: None is no; else what `hear` is told with what came of it."""
        if self.breaker(road).stand is Stand.CLOSED:
            return 0
        try:
            with answering():
                after = await self._change(road, lambda breaker, _now: taken(breaker))
        except LedgerAway:
            return None
        return after.trip if after else None

    async def hear(self, road: int, sign: Sign, leave: int, *, cause: str = "") -> None:
        """Take in what came of a mail that went with this leave; Redis may be away."""
        if leave == 0 and sign not in {Sign.FAIL, Sign.ALARM}:
            return  # a road that works is told nothing

        def change(breaker: Breaker, now: float) -> Breaker | None:
            if breaker.trip != leave:
                return None  # it was sent before the road was closed, or opened, last
            # It outlives the mail, whose recipient servers like to quote.
            said = harmless(cause)
            return heard(breaker, sign, now=now, jitter=random.uniform(-1, 1), cause=said)

        with suppress(LedgerAway), answering():
            await self._change(road, change)

    async def look_after(self) -> None:
        """Let those roads be tried again whose pause is over; note the totals once a minute."""
        for road in await self.breakers():
            await self._change(road, _over)
        with suppress(LedgerAway), answering():  # a Redis that is full
            await self._note_totals()

    async def refused(self, road: int) -> Tally | None:
        """Count a mail that was refused by policy; give how it looks, or None without Redis."""
        try:
            with answering():
                return await self._refused(road)
        except LedgerAway:
            return None

    async def _change(self, road: int, change: Change) -> Breaker | None:
        """Change a breaker by what stands at this moment; give it, or None if nothing changes."""
        while True:
            now = await self._now()
            text = await self._client.hget(keys.ROADS, road)
            before = _breaker.decode(text) if text else WORKS
            after = change(before, now)
            if after is None or after == before:
                self._seen[road] = before
                return after
            written = b"" if after == WORKS else msgspec.json.encode(after)
            if await self._scripts.run("swap_road", [keys.ROADS], [road, text or b"", written]):
                self._seen[road] = after
                _tell(road, before, after, now)
                return after

    async def _now(self) -> float:
        if self._clock is not None:
            return self._clock()
        seconds, microseconds = await self._client.time()
        return int(seconds) + int(microseconds) / 1e6

    async def _note_totals(self) -> None:
        """Write how many mails were answered when this minute began; forget old minutes."""
        minute = int(await self._now() // 60)
        if minute == self._minute:
            return
        noted = await self._client.hgetall(keys.REPUTATION)
        if f"total:{minute}".encode() not in noted:
            answered = await self._answered()
            await self._client.hset(keys.REPUTATION, f"total:{minute}", answered)
        old = [name for name in noted if _minute_of(name.decode()) < minute - WINDOW_MINUTES]
        if old:
            await self._client.hdel(keys.REPUTATION, *old)
        self._minute = minute

    async def _refused(self, road: int) -> Tally:
        minute = int(await self._now() // 60)
        await self._client.hincrby(keys.REPUTATION, f"refused:{road}:{minute}", 1)
        stored = await self._client.hgetall(keys.REPUTATION)
        counts = {name.decode(): int(count) for name, count in stored.items()}
        return tally(
            minute,
            await self._answered(),
            _by_minute(counts, "total:"),
            _by_minute(counts, f"refused:{road}:"),
        )

    async def _answered(self) -> int:
        return sum(int(each or 0) for each in await self._client.hmget(keys.COUNTERS, *_ANSWERED))


def _over(breaker: Breaker, now: float) -> Breaker:
    return heard(breaker, Sign.OVER, now=now, jitter=random.uniform(-1, 1))


def _by_minute(counts: Mapping[str, int], prefix: str) -> dict[int, int]:
    return {_minute_of(name): count for name, count in counts.items() if name.startswith(prefix)}


def _minute_of(name: str) -> int:
    return int(name.rpartition(":")[2])


def _tell(road: int, before: Breaker, after: Breaker, now: float) -> None:
    """Log what an operator wants to know: a road is closed, is tried, works again."""
    if after.stand is not before.stand:
        seconds = after.until - now if after.stand is Stand.OPEN else None
        log.road(road, after.stand, cause=after.cause or before.cause, pause_seconds=seconds)
