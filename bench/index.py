"""The due index as it grows: its memory, and the time of everything that has to do with it."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvloop

from bench import conferences, events
from bench.figures import Curve, Goal, Plot, Result, Samples, quantile
from bench.machine import quiet
from bench.running import Deployment
from bench.scale import Scale
from notifier import config
from notifier.adapters import keys
from notifier.adapters.audit_walk import PAGE as PAGE_SIZE
from notifier.adapters.connection import SyncClient, connect_sync
from notifier.adapters.cursors import beginning
from notifier.adapters.embedded import EmbeddedRedis
from notifier.adapters.heartbeats import beat_heart
from notifier.adapters.settings_file import parse_settings
from notifier.core.notice import Kind
from notifier.wiring import Parts

# At the median and at the 99th of a hundred (milliseconds).
NOTHING: Final = Goal("≤", 2)

# How often each is done in a turn.
TICKS: Final = 200
PAGES: Final = 4
DUE_TICKS: Final = 4
EVENTS: Final = 50

# What a curve of the plot is about, in the words of the table.
TICK: Final = "a tick that finds nothing"
TASK: Final = "the whole task around it"
PAGE: Final = "a page of the walk"
EVENT: Final = "an event"
ONE: Final = "a tick with 1 due"
MANY: Final = "a tick with 100 due"
CURVES: Final = (TICK, ONE, EVENT, MANY, PAGE)

# Left behind by what was measured; what is measured next must find a ledger at rest.
QUEUES: Final = (keys.READY, keys.LATER, keys.HINTED, keys.SPREADING, keys.CURSORS)
DUE_NUMBERS: Final = 10_000_000

_EXPONENTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def measure(scale: Scale) -> Result:
    """Let the index grow, and stop at each size to measure."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder, _subject(Path(folder)) as subject:
        before = 0
        for size in scale.conferences:
            subject.grow(range(before, size))
            samples.add(*quiet())
            _weigh(subject, size, samples)
            for _turn in range(scale.turns):
                _time(subject, size, samples)
            before = size
    figures = samples.figures()
    medians = {figure.what: figure.median for figure in figures}
    return Result(
        name="index",
        title="The due index",
        conditions=[
            "the parts of one worker in a process of its own, and their Redis (appendfsync always)",
            (
                "six conferences of ten are weekly series, one is a monthly one, three take place "
                "once; three people each on the average; memory is all of Redis, by their number"
            ),
            (
                f"in a turn {TICKS} ticks that find nothing, {DUE_TICKS} with reminders of one "
                f"person each until all are planned, {PAGES} pages of {PAGE_SIZE}, {EVENTS} moves"
            ),
            (
                "the task: a look at Redis (is it the one we know?), the tick, and a sign of life, "
                "which Redis writes to its disk"
            ),
        ],
        figures=figures,
        plots=[
            Plot(
                title="Time by the number of conferences in the index",
                along="conferences",
                unit="ms",
                curves=[
                    Curve(what, [(size, medians[_named(size, what)]) for size in scale.conferences])
                    for what in CURVES
                ],
            )
        ],
    )


class _Subject:
    """The parts of one worker, without Celery, and the way to their Redis."""

    def __init__(self, url: str, folder: Path, runner: asyncio.Runner, client: SyncClient) -> None:
        self.url = url
        self.runner = runner
        self.client: Any = client
        given = os.environ | {"NOTIFIER_DATA": str(folder), "NOTIFIER_REDIS_URL": url}
        self.parts = Parts(config.load(given), _Nobody())
        self.weight = 0
        # Conferences that fall due get numbers far above all others.
        self.next_due = DUE_NUMBERS
        # Of the conferences that are moved, and how far they are (hours).
        self.revision = 1

    def open(self) -> None:
        """Apply the settings, and walk through the conferences that are not there yet."""
        self.runner.run(self.parts.open())
        tables = parse_settings(Deployment().settings().encode(), called="the settings")
        tables["reminders"] = {"offsets": list(conferences.PRESET)}
        self.runner.run(self.parts.settings.apply(tables))
        while self.client.exists(keys.REINDEX):
            self.runner.run(self.parts.notifier.tick())
        # It would grow far beyond its own size while the index is written, and be written anew.
        self.client.config_set("auto-aof-rewrite-percentage", 0)
        self.weight = self.used()

    def grow(self, numbers: range) -> None:
        """Write more conferences; for once Redis need not wait for its disk."""
        self.client.config_set("appendfsync", "no")
        conferences.write(self.url, conferences.ordinary, numbers)
        self.client.config_set("appendfsync", "always")

    def used(self) -> int:
        """Give all memory of Redis (bytes)."""
        return int(self.client.info("memory")["used_memory"])

    def planned(self) -> int:
        """Give how many deliveries were ever planned."""
        return int(self.client.hget(keys.COUNTERS, "deliveries_planned") or 0)

    def timed(self, work: Callable[[], Awaitable[object]]) -> float:
        """Give how long it takes (milliseconds)."""
        return self.runner.run(_timed(work))

    def rest(self) -> None:
        """Forget what was planned."""
        self.client.delete(*QUEUES)


