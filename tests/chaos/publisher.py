"""A careful publisher: whatever was not acknowledged is published again under the same id."""

import heapq
import random
import threading
import time
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from notifier.adapters import keys
from notifier.core.events import parse
from tests.cast import raw
from tests.chaos.stories import Story

# One who gives up on Redis sooner than Redis gives up doubles more (seconds).
PATIENCE: Final = 1.0
LOOK_AGAIN: Final = 0.1
# How many of the events are published twice for no reason at all.
DOUBLED: Final = 0.15


class Publisher:
    """Publishes stories over some seconds, on a thread of its own."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.published: set[str] = set()
        self.acknowledged = 0
        self._chance = chance
        self._client: Any = Redis(
            port=port,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._number = count()
        self._due: list[tuple[float, int, Story, int]] = []

    def tell(self, told: Iterable[Story], *, seconds: float) -> threading.Thread:
        """Begin to tell stories, spread over so many seconds; join the thread to hear the end."""
        for story in told:
            self._later(story, 0, self._chance.random() * seconds)
        telling = threading.Thread(target=self._tell, daemon=True)
        telling.start()
        return telling

    def _tell(self) -> None:
        while self._due:
            when, _, story, step = heapq.heappop(self._due)
            time.sleep(max(0.0, when - time.monotonic()))
            if step and story.orderly and not self._heard(story.events[step - 1]):
                self._later(story, step, LOOK_AGAIN)
                continue
            self._publish(story.events[step])
            if step + 1 < len(story.events):
                self._later(story, step + 1, story.pause)

    def _later(self, story: Story, step: int, seconds: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._number), story, step))

    def _publish(self, event: dict[str, Any]) -> None:
        self.published.add(_key(event))
        for _copy in range(2 if self._chance.random() < DOUBLED else 1):
            self._patiently(lambda: self._client.xadd(keys.EVENTS, {"event": raw(event)}))
            self.acknowledged += 1

    def _heard(self, event: dict[str, Any]) -> bool:
        return self._patiently(lambda: self._client.zscore(keys.SEEN, _key(event))) is not None

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        """Ask until Redis answers."""
        while True:
            try:
                return ask()
            except RedisError:
                time.sleep(LOOK_AGAIN)


def _key(event: dict[str, Any]) -> str:
    return parse(raw(event)).key
