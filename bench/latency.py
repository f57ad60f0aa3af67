"""Latency: one event at a time on an idle notifier, from XADD to the 250 that follows the dot."""

import random
import tempfile
import time
from pathlib import Path
from typing import Final

from bench import events, slowest
from bench.figures import Result, Samples, quantile
from bench.machine import quiet
from bench.running import all_parts, free_port
from bench.scale import Scale
from bench.sinks.own import OwnSink, own
from notifier.adapters.connection import SyncClient

# Between two events, at random: nothing that ticks may fall into step (seconds).
PAUSE: Final = (0.02, 0.12)
WARM_UP: Final = 60
# At once, so that every worker process has work and none meets its first letter later.
BURST: Final = 300


def measure(scale: Scale) -> Result:
    """Publish events one by one, each when the mail of the last has been taken."""
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
            _one(running.client, sink, event)
        for turn in range(scale.turns):
            samples.add(*quiet())
            slowest.watch(running.client)
            published = events.small(scale.singles, f"turn-{turn}")
            took = [_one(running.client, sink, event) * 1000 for event in published]
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
                samples.add(f"event to accepted mail, {name}", quantile(took, share), "ms")
            disk = slowest.longest_wait_for_disk(running.client)
            samples.add("longest write of Redis to its file meanwhile", disk, "ms")
    return Result(
        name="latency",
        title="Latency when idle",
        conditions=[
            f"{scale.singles} invitations of one person, one at a time",
            "`notifier up` with 2 worker processes and the embedded Redis (appendfsync always)",
            "from XADD to the 250 of a mail server on the same machine, which notes the time",
        ],
        figures=samples.figures(),
    )


def _one(client: SyncClient, sink: OwnSink, event: bytes) -> float:
    time.sleep(random.uniform(*PAUSE))
    before = sink.mails()
    began = time.monotonic()
    events.publish(client, [event])
    sink.wait_for(before + 1)
    return sink.taken()[-1].moment - began
