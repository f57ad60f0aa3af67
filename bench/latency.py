"""Latency: one event at a time on an idle notifier, from XADD to the 250 that follows the dot."""

import random
import tempfile
import time
from pathlib import Path
from typing import Final

from bench import events, slowest
from bench.figures import Goal, Result, Samples, quantile
from bench.machine import quiet
from bench.running import AS_USUAL, Running, all_parts, free_port
from bench.scale import Scale
from bench.sinks.own import OwnSink, own

# Between two events, at random: nothing that ticks may fall into step (seconds).
PAUSE: Final = (0.01, 0.06)
WARM_UP: Final = 60
# At once, so that every worker process has work and none meets its first letter later.
BURST: Final = 300
# Events for many people, one at a time.
LISTS: Final = 10

# Milliseconds.
SHARES: Final = (
    ("p50", 0.5, Goal("≤", 7)),
    ("p95", 0.95, None),
    ("p99", 0.99, Goal("≤", 12)),
    ("max", 1.0, None),
)
LAST_OF_LIST: Final = Goal("≤", 150)


def measure(scale: Scale) -> Result:
    """Publish events one by one, each when the last mail of the one before has been taken."""
    samples = Samples()
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        own(port) as sink,
        all_parts(Path(folder), smtp_port=port) as running,
    ):
        events.publish(running.client, events.small(BURST, "burst"))
        running.wait_for("deliveries_sent", BURST)
        for event in events.small(WARM_UP, "warm-up"):
            _one(running, sink, event)
        samples.add(*quiet())
        _singles(running, sink, scale.singles, samples)
        for place in range(LISTS):
            samples.add(*quiet())
            _list(running, sink, place, scale.lists[0], samples)
    return Result(
        name="latency",
        title="Latency when idle",
        conditions=[
            f"{scale.singles} invitations of one person, one at a time",
            f"{LISTS} invitations of {scale.lists[0]} people, one at a time",
            AS_USUAL,
            "from XADD to the 250 of a mail server on the same machine, which notes the time",
        ],
        figures=samples.figures(),
    )


def _singles(running: Running, sink: OwnSink, number: int, samples: Samples) -> None:
    slowest.watch(running.client)
    took = [_one(running, sink, event) * 1000 for event in events.small(number, "single")]
    for name, share, goal in SHARES:
        samples.add(f"event to accepted mail, {name}", quantile(took, share), "ms", goal)
    disk = slowest.longest_wait_for_disk(running.client)
    samples.add("longest write of Redis to its file meanwhile", disk, "ms")


def _list(running: Running, sink: OwnSink, place: int, people: int, samples: Samples) -> None:
    event = events.invitation(events.conference(f"list-{place}"), events.people(people))
    took = _one(running, sink, event, mails=people) * 1000
    samples.add(f"event for {people} people to the last accepted mail", took, "ms", LAST_OF_LIST)
    running.settled()


def _one(running: Running, sink: OwnSink, event: bytes, *, mails: int = 1) -> float:
    """Publish an event; give how long it took until the last of its mails was taken (seconds)."""
    time.sleep(random.uniform(*PAUSE))
    before = sink.mails()
    began = time.monotonic()
    events.publish(running.client, [event])
    sink.wait_for(before + mails)
    return sink.taken(before)[-1].moment - began
