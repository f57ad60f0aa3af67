"""One event that a hundred thousand people are told: how soon, at what cost, and what it leaves.

Their list stands in Redis already, for no event may be so long as to bring them all; the event
moves their conference.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Final

from bench import conferences, events, peers_at_hand, processes, redis_memory
from bench.figures import Goal, Result, Samples
from bench.machine import quiet
from bench.processes import MEGABYTE
from bench.road import LONGEST, NEAR_THE_LIMIT
from bench.running import AS_USUAL, Deployment, Running, all_parts, free_port
from bench.scale import Scale
from bench.sending import claim_each_once, invite, send
from bench.sinks.own import own
from bench.sinks.postfix import sink

WORKER: Final = Goal("≤", 120)
# Of a million deliveries (megabytes).
REDIS: Final = Goal("≤", 450)
MILLION: Final = 1_000_000
# Families of keys that hold less are told together (bytes for each delivery).
WORTH_A_LINE: Final = 3.0

# Numbers of the conferences that are moved.
LOOK: Final = 1
LARGE: Final = 2


def measure(scale: Scale) -> Result:
    """Move one conference with a long list, once."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder, _running(Path(folder)) as (running, port):
        size = _look(running, port, scale.warm_up)
        _write(running, LARGE, scale.webinar)
        with sink(port) as to:
            invite(running, "warm-up", scale.warm_up)
            rates = peers_at_hand.source_rates(to, size, scale, samples)
            before, families = redis_memory.used(running.client), _families(running)
            samples.add(*quiet())
            sent = send(running, to, [_moved(LARGE)], scale.webinar)
        samples.add("all told after", sent.seconds, "s")
        samples.add("notifier", sent.rate, "mails/s")
        for peer, rate in rates.items():
            goal = NEAR_THE_LIMIT if peer == peers_at_hand.SOURCE else None
            samples.add(f"notifier / {peer}", sent.rate / rate, "×", goal)
        sent.add_cpu(samples, "in all")
        samples.add("longest command of Redis", sent.longest_command, "ms", LONGEST)
        _weigh_processes(running, samples)
        _weigh_redis(running, before, families, scale.webinar, samples)
        claim_each_once(running)
        name = to.name
    return Result(
        name="webinar",
        title=f"One event, {scale.webinar} people told",
        conditions=[
            AS_USUAL,
            f"everything on the same cores, the sink too: {name}, without TLS",
            f"a conference is moved; HTML, text and calendar entry, {size} bytes each",
            "the list was written before: its rows are told apart from what the event leaves",
            "peak memory: the most a process has held since it began, shared pages included",
            "memory of Redis: all that it uses more than before the event, and what of it is where",
        ],
        figures=samples.figures(),
    )


@contextmanager
def _running(folder: Path) -> Iterator[tuple[Running, int]]:
    port = free_port()
    with all_parts(folder, deployment=Deployment(port=port)) as running:
        yield running, port


def _look(running: Running, port: int, people: int) -> int:
    """Move a short list against a sink that looks at the mails; give their mean size (bytes)."""
    _write(running, LOOK, people)
    with own(port) as looking:
        send(running, looking, [_moved(LOOK)], people)
        return int(mean(mail.size for mail in looking.taken()))


def _write(running: Running, number: int, people: int) -> None:
    made = partial(conferences.webinar, people=people)
    conferences.write(running.url, made, range(number, number + 1))


def _moved(number: int) -> bytes:
    to = events.conference(conferences.id_of(number), revision=2, hours=3)
    return events.reschedule(to)


def _weigh_processes(running: Running, samples: Samples) -> None:
    for name, process in processes.named(running.tree()).items():
        goal = WORKER if name.startswith(processes.CHILD) else None
        held = processes.peak_rss(process) / MEGABYTE
        samples.add(f"peak memory of {name}", held, "MB", goal)


def _families(running: Running) -> dict[str, float]:
    return redis_memory.by_family(running.client)


def _weigh_redis(
    running: Running, before: int, families: dict[str, float], mails: int, samples: Samples
) -> None:
    held = (redis_memory.used(running.client) - before) / mails
    samples.add("Redis, a million deliveries", held * MILLION / MEGABYTE, "MB", REDIS)
    samples.add("Redis, a delivery", held, "bytes")
    rest = held
    for family, weight in sorted(_families(running).items()):
        each = (weight - families.get(family, 0.0)) / mails
        if each >= WORTH_A_LINE:
            samples.add(f"of it in {family}:…", each, "bytes")
            rest -= each
    samples.add("of it elsewhere", rest, "bytes")
    listed = families.get("notifier:list", 0.0) / mails
    samples.add("there before: a person on the list", listed, "bytes")
