"""Times that are past, that do not exist, that exist twice, that never end, or that laws move."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import pytest
import pytz

from notifier import reminding as reminding_module
from notifier.adapters.audit_walk import RULES
from notifier.core.due import next_due
from notifier.core.events import Rejected, parse
from notifier.core.life import Known
from notifier.core.settings import Settings
from notifier.core.times.zones import EDITION
from notifier.hearing import listen
from notifier.ports.inbox import Entry
from notifier.remembering import Remembered
from tests import cast
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW, conference, event, plain, raw
from tests.faults.events import (
    Said,
    buried,
    cancellation,
    invitation,
    removal,
    reschedule,
    told,
    unacknowledged,
    untold,
    update,
)
from tests.faults.letters import calendar, opened, text

asynchronous = pytest.mark.asyncio


def at(moment: datetime, zone: str = "Europe/Paris", **changes: Any) -> Any:
    """A schedule that begins at an aware moment."""
    local = moment.astimezone(pytz.timezone(zone)).replace(tzinfo=None)
    return cast.schedule(start=local, time_zone=zone, **changes)


async def tick(office: Desk, moment: datetime) -> None:
    """Let it be `moment`, and look at the clock."""
    office.now = moment
    await office.notifier.tick()
    await office.deliver()


async def index(office: Desk) -> list[float]:
    """The moments at which conferences remind next."""
    found = await office.client.zrange("notifier:due", 0, -1, withscores=True)
    return [score for _conference, score in found]


# ---- too late ------------------------------------------------------------------------------


@asynchronous
async def test_fault_11_a_start_in_the_past_reminds_nobody(office: Desk) -> None:
    office.now = NOW
    running = at(NOW - timedelta(minutes=30))

    await office.hear(invitation(BORIS, schedule=running))
    await office.deliver()
    for minutes in range(0, 60, 10):
        await tick(office, NOW + timedelta(minutes=minutes))

    # It goes on for half an hour yet: who is invited can still come.
    assert await told(office) == [("invitation", "Boris")]
    assert await office.client.zcard("notifier:due") == 0


@asynchronous
async def test_fault_11_an_invitation_to_what_is_over_is_recorded_and_not_sent(
    office: Desk,
) -> None:
    office.now = NOW

    await office.hear(invitation(BORIS, schedule=at(NOW - timedelta(days=3))))
    await office.deliver()
    await tick(office, NOW + timedelta(days=1))

    assert office.postman.sent == []
    assert await untold(office) == [("Boris", "skipped", "ended")]
    assert await office.client.zcard("notifier:due") == 0


@asynchronous
async def test_whoever_was_invited_to_what_is_over_is_not_told_of_being_taken_off(
    office: Desk,
) -> None:
    office.now = NOW
    await office.hear(invitation(BORIS, schedule=at(NOW - timedelta(days=3))))
    await office.deliver()

    # The plan has moved on to a time to come, so that there is a list to leave.
    await office.hear(removal(BORIS, revision=2, schedule=at(NOW + timedelta(days=3))))
    await office.deliver()

    assert office.postman.sent == []
    assert await untold(office) == [
        ("Boris", "skipped", "ended"),
        ("Boris", "superseded", "never_told"),
    ]


@asynchronous
async def test_whoever_was_invited_to_what_is_over_hears_of_its_new_time_as_an_invitation(
    office: Desk,
) -> None:
    office.now = NOW
    await office.hear(invitation(BORIS, schedule=at(NOW - timedelta(days=3))))
    await office.deliver()

    await office.hear(reschedule(2, schedule=at(NOW + timedelta(days=3))))
    await office.deliver()
    await office.hear(removal(BORIS, revision=3, schedule=at(NOW + timedelta(days=3))))
    await office.deliver()

    assert await told(office) == [("invitation", "Boris"), ("removal", "Boris")]


@asynchronous
async def test_fault_12_two_offsets_that_are_past_already_remind_nobody(office: Desk) -> None:
    await office.settings.apply({"reminders": {"offsets": ["1d", "15m"]}})
    office.now = NOW
    start = NOW + timedelta(minutes=10)

    await office.hear(invitation(BORIS, schedule=at(start)))
    await office.deliver()
    for minutes in range(11):
        await tick(office, NOW + timedelta(minutes=minutes))

    # The invitation, ten minutes ahead, is the reminder.
    assert await told(office) == [("invitation", "Boris")]


@asynchronous
async def test_fault_12_two_offsets_that_fell_due_in_a_pause_are_one_reminder(
    office: Desk,
) -> None:
    await office.settings.apply({"reminders": {"offsets": ["1d", "15m"]}})
    office.now = NOW
    start = NOW + timedelta(days=3)
    await office.hear(invitation(CHEN, schedule=at(start)))
    await office.deliver()

    # Nobody looked at the clock for three days.
    for _tick in range(3):
        await tick(office, start - timedelta(minutes=10))
    await tick(office, start - timedelta(minutes=4))

    assert await told(office) == [("invitation", "Chen"), ("reminder", "Chen")]
    assert "in 10 minutes" in text(opened(office.postman.sent[-1].content))


# ---- times that do not exist, or twice, or nowhere -----------------------------------------

# The clocks of Paris go from 2:00 to 3:00 on 28 March 2027, and from 3:00 to 2:00 on 31 October.
GAP = datetime(2027, 3, 28, 2, 30)
FOLD = datetime(2027, 10, 31, 2, 30)


@asynchronous
@pytest.mark.parametrize(
    ("local", "start", "shown"),
    [
        (GAP, datetime(2027, 3, 28, 1, 30, tzinfo=UTC), "3:30"),
        (FOLD, datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "2:30"),
    ],
    ids=["gap", "fold"],
)
async def test_fault_13_a_time_that_the_clocks_skip_or_repeat_is_one_instant(
    office: Desk, local: datetime, start: datetime, shown: str
) -> None:
    await office.settings.apply({"reminders": {"offsets": ["1d"]}})
    office.now = NOW

    await office.hear(invitation(CHEN, schedule=cast.schedule(start=local)))
    await office.deliver()
    await tick(office, start - timedelta(days=1, seconds=1))
    before = await told(office)
    await tick(office, start - timedelta(days=1))

    assert before == [("invitation", "Chen")]
    assert await told(office) == [("invitation", "Chen"), ("reminder", "Chen")]
    letter = opened(office.postman.sent[0].content)
    assert shown in text(letter)
    begins = calendar(letter)["DTSTART"].dt
    assert begins.astimezone(UTC) == start


@asynchronous
@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "europe/paris", "UTC+1", "../../etc/passwd"])
async def test_fault_13_an_unknown_zone_is_refused_by_its_name(office: Desk, zone: str) -> None:
    office.now = NOW
    wrong = invitation(BORIS)
    wrong["data"]["conference"]["schedule"]["time_zone"] = zone

    await office.hear(wrong, invitation(CHEN))
    await office.deliver()

    [(_bytes, reason, path)] = await buried(office)
    assert repr(zone) in reason
    assert path == "$.data.conference.schedule.time_zone"
    assert await told(office) == [("invitation", "Chen")]


@asynchronous
async def test_fault_13_a_person_in_an_unknown_zone_is_told_in_the_servers(office: Desk) -> None:
    office.now = NOW

    await office.hear(invitation({"email": "chen@example.cn", "time_zone": "Mars/Olympus"}))
    await office.deliver()

    assert "Europe/Paris" in text(opened(office.postman.sent[0].content))


# ---- series of strangers -------------------------------------------------------------------

REFUSED = [
    "FREQ=SECONDLY",
    "FREQ=MINUTELY",
    "FREQ=HOURLY;COUNT=5",
    "FREQ=DAILY;COUNT=1000000000",
    "FREQ=WEEKLY;INTERVAL=999999999",
    "FREQ=YEARLY;COUNT=3660",
    "FREQ=WEEKLY;COUNT=3660",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR;COUNT=100",
    "FREQ=YEARLY;BYYEARDAY=-366;BYDAY=SU",
    "FREQ=MONTHLY;BYDAY=-5FR;BYSETPOS=366",
    "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3,4;BYSECOND=1,2,3",
    "FREQ=DAILY;" + "X" * 100_000,
]
# "For ever" and "for ages" cost what "next week" costs.
TAKEN = [
    "FREQ=DAILY",
    "FREQ=DAILY;COUNT=3660",
    "FREQ=DAILY;UNTIL=99991231T235959Z",
    "FREQ=YEARLY;INTERVAL=1000",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=MONTHLY;COUNT=370",
    "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))),
    "FREQ=DAILY;BYHOUR=" + "7," * 9_000 + "7",
]
# What the dearest of them takes (calls of Python functions), and as much again.
MOST_STEPS = 100_000


def series(rule: str) -> Said:
    held = plain(conference())
    held["schedule"]["recurrence"] = rule
    return event("conference.invitation", {"conference": held, "participants": [BORIS]})


def steps(work: Callable[[], object]) -> int:
    """How many functions are called: time would tell more of the machine than of the work."""
    calls = 0

    def count(_frame: FrameType, what: str, _argument: object) -> None:
        nonlocal calls
        calls += what == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("rule", REFUSED + TAKEN, ids=lambda rule: str(rule)[:40])
def test_fault_14_a_series_costs_little_to_hear_of(rule: str) -> None:
    def hear() -> None:
        try:
            heard = parse(raw(series(rule)))
        except Rejected:
            return
        listen(Entry("1-0", {}), heard, Remembered(), Settings(), now=NOW, uid="uid")

    assert steps(hear) < MOST_STEPS


@asynchronous
@pytest.mark.parametrize("rule", REFUSED, ids=lambda rule: str(rule)[:40])
async def test_fault_14_a_series_that_nobody_can_mean_is_refused(office: Desk, rule: str) -> None:
    office.now = NOW

    await office.hear(series(rule), invitation(CHEN, id="sound"))
    await office.deliver()

    [(_bytes, reason, path)] = await buried(office)
    assert path.startswith("$.data.conference.schedule")
    assert len(reason) < 400
    assert await told(office) == [("invitation", "Chen")]


@asynchronous
@pytest.mark.parametrize("rule", TAKEN, ids=lambda rule: str(rule)[:40])
async def test_fault_14_of_a_series_only_the_next_moment_is_kept(office: Desk, rule: str) -> None:
    await office.settings.apply({"reminders": {"offsets": ["5m"]}})
    office.now = NOW

    await office.hear(series(rule))
    await office.deliver()

    assert await told(office) == [("invitation", "Boris")]
    [following] = await index(office)
    assert following > NOW.timestamp()
    assert await unacknowledged(office) == 0


# ---- laws ----------------------------------------------------------------------------------


@asynchronous
async def test_fault_15_after_a_change_of_zones_everything_is_indexed_anew(office: Desk) -> None:
    await office.settings.apply({"reminders": {"offsets": ["5m"]}})
    office.now = NOW
    await office.walk.follow(EDITION)
    await office.hear(invitation(CHEN))
    await office.deliver()
    await office.notifier.tick()
    # As it was computed before Paris gave up its winter time, say.
    [right] = await index(office)
    await office.client.zadd("notifier:due", {"df0a2adebe": right - 3600})

    kept = await office.walk.follow(EDITION)
    await office.notifier.tick()
    still_wrong = await index(office)
    await office.client.set("notifier:zones", f"2024a/{RULES}")
    changed = await office.walk.follow(EDITION)
    await office.notifier.tick()

    assert (kept, still_wrong) == (False, [right - 3600])
    assert changed
    assert await index(office) == [right]
    for minutes in (-61, -60, -1, 0, 0, 1):
        await tick(office, datetime.fromtimestamp(right, UTC) + timedelta(minutes=minutes))
    assert await told(office) == [("invitation", "Chen"), ("reminder", "Chen")]
    assert "in 5 minutes" in text(opened(office.postman.sent[-1].content))


@asynchronous
async def test_fault_15_a_reminder_that_falls_due_while_it_is_indexed_anew_is_not_lost(
    office: Desk,
) -> None:
    await office.settings.apply({"reminders": {"offsets": ["5m"]}})
    office.now = NOW
    await office.hear(invitation(CHEN))
    await office.deliver()
    [due] = await index(office)
    moment = datetime.fromtimestamp(due, UTC)

    # Two ticks at once, one of them a moment later than the other.
    await office.notifier.remind(now=moment - timedelta(milliseconds=10))
    await office.settings.apply({"reminders": {"offsets": ["5m", "3m"]}})
    office.now = moment + timedelta(milliseconds=10)
    await office.notifier.audit()
    await tick(office, moment + timedelta(seconds=1))

    assert await told(office) == [("invitation", "Chen"), ("reminder", "Chen")]


@asynchronous
async def test_fault_15_a_zone_that_is_gone_stops_only_its_own_conference(office: Desk) -> None:
    await office.settings.apply({"reminders": {"offsets": ["5m"]}})
    office.now = NOW
    await office.hear(invitation(BORIS, id="lost"), invitation(CHEN, id="sound"))
    await office.deliver()
    known = await office.client.hget("notifier:conference:lost", "known")
    gone = known.replace(b"Europe/Paris", b"US/Pacific-New")  # removed in 2020
    await office.client.hset("notifier:conference:lost", "known", gone)

    await office.hear(update(2, id="lost"), update(2, id="sound", name="Renamed"))
    await tick(office, cast.START - timedelta(minutes=5))
    await tick(office, cast.START - timedelta(minutes=4))

    assert await told(office) == [
        ("invitation", "Boris"),
        ("invitation", "Chen"),
        ("reminder", "Chen"),
    ]
    assert "Renamed" in opened(office.postman.sent[-1].content)["Subject"]
    # The event waits for a version that can read what is remembered, and is buried in the end.
    assert await unacknowledged(office) == 1
    assert await index(office) == []


@asynchronous
async def test_fault_15_a_notice_in_a_zone_that_is_gone_stops_no_other(office: Desk) -> None:
    office.now = NOW
    await office.hear(invitation(BORIS, id="lost"), invitation(CHEN, id="sound"))
    await office.deliver()
    await office.put(cancellation(2, id="lost"), cancellation(2, id="sound"))
    await office.notifier.hear(await office.inbox.read(limit=10, block_seconds=0.01))
    [lost, _sound] = await office.client.zrange("notifier:spreading", 0, -1)
    key = b"notifier:notice:" + lost
    gone = (await office.client.get(key)).replace(b"Europe/Paris", b"US/Pacific-New")
    await office.client.set(key, gone)

    await office.notifier.spread()
    await office.deliver()

    cancelled = [name for kind, name in await told(office) if kind == "cancellation"]
    assert cancelled == ["Chen"]


@asynchronous
async def test_fault_15_a_conference_that_makes_us_stumble_stops_no_other_reminder(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.now = NOW
    await office.settings.apply({"reminders": {"offsets": ["5m"]}})
    await office.hear(invitation(BORIS, id="lost"), invitation(CHEN, id="sound"))
    await office.deliver()
    monkeypatch.setattr(reminding_module, "next_due", _stumbling)

    await office.settings.apply({"reminders": {"offsets": ["15m"]}})
    await tick(office, NOW)
    await tick(office, cast.START - timedelta(minutes=14))

    assert ("reminder", "Chen") in await told(office)
    assert await office.client.exists("notifier:reindex") == 0
    # What made us stumble is looked at again before long.
    assert len(await index(office)) == 1


def _stumbling(known: Known, *args: Any, **named: Any) -> datetime | None:
    if known.conference.id == "lost":
        raise OverflowError
    return next_due(known, *args, **named)
