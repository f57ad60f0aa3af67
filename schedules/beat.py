"""Beat: one tick a second, whatever the wall clock does."""

import time
from datetime import datetime
from typing import Any

from celery import schedules
from celery.beat import Scheduler

from notifier import log
from notifier.adapters.connection import RedisError, connect_sync
from notifier.adapters.heartbeats import beat_heart_sync
from notifier.deployment import redis_url
from notifier.reaching.faults import reason
from workers.app import CONFIG, app

# How often a tick is sent. Reminders leave at most this much late (seconds).
TICK_SECONDS = 1.0


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
        # After an outage the backlog of ticks is thrown away: one is as good as many.
        "options": {"queue": "tick", "expires": 5 * TICK_SECONDS, "ignore_result": True},
    }
}
