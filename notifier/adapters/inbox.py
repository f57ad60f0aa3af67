"""The stream of events: read as a consumer group, acknowledged after the commit."""

from operator import itemgetter
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from notifier import log
from notifier.adapters import keys
from notifier.adapters.lua_scripts import Scripts
from notifier.adapters.places import order
from notifier.ports.inbox import Entry

# An entry that its listener has held for this long without finishing is taken over (milliseconds).
TAKE_OVER_AFTER_MS: Final = 30_000
# How often an entry is tried before it is buried.
MOST_TRIES: Final = 5
# How long an acknowledged entry stays readable in the stream (seconds).
KEPT_SECONDS: Final = 3600

# About so much is read in one go, as far as the entries before tell how heavy the next will be:
# Redis is held up for a millisecond or two, and a stream of large events fills no listener (bytes).
READ_BYTES: Final = 1 << 20
# As many are read at first; while they are light, twice as many the next time.
FIRST_READ: Final = 10


class StreamInbox:
    """Reads `notifier:events` under one consumer name."""

    def __init__(self, client: Redis, consumer: str) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)
        self._consumer = consumer
        self._ahead: set[tuple[bytes, int]] = set()
        self._most = FIRST_READ

    async def open(self) -> None:
        """Make the group if it is missing, from the very first entry on: never `$`.

        One that vanished is made anew in the same way: what was applied is known by its id, and
        what was being applied would be lost from any later entry on.
        """
        try:
            await self._client.xgroup_create(keys.EVENTS, keys.GROUP, id="0", mkstream=True)
        except ResponseError as fault:
            if "BUSYGROUP" not in str(fault):
                raise
        else:
            if await self._client.exists(keys.SEEN):
                log.group_made_anew()

    async def read(self, *, limit: int, block_seconds: float) -> list[Entry]:
        """Give new entries, few if they are heavy; wait up to `block_seconds` for the first."""
        asked = min(limit, self._most)
        answer = await self._client.xreadgroup(
            keys.GROUP,
            self._consumer,
            {keys.EVENTS: ">"},
            count=asked,
            block=max(1, int(block_seconds * 1000)),
        )
        entries = [_entry(*pair) for _stream, found in answer or () for pair in found]
        if entries:
            heavy = sum(len(value) for each in entries for value in each.fields.values())
            self._most = max(1, min(2 * asked, READ_BYTES * len(entries) // (heavy + 1)))
        return entries

    async def take_over(self, *, limit: int) -> list[Entry]:
        """Give entries that a dead or stuck listener left unacknowledged.

        One that was tried too often is buried: a fault of ours may not hold up its conference for
        ever, and `rejected replay` brings it back when the fault is mended. One that was taken over
        before may be what kills listeners: it is given alone, and the others are not counted.
        """
        waiting = await self._client.xpending_range(
            keys.EVENTS, keys.GROUP, "-", "+", limit, idle=TAKE_OVER_AFTER_MS
        )
        if not waiting:
            return []
        tries = _innocent_or_one({each["message_id"]: each["times_delivered"] for each in waiting})
        # A try counts only where Redis takes writes: while it is full, the first of these two is
        # refused and the second with it, and nobody is blamed.
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hincrby(keys.COUNTERS, "events_taken_over", len(tries))
        pipeline.xclaim(keys.EVENTS, keys.GROUP, self._consumer, TAKE_OVER_AFTER_MS, list(tries))
        _count, claimed = await pipeline.execute()
        taken = [(_entry(*pair), tries[pair[0]]) for pair in claimed if pair[1]]
        for entry, tried in taken:
            if tried >= MOST_TRIES:
                await self.reject(entry, reason=f"could not be applied in {tried} tries", path="")
        return [entry for entry, tried in taken if tried < MOST_TRIES]

    async def trim(self, *, now: float) -> int:
        """Drop entries that were acknowledged long before `now` (unix seconds); give how many.

        Never by length: that drops what was not read yet. Never what is pending, nor what is newer
        than the last one read. Other groups, if somebody else reads along, have the same hour.
        """
        groups = {each["name"]: each for each in await self._client.xinfo_groups(keys.EVENTS)}
        group = groups.get(keys.GROUP.encode())
        if group is None:
            return 0  # nobody knows what was read
        pending = (await self._client.xpending(keys.EVENTS, keys.GROUP))["min"]
        old = f"{max(0, int(now) - KEPT_SECONDS) * 1000}-0".encode()
        oldest = min(filter(None, (group["last-delivered-id"], pending, old)), key=order)
        return int(await self._client.xtrim(keys.EVENTS, minid=oldest, approximate=True))

    async def let_go(self, *, limit: int) -> int:
        """Let entries be left behind that are held since a time to come; give how many.

        Redis's clock was set back since. To Redis they have been idle for no time at all, and would
        be until that time has come: seen so at two looks that are far apart, they are.
        """
        found = await self._client.xpending_range(keys.EVENTS, keys.GROUP, "-", "+", limit)
        holders = {
            (each["message_id"], each["times_delivered"]): each["consumer"]
            for each in found
            if each["time_since_delivered"] == 0
        }
        stuck = holders.keys() & self._ahead
        for entry, tried in stuck:
            await self._client.xclaim(
                keys.EVENTS,
                keys.GROUP,
                holders[entry, tried],
                0,
                [entry],
                idle=TAKE_OVER_AFTER_MS,
                justid=True,  # this is no try
            )
        self._ahead = set(holders)
        return len(stuck)

    async def reject(self, entry: Entry, *, reason: str, path: str) -> None:
        """Bury an entry that is not an event, bytes and all, and acknowledge it, in one step."""
        await self._scripts.run(
            "bury",
            [keys.EVENTS, keys.REJECTED, keys.COUNTERS],
            [keys.GROUP, entry.id, entry.fields.get(b"event", _all_fields(entry)), reason, path],
        )


def _entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    return Entry(id=entry_id.decode(), fields=fields)


def _innocent_or_one(tries: dict[bytes, int]) -> dict[bytes, int]:
    """Give those that failed once only, together; else one of those that failed least often."""
    innocent = {entry: tried for entry, tried in tries.items() if tried <= 1}
    return innocent or dict(sorted(tries.items(), key=itemgetter(1))[:1])


def _all_fields(entry: Entry) -> bytes:
    return b"; ".join(name + b"=" + value for name, value in entry.fields.items())
