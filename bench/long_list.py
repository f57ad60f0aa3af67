"""One event for thousands of people: when is it planned, and is Redis held up?."""

import tempfile
import time
from pathlib import Path

from bench import events, slowest
from bench.figures import Goal, Result, Samples
from bench.machine import quiet
from bench.running import Running, listener
from bench.scale import Scale

LONGEST = Goal("≤", 50)


def measure(scale: Scale) -> Result:
    """Invite a long list with one event, then move the conference with another."""
    samples = Samples()
    longest: set[str] = set()
    invited = events.people(scale.largest_list)
    with tempfile.TemporaryDirectory() as folder, listener(Path(folder)) as running:
        for turn in range(scale.turns):
            samples.add(*quiet())
            name = f"webinar-{turn}"
            first = events.invitation(events.conference(name), invited)
            moved = events.reschedule(events.conference(name, revision=2, hours=3))
            longest.add(_invite(running, first, samples))
            samples.add(*quiet())
            longest.add(_move(running, moved, scale.largest_list, samples))
    return Result(
        name="long_list",
        title=f"One event, {scale.largest_list} people",
        conditions=[
            "one `notifier listen` and its own Redis (appendfsync always); nobody sends meanwhile",
            (
                "applied: the event is acknowledged; planned: a delivery stands for everybody; "
                f"the longest command by SLOWLOG: {', '.join(sorted(longest))}"
            ),
        ],
        figures=samples.figures(),
    )


def _invite(running: Running, event: bytes, samples: Samples) -> str:
    before = running.counted("events_applied")
    slowest.watch(running.client)
    began = time.monotonic()
    events.publish(running.client, [event])
    running.wait_for("events_applied", before + 1)
    samples.add("invitation: applied and planned", time.monotonic() - began, "s")
    return _redis(running, "invitation", samples)


def _move(running: Running, event: bytes, number: int, samples: Samples) -> str:
    before, planned = running.counted("events_applied"), running.counted("deliveries_planned")
    slowest.watch(running.client)
    began = time.monotonic()
    events.publish(running.client, [event])
    running.wait_for("events_applied", before + 1)
    samples.add("reschedule: applied", time.monotonic() - began, "s")
    running.wait_for("deliveries_planned", planned + number)
    samples.add("reschedule: planned", time.monotonic() - began, "s")
    return _redis(running, "reschedule", samples)


def _redis(running: Running, what: str, samples: Samples) -> str:
    took, name = slowest.longest(running.client)
    samples.add(f"{what}: longest command of Redis", took, "ms", LONGEST)
    disk = slowest.longest_wait_for_disk(running.client)
    samples.add(f"{what}: longest write to its file", disk, "ms")
    return name
