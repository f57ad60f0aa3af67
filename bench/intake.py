"""Intake: events of one person each, from XADD to applied, by one listener process."""

import tempfile
import time
from pathlib import Path

from bench import events
from bench.figures import Goal, Result, Samples
from bench.machine import quiet
from bench.running import Running, listener
from bench.scale import Scale


def measure(scale: Scale) -> Result:
    """Publish many small events and wait until the last is applied."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder, listener(Path(folder)) as running:
        _one_round(running, scale.events // 5, "warm-up")
        for turn in range(scale.turns):
            samples.add(*quiet())
            took = _one_round(running, scale.events, f"turn-{turn}")
            samples.add("events applied", scale.events / took, "events/s", Goal("≥", 1000))
    return Result(
        name="intake",
        title="Intake",
        conditions=[
            f"{scale.events} invitations of one person each, to as many conferences",
            "one `notifier listen` and its own Redis (appendfsync always)",
            "from the first XADD to the last event applied, acknowledged and its delivery planned",
        ],
        figures=samples.figures(),
    )


def _one_round(running: Running, number: int, prefix: str) -> float:
    published = events.small(number, prefix)
    before = running.counted("events_applied")
    began = time.monotonic()
    events.publish(running.client, published)
    running.wait_for("events_applied", before + number)
    return time.monotonic() - began
