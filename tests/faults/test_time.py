"""What time does to reminders: each leaves at its moment, or says what is left, or not at all."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.exceptions import RedisError

from notifier.adapters.memory import RedisMemory
from notifier.core.delivery import State
from notifier.core.people import person_key
from notifier.core.reasons import Reason
from notifier.remembering import Commitment
from notifier.timekeeping import Timekeeper
from tests.adapters.desk import Desk, desk
from tests.cast import BORIS, CHEN, NOW, START, conference, event, plain, schedule
from tests.redis_servers import PrivateRedis

pytestmark = pytest.mark.asyncio

DAY = timedelta(days=1)


def invitation(*offsets: str, **changes: Any) -> dict[str, Any]:
    """Invite Boris and Chen to a conference that reminds at these offsets."""
    about = planned(*offsets, **changes)
    return event("conference.invitation", {"conference": about, "participants": [BORIS, CHEN]})


def planned(*offsets: str, **changes: Any) -> dict[str, Any]:
    """A conference that reminds at these offsets."""
    described: dict[str, Any] = plain(conference(**changes))
    return described | {"notifications": {"reminders": list(offsets)}}


async def states(office: Desk, kind: str) -> list[State]:
    return [row.state for row in await office.deliveries() if row.kind == kind]


async def test_fault_37_what_is_claimed_during_a_jump_is_neither_sent_nor_too_late(
    office: Desk,
) -> None:
    # Redis's own clock tells when what was put off may go.
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    local = schedule(start=start.replace(tzinfo=None), time_zone="Etc/UTC")
    office.now = start - DAY
    await office.hear(invitation("5m", schedule=local))
    await office.deliver()
    office.now = start - timedelta(minutes=5)
    await office.notifier.tick()

    office.clocks.another = start + DAY
    await office.deliver()

    assert len(office.postman.sent) == 2
    reminders = [row for row in await office.deliveries() if row.kind == "reminder"]
    assert {(row.state, row.reason, row.attempts) for row in reminders} == {
        (State.PENDING, Reason.CLOCK, 0)
    }

    office.clocks.another = None
    await office.notifier.sweep()
    await office.deliver()

    assert await states(office, "reminder") == [State.SENT, State.SENT]


async def test_fault_37_what_a_worker_a_day_ahead_puts_off_is_not_put_off_by_a_day(
    office: Desk,
) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    local = schedule(start=start.replace(tzinfo=None), time_zone="Etc/UTC")
    await office.hear(invitation(schedule=local))

    # It began with that clock, and nobody has told it which one is right.
    office.clocks.another, office.now = datetime.now(UTC), datetime.now(UTC) + DAY
    await office.deliver()

    assert await states(office, "invitation") == [State.PENDING, State.PENDING]

    office.clocks.another, office.now = None, datetime.now(UTC)
    await office.notifier.sweep()
    await office.deliver()

    assert await states(office, "invitation") == [State.SENT, State.SENT]


async def test_fault_37_what_has_no_deadline_leaves_during_a_jump(office: Desk) -> None:
    office.now, office.clocks.trusted, office.clocks.another = NOW, False, NOW + DAY

    await office.hear(invitation("5m"))
    await office.deliver()

    assert await states(office, "invitation") == [State.SENT, State.SENT]


async def test_fault_37_nothing_is_forgotten_by_a_clock_that_is_not_trusted(office: Desk) -> None:
    office.now = NOW
    said = invitation("5m")
    await office.hear(said)
    far_ago = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    for event_key in await office.client.zrange("notifier:seen", 0, -1):
        await office.client.zadd("notifier:seen", {event_key: far_ago})

    office.clocks.trusted = False
    await office.notifier.tidy()
    await office.hear(said)

    assert await office.counter("events_duplicate") == 1
    office.clocks.trusted = True
    await office.notifier.tidy()
    assert await office.client.zcard("notifier:seen") == 0


# The night itself, by hand: local starts, and the moments in UTC at which they come. In spring the
# clocks of Paris pass over 02:00 to 03:00, in autumn they show that hour twice, and the first time
# counts; those of New York do the same at other moments.
SPRING = {
    ("Europe/Paris", "2027-03-28T01:30"): "2027-03-28T00:30",
    ("Europe/Paris", "2027-03-28T02:00"): "2027-03-28T01:00",
    ("Europe/Paris", "2027-03-28T02:30"): "2027-03-28T01:30",
    ("Europe/Paris", "2027-03-28T03:00"): "2027-03-28T01:00",
    ("Europe/Paris", "2027-03-28T03:30"): "2027-03-28T01:30",
    ("Etc/UTC", "2027-03-28T02:30"): "2027-03-28T02:30",
}
AUTUMN = {
    ("Europe/Paris", "2027-10-31T01:30"): "2027-10-30T23:30",
    ("Europe/Paris", "2027-10-31T02:00"): "2027-10-31T00:00",
    ("Europe/Paris", "2027-10-31T02:30"): "2027-10-31T00:30",
    ("Europe/Paris", "2027-10-31T03:00"): "2027-10-31T02:00",
    ("Europe/Paris", "2027-10-31T03:30"): "2027-10-31T02:30",
    ("Etc/UTC", "2027-10-31T02:30"): "2027-10-31T02:30",
}
NEW_YORK = {
    ("America/New_York", "2027-11-07T00:30"): "2027-11-07T04:30",
    ("America/New_York", "2027-11-07T01:30"): "2027-11-07T05:30",
    ("America/New_York", "2027-11-07T02:30"): "2027-11-07T07:30",
}
BEFORE = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "1d": timedelta(days=1)}


@pytest.mark.parametrize("series", [None, "FREQ=DAILY;COUNT=2"], ids=["once", "daily"])
@pytest.mark.parametrize("night", [SPRING, AUTUMN, NEW_YORK], ids=["spring", "autumn", "west"])
async def test_fault_13_in_the_night_itself_each_reminder_leaves_at_its_moment_and_once(
    office: Desk, night: dict[tuple[str, str], str], series: str | None
) -> None:
    starts = {key: datetime.fromisoformat(f"{start}+00:00") for key, start in night.items()}
    office.now = min(starts.values()) - timedelta(hours=26)
    for (zone, local), start in starts.items():
        first = datetime.fromisoformat(local)
        # A daily one has its second start in that night, and its first a day of the wall before.
        if series:
            first -= DAY
        held = schedule(start=first, time_zone=zone, recurrence=series)
        assert start > office.now
        await office.hear(invitation(*BEFORE, id=f"{zone} {local}", schedule=held))
    await office.deliver()

    while office.now <= max(starts.values()):
        office.now += timedelta(minutes=5)
        await office.notifier.tick()
        await office.deliver()

    # Of a daily one the day before has reminders of its own.
    since = min(starts.values()) - (timedelta(minutes=90) if series else timedelta(hours=26))
    left = sorted(
        (str(row.conference), row.created, row.state, row.recipient.key)
        for row in await office.deliveries()
        if row.kind == "reminder" and row.created > since
    )
    people = sorted(person_key(each) for each in (BORIS, CHEN))
    assert left == sorted(
        (f"{zone} {local}", start - offset, State.SENT, person)
        for (zone, local), start in starts.items()
        for offset in BEFORE.values()
        for person in people
        if start - offset > since
    )


async def test_fault_29_a_redis_that_dies_between_a_tick_and_its_commit_loses_no_reminder() -> None:
    with PrivateRedis() as redis:
        async with desk(redis.url) as office:
            office.now = NOW
            await office.hear(invitation("5m"))
            await office.deliver()
            office.now = START - timedelta(minutes=5)
            timekeeper = Timekeeper(
                memory=DyingMemory(office.memory, redis),
                index=office.index,
                settings=office.settings,
            )

            with suppress(RedisError):
                await timekeeper.remind(now=office.now)
            redis.start()
            for _time in range(3):
                await office.notifier.tick()
                await office.deliver()

            assert await states(office, "reminder") == [State.SENT, State.SENT]


class DyingMemory:
    """A memory whose Redis is killed when what is due has been found, and nothing is written."""

    def __init__(self, memory: RedisMemory, redis: PrivateRedis) -> None:
        self._memory = memory
        self._redis = redis

    def __getattr__(self, name: str) -> Any:
        return getattr(self._memory, name)

    async def commit(self, steps: Sequence[Commitment], *, under: int | None = None) -> list[str]:
        self._redis.kill()
        return await self._memory.commit(steps, under=under)
