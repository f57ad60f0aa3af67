"""Growth: speed and memory by recipients, conferences, worker processes and connections."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench import conferences, events, processes, redis_memory
from bench.figures import Curve, Plot, Result, Samples
from bench.machine import quiet
from bench.processes import MEGABYTE
from bench.running import Deployment, Running, all_parts, free_port
from bench.scale import Scale
from bench.sending import invite, send
from bench.sinks.own import own
from bench.sinks.sink import Sink

WORKERS: Final = (1, 2, 4)
CONNECTIONS: Final = (1, 5, 20, 50, 100, 200)
DELAY_MILLISECONDS: Final = 20
# Mails over each connection to a far server: enough turns for a pool to show what it does.
EACH_LINE: Final = 40

RATE: Final = "mails/s"
CHILD: Final = "a worker process"
LISTENER: Final = "the listener"
REDIS: Final = "Redis"

# Number of the conference whose list is the longest; the ordinary ones are counted from nought.
WEBINAR: Final = 10_000_001

# By its name, the points of a curve: a size, and what was measured there.
Curves = dict[str, list[tuple[float, float]]]


@dataclass(frozen=True)
class Stage:
    """A notifier that is warm, its sink, and where its figures go."""

    running: Running
    to: Sink
    samples: Samples


def measure(scale: Scale) -> Result:
    """Let one thing grow at a time."""
    samples = Samples()
    by_recipients, by_conferences = _with_one_notifier(scale, samples)
    by_workers = _by_workers(scale, samples)
    by_connections = _by_connections(scale, samples)
    return Result(
        name="growth",
        title="Growth",
        conditions=[
            "`notifier up` with 2 worker processes and the embedded Redis (appendfsync always)",
            "everything on the same cores, the sink of our own too",
            (
                f"recipients: one event; from {scale.webinar} on a reschedule of a list that "
                "stands, below an invitation"
            ),
            (
                f"conferences: in memory while one event invites {scale.largest_list} people; "
                "workers: the same, with so many worker processes"
            ),
            (
                f"connections: for each of 2 worker processes, to a server that answers after "
                f"{DELAY_MILLISECONDS} ms, {EACH_LINE} mails for each of them"
            ),
            "memory: the most that a process has held so far; of Redis what it holds then",
        ],
        figures=samples.figures(),
        plots=[
            _plot("recipients", "recipients of one event", RATE, _speed(by_recipients)),
            _plot("memory", "recipients of one event", "MB", _memory(by_recipients)),
            _plot("conferences", "conferences in memory", RATE, _speed(by_conferences)),
            _plot("workers", "worker processes", RATE, _speed(by_workers)),
            _plot("connections", "connections of a worker process", RATE, _speed(by_connections)),
        ],
    )


def _with_one_notifier(scale: Scale, samples: Samples) -> tuple[Curves, Curves]:
    """Let recipients grow, then conferences."""
    recipients: Curves = {}
    around: Curves = {}
    with _warm(scale, samples) as on:
        for number in scale.recipients:
            what = f"{number} recipients"
            event = _event(on, number, scale)
            _point(on, event, number, what=what, at=number, along=recipients)
            _weigh(on, what=what, at=number, along=recipients)
        # Conferences by the gigabyte would have the file written anew in the middle of a point.
        on.running.client.config_set("auto-aof-rewrite-percentage", 0)
        written = 0
        for size in scale.conferences:
            conferences.write(on.running.url, conferences.ordinary, range(written, size))
            written = size
            event, people = _invitation(f"among-{size}", scale.largest_list), scale.largest_list
            _point(on, event, people, what=f"{size} conferences", at=size, along=around)
            _weigh(on, what=f"{size} conferences", at=size, along=around)
    return recipients, around


def _by_workers(scale: Scale, samples: Samples) -> Curves:
    curves: Curves = {}
    people = scale.largest_list
    for number in WORKERS:
        with _warm(scale, samples, workers=number) as on:
            what = f"{number} worker process{'es'[: number * 2 - 2]}"
            event = _invitation("growth", people)
            _point(on, event, people, what=what, at=number, along=curves)
    return curves


def _by_connections(scale: Scale, samples: Samples) -> Curves:
    curves: Curves = {}
    for number in CONNECTIONS:
        with _warm(scale, samples, connections=number, delay=DELAY_MILLISECONDS) as on:
            people = min(EACH_LINE * number * Deployment().workers, scale.largest_list)
            what = f"{number} connection{'s'[: number - 1]}"
            event = _invitation("growth", people)
            _point(on, event, people, what=what, at=number, along=curves)
    return curves


@contextmanager
def _warm(
    scale: Scale, samples: Samples, *, workers: int = 2, connections: int = 10, delay: int = 0
) -> Iterator[Stage]:
    """Run a notifier and its sink, and let every worker process send something."""
    port = free_port()
    deployment = Deployment(port=port, workers=workers, connections=connections)
    with (
        tempfile.TemporaryDirectory() as folder,
        own(port, delay_milliseconds=delay) as to,
        all_parts(Path(folder), deployment=deployment) as running,
    ):
        # Over few lines to a far server even a warm-up takes its time.
        invite(running, "warm-up", min(scale.warm_up, EACH_LINE * connections))
        yield Stage(running, to, samples)


def _invitation(name: str, people: int) -> bytes:
    return events.invitation(events.conference(name), events.people(people))


def _event(on: Stage, number: int, scale: Scale) -> bytes:
    """Give the event that this many people are told of, after it has been made possible."""
    if number < scale.webinar:
        return _invitation(f"told-{number}", number)
    made = partial(conferences.webinar, people=number)
    conferences.write(on.running.url, made, range(WEBINAR, WEBINAR + 1))
    return events.reschedule(events.conference(conferences.id_of(WEBINAR), revision=2, hours=3))


def _point(on: Stage, event: bytes, people: int, *, what: str, at: int, along: Curves) -> None:
    """Send one event; add the speed to the table and to the curves."""
    on.samples.add(*quiet())
    sent = send(on.running, on.to, [event], people)
    along.setdefault(RATE, []).append((at, sent.rate))
    on.samples.add(what, sent.rate, RATE)


def _weigh(on: Stage, *, what: str, at: int, along: Curves) -> None:
    """Add the memory of the largest worker process, of the listener and of Redis."""
    held = {CHILD: 0.0, LISTENER: 0.0}
    for name, process in processes.named(on.running.tree()).items():
        part = CHILD if name.startswith(processes.CHILD) else f"the {name}"
        if part in held:
            held[part] = max(held[part], processes.peak_rss(process) / MEGABYTE)
    held[REDIS] = redis_memory.used(on.running.client) / MEGABYTE
    for part, size in held.items():
        along.setdefault(part, []).append((at, size))
        on.samples.add(f"{what}: {part}", size, "MB")


def _speed(curves: Curves) -> list[Curve]:
    return [Curve(RATE, curves[RATE])]


def _memory(curves: Curves) -> list[Curve]:
    return [Curve(name, curves[name]) for name in (CHILD, LISTENER, REDIS)]


def _plot(key: str, along: str, unit: str, curves: list[Curve]) -> Plot:
    what = "Memory" if unit == "MB" else "Speed"
    return Plot(key=key, title=f"{what} by {along}", along=along, unit=unit, curves=curves)
