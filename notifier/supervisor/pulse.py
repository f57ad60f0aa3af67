"""Parts that run but do nothing: a heartbeat that stands still for too long ends its part.

Celery has been seen alive and deaf after Redis came back (celery#8030 and its kin), and no
process watcher notices that.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

from notifier.adapters.heartbeats import Heartbeats

# How often is looked, at most and as a part of the shortest limit.
LOOK_SECONDS = 10.0
LOOKS_PER_LIMIT = 4


class Pulse:
    """Looks at the heartbeats of roles, and tells `silent` which has been still for too long.

    `limits` says for each role how many seconds that is.
    Times are ours and monotonic: what counts is when a heartbeat was last seen to change.
    """

    def __init__(
        self,
        hearts: Heartbeats,
        *,
        limits: Mapping[str, float],
        silent: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hearts = hearts
        self._limits = limits
        self._silent = silent
        self._clock = clock
        self._seen: dict[str, tuple[object, float]] = {}

    async def keep(self) -> None:
        pause = min([LOOK_SECONDS, *(limit / LOOKS_PER_LIMIT for limit in self._limits.values())])
        while True:
            await self.look()
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Look once."""
        found = await self._hearts.last(list(self._limits))
        if found is None or not await self._hearts.may_beat():
            # While Redis is away or full nobody's silence means anything; then all begin anew.
            self._seen.clear()
            return
        for role, beat in found.items():
            self._judge(role, beat)

    def _judge(self, role: str, beat: object) -> None:
        now = self._clock()
        last, since = self._seen.get(role, (None, now))
        if role not in self._seen or beat != last:
            self._seen[role] = (beat, now)
        elif now - since > self._limits[role]:
            # Its successor gets the same time for its first beat.
            del self._seen[role]
            self._silent(role)
