"""What makes an example of a search the same each time, and what went wrong in it unseen."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from unittest.mock import patch

from redis.exceptions import ConnectionError as Cut

from notifier.ports.ledger import LedgerAway


@contextmanager
def repeatable() -> Iterator[None]:
    """Number the ids that are made by chance, be never impatient, and take few for many.

    Lists of four are cut into slices, and more than four deliveries wait for their hints.
    """
    numbers = count(1)

    def numbered() -> _Numbered:
        return _Numbered(next(numbers))

    with ExitStack() as stack:
        for each in (
            patch("notifier.service.uuid4", numbered),
            patch("notifier.timekeeping.uuid4", numbered),
            patch("notifier.adapters.ledger.uuid4", numbered),
            patch("notifier.recording.PATIENCE_SECONDS", 3600),
            patch("notifier.delivering.PATIENCE_SECONDS", 3600),
            patch("notifier.shifts.SHIFT_SECONDS", 3600),
            patch("notifier.adapters.taking.MOST_HINTED", 4),
            patch("notifier.hearing.SLICE", 2),
            patch("notifier.reminding.SLICE", 2),
            patch("notifier.adapters.memory.SLICE", 1),
        ):
            stack.enter_context(each)
        yield


@contextmanager
def logged_faults() -> Iterator[list[BaseException]]:
    """Give the faults that the service logs and goes on from, except those that the test makes."""
    handler = _Logged()
    logger = logging.getLogger("notifier")
    logger.addHandler(handler)
    try:
        yield handler.faults
    finally:
        logger.removeHandler(handler)


class _Numbered:
    """Plays a UUID."""

    def __init__(self, number: int) -> None:
        self.hex = f"{number:032x}"[::-1]


class _Logged(logging.Handler):
    """Keeps faults."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[1] if record.exc_info else None
        if fault and not isinstance(fault, Cut | LedgerAway):
            self.faults.append(fault)
