"""The peers that need nothing installed: Postfix's smtp-source, and naive loops side by side."""

import time
from multiprocessing import get_context
from typing import Final

from bench import naive
from bench.figures import Samples
from bench.machine import quiet
from bench.scale import Scale
from bench.sinks.postfix import source
from bench.sinks.sink import Sink

SOURCE: Final = "smtp-source -s 20"
BEST_SOURCE: Final = "smtp-source at its best"
# How many sessions it is tried with to find its best (20 is tried by itself).
SESSIONS: Final = (5, 10, 50)


def rates(to: Sink, sample: bytes, size: int, scale: Scale, samples: Samples) -> dict[str, float]:
    """Let the peers send to the sink; give their mails/s by name, and add them."""
    found = source_rates(to, size, scale, samples)
    for loops in (1, 2):
        samples.add(*quiet())
        name = f"naive loop, {loops} process{'es'[: loops * 2 - 2]}"
        found[name] = _loops(to, sample, loops, scale.naive_mails)
        samples.add(name, found[name], "mails/s")
    return found


def source_rates(to: Sink, size: int, scale: Scale, samples: Samples) -> dict[str, float]:
    """Give smtp-source's mails/s with twenty sessions and at its best, nothing without it."""
    samples.add(*quiet())
    mails = scale.source_mails
    twenty = source(to, mails=mails, size=size)
    if twenty is None:
        return {}
    others = [source(to, mails=mails, size=size, sessions=each) or 0.0 for each in SESSIONS]
    best = max(twenty, *others)
    sessions = (20, *SESSIONS)[[twenty, *others].index(best)]
    samples.add(SOURCE, twenty, "mails/s")
    samples.add(BEST_SOURCE, best, "mails/s")
    samples.add("sessions with which it was at its best", sessions, "")
    return {SOURCE: twenty, BEST_SOURCE: best}


def _loops(to: Sink, sample: bytes, loops: int, mails: int) -> float:
    """Run naive loops side by side; give mails/s of all of them."""
    fork = get_context("fork")
    asked = {"port": to.port, "mails": mails}
    running = [
        fork.Process(target=naive.send, args=(sample,), kwargs=asked) for _loop in range(loops)
    ]
    before = to.mails()
    began = time.monotonic()
    for each in running:
        each.start()
    ended = to.wait_for(before + loops * mails)
    for each in running:
        each.join()
    return loops * mails / (ended - began)
