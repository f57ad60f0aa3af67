"""The due index: the next moment of every conference that reminds, and the walk that keeps it."""

from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import WatchError

from notifier.adapters import keys
from notifier.adapters.cursors import beginning, walked
from notifier.adapters.lua_scripts import Scripts
from notifier.remembering import BEGINNING

# Conferences read in one go.
PAGE: Final = 400
# How long whoever works through what is due may take over a batch, which takes some hundred
# milliseconds, before others go on without it: reminders are late by no more than that.
TURN_MILLISECONDS: Final = 3_000


class RedisDueIndex:
    """Keeps it in a sorted set; written by commit.lua only, in the step of what changes it."""

    def __init__(self, client: Redis) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)

    async def due(self, *, until: datetime, limit: int) -> list[str]:
        """Give conferences with a reminder due up to `until`, the longest overdue first."""
        found = await self._client.zrangebyscore(
            keys.DUE, "-inf", until.timestamp(), start=0, num=limit
        )
        return [each.decode() for each in found]

    async def take_due(self, *, until: datetime, limit: int, holder: str) -> list[str]:
        """Give conferences as `due` does, but none while another holder works through them.

        Where more than `limit` may be due, nobody else is given any until the holder asks again, or
        leaves, or is not heard of for the lease. For speed only: the etags decide who is right.
        """
        found = await self._scripts.run(
            "take_due",
            [keys.DUE, keys.DUE_TURN],
            [until.timestamp(), limit, holder, TURN_MILLISECONDS],
        )
        return [each.decode() for each in found]

    async def leave_due(self, holder: str) -> None:
        """Let another holder go on."""
        if await self._client.get(keys.DUE_TURN) == holder.encode():
            await self._client.delete(keys.DUE_TURN)

    async def conferences(self, *, cursor: str) -> tuple[list[str], str]:
        """Give some conference ids from `cursor` on, and the next cursor (BEGINNING: all)."""
        all_ = keys.CONFERENCES
        found, following = await walked(self._client, "sscan", all_, cursor, count=PAGE)
        return [each.decode() for each in found], following

    async def reindex_cursor(self) -> str | None:
        """Give how far the due index has been made anew, or None if it is not being made."""
        cursor = await self._client.get(keys.REINDEX)
        return None if cursor is None else str(cursor.decode())

    async def reindexed(self, cursor: str, following: str) -> None:
        """Note that the conferences from `cursor` to `following` are indexed (BEGINNING: all are).

        Settings that were applied meanwhile have begun another walk, and that one stays.
        """
        async with self._client.pipeline(transaction=True) as pipeline:
            await pipeline.watch(keys.REINDEX)
            if await pipeline.get(keys.REINDEX) != cursor.encode():
                return
            pipeline.multi()
            if following == BEGINNING:
                pipeline.delete(keys.REINDEX)
            else:
                pipeline.set(keys.REINDEX, following)
            with suppress(WatchError):
                await pipeline.execute()

    async def follow_zones(self, version: str) -> bool:
        """Have the due index made anew if another time zone database made it; tell whether.

        Laws change: what was computed with last year's is an hour off, and only at its moment.
        """
        known = await self._client.get(keys.ZONES)
        if known == version.encode():
            return False
        pipeline = self._client.pipeline(transaction=True)
        pipeline.set(keys.REINDEX, beginning(version))
        pipeline.set(keys.ZONES, version)
        await pipeline.execute()
        return True
