"""Lateness: how long after its moment a reminder is taken by the mail server, with bulk in its way.

Reminders fall due over a minute, at half of the rate that can be sent, while everybody on a long
list is being invited: together they are more than can be sent.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from bench import conferences, events
from bench.figures import Goal, Result, Samples, quantile
from bench.machine import quiet
from bench.running import Running, all_parts, free_port
from bench.scale import Scale
from bench.sinks.own import OwnSink, own
from bench.waiting import wait_until

LATE: Final = Goal("≤", 5)
# Invitations whose sending tells what the machine can do, after as many that do not count.
PROBE: Final = 2_000
SHARE: Final = 0.5
# Written before they fall due; so fast at least (conferences a second).
SLOWEST_WRITING: Final = 2_500
# The bulk is planned and on its way by the time that the first reminder falls due (seconds).
HEAD_START: Final = 5.0
# Enough invitations, should the machine be faster than it was at the probe.
RESERVE: Final = 2.0
# People in one event of the bulk.
LARGEST_LIST: Final = 10_000
# Counting reminders takes a while: not as often as anything else is asked (seconds).
POLL_SECONDS: Final = 0.25


@dataclass(frozen=True)
class _Stage:
    """A notifier that is warm, and what its mail server has taken."""

    running: Running
    sink: OwnSink


def measure(scale: Scale) -> Result:
    """Find out how fast mails leave, then let reminders fall due at half of that."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder, _stage(Path(folder)) as stage:
        samples.add(*quiet())
        saturation = _saturation(stage)
        samples.add("invitations alone", saturation, "mails/s")
        each_second = max(1, int(saturation * SHARE))
        samples.add("reminders falling due", each_second, "mails/s")
        samples.add(*quiet())
        late = _remind(stage, each_second, scale.spread_seconds, samples)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
            goal = LATE if name == "p99" else None
            samples.add(f"due to accepted mail, {name}", quantile(late, share), "s", goal)
    return Result(
        name="lateness",
        title="Lateness of reminders",
        conditions=[
            "`notifier up` with 2 worker processes and the embedded Redis (appendfsync always)",
            (
                f"reminders of one person each fall due over {scale.spread_seconds} s, as many at "
                "each whole second, half of what leaves in a second when nothing else does"
            ),
            "meanwhile a list is invited that is long enough to keep all busy to the end",
            "from the due moment to the 250 of a mail server on the same machine",
        ],
        figures=samples.figures(),
    )


@contextmanager
def _stage(folder: Path) -> Iterator[_Stage]:
    port = free_port()
    with own(port) as to, all_parts(folder, smtp_port=port) as running:
        yield _Stage(running, to)


def _saturation(stage: _Stage) -> float:
    """Give how many invitations are taken in a second, once all is warm."""
    _invite(stage, "warm-up", PROBE)
    stage.running.wait_for("deliveries_sent", PROBE)
    began = time.monotonic()
    _invite(stage, "probe", PROBE)
    stage.running.wait_for("deliveries_sent", 2 * PROBE)
    return PROBE / (stage.sink.taken()[-1].moment - began)


def _invite(stage: _Stage, name: str, number: int) -> None:
    """Invite that many people, in as few conferences as the events allow."""
    lists = [range(at, min(at + LARGEST_LIST, number)) for at in range(0, number, LARGEST_LIST)]
    invited = [
        events.invitation(events.conference(f"{name}-{some.start}"), events.people(len(some)))
        for some in lists
    ]
    events.publish(stage.running.client, invited)


def _remind(stage: _Stage, each_second: int, seconds: int, samples: Samples) -> list[float]:
    """Let reminders fall due among invitations; give how late each was taken (seconds)."""
    number = each_second * seconds
    lead = 2 * HEAD_START + number / SLOWEST_WRITING
    first = (datetime.now(UTC) + timedelta(seconds=lead)).replace(microsecond=0)
    conferences.write(
        stage.running.url,
        partial(_due_in_turn, first=first, each_second=each_second),
        range(number),
    )
    before = stage.sink.mails()
    _wait_for(first - timedelta(seconds=HEAD_START))
    # Half of the rate is left to them, and all of it before the first reminder.
    bulk = int(RESERVE * (2 * each_second * HEAD_START + each_second * seconds))
    _invite(stage, "bulk", bulk)
    _wait_for(first)
    at_first = time.monotonic()
    time.sleep(seconds)
    what = f"{number} reminders"
    wait_until(lambda: _reminded(stage, before) >= number, what=what, poll_seconds=POLL_SECONDS)
    taken = [(mail.recipients[0], mail.moment) for mail in stage.sink.taken(before)]
    reminders = [(int(to.split("-")[1]), moment) for to, moment in taken if _is_reminder(to)]
    last = max(moment for _number, moment in reminders)
    others = sum(moment <= last for to, moment in taken if not _is_reminder(to))
    samples.add("invitations taken in between", others / (last - at_first), "mails/s")
    samples.add("invitations that still waited at the end", bulk - others, "mails")
    return [moment - at_first - number // each_second for number, moment in reminders]


def _due_in_turn(number: int, *, first: datetime, each_second: int) -> conferences.Steps:
    return conferences.due(number, at=first + timedelta(seconds=number // each_second))


def _wait_for(moment: datetime) -> None:
    left = (moment - datetime.now(UTC)).total_seconds()
    if left < 0:
        raise RuntimeError(f"what falls due was written {-left:.1f} s too late")
    time.sleep(left)


def _reminded(stage: _Stage, before: int) -> int:
    return sum(_is_reminder(each.recipients[0]) for each in stage.sink.taken(before))


def _is_reminder(recipient: str) -> bool:
    return recipient.startswith("due-")
