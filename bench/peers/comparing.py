"""Peers side by side: the five numbers of each, with the same mails and the same sink."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from bench import events, machine
from bench.figures import Goal, Result, Samples, quantile
from bench.peers.course import Course, FellShort
from bench.peers.homes import NoHome
from bench.peers.known import OURS, PEERS, Peer
from bench.peers.staging import stage
from bench.running import Deployment, all_parts, free_port
from bench.scale import Scale
from bench.sinks.own import own

# What we promise of ourselves: nothing is lost, and only what was on the wire may come twice.
PROMISED: Final = {
    "lost": Goal("≤", 0),
    "doubled": Goal("≤", Deployment().workers * Deployment().connections),
}
# Gives how busy the machine still was before a turn, as a sample.
Quiet = Callable[[], tuple[str, float, str]]


def measure(scale: Scale) -> Result:
    """Let every peer run its course with a letter as the notifier writes it."""
    return compare(PEERS, _sample(), scale)


def compare(
    peers: Sequence[Peer], sample: bytes, scale: Scale, *, quiet: Quiet = machine.quiet
) -> Result:
    """Measure these, one after the other; whoever cannot be is named with the reason."""
    samples = Samples()
    conditions = list(_conditions(scale))
    for peer in peers:
        sys.stderr.write(f"  {peer.name} …\n")
        failed = ""
        try:
            _run(peer, sample, scale, samples, quiet)
        except (NoHome, FellShort) as error:
            failed = f"; **not measured**: {error}"
        conditions.append(f"{peer.name}: {peer.conditions}{failed}")
    return Result(
        name="peers",
        title="Peers",
        conditions=conditions,
        figures=samples.figures(),
        crosswise=True,
    )


def _run(peer: Peer, sample: bytes, scale: Scale, samples: Samples, quiet: Quiet) -> None:
    """Measure one; its numbers are added when all of them are there."""
    mails = round(scale.peer_mails * peer.times)
    with stage(peer, sample) as on:
        course = Course(
            on,
            in_memory=peer.in_memory,
            live=peer.live,
            mends=peer.mends,
            waits_long=peer.waits_long,
        )
        course.ask("prepare")
        busy = [quiet()]
        took = course.hand(scale.peer_calls, "hand")
        rates, connections = [], []
        for turn in range(scale.peer_turns):
            busy.append(quiet())
            before = on.sink.connections(), on.sink.mails()
            rates.append(course.drain(mails, f"turn-{turn}"))
            opened = on.sink.connections() - before[0]
            connections.append(opened / (on.sink.mails() - before[1]) * 1000)
        tally = course.crash(
            mails, "crash", wait_seconds=peer.wait_seconds, late_seconds=peer.late_seconds
        )
    for each in busy:
        samples.add(*each)
    numbers: dict[str, list[float]] = {
        "intake p50, ms": [quantile(took, 0.5)],
        "intake p99, ms": [quantile(took, 0.99)],
        "mails/s": rates,
        "connections per 1000": connections,
        "peak memory, MB": [course.peak],
        "lost": [tally.lost],
        "doubled": [tally.doubled],
    }
    for what, values in numbers.items():
        goal = PROMISED.get(what) if peer is OURS else None
        for value in values:
            samples.add(f"{peer.name}: {what}", value, "", goal)


def _sample() -> bytes:
    """Give a letter as the notifier writes it."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        own(port) as sink,
        all_parts(Path(folder), smtp_port=port) as running,
    ):
        invited = events.invitation(events.conference("sample"), events.people(1))
        events.publish(running.client, [invited])
        sink.wait_for(1)
        return sink.last()


def _conditions(scale: Scale) -> Iterator[str]:
    yield (
        "everything on the same cores, the sink of our own too; without TLS; each peer alone, one "
        "after the other"
    )
    yield (
        f"intake: {scale.peer_calls} calls with one mail each while nothing is sent; mails/s: "
        f"{scale.peer_mails} mails that a peer is given in its way for many and then started, from "
        "the first that is taken to the last, without its start"
    )
    yield (
        "text, HTML and calendar entry are the notifier's and come ready: only To and Message-ID "
        "are made for each person, which is in the peers' favour"
    )
    yield "memory: PSS of all processes that send, and of their Redis, at its highest"
    yield (
        "killed: SIGKILL to all processes that send, at half of as many mails, not to Redis; "
        "started again, and counted when the waiting time of its manual and 3 s without a mail are "
        "over, or 20 s and more without a mail where some are missing"
    )
    yield (
        "the peers' Redis writes no append-only file; Celery's visibility timeout is 5 s instead "
        "of an hour"
    )
