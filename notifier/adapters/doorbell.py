"""The doorbell: a worker whose work is done waits at the door, where the next work finds it sooner.

A hint travels through Celery, which takes longer than to write a letter. Whoever finds that
something is ready rings (`take.lua`), and a worker at the door looks into the queue at once. The
ledger is the queue all the same: a ring that nobody hears is made up for by the next sweep.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from redis.asyncio import Redis

from notifier.adapters import keys
from notifier.adapters.connection import RedisError, SyncClient
from notifier.adapters.lua_scripts import Scripts

# How long a worker waits in one go. Where Celery has something for a worker that waits, it is rung
# away; should that fail, or the worker be stopped, so long is waited for it (seconds).
WAIT_SECONDS: Final = 1.0
# What nobody hears is dropped long after its worker has left the door (seconds).
KEPT_SECONDS: Final = 60

LOOK: Final = "look"
LEAVE: Final = "leave"
_GO: Final = LEAVE.encode()


class Doorbell:
    """The place of one worker at the door."""

    def __init__(self, client: Redis, *, queues: Sequence[str], name: str = "") -> None:
        """`queues` are lists of Celery of other tasks than hints; a name is nobody else's."""
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)
        self._queues = queues
        self._name = name or uuid4().hex[:12]

    async def rung(self) -> int | None:
        """Wait at the door until there is something in the queue.

        Give the revision of the settings that was in force then, or None where the time is over,
        or Celery needs a free worker.
        """
        touched = [keys.DOOR, keys.HINTED, keys.bell(self._name), *self._queues]
        if not await self._scripts.run("wait", touched, [self._name, WAIT_SECONDS]):
            return None
        heard = await self._client.brpop(keys.bell(self._name), timeout=WAIT_SECONDS)
        told = heard[1] if heard else None
        if told in (None, _GO):
            # It may stand at the door yet, or once more: a ring would be lost on it.
            told = await self._go_away()
        return None if told in (None, _GO) else int(told)

    async def _go_away(self) -> bytes | None:
        """Leave the door; give what was rung at the last moment."""
        pipeline = self._client.pipeline(transaction=True)
        pipeline.zrem(keys.DOOR, self._name)
        pipeline.rpop(keys.bell(self._name))
        _there, told = await pipeline.execute()
        return bytes(told) if told else None


def call_away(client: SyncClient) -> None:
    """Let one worker leave the door, if any waits there: a task was sent to Celery."""
    asked: Any = client
    # One that does not hear of it leaves when its time is over.
    with suppress(RedisError):
        for worker, _until in asked.zpopmin(keys.DOOR):
            bell = keys.bell(worker.decode())
            asked.lpush(bell, LEAVE)
            asked.expire(bell, KEPT_SECONDS)
