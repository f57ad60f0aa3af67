"""Start-up: help, one published event, and everything until it is ready."""

import subprocess
import tempfile
import time
from pathlib import Path

from bench import events
from bench.figures import Result, Samples
from bench.machine import quiet
from bench.running import all_parts, command, environment
from bench.scale import Scale

# A start is short and noisy: more of them than of anything else.
STARTS = 5


def measure(scale: Scale) -> Result:
    """Start each of the three several times, files in the cache of the system."""
    samples = Samples()
    for _turn in range(scale.turns):
        with tempfile.TemporaryDirectory() as folder:
            samples.add(*quiet())
            with all_parts(Path(folder)) as running:
                samples.add("`notifier up` until `ready`", running.started_seconds, "s")
                _commands(Path(folder), running.url, samples)
    return Result(
        name="start_up",
        title="Start-up",
        conditions=[
            "an empty data folder; Python's compiled files and the system's cache are warm",
            f"each command {STARTS} times in a turn, while `notifier up` idles",
        ],
        figures=samples.figures(),
    )


def _commands(folder: Path, url: str, samples: Samples) -> None:
    event = folder / "event.json"
    event.write_bytes(events.small(1, folder.name)[0])
    asked = {
        "`notifier --help`": ["--help"],
        "`notifier publish` of one event": ["publish", str(event)],
    }
    for what, arguments in asked.items():
        samples.add(*quiet())
        _timed(arguments, folder, url)
        for _start in range(STARTS):
            samples.add(what, _timed(arguments, folder, url), "s")


def _timed(arguments: list[str], folder: Path, url: str) -> float:
    began = time.monotonic()
    subprocess.run(
        command(*arguments),
        env=environment(folder, url),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - began
