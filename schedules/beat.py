"""Beat: one tick a second, whatever the wall clock does."""

import time
from datetime import datetime
from typing import Any

from celery import schedules
from celery.beat import ScheduleEntry, Scheduler

from notifier import log
from notifier.adapters.connection import RedisError, connect_sync
from notifier.adapters.doorbell import call_away
from notifier.adapters.heartbeats import beat_heart_sync
from notifier.deployment import redis_url
from notifier.reaching.faults import reason
from workers.app import CONFIG, KEY_PREFIX, app

# How often a tick is sent. Reminders leave at most this much late (seconds).
TICK_SECONDS = 1.0
QUEUE = "tick"
# Ticks that may wait for a worker: one is as good as many, and after an outage of the workers they
# would run one after the other. An expiry would compare the clocks of two machines instead, and
# where those differ it would drop every tick, or none.
MOST_WAITING = 3


class Steady(schedules.schedule):
    """Due every so many seconds of the monotonic clock.

    Celery's own schedules compare wall times: set back by an hour, they are silent for an hour.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self._seconds = seconds
        self._next = time.monotonic()

    def is_due(self, last_run_at: datetime) -> tuple[bool, float]:
        """Give whether it is time, and in how many seconds to ask again."""
        del last_run_at  # wall time
        now = time.monotonic()
        if now < self._next:
            return False, self._next - now
        # After a freeze there is one tick, not one for each that was missed: a tick looks at a
        # window of time and catches up by itself.
        self._next = max(self._next + self._seconds, now)
        return True, self._next - now


class SteadyScheduler(Scheduler):
    """Celery's in-memory scheduler with a heartbeat: no file that could break or be fought over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._redis = connect_sync(redis_url(CONFIG))

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send a tick, unless enough of them wait."""
        if self._waiting() < MOST_WAITING:
            super().apply_entry(entry, producer=producer)
            call_away(self._redis)

    def _when(self, _entry: ScheduleEntry, next_time_to_run: float, **_ignored: Any) -> float:
        """Give when to ask an entry again, on the steady clock: Celery's heap goes by wall time.

        Set back by an hour, it would not even ask whether our schedule is due.
        """
        return time.monotonic() + float(self.adjust(next_time_to_run) or 0.0)

    def _waiting(self) -> int:
        try:
            return int(self._redis.llen(KEY_PREFIX + QUEUE))
        except RedisError:
            return 0  # sending will tell what is wrong

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; give the seconds until the next look."""
        pause: float = super().tick(*args, **kwargs)
        try:
            beat_heart_sync(self._redis, "beat")
        except RedisError as fault:
            log.waiting_for("redis", reason(fault))
        return pause


app.conf.beat_schedule = {
    "tick": {
        "task": "notifier.tick",
        "schedule": Steady(TICK_SECONDS),
        "options": {"queue": QUEUE, "ignore_result": True},
    }
}
