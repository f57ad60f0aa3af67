"""Sending and what it takes: from the first XADD until every mail is taken and written down."""

import time
from collections.abc import Sequence
from typing import Final

import msgspec
import psutil

from bench import events, processes, slowest
from bench.figures import Samples
from bench.running import Running
from bench.sinks.sink import Sink

SINK: Final = "the sink"
# Parts that cost less than this are told together (microseconds of a processor for each mail).
WORTH_A_LINE: Final = 1.0
MICROSECONDS: Final = 1_000_000


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What it took to send some mails."""

    mails: int
    seconds: float  # until the last was taken
    cpu: dict[str, float]  # seconds of a processor by part, until all is written down
    longest_command: float  # of Redis (milliseconds)

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.mails / self.seconds

    def add_cpu(self, samples: Samples, what: str) -> None:
        """Add what a mail costs (microseconds of a processor): ours in all, by part, the sink."""
        each = {part: MICROSECONDS * spent / self.mails for part, spent in self.cpu.items()}
        sink = each.pop(SINK)
        samples.add(f"{what}: processor for a mail, all of ours", sum(each.values()), "µs")
        large = {part: spent for part, spent in each.items() if spent >= WORTH_A_LINE}
        for part, spent in large.items():
            samples.add(f"{what}: of it {part}", spent, "µs")
        samples.add(f"{what}: processor for a mail, the sink", sink, "µs")


def send(running: Running, to: Sink, published: Sequence[bytes], mails: int) -> Sent:
    """Publish events that lead to so many mails, and wait until nothing is left to do."""
    before, sent = to.mails(), running.counted("deliveries_sent")
    spent = _spent(running, to)
    slowest.watch(running.client)
    began = time.monotonic()
    events.publish(running.client, published)
    ended = to.wait_for(before + mails)
    running.wait_for("deliveries_sent", sent + mails)
    running.settled()
    longest, _command = slowest.longest(running.client)
    after = _spent(running, to)
    return Sent(
        mails=mails,
        seconds=ended - began,
        cpu={part: total - spent.get(part, 0.0) for part, total in after.items()},
        longest_command=longest,
    )


def invite(running: Running, name: str, number: int) -> None:
    """Invite that many people to a conference of that name, and wait until all have their mail."""
    before = running.counted("deliveries_sent")
    invited = events.invitation(events.conference(name), events.people(number))
    events.publish(running.client, [invited])
    running.wait_for("deliveries_sent", before + number)
    running.settled()


def claim_each_once(running: Running) -> None:
    """Every delivery was sent, and none of them twice."""
    planned, sent = (running.counted(f"deliveries_{each}") for each in ("planned", "sent"))
    unknown = running.counted("deliveries_unknown")
    if planned != sent or unknown:
        raise RuntimeError(f"{planned} deliveries planned, {sent} sent, {unknown} in doubt")


def _spent(running: Running, to: Sink) -> dict[str, float]:
    taken = psutil.Process(to.pid).cpu_times()
    return processes.cpu_seconds(running.tree()) | {SINK: taken.user + taken.system}
