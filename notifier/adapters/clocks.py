"""Watches the clocks that leases and reminders follow: Redis's and this machine's."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from notifier import log
from notifier.adapters import keys
from notifier.adapters.vitals import ALARM_SECONDS
from notifier.core.times.steadiness import Look, Present, Watch, looked, present, runs_true
from notifier.ports.clocks import Moment

# Two looks within this time count as one: several loops ask (seconds).
ONE_LOOK: Final = 0.5
# The clock that nobody can set. On Linux it goes on while a machine sleeps (CLOCK_BOOTTIME), where
# the ordinary one stands still, so that a laptop wakes up without an alarm.
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", None)


def steady_seconds() -> float:
    """Give how much time has passed since some moment, sleep included where that can be told."""
    return time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)


class WatchedClocks:
    """Compares both clocks with the steady one at each look, and raises the alarm at a jump."""

    def __init__(
        self,
        client: Redis,
        own: Callable[[], float] = time.time,
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._own = own
        self._steady = steady
        self._watch = Watch()

    async def moment(self) -> Moment | None:
        """Look, and give what the clocks tell, or None where it may not be acted on."""
        last = self._watch.last
        if last is None or self._is_old(last):
            last = await self._look()
            self._follow(looked(self._watch, last))
            if self._watch.fault:
                await self._raise_alarm(last)
        if not self._watch.trusted:
            return None
        return Moment(redis=last.redis, own=datetime.fromtimestamp(last.own, UTC))

    def now(self) -> datetime:
        """Give the time by the last look that found nothing wrong; a jump since then is no time."""
        own, steady = self._own(), self._steady()
        true = runs_true(self._watch, own, steady)
        told = own if true else present(self._watch, own=own, steady=steady).time
        return datetime.fromtimestamp(told, UTC)

    def doubt(self, moment: datetime) -> bool:
        """Tell whether `moment` is over by one clock and not by another."""
        own, steady = self._own(), self._steady()
        if runs_true(self._watch, own, steady):
            return False
        told = present(self._watch, own=own, steady=steady)
        return told.earliest < moment.timestamp() <= told.latest

    def _is_old(self, last: Look) -> bool:
        """Tell whether to look again: after a while, or at once where Redis could end a doubt."""
        told = self._present()
        return told.earliest < told.latest or self._steady() - last.steady >= ONE_LOOK

    def _present(self) -> Present:
        return present(self._watch, own=self._own(), steady=self._steady())

    async def _look(self) -> Look:
        asked = self._steady()
        seconds, micros = await self._client.time()
        steady = self._steady()
        return Look(
            redis=seconds + micros / 1e6, own=self._own(), steady=steady, waited=steady - asked
        )

    def _follow(self, watch: Watch) -> None:
        """Go on from here, and tell what has changed."""
        if watch.fault and not self._watch.fault:
            log.clock_not_trusted(watch.fault)
        elif watch.trusted and not self._watch.trusted:
            log.clock_trusted()
        self._watch = watch

    async def _raise_alarm(self, look: Look) -> None:
        """Leave word for the doctor; a Redis that takes no writes has an alarm of its own."""
        with suppress(RedisError):
            said = f"{look.redis:.3f} {self._watch.fault}"
            await self._client.set(keys.CLOCK, said, ex=ALARM_SECONDS)
