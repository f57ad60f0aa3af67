"""Soak: ten minutes at four fifths of what can be sent, and whether anything creeps up."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, linear_regression
from typing import Final

import msgspec

from bench import events, processes, redis_memory
from bench.figures import Curve, Goal, Plot, Result, Samples, quantile
from bench.machine import quiet
from bench.processes import MEGABYTE
from bench.running import AS_USUAL, Deployment, Running, all_parts, free_port
from bench.scale import Scale
from bench.sending import claim_each_once, invite, send
from bench.sinks.own import OwnSink, own

# Of what leaves in a second when there is always more.
LOAD: Final = 0.8
# Between two events of the load; between two of a single person, whose latency is noted.
BEAT_SECONDS: Final = 0.1
PROBE_BEATS: Final = 5
# Between two looks at what the processes hold.
LOOK_BEATS: Final = 50
# Caches fill at first: this part of the time does not count for a slope.
FILLING: Final = 0.2
# Slopes are told for this long, however long it was (seconds).
TEN_MINUTES: Final = 600.0
# Pictures have a point for each (seconds).
MINUTE: Final = 60.0

FLAT: Final = Goal("≤", 5)
WORKER: Final = Goal("≤", 120)
PROBE: Final = "probe"


class Course(msgspec.Struct):
    """What was seen on the way: by part, when (seconds from the start) and how much (megabytes)."""

    memory: dict[str, list[tuple[float, float]]] = {}
    probes: dict[str, float] = {}  # address -> when its event was published (monotonic seconds)
    mails: int = 0
    behind: float = 0.0  # the latest that an event was published (seconds)


def measure(scale: Scale) -> Result:
    """Find out how much can be sent, then send four fifths of it for long."""
    samples, port = Samples(), free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        own(port, noting=PROBE) as to,
        all_parts(Path(folder), deployment=Deployment(port=port)) as running,
    ):
        invite(running, "warm-up", scale.warm_up)
        samples.add(*quiet())
        most = _most(running, to, scale.largest_list)
        samples.add("most that can be sent", most, "mails/s")
        before, held = to.mails(), redis_memory.used(running.client)
        began = time.monotonic()
        course = _soak(running, most * LOAD, scale.soak_seconds)
        samples.add("asked for", course.mails / scale.soak_seconds, "mails/s")
        waiting = course.mails - (to.mails() - before)
        samples.add("waiting at the end", waiting / (most * LOAD), "s")
        samples.add("an event was published late by at most", course.behind, "s")
        to.wait_for(before + course.mails)
        running.settled()
        grown = (redis_memory.used(running.client) - held) / course.mails
        samples.add("Redis, a delivery", grown, "bytes")
        latency = _latency(to, course, began)
        _add_memory(course, scale.soak_seconds, samples)
        _add_latency(latency, scale.soak_seconds, samples)
        claim_each_once(running)
    return Result(
        name="soak",
        title=f"{scale.soak_seconds} seconds at {LOAD:.0%} of the most",
        conditions=[
            AS_USUAL,
            "everything on the same cores, the sink of our own and the publisher too",
            f"an event every {BEAT_SECONDS} s, for as many people as that makes",
            f"latency: of an event for one person among them, each {PROBE_BEATS * BEAT_SECONDS} s",
            (
                f"slopes: least squares, without the first {FILLING:.0%} of the time, told for ten "
                "minutes; Redis grows with what it is to remember, see the bytes of a delivery"
            ),
        ],
        figures=samples.figures(),
        plots=_plots(course, latency),
    )


def _most(running: Running, to: OwnSink, people: int) -> float:
    """Give how many mails leave in a second while there are always more."""
    event = events.invitation(events.conference("most"), events.people(people))
    return send(running, to, [event], people).rate


def _soak(running: Running, rate: float, seconds: int) -> Course:
    """Publish at that rate (mails/s) for so long, and look at the processes meanwhile."""
    course = Course()
    people = events.people(max(1, round(rate * BEAT_SECONDS)))
    began = time.monotonic()
    for beat in range(round(seconds / BEAT_SECONDS)):
        due = began + beat * BEAT_SECONDS
        time.sleep(max(0.0, due - time.monotonic()))
        course.behind = max(course.behind, time.monotonic() - due)
        published = [events.invitation(events.conference(f"soak-{beat}"), people)]
        course.mails += len(people)
        if beat % PROBE_BEATS == 0:
            published.append(_probe(beat, course))
        events.publish(running.client, published)
        if beat % LOOK_BEATS == 0:
            _look(running, course, beat * BEAT_SECONDS)
    return course


def _probe(beat: int, course: Course) -> bytes:
    """Give an event for one person, and note that it is published now."""
    name = f"{PROBE}-{beat}"
    person = events.people(1)[0] | {"id": f"{name}@conf.example.com"}
    course.probes[f"{name}@example.org"] = time.monotonic()
    course.mails += 1
    told = [person | {"email": f"{name}@example.org"}]
    return events.invitation(events.conference(name), told)


def _look(running: Running, course: Course, at: float) -> None:
    for name, process in processes.named(running.tree()).items():
        held = process.memory_info().rss / MEGABYTE
        course.memory.setdefault(name, []).append((at, held))


def _latency(to: OwnSink, course: Course, began: float) -> list[tuple[float, float]]:
    """Give when each probe was published (seconds from the start) and how long it took (ms)."""
    taken = {mail.recipients[0]: mail.moment for mail in to.taken()}
    return [
        (published - began, (taken[address] - published) * 1000)
        for address, published in course.probes.items()
    ]


def _add_memory(course: Course, seconds: int, samples: Samples) -> None:
    for name, points in course.memory.items():
        worker = name.startswith(processes.CHILD)
        most = max(held for _at, held in points)
        samples.add(f"memory of {name}, at most", most, "MB", WORKER if worker else None)
        creeps = _slope(points, seconds)
        samples.add(f"memory of {name}, slope", creeps, "MB/10 min", FLAT if worker else None)


def _add_latency(latency: list[tuple[float, float]], seconds: int, samples: Samples) -> None:
    took = [each for _at, each in latency]
    for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        samples.add(f"event to accepted mail, {name}", quantile(took, share), "ms")
    samples.add("event to accepted mail, slope", _slope(latency, seconds), "ms/10 min")


def _slope(points: Sequence[tuple[float, float]], seconds: float) -> float:
    """Give by how much it grows in ten minutes, once what fills at first is full."""
    late = [(at, value) for at, value in points if at >= FILLING * seconds]
    if len(late) < 2:
        return 0.0
    return linear_regression(*zip(*late, strict=True)).slope * TEN_MINUTES


def _plots(course: Course, latency: list[tuple[float, float]]) -> list[Plot]:
    """Draw what each process held as each minute ended, and what a minute's probes took."""
    each_minute = {
        name: [(at, held) for at, held in points if at and at % MINUTE == 0]
        for name, points in course.memory.items()
    }
    # A child that Redis forks to write its file anew may live between two minutes.
    memory = [Curve(name, points) for name, points in each_minute.items() if points]
    minutes: dict[float, list[float]] = {}
    for at, took in latency:
        minutes.setdefault(MINUTE * (1 + at // MINUTE), []).append(took)
    means = Curve("mean of a minute", [(at, fmean(took)) for at, took in minutes.items()])
    drawn = [
        Plot(key="memory", title="Memory", along="seconds", unit="MB", curves=memory),
        Plot(key="latency", title="Latency", along="seconds", unit="ms", curves=[means]),
    ]
    # Of a short trial there is nothing to draw.
    return [plot for plot in drawn if len(plot.curves[0].points) > 1]
