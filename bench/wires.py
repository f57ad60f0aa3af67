"""The road over other wires: STARTTLS, TLS from the start, and a server that is far away.

Against the sink of our own, which can do what smtp-sink cannot. What smtp-source does in the same
run, in the clear and with the server beside it, tells what the machine is worth.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Final

import msgspec

from bench import events
from bench.figures import Goal, Result, Samples
from bench.machine import quiet
from bench.running import AS_USUAL, Deployment, Running, all_parts, free_port
from bench.scale import Scale
from bench.sending import claim_each_once, invite, send
from bench.sinks.own import OwnSink, Security, own
from bench.sinks.postfix import sink, source

DELAY_MILLISECONDS: Final = 20
# Over all worker processes, where the server is far away.
CONNECTIONS: Final = 100


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """A way to the server, and what is promised of it."""

    name: str
    security: Security = "none"
    delay_milliseconds: int = 0
    connections: int = Deployment().connections
    ratio: Goal | None = None  # to smtp-source in the clear
    rate: Goal | None = None
    thousand: Goal | None = None  # milliseconds until the last of a shorter list has a mail


ENCRYPTED: Final = Goal("≥", 0.6)
WIRES: Final = (
    Wire(name="STARTTLS", security="starttls", ratio=ENCRYPTED),
    Wire(name="TLS from the start", security="ssl", ratio=ENCRYPTED),
    Wire(
        name="a far server",
        delay_milliseconds=DELAY_MILLISECONDS,
        connections=CONNECTIONS // Deployment().workers,
        rate=Goal("≥", 2200),
        thousand=Goal("≤", 500),
    ),
)


@dataclass(frozen=True)
class _Stage:
    """A notifier that is warm, the sink at the other end of its wire, and the size of a mail."""

    wire: Wire
    running: Running
    to: OwnSink
    size: int


def measure(scale: Scale) -> Result:
    """Send a shorter and a longer list over each wire."""
    samples = Samples()
    for wire in WIRES:
        with tempfile.TemporaryDirectory() as folder, _warm(Path(folder), wire, scale) as stage:
            for turn in range(scale.turns):
                _turn(stage, f"turn-{turn}", scale, samples)
            mails, opened = stage.to.mails(), stage.to.connections()
            samples.add(f"{wire.name}: connections opened for {mails} mails", opened, "")
            claim_each_once(stage.running)
    return Result(
        name="wires",
        title="Other wires",
        conditions=[
            AS_USUAL,
            "one invitation with that many recipients; from XADD until the last mail is taken",
            "the sink is our own, on the same cores; its certificate is checked",
            (
                f"a far server answers each packet after {DELAY_MILLISECONDS} ms; to it there are "
                f"{CONNECTIONS} connections over all worker processes"
            ),
            "smtp-source: in the clear to smtp-sink; `-s 100` to a sink that is as far away",
        ],
        figures=samples.figures(),
    )


@contextmanager
def _warm(folder: Path, wire: Wire, scale: Scale) -> Iterator[_Stage]:
    port = free_port()
    with own(port, security=wire.security, delay_milliseconds=wire.delay_milliseconds) as to:
        deployment = Deployment(
            port=port,
            security=wire.security,
            ca_file=str(to.ca_file) if wire.security != "none" else "",
            connections=wire.connections,
        )
        with all_parts(folder, deployment=deployment) as running:
            invite(running, "warm-up", scale.warm_up)
            size = int(mean(mail.size for mail in to.taken()))
            yield _Stage(wire, running, to, size)


def _turn(stage: _Stage, name: str, scale: Scale, samples: Samples) -> None:
    """Send the shorter list, of which the time counts, and the longer, of which the speed does."""
    wire, (short, long) = stage.wire, scale.lists
    samples.add(*quiet())
    reference = _source(stage, scale.source_mails)
    if reference:
        samples.add(f"{wire.name}: smtp-source", reference, "mails/s")
    samples.add(*quiet())
    sent = send(stage.running, stage.to, [_invitation(f"{name}-short", short)], short)
    took = sent.seconds * 1000
    samples.add(f"{wire.name}, {short} people: last mail after", took, "ms", wire.thousand)
    samples.add(*quiet())
    sent = send(stage.running, stage.to, [_invitation(f"{name}-long", long)], long)
    what = f"{wire.name}, {long} people"
    samples.add(f"{what}: notifier", sent.rate, "mails/s", wire.rate)
    if reference:
        samples.add(f"{what}: notifier / smtp-source", sent.rate / reference, "×", wire.ratio)
    sent.add_cpu(samples, what)


def _invitation(name: str, number: int) -> bytes:
    return events.invitation(events.conference(name), events.people(number))


def _source(stage: _Stage, mails: int) -> float | None:
    """Let smtp-source send, as far or in the clear, to a sink of its own; give its mails/s."""
    delay = stage.wire.delay_milliseconds
    if delay:
        with own(free_port(), delay_milliseconds=delay) as far:
            return source(far, mails=mails, size=stage.size, sessions=CONNECTIONS)
    with sink(free_port()) as clear:
        return source(clear, mails=mails, size=stage.size)
