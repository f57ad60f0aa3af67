"""Many reminders due at the same moment: how fast they are planned, and how fast they are sent.

In the same run as many deliveries that stand ready already are sent: what planning costs is the
difference, whatever the machine is worth.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from bench import conferences, events, slowest
from bench.figures import Goal, Result, Samples
from bench.machine import quiet
from bench.running import AS_USUAL, Running, all_parts, free_port
from bench.scale import Scale
from bench.sinks.postfix import sink
from bench.sinks.sink import Sink
from bench.waiting import wait_until
from notifier.adapters import keys
from notifier.core.breaker import LONGEST_WAIT, Breaker, Stand

# The share of the speed of sending alone at which reminders leave while they are planned as well.
DRAINED: Final = Goal("≥", 0.8)
LONGEST: Final = Goal("≤", 50)
# Mails before anything counts: templates compiled, connections open.
WARM_UP: Final = 400
# What is to fall due is written before its moment: by processes that have to start first (seconds),
# and so fast at least (people a second).
STARTING: Final = 7.0
SLOWEST_WRITING: Final = 2_500


@dataclass(frozen=True)
class Shape:
    """How many conferences share the reminders."""

    name: str
    conferences: int
    people: int


def measure(scale: Scale) -> Result:
    """Let reminders fall due with the way to the mail server closed, send them, then do both."""
    samples = Samples()
    number = scale.reminders
    shapes = Shape("conferences of one person", number, 1), Shape("one webinar", 1, number)
    with tempfile.TemporaryDirectory() as folder, _stage(Path(folder)) as stage:
        for shape in shapes:
            planned = _plan_alone(stage, shape, samples)
            sending = _send_alone(stage, number, samples)
            both = _plan_and_send(stage, shape, samples)
            for what, rate in (
                ("planned alone", planned),
                ("sent alone, from ready", sending),
                ("planned and sent", both),
            ):
                samples.add(f"{shape.name}: {what}", rate, "reminders/s")
            samples.add(f"{shape.name}: both / sent alone", both / sending, "×", DRAINED)
        name = stage.sink.name
    return Result(
        name="due",
        title=f"{number} reminders due at one moment",
        conditions=[
            AS_USUAL,
            f"everything on the same cores, the sink too: {name}, without TLS",
            f"once {number} conferences with one person each, once a webinar of {number}",
            "from the moment they fall due until the last is planned, or the last mail is taken",
            "planned alone: while the road to the mail server is closed; sent alone: once it opens",
        ],
        figures=samples.figures(),
    )


class _Stage:
    """A notifier that is warm, the sink it sends to, and numbers for new conferences."""

    def __init__(self, running: Running, to: Sink) -> None:
        self.running = running
        self.sink = to
        self.client: Any = running.client
        self.url = running.url
        self._next = 0

    def fall_due(self, shape: Shape) -> float:
        """Write conferences that fall due soon; wait for that moment, and give it (monotonic)."""
        lead = timedelta(seconds=STARTING + shape.conferences * shape.people / SLOWEST_WRITING)
        at = (datetime.now(UTC) + lead).replace(microsecond=0) + timedelta(seconds=1)
        numbers = range(self._next, self._next + shape.conferences)
        self._next += shape.conferences
        made = partial(conferences.due, at=at, people=shape.people)
        conferences.write(self.url, made, numbers)
        left = (at - datetime.now(UTC)).total_seconds()
        if left < 0:
            raise RuntimeError(f"the conferences were written {-left:.1f} s after their moment")
        time.sleep(left)
        return time.monotonic()

    def close_road(self) -> None:
        """Close the way to the mail server, for nearly as long as a wait is believed."""
        closed = Breaker(stand=Stand.OPEN, until=time.time() + 0.9 * LONGEST_WAIT)
        self.client.hset(keys.ROADS, 0, msgspec.json.encode(closed))

    def open_road(self) -> None:
        """Open it, as somebody does who has just mended it."""
        self.client.delete(keys.ROADS)


@contextmanager
def _stage(folder: Path) -> Iterator[_Stage]:
    port = free_port()
    with all_parts(folder, smtp_port=port) as running, sink(port) as to:
        invited = events.invitation(events.conference("warm-up"), events.people(WARM_UP))
        events.publish(running.client, [invited])
        running.wait_for("deliveries_sent", WARM_UP)
        yield _Stage(running, to)


def _plan_alone(stage: _Stage, shape: Shape, samples: Samples) -> float:
    """Let reminders fall due while nothing can leave; give how many are planned in a second."""
    stage.close_road()
    number = shape.conferences * shape.people
    wanted = stage.running.counted("deliveries_planned") + number
    samples.add(*quiet())
    began = stage.fall_due(shape)
    slowest.watch(stage.running.client)
    stage.running.wait_for("deliveries_planned", wanted)
    took = time.monotonic() - began
    longest, _command = slowest.longest(stage.running.client)
    samples.add(f"{shape.name}: longest command of Redis", longest, "ms", LONGEST)
    return number / took


def _send_alone(stage: _Stage, number: int, samples: Samples) -> float:
    """Open the road for what is ready; give how many mails are taken in a second."""
    wait_until(lambda: stage.client.zcard(keys.READY) >= number, what="deliveries at the ready")
    samples.add(*quiet())
    wanted = stage.sink.mails() + number
    began = time.monotonic()
    stage.open_road()
    return number / (stage.sink.wait_for(wanted) - began)


def _plan_and_send(stage: _Stage, shape: Shape, samples: Samples) -> float:
    """Let reminders fall due while the road is open; give how many mails are taken in a second."""
    stage.running.settled()
    samples.add(*quiet())
    number = shape.conferences * shape.people
    wanted = stage.sink.mails() + number
    began = stage.fall_due(shape)
    return number / (stage.sink.wait_for(wanted) - began)
