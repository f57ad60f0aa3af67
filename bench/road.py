"""The whole road: events of several shapes, until as many personal mails are taken.

In the same run, against the same sink: Postfix's smtp-source, and a naive loop. The machine's
speed changes from minute to minute, the ratios much less.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Final

import msgspec

from bench import events, peers_at_hand
from bench.figures import Goal, Result, Samples
from bench.machine import quiet
from bench.running import AS_USUAL, Deployment, Running, all_parts, free_port
from bench.scale import Scale
from bench.sending import claim_each_once, invite, send
from bench.sinks.own import own
from bench.sinks.postfix import sink
from bench.sinks.sink import Sink

LONGEST: Final = Goal("≤", 50)
# Of what smtp-source does with twenty sessions in the same run.
NEAR_THE_LIMIT: Final = Goal("≥", 0.85)
BURST: Final = Goal("≥", 3500)


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """So many events, each for so many people; what is promised of them."""

    events: int
    people: int
    rate: Goal | None = None
    ratio: Goal | None = None

    @property
    def name(self) -> str:
        return f"{self.events} × {self.people}"

    @property
    def mails(self) -> int:
        return self.events * self.people


@dataclass(frozen=True)
class Stage:
    """A notifier that is warm, the sink it sends to, and a mail as it looks on the wire."""

    running: Running
    sink: Sink
    sample: bytes
    size: int


def measure(scale: Scale) -> Result:
    """Send events of each shape, with the peers in between."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder, _stage(Path(folder), scale, samples) as stage:
        for turn in range(scale.turns):
            rates = peers_at_hand.rates(stage.sink, stage.sample, stage.size, scale, samples)
            for shape in shapes(scale):
                _send(stage, shape, f"turn-{turn}", rates, samples)
        claim_each_once(stage.running)
        name, size = stage.sink.name, stage.size
    return Result(
        name="road",
        title="The whole road",
        conditions=[
            AS_USUAL,
            "everything on the same cores, the sink and the peers too",
            "events × people: that many invitations, each for that many people",
            "mails/s: from the first XADD until the last mail is taken",
            "processor: until all is written down, every process of ours, Redis and Flower too",
            f"HTML, text and calendar entry, in English and French, {size} bytes each",
            f"the sink is {name}, without TLS; smtp-source: `-d`, mails of the same size",
            "naive: EmailMessage and smtplib, a connection for each mail, prepared wording",
        ],
        figures=samples.figures(),
    )


def shapes(scale: Scale) -> list[Shape]:
    """Give what is sent in a turn: long lists, short lists, and a burst of single people."""
    long = [Shape(events=1, people=number) for number in scale.lists]
    largest = msgspec.structs.replace(long[-1], ratio=NEAR_THE_LIMIT)
    short = Shape(events=scale.lists[-1] // 10, people=10)
    return [*long[:-1], largest, short, Shape(events=scale.lists[-1], people=1, rate=BURST)]


@contextmanager
def _stage(folder: Path, scale: Scale, samples: Samples) -> Iterator[Stage]:
    """Run everything and warm it up, first against a sink that looks at the mails."""
    port = free_port()
    with all_parts(folder, deployment=Deployment(port=port)) as running:
        with own(port) as looking:
            invite(running, "look", scale.warm_up)
            sample, size = looking.last(), int(mean(mail.size for mail in looking.taken()))
            _count_connections(looking.connections(), scale.warm_up, samples)
        with sink(port) as counting:
            invite(running, "warm-up", scale.warm_up)
            yield Stage(running, counting, sample, size)


def _count_connections(opened: int, mails: int, samples: Samples) -> None:
    usual = Deployment()
    most = Goal("≤", usual.connections * usual.workers)
    samples.add(f"connections opened for the first {mails} mails", opened, "", most)


def _send(stage: Stage, shape: Shape, name: str, rates: dict[str, float], samples: Samples) -> None:
    """Send the events of one shape; add the speed, what it costs, and how the peers compare."""
    published = events.invitations(shape.events, shape.people, f"{name}-{shape.name}")
    samples.add(*quiet())
    sent = send(stage.running, stage.sink, published, shape.mails)
    samples.add(f"{shape.name}: notifier", sent.rate, "mails/s", shape.rate)
    for peer, rate in rates.items():
        if peer == peers_at_hand.SOURCE or shape.ratio:
            goal = shape.ratio if peer == peers_at_hand.SOURCE else None
            samples.add(f"{shape.name}: notifier / {peer}", sent.rate / rate, "×", goal)
    sent.add_cpu(samples, shape.name)
    samples.add(f"{shape.name}: longest command of Redis", sent.longest_command, "ms", LONGEST)
