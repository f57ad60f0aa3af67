"""The signs of life that listeners, workers and beats leave in Redis."""

import time
from collections.abc import Mapping, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient, SyncClient

# What each role wrote last (a Unix time, to be compared only); None for one that never did.
Beats = Mapping[str, object]


class Heartbeats:
    """Reads them; a Redis that is away is an answer here, not an error."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def last(self, roles: Sequence[str]) -> Beats | None:
        """What each of the roles wrote last, or None while Redis is away."""
        if not roles:
            return {}
        try:
            found = await self._client.mget([keys.HEARTBEAT + role for role in roles])
        except (RedisError, OSError):
            return None
        return dict(zip(roles, found, strict=True))

    async def may_beat(self) -> bool:
        """Whether a heartbeat could be written now: one that is full or away stops them all."""
        try:
            await beat_heart(self._client, "watch")
        except (RedisError, OSError):
            return False
        return True


async def beat_heart(client: AsyncClient, role: str) -> None:
    """Note that this role has just made progress."""
    await client.set(keys.HEARTBEAT + role, f"{time.time():.3f}")


def beat_heart_sync(client: SyncClient, role: str) -> None:
    """The same, for code without an event loop."""
    client.set(keys.HEARTBEAT + role, f"{time.time():.3f}")


class Silence:
    """For how long a role has made no progress, by our own steady clock.

    What it wrote is compared with what it wrote before, not with the time: a clock may be wrong.
    """

    def __init__(self, client: AsyncClient, role: str) -> None:
        self._client = client
        self._role = role
        self._heard: tuple[object, float] | None = None

    async def seconds(self) -> float:
        """Look once more; for ever if it never made any."""
        beaten = await self._client.get(keys.HEARTBEAT + self._role)
        now = time.monotonic()
        if beaten is None:
            return float("inf")
        if self._heard is None or self._heard[0] != beaten:
            self._heard = (beaten, now)
        return now - self._heard[1]
