"""The stream of events: read as a consumer group, acknowledged after the commit."""

from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from notifier.adapters import keys
from notifier.ports import Entry

# An entry that its listener has held for this long without finishing is taken over (milliseconds).
TAKE_OVER_AFTER_MS: Final = 30_000


class StreamInbox:
    """Reads `notifier:events` under one consumer name."""

    def __init__(self, client: Redis, consumer: str) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._consumer = consumer

    async def open(self) -> None:
        """Make the group if it is missing, from the very first entry on: never `$`."""
        try:
            await self._client.xgroup_create(keys.EVENTS, keys.GROUP, id="0", mkstream=True)
        except ResponseError as fault:
            if "BUSYGROUP" not in str(fault):
                raise

    async def read(self, *, limit: int, block_seconds: float) -> list[Entry]:
        """Give new entries, waiting up to `block_seconds` for the first."""
        answer = await self._client.xreadgroup(
            keys.GROUP,
            self._consumer,
            {keys.EVENTS: ">"},
            count=limit,
            block=max(1, int(block_seconds * 1000)),
        )
        return [_entry(*pair) for _stream, found in answer or () for pair in found]

    async def take_over(self, *, limit: int) -> list[Entry]:
        """Give entries that a dead or stuck listener left unacknowledged."""
        _next, found, *_deleted = await self._client.xautoclaim(
            keys.EVENTS,
            keys.GROUP,
            self._consumer,
            min_idle_time=TAKE_OVER_AFTER_MS,
            start_id="0-0",
            count=limit,
        )
        return [_entry(entry_id, fields) for entry_id, fields in found if fields is not None]

    async def own_unfinished(self, *, limit: int) -> list[Entry]:
        """Give entries that this very consumer read before and did not finish."""
        answer = await self._client.xreadgroup(
            keys.GROUP, self._consumer, {keys.EVENTS: "0"}, count=limit
        )
        found = [pair for _stream, pairs in answer or () for pair in pairs]
        return [_entry(entry_id, fields) for entry_id, fields in found if fields]

    async def reject(self, entry: Entry, *, reason: str, path: str) -> None:
        """Bury an entry that is not an event, bytes and all, and acknowledge it, in one step."""
        pipeline = self._client.pipeline(transaction=True)
        buried: dict[bytes | str, bytes | str] = {
            "event": entry.fields.get(b"event", _all_fields(entry)),
            "reason": reason,
            "path": path,
            "entry": entry.id,
        }
        pipeline.xadd(keys.REJECTED, buried)
        pipeline.xack(keys.EVENTS, keys.GROUP, entry.id)
        pipeline.hincrby(keys.COUNTERS, "events_rejected", 1)
        await pipeline.execute()


def _entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    return Entry(id=entry_id.decode(), fields=fields)


def _all_fields(entry: Entry) -> bytes:
    return b"; ".join(name + b"=" + value for name, value in entry.fields.items())
