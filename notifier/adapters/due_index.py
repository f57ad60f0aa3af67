"""The due index: the next moment of every conference that reminds."""

from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis

from notifier.adapters import keys
from notifier.adapters.lua_scripts import Scripts

# How long whoever works through what is due may take over a batch, which takes some hundred
# milliseconds, before others go on without it: reminders are late by no more than that.
TURN_MILLISECONDS: Final = 3_000


class RedisDueIndex:
    """Keeps it in a sorted set; written by commit.lua only, in the step of what changes it."""

    def __init__(self, client: Redis, turn_milliseconds: int = TURN_MILLISECONDS) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._turn_milliseconds = turn_milliseconds
        self._scripts = Scripts(client)

    async def take_due(self, *, until: datetime, limit: int, holder: str) -> list[str]:
        """Give conferences with a reminder due up to `until`, the longest overdue first.

        None while another holder works through them. Where more than `limit` may be due, that is
        until the holder asks again, or leaves, or is not heard of for the lease. For speed only:
        the etags decide who is right.
        """
        found = await self._scripts.run(
            "take_due",
            [keys.DUE, keys.DUE_TURN],
            [until.timestamp(), limit, holder, self._turn_milliseconds],
        )
        return [each.decode() for each in found]

    async def leave_due(self, holder: str) -> None:
        """Let another holder go on."""
        if await self._client.get(keys.DUE_TURN) == holder.encode():
            await self._client.delete(keys.DUE_TURN)
