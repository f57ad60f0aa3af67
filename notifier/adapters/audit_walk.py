"""The walk over all conferences and the due index: page by page, shared by all processes."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import WatchError

from notifier.adapters import keys
from notifier.adapters.cursors import beginning, walked
from notifier.adapters.lua_scripts import Scripts
from notifier.ports.due_index import Turn
from notifier.remembering import BEGINNING

# Conferences read in one go: a fraction of a millisecond of Redis, some dozens of ours.
PAGE: Final = 200
# Entries of the index looked through in one go for such as nobody knows; there are hardly any.
ENTRIES: Final = 1000
# From one page to the next where nothing hurries: a million conferences in three hours, at one or
# two hundredths of a core (seconds).
PACE_SECONDS: Final = 2.0
# A page in a hurry takes some tens of milliseconds; whoever took one and is not done by then is
# stuck or dead (seconds).
TURN_SECONDS: Final = 10.0
# Raised with every change of what the index holds for the same conference and settings: it is made
# anew then, and what would have been due in the past reminds nobody.
RULES: Final = 1

# The second table of a walk; the first has no name.
_INDEX: Final = "index:"
_ZONES: Final = "zones-"


class RedisAuditWalk:
    """Keeps how far it is in one hash, for whoever takes the next page."""

    def __init__(self, client: Redis, pace_seconds: float = PACE_SECONDS) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._pace_seconds = pace_seconds
        self._scripts = Scripts(client)

    async def entries(self, conferences: Sequence[str]) -> dict[str, float | None]:
        """Give the moments that are indexed for these conferences (Unix seconds)."""
        if not conferences:
            return {}
        found = await self._client.zmscore(keys.DUE, list(conferences))
        return dict(zip(conferences, found, strict=True))

    async def page(self, cursor: str) -> tuple[list[str], str]:
        """Give some conferences from `cursor` on, and the next cursor (BEGINNING: that was all).

        First come all that are known, then those that stand in the index alone.
        """
        if cursor.startswith(_INDEX):
            return await self._unknown(cursor.removeprefix(_INDEX))
        all_ = keys.CONFERENCES
        found, following = await walked(self._client, "sscan", all_, cursor, count=PAGE)
        over = following == BEGINNING
        return [each.decode() for each in found], _INDEX + BEGINNING if over else following

    async def _unknown(self, cursor: str) -> tuple[list[str], str]:
        """Give some entries of the index that belong to no conference that is known."""
        found, following = await walked(self._client, "zscan", keys.DUE, cursor, count=ENTRIES)
        names = [name for name, _moment in found]
        known = await self._client.smismember(keys.CONFERENCES, names) if names else []
        unknown = [
            name.decode() for name, is_known in zip(names, known, strict=True) if not is_known
        ]
        return unknown, BEGINNING if following == BEGINNING else _INDEX + following

    async def turn(self, *, hurried_only: bool) -> Turn | None:
        """Take the next page of the walk that all share, if it is anybody's."""
        taken = await self._scripts.run(
            "turn",
            [keys.AUDIT, keys.REINDEX],
            [int(hurried_only), self._pace_seconds, TURN_SECONDS, beginning(uuid4().hex)],
        )
        if taken is None:
            return None
        cursor, asked = (each.decode() for each in taken)
        return Turn(cursor=cursor, asked=asked, catching_up=_catches_up(asked))

    async def walked(self, turn: Turn, following: str, *, seen: int, mended: int) -> bool:
        """Note that a page was looked at; False where somebody else was faster."""
        answer = await self._scripts.run(
            "walked",
            [keys.AUDIT, keys.REINDEX, keys.COUNTERS],
            [turn.cursor, turn.asked, "" if following == BEGINNING else following, seen, mended],
        )
        return bool(answer)

    async def catching_up(self) -> bool:
        """Tell whether moments that have passed are to be reminded of at this time.

        Not while a walk is under way that follows new settings: they would be those that it adds.
        """
        # A full Redis would refuse a transaction. The request stands until its walk has ended, and
        # what is written by settings that are older than it meets a conflict.
        pipeline = self._client.pipeline(transaction=False)
        pipeline.get(keys.REINDEX)
        pipeline.hmget(keys.AUDIT, "cursor", "asked")
        request, (cursor, asked) = await pipeline.execute()
        return all(_catches_up(each.decode()) for each in (request, cursor and asked) if each)

    async def follow(self, zones: str) -> bool:
        """Have the index made anew if it was made by other laws or rules; tell whether.

        Laws change: what was computed with last year's zones is an hour off, and only at its
        moment. A request that waits already is made a new one: its walk begins anew.
        """
        made_by = f"{zones}/{RULES}"
        while True:
            try:
                return await self._follow_once(made_by)
            except WatchError:
                continue

    async def _follow_once(self, made_by: str) -> bool:
        async with self._client.pipeline(transaction=True) as pipeline:
            await pipeline.watch(keys.ZONES, keys.REINDEX)
            before = (await pipeline.get(keys.ZONES) or b"").decode()
            if before == made_by:
                return False
            waiting = (await pipeline.get(keys.REINDEX) or b"").decode()
            only_laws = before.rpartition("/")[2] == made_by.rpartition("/")[2]
            name = _ZONES + made_by if only_laws and _catches_up(waiting) else f"rules-{made_by}"
            pipeline.multi()
            pipeline.set(keys.REINDEX, beginning(name))
            # Begun at once: a process of an older version may take the request away.
            begun = {"cursor": beginning(name), "asked": beginning(name), "seen": 0, "mended": 0}
            pipeline.hset(keys.AUDIT, mapping=begun)
            pipeline.hdel(keys.AUDIT, "began", "turn")
            pipeline.set(keys.ZONES, made_by)
            await pipeline.execute()
        return True


def _catches_up(asked: str) -> bool:
    """Tell whether a walk that follows this reminds of what has passed already."""
    return not asked or asked.partition("@")[2].startswith(_ZONES)
