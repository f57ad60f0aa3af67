"""The points at which a process can be told to kill itself, so that every crash can be tried.

`NOTIFIER_FAULT=committed:1` ends the process by SIGKILL when it passes `committed` for the first
time; `NOTIFIER_FAULT=composed@ID` each time that it does so with the delivery of this id.
"""

import mmap
import os
import signal
from enum import StrEnum
from typing import Final

import msgspec


class Point(StrEnum):
    """Where a process may end, in the order of the road."""

    READ = "read"  # events were read, none is applied
    COMMITTING = "committing"  # what they mean is decided, nothing is written
    COMMITTED = "committed"  # all is written and acknowledged
    SPREAD = "spread"  # one slice of a notice to everyone is planned
    DUE_FOUND = "due-found"  # reminders are due, nothing is written
    REMINDED = "reminded"  # they are planned
    LEASE_OVER = "lease-over"  # a worker was not heard of again, and nothing is written
    TAKEN = "taken"  # deliveries were taken from the queue, and no worker is hinted at them
    HINTED = "hinted"  # a hint has left
    CLAIMED = "claimed"  # deliveries are ours
    COMPOSED = "composed"  # a letter is written
    FENCING = "fencing"  # the server said 354, the last look is not taken
    FENCED = "fenced"  # the ledger knows that the body is leaving, and it has not left
    BODY_GIVEN = "body-given"  # it is on its way
    ANSWERED = "answered"  # the server has said what it thinks, and nobody wrote it down
    KEPT = "kept"  # it stands on the local disk, because the ledger does not answer
    RECORDED = "recorded"  # it is written down


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """An ordered crash: at the `nth` passing of a point, or at each with this delivery."""

    point: Point
    nth: int = 0
    delivery: str = ""

    def __str__(self) -> str:
        return f"{self.point}@{self.delivery}" if self.delivery else f"{self.point}:{self.nth}"


def read_fault(text: str) -> Fault:
    """Read `point:n` or `point@delivery`; raises ValueError."""
    name, at, delivery = text.partition("@")
    if at:
        return Fault(point=Point(name), delivery=delivery)
    name, _, nth = text.partition(":")
    if not (nth.isascii() and nth.isdigit() and int(nth) in range(1, 256)):
        raise ValueError(text)
    return Fault(point=Point(name), nth=int(nth))


class _Order:
    """The crash that this process and its forks are under."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        # Shared with every fork: a pool that replaces its dead child keeps the next one.
        self._passed: Final = mmap.mmap(-1, 1)

    def passing(self, delivery: str) -> None:
        if self.fault.delivery:
            fatal = delivery == self.fault.delivery
        else:
            self._passed[0] = min(self._passed[0] + 1, 255)
            fatal = self._passed[0] == self.fault.nth
        if fatal:
            os.kill(os.getpid(), signal.SIGKILL)


_order: _Order | None = None


def order(fault: Fault | None) -> None:
    """Put this process, and what it forks, under the order to crash, or lift it."""
    global _order  # noqa: PLW0603 -- the points lie in every layer, and none of them knows of this
    _order = _Order(fault) if fault else None


def at(point: Point, delivery: str = "") -> None:
    """Pass a point: nothing happens, unless it was ordered."""
    if _order is not None and _order.fault.point is point:
        _order.passing(delivery)
