"""Doing some things of a loop more seldom than the loop goes round."""

import time
from collections.abc import Callable


class Intervals:
    """Remembers when each thing was last done."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._done: dict[str, float] = {}

    def over(self, what: str, seconds: float) -> bool:
        """Tell whether it was not done for so many seconds; if so, it is done now."""
        now = self._clock()
        if now - self._done.get(what, -seconds) < seconds:
            return False
        self._done[what] = now
        return True
