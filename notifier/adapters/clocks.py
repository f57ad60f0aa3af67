"""Watches the clocks that leases and reminders follow: Redis's and this machine's."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from redis.asyncio import Redis

from notifier import log
from notifier.core.times.steadiness import Look, Watch, looked
from notifier.ports import Moment

# Two looks within this time count as one: several loops ask (seconds).
ONE_LOOK: Final = 0.5


class WatchedClocks:
    """Compares both clocks with the steady one at each look, and raises the alarm at a jump."""

    def __init__(
        self,
        client: Redis,
        own: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._own = own
        self._steady = steady
        self._watch = Watch()

    async def moment(self) -> Moment | None:
        """Look, and give what the clocks tell, or None where it may not be acted on."""
        last = self._watch.last
        if last is None or self._steady() - last.steady >= ONE_LOOK:
            last = await self._look()
            self._follow(looked(self._watch, last))
        if not self._watch.trusted:
            return None
        return Moment(redis=last.redis, own=datetime.fromtimestamp(last.own, UTC))

    async def _look(self) -> Look:
        seconds, micros = await self._client.time()
        return Look(redis=seconds + micros / 1e6, own=self._own(), steady=self._steady())

    def _follow(self, watch: Watch) -> None:
        """Go on from here, and tell what has changed."""
        if watch.fault and not self._watch.fault:
            log.clock_not_trusted(watch.fault)
        elif watch.trusted and not self._watch.trusted:
            log.clock_trusted()
        self._watch = watch
