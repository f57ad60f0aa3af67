"""The whole road: one event with thousands of recipients, until as many personal mails are taken.

In the same run, against the same sink: Postfix's smtp-source, and a naive loop. The machine's
speed changes from minute to minute, the ratios much less.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Final

from bench import events, memory, naive, slowest
from bench.figures import Goal, Result, Samples
from bench.machine import quiet
from bench.running import Running, all_parts, free_port
from bench.scale import Scale
from bench.sinks.own import own
from bench.sinks.postfix import sink, source
from bench.sinks.sink import Sink

FAST: Final = Goal("≥", 300)
LONGEST: Final = Goal("≤", 50)
# Mails before anything counts: templates compiled, connections open.
WARM_UP: Final = 200
# smtp-source is done in a moment; this many, so that the moment can be measured.
SOURCE_MAILS: Final = 5000


@dataclass(frozen=True)
class Stage:
    """A notifier that is warm, the sink it sends to, and a mail as it looks on the wire."""

    running: Running
    sink: Sink
    sample: bytes
    size: int


def measure(scale: Scale) -> Result:
    """Send to lists of several lengths, with the peers in between."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder, _stage(Path(folder), scale) as stage:
        for turn in range(scale.turns):
            peers = _peers(stage, scale, samples)
            for number in scale.lists:
                rate = _send(stage, number, f"turn-{turn}-{number}", samples)
                for peer, peer_rate in peers.items():
                    samples.add(f"notifier, {number} recipients / {peer}", rate / peer_rate, "×")
        stage.running.settled()
        memory.weigh(stage.running, samples, " after all this")
        _claim_each_once(stage)
        name, size = stage.sink.name, stage.size
    return Result(
        name="road",
        title="The whole road",
        conditions=[
            "`notifier up` with 2 worker processes and the embedded Redis (appendfsync always)",
            "everything on the same cores, the sink and the peers too",
            "one invitation with that many recipients; from XADD until the last mail is taken",
            f"HTML, text and calendar entry, in English and French, {size} bytes each",
            f"the sink is {name}, without TLS; smtp-source: `-d -s 20`, mails of the same size",
            "naive: EmailMessage and smtplib, a connection for each mail, prepared wording",
        ],
        figures=samples.figures(),
    )


@contextmanager
def _stage(folder: Path, scale: Scale) -> Iterator[Stage]:
    """Run everything and warm it up, first against a sink that looks at the mails."""
    port = free_port()
    with all_parts(folder, smtp_port=port) as running:
        with own(port) as looking:
            _warm_up(running, "look", min(WARM_UP, scale.largest_list))
            sample, size = looking.last(), int(mean(mail.size for mail in looking.taken()))
        with sink(port) as counting:
            _warm_up(running, "warm-up", min(WARM_UP, scale.largest_list))
            yield Stage(running, counting, sample, size)


def _warm_up(running: Running, name: str, number: int) -> None:
    before = running.counted("deliveries_sent")
    invited = events.invitation(events.conference(name), events.people(number))
    events.publish(running.client, [invited])
    running.wait_for("deliveries_sent", before + number)


def _send(stage: Stage, number: int, name: str, samples: Samples) -> float:
    """Send one event to that many people; give mails/s."""
    event = events.invitation(events.conference(name), events.people(number))
    before, sent = stage.sink.mails(), stage.running.counted("deliveries_sent")
    samples.add(*quiet())
    slowest.watch(stage.running.client)
    began = time.monotonic()
    events.publish(stage.running.client, [event])
    rate = number / (stage.sink.wait_for(before + number) - began)
    stage.running.wait_for("deliveries_sent", sent + number)
    samples.add(f"notifier, {number} recipients", rate, "mails/s", FAST)
    took, _command = slowest.longest(stage.running.client)
    samples.add(f"longest command of Redis, {number} recipients", took, "ms", LONGEST)
    return rate


def _peers(stage: Stage, scale: Scale, samples: Samples) -> dict[str, float]:
    """Let the peers send to the same sink; give their mails/s by name."""
    rates: dict[str, float] = {}
    samples.add(*quiet())
    fastest = source(stage.sink, mails=SOURCE_MAILS, size=stage.size)
    if fastest:
        rates["smtp-source"] = fastest
    for processes in (1, 2):
        samples.add(*quiet())
        rates[f"naive loop, {processes} process{'es'[: processes * 2 - 2]}"] = _loops(
            stage, processes, scale.naive_mails
        )
    for name, rate in rates.items():
        samples.add(name, rate, "mails/s")
    return rates


def _loops(stage: Stage, processes: int, mails: int) -> float:
    """Run naive loops side by side; give mails/s of all of them."""
    fork = get_context("fork")
    asked = {"port": stage.sink.port, "mails": mails}
    loops = [
        fork.Process(target=naive.send, args=(stage.sample,), kwargs=asked)
        for _loop in range(processes)
    ]
    before = stage.sink.mails()
    began = time.monotonic()
    for loop in loops:
        loop.start()
    ended = stage.sink.wait_for(before + processes * mails)
    for loop in loops:
        loop.join()
    return processes * mails / (ended - began)


def _claim_each_once(stage: Stage) -> None:
    """Every delivery was sent, and none of them twice."""
    planned, sent = (stage.running.counted(f"deliveries_{each}") for each in ("planned", "sent"))
    unknown = stage.running.counted("deliveries_unknown")
    if planned != sent or unknown:
        raise RuntimeError(f"{planned} deliveries planned, {sent} sent, {unknown} in doubt")
