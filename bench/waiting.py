"""Waiting for others, within reason."""

import time
from collections.abc import Callable
from typing import Final

# Longer than anything here may take; then it has failed (seconds).
PATIENCE_SECONDS: Final = 600.0
# How often it is asked whether something is done: the error of every time that is given (seconds).
POLL_SECONDS: Final = 0.002


def wait_until(
    claim: Callable[[], bool], *, what: str, poll_seconds: float = POLL_SECONDS
) -> float:
    """Wait until `claim` holds; give when (monotonic seconds)."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {PATIENCE_SECONDS:.0f} s")
        time.sleep(poll_seconds)
    return time.monotonic()
