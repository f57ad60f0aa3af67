"""Memory: what every process of a bare `notifier up` holds once it is ready."""

import tempfile
import time
from pathlib import Path
from typing import Final

from bench.figures import Goal, Result, Samples
from bench.machine import quiet
from bench.processes import MEGABYTE, named
from bench.running import Running, all_parts
from bench.scale import Scale

# What is imported late or freed late has happened by then (seconds).
REST_SECONDS: Final = 3.0


def measure(scale: Scale) -> Result:
    """Start everything, let it rest, and weigh it."""
    samples = Samples()
    for _turn in range(scale.turns):
        samples.add(*quiet())
        with tempfile.TemporaryDirectory() as folder, all_parts(Path(folder)) as running:
            time.sleep(REST_SECONDS)
            weigh(running, samples, "", Goal("≤", 400))
    return Result(
        name="memory",
        title="Memory",
        conditions=[
            (
                "`notifier up` with 2 worker processes and the embedded Redis, three seconds after "
                "`ready`, no mail sent"
            ),
            "PSS: shared pages are divided among those who share them; RSS counts them every time",
        ],
        figures=samples.figures(),
    )


def weigh(running: Running, samples: Samples, when: str, goal: Goal | None = None) -> None:
    """Add PSS and RSS of every process, and their sums."""
    weighed: dict[str, tuple[float, float]] = {}
    for name, process in named(running.tree()).items():
        held = process.memory_full_info()
        weighed[name] = held.pss / MEGABYTE, held.rss / MEGABYTE
    samples.add(f"PSS of all{when}", sum(pss for pss, _rss in weighed.values()), "MB", goal)
    samples.add(f"RSS of all{when}", sum(rss for _pss, rss in weighed.values()), "MB")
    for name, (pss, rss) in weighed.items():
        samples.add(f"{name}{when}: PSS", pss, "MB")
        samples.add(f"{name}{when}: RSS", rss, "MB")
