"""An order to crash: how it is written, and that it is obeyed once, wherever a process forks."""

import os
import signal
import subprocess
import sys

import pytest

from notifier.config import ConfigError, load
from notifier.crash_points import Fault, Point

# Passes a point as often as told, each time in a child of its own, and tells how the children end.
FORKING = """
import os, sys
from notifier import crash_points
crash_points.order(crash_points.read_fault(sys.argv[1]))
for number in range(int(sys.argv[2])):
    child = os.fork()
    if not child:
        crash_points.at(crash_points.Point.CLAIMED, f"delivery-{number}")
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def ends(order: str, *, times: int) -> list[int]:
    """Give how each of so many children ended that passed `claimed`."""
    done = subprocess.run(
        [sys.executable, "-c", FORKING, order, str(times)],
        capture_output=True,
        check=True,
        text=True,
    )
    return [int(line) for line in done.stdout.split()]


def test_the_nth_passing_kills_and_no_other() -> None:
    assert ends("claimed:2", times=4) == [0, -signal.SIGKILL, 0, 0]


def test_one_delivery_kills_whoever_touches_it() -> None:
    assert ends("claimed@delivery-1", times=3) == [0, -signal.SIGKILL, 0]


def test_another_point_is_passed_unharmed() -> None:
    assert ends("recorded:1", times=2) == [0, 0]


def test_an_order_is_read_as_it_is_written() -> None:
    fault = load({"HOME": "/home/anna", "NOTIFIER_FAULT": "composed@4711"}).fault

    assert fault == Fault(point=Point.COMPOSED, delivery="4711")
    assert str(fault) == "composed@4711"


@pytest.mark.parametrize("text", ["nowhere:1", "claimed", "claimed:", "claimed:0", "claimed:-1"])
def test_an_order_that_makes_no_sense_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match=f"NOTIFIER_FAULT is '{text}'; it must be POINT:NUMBER"):
        load({"HOME": "/home/anna", "NOTIFIER_FAULT": text})


def test_a_process_under_orders_says_so_as_it_starts() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from workers.app import set_up_log; set_up_log()"],
        env=os.environ | {"NOTIFIER_FAULT": "read:1"},
        capture_output=True,
        check=True,
        text=True,
    ).stderr

    assert "NOTIFIER_FAULT is set: this process will kill itself at=read:1" in said
