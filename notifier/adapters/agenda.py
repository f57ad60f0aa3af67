"""The agenda: whether there is anything to do at this moment, asked in one round trip."""

from typing import Any

from redis.asyncio import Redis

from notifier.adapters import keys
from notifier.ports.clocks import Moment


class RedisAgenda:
    """Looks at the heads of the queues and of the due index; the cost does not grow with them."""

    def __init__(self, client: Redis) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client

    async def empty(self, moment: Moment) -> bool:
        """Tell whether nothing is due, put off until now, waiting, on its way or being walked."""
        pipeline = self._client.pipeline(transaction=False)
        # What waits for a worker or is with one, what is being spread or walked, and the roads that
        # do not simply work: as long as there is one of these, there is something to do.
        pipeline.zcard(keys.READY)
        pipeline.zcard(keys.HINTED)
        pipeline.zcard(keys.LEASES)
        pipeline.zcard(keys.SPREADING)
        pipeline.hlen(keys.ROADS)
        pipeline.exists(keys.REINDEX)
        pipeline.zrange(keys.DUE, 0, 0, withscores=True)
        pipeline.zrange(keys.LATER, 0, 0, withscores=True)
        *counts, due, later = await pipeline.execute()
        return not any(counts) and not (
            _come(due, now=moment.own.timestamp()) or _come(later, now=moment.redis)
        )


def _come(head: list[tuple[bytes, float]], *, now: float) -> bool:
    """Tell whether the moment has come of what stands first in a queue by time."""
    return any(at <= now for _member, at in head)
