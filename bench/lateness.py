"""Lateness: how long after its moment a reminder is taken by the mail server, with bulk in its way.

A hundred thousand people are told that their webinar moved; while those mails drain, reminders of
other conferences fall due at each whole second.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from bench import conferences, events
from bench.figures import Goal, Result, Samples, quantile
from bench.machine import quiet
from bench.running import AS_USUAL, Deployment, Running, all_parts, free_port
from bench.scale import Scale
from bench.sending import claim_each_once, invite, send
from bench.sinks.own import OwnSink, own

# Seconds.
SHARES: Final = (
    ("p50", 0.5, None),
    ("p95", 0.95, None),
    ("p99", 0.99, Goal("≤", 3)),
    ("max", 1.0, None),
)
# Of what leaves in a second, so much is reminders.
SHARE: Final = 0.1
# Reminders fall due for this part of the time that the bulk needs without them: all of them while
# it drains.
SPREAD: Final = 0.6
# Written before they fall due; so fast at least (conferences a second).
SLOWEST_WRITING: Final = 1_000
# The bulk is on its way by the time that the first reminder falls due (seconds).
HEAD_START: Final = 0.5
# The writers are processes that have to start (seconds).
STARTING: Final = 8.0

# Numbers of the conferences that are moved; those that fall due are counted from nought.
PROBE: Final = 10_000_001
BULK: Final = 10_000_002
REMINDER: Final = "due-"


def measure(scale: Scale) -> Result:
    """Find out how fast bulk leaves, then let reminders fall due among as much again."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder, _warm(Path(folder), scale) as (running, to):
        _write_list(running, PROBE, scale.largest_list)
        _write_list(running, BULK, scale.webinar)
        samples.add(*quiet())
        alone = send(running, to, [_moved(PROBE)], scale.largest_list).rate
        samples.add("mails about what moved, alone", alone, "mails/s")
        seconds = max(1, int(SPREAD * scale.webinar / alone))
        each_second = max(1, int(alone * SHARE))
        samples.add("reminders falling due", each_second, "mails/s")
        samples.add("for how long", seconds, "s")
        due = each_second, seconds
        late = _remind(running, to, people=scale.webinar, due=due, samples=samples)
        for name, share, goal in SHARES:
            samples.add(f"due to accepted mail, {name}", quantile(late, share), "s", goal)
        claim_each_once(running)
    return Result(
        name="lateness",
        title="Lateness of reminders",
        conditions=[
            AS_USUAL,
            (
                f"one event tells {scale.webinar} people that their conference moved; meanwhile "
                "reminders of one person each fall due, as many at each whole second"
            ),
            "from the due moment to the 250 of a mail server on the same machine",
        ],
        figures=samples.figures(),
    )


@contextmanager
def _warm(folder: Path, scale: Scale) -> Iterator[tuple[Running, OwnSink]]:
    port = free_port()
    with own(port) as to, all_parts(folder, deployment=Deployment(port=port)) as running:
        invite(running, "warm-up", scale.warm_up)
        yield running, to


def _write_list(running: Running, number: int, people: int) -> None:
    made = partial(conferences.webinar, people=people)
    conferences.write(running.url, made, range(number, number + 1))


def _moved(number: int) -> bytes:
    return events.reschedule(events.conference(conferences.id_of(number), revision=2, hours=3))


def _remind(
    running: Running, to: OwnSink, *, people: int, due: tuple[int, int], samples: Samples
) -> list[float]:
    """Let so many fall due a second, for so long, among bulk; give how late each was (seconds)."""
    each_second, seconds = due
    number = each_second * seconds
    samples.add(*quiet())
    lead = timedelta(seconds=STARTING + number / SLOWEST_WRITING)
    first = (datetime.now(UTC) + lead).replace(microsecond=0) + timedelta(seconds=1)
    made = partial(_due_in_turn, first=first, each_second=each_second)
    conferences.write(running.url, made, range(number))
    before = to.mails()
    _wait_for(first - timedelta(seconds=HEAD_START))
    events.publish(running.client, [_moved(BULK)])
    _wait_for(first)
    at_first = time.monotonic()
    to.wait_for(before + number + people)
    taken = [(mail.recipients[0], mail.moment) for mail in to.taken(before)]
    reminders = [(int(who.split("-")[1]), at) for who, at in taken if who.startswith(REMINDER)]
    running.settled()
    bulk = [at for who, at in taken if not who.startswith(REMINDER)]
    last_due = at_first + seconds - 1
    samples.add("bulk that waited as the first fell due", _after(bulk, at_first), "mails")
    samples.add("bulk that waited as the last fell due", _after(bulk, last_due), "mails")
    return [at - at_first - which // each_second for which, at in reminders]


def _after(moments: list[float], moment: float) -> int:
    return sum(each > moment for each in moments)


def _due_in_turn(number: int, *, first: datetime, each_second: int) -> conferences.Steps:
    return conferences.due(number, at=first + timedelta(seconds=number // each_second))


def _wait_for(moment: datetime) -> None:
    left = (moment - datetime.now(UTC)).total_seconds()
    if left < 0:
        raise RuntimeError(f"what falls due was written {-left:.1f} s too late")
    time.sleep(left)
