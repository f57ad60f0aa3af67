"""What tests of clocks and beats share: a clock to set, a stage of one's own, ticks, and claims."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from notifier.adapters import keys
from tests.shifted_clock import ShiftedClock
from tests.smtp_servers import wait_until
from tests.stage import Stage, stage


@pytest.fixture
def clock(tmp_path: Path) -> ShiftedClock:
    """A clock for whoever lives by it."""
    return ShiftedClock(tmp_path)


@pytest.fixture
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage of its own: a clock that was wrong leaves traces."""
    with stage(tmp_path_factory.mktemp("crew")) as found:
        yield found


def wait_for_a_tick(opened: Stage) -> None:
    """Wait until a worker has ticked once more."""
    before = last_tick(opened)
    wait_until(lambda: last_tick(opened) != before, seconds=30, what="another tick")


def last_tick(opened: Stage) -> bytes | None:
    found: bytes | None = opened.client.get(keys.HEARTBEAT + "worker")
    return found


def assert_none_early(opened: Stage, about: str, *, ahead: float = 0) -> None:
    """Claim that reminders left in the five minutes before the start, by a clock so far ahead."""
    now = time.time() + ahead
    [start] = {
        json.loads(opened.client.get(keys.notice(row["notice"])))["occurrence"]["start"]
        for row in opened.rows_about(about).values()
        if row["kind"] == "reminder"
    }
    left = datetime.fromisoformat(start).timestamp() - now
    assert 0 < left <= 5 * 60