class _Nobody:
    """Plays the Wake where no worker is to be woken."""

    def deliver(self, kind: Kind, ids: Sequence[str]) -> None:
        """Nobody is there."""


@contextmanager
def _subject(folder: Path) -> Iterator[_Subject]:
    with (
        EmbeddedRedis(folder) as redis,
        connect_sync(redis.url) as client,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        subject = _Subject(redis.url, folder, runner, client)
        subject.open()
        try:
            yield subject
        finally:
            runner.run(subject.parts.close())


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


def _weigh(subject: _Subject, size: int, samples: Samples) -> None:
    whole = (subject.used() - subject.weight) / size
    index = subject.client.memory_usage(keys.DUE, samples=0) / size
    samples.add(_named(size, "memory of a conference"), whole, "bytes")
    samples.add(_named(size, "of it in the index"), index, "bytes")


def _time(subject: _Subject, size: int, samples: Samples) -> None:
    """Measure everything once, from what writes nothing to what writes much."""
    notifier = subject.parts.notifier
    ticks = [subject.timed(notifier.tick) for _tick in range(TICKS)]
    samples.add(_named(size, TICK), quantile(ticks, 0.5), "ms", NOTHING)
    samples.add(_named(size, f"{TICK}, p99"), quantile(ticks, 0.99), "ms", NOTHING)
    whole = [subject.timed(partial(_task, subject.parts)) for _tick in range(TICKS)]
    samples.add(_named(size, TASK), quantile(whole, 0.5), "ms")
    for what, number in ((ONE, 1), (MANY, 100)):
        took = [_remind(subject, number) for _tick in range(DUE_TICKS)]
        samples.add(_named(size, what), quantile(took, 0.5), "ms")
    samples.add(_named(size, EVENT), quantile(_hear(subject), 0.5), "ms")
    samples.add(_named(size, PAGE), quantile(_walk(subject), 0.5), "ms")


async def _task(parts: Parts) -> None:
    """Do what the task does that beat sends."""
    await parts.lookout.look()
    await parts.notifier.tick()
    await beat_heart(parts.client, "worker")


def _remind(subject: _Subject, number: int) -> float:
    """Let that many conferences fall due; give how long it takes until all are planned."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=2)
    numbers = range(subject.next_due, subject.next_due + number)
    subject.next_due += number
    conferences.write(subject.url, partial(conferences.due, at=at), numbers)
    took, wanted = 0.0, subject.planned() + number
    while subject.planned() < wanted:
        took += subject.timed(subject.parts.notifier.tick)
    subject.rest()
    return took


def _hear(subject: _Subject) -> list[float]:
    """Move conferences, one at a time; give how long each event takes from read to applied."""
    took: list[float] = []
    subject.revision += 1
    for number in range(EVENTS):
        moved = {"revision": subject.revision, "hours": subject.revision}
        to = events.conference(conferences.id_of(number), **moved)
        events.publish(subject.client, [events.reschedule(to)])
        read = subject.runner.run(subject.parts.inbox.read(limit=1, block_seconds=1))
        took.append(subject.timed(partial(subject.parts.notifier.hear, read)))
    subject.rest()
    return took


def _walk(subject: _Subject) -> list[float]:
    """Begin to make the index anew; give how long each of some pages takes."""
    subject.client.set(keys.REINDEX, beginning("bench"))
    took = [subject.timed(subject.parts.notifier.audit) for _page in range(PAGES)]
    subject.client.delete(keys.REINDEX, keys.AUDIT)
    return took


def _named(size: int, what: str) -> str:
    exponent = str(len(str(size)) - 1).translate(_EXPONENTS)
    return f"10{exponent} conferences: {what}"
