"""The clock of the tests shifts wall time while a process runs, and nothing else."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from notifier.adapters.connection import connect_sync
from tests.redis_servers import PROGRAMS, PrivateRedis
from tests.shifted_clock import ShiftedClock

HOUR = 3600

# Tells all its clocks for each line that it is sent.
TELLER = """
import datetime, sys, time
for _ in sys.stdin:
    now = datetime.datetime.now(datetime.UTC).timestamp()
    print(time.time(), now, time.monotonic(), flush=True)
"""


def telling(clock: ShiftedClock) -> subprocess.Popen[str]:
    """Start a process that tells the time by a clock."""
    return subprocess.Popen(
        [sys.executable, "-c", TELLER],
        env=os.environ | clock.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_wall_time_is_shifted_while_a_process_runs(tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path)
    with telling(clock) as teller:
        for seconds in (0, HOUR, -HOUR, 0):
            clock.set(seconds)

            wall, dated, steady = told(teller)

            assert wall - time.time() == pytest.approx(seconds, abs=60)
            assert dated - time.time() == pytest.approx(seconds, abs=60)
            assert steady == pytest.approx(time.monotonic(), abs=60)


def test_a_clock_that_runs_too_fast_gains_as_much_as_it_should(tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path)
    with telling(clock) as teller:
        earliest = time.monotonic()
        clock.set(HOUR, rate=100.0)
        latest = time.monotonic()
        time.sleep(1)

        wall, _dated, steady = told(teller)

        # A hundred seconds more for each that passed; a busy machine pauses between two readings.
        gained = wall - time.time() - HOUR
        assert 100 * (steady - latest) - 50 <= gained <= 100 * (steady - earliest) + 50


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_time_of_a_redis_can_be_set(program: Path, tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path)
    with (
        PrivateRedis(program=program, environment=clock.environment) as redis,
        connect_sync(redis.url) as client,
    ):
        clock.set(24 * HOUR)

        assert client.time()[0] - time.time() == pytest.approx(24 * HOUR, abs=60)


def told(teller: subprocess.Popen[str]) -> list[float]:
    assert teller.stdin is not None
    assert teller.stdout is not None
    teller.stdin.write("\n")
    teller.stdin.flush()
    return [float(word) for word in teller.stdout.readline().split()]
