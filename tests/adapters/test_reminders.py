"""Claims about reminders on a real Redis: planned once, for everybody, however many look."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from notifier.adapters import keys
from notifier.adapters.due_index import RedisDueIndex
from notifier.core.delivery import Delivery, Recipient, State
from notifier.core.people import Person
from notifier.core.times.schedule import Moved
from notifier.remembering import SLICE, Commitment, Remembered
from notifier.timekeeping import DUE_BATCH, GO, Timekeeper, in_goes
from tests import cast
from tests.adapters.desk import Desk, desk
from tests.cast import BORIS, CHEN, START, event, person, plain

pytestmark = pytest.mark.asyncio

FIVE_BEFORE = START - timedelta(minutes=5)
A_MINUTE = 60_000  # milliseconds


def held(revision: int = 1, *, about: str = "c", **changes: Any) -> dict[str, Any]:
    """A conference that reminds five minutes before."""
    ours = {"notifications": {"reminders": ["5m"]}} | changes
    planned: dict[str, Any] = plain(cast.conference(revision, id=about)) | plain(ours)
    return planned


async def invite(
    office: Desk, *people: Person, revision: int = 1, about: str = "c", **changes: Any
) -> None:
    office.now = cast.NOW
    invited = {"conference": held(revision, about=about, **changes), "participants": list(people)}
    await office.hear(event("conference.invitation", invited))


async def invite_to_many(office: Desk, conferences: int) -> None:
    """Invite the same two to many conferences."""
    office.now = cast.NOW
    invited = [
        {"conference": held(about=f"c{number}"), "participants": [BORIS, CHEN]}
        for number in range(conferences)
    ]
    await office.hear(*(event("conference.invitation", each) for each in invited))


async def reminders(office: Desk) -> list[Delivery]:
    return [each for each in await office.deliveries() if each.kind == "reminder"]


class Meddled:
    """The memory of an office in which something happens between a look and a write."""

    def __init__(self, office: Desk, *happening: dict[str, Any]) -> None:
        self._office = office
        self._happening = happening

    def __getattr__(self, name: str) -> Any:
        return getattr(self._office.memory, name)

    async def recall_lists(self, conferences: Sequence[str]) -> dict[str, Remembered]:
        found = await self._office.memory.recall_lists(conferences)
        await self._office.hear(*self._happening)
        return found


def keeper(office: Desk, memory: Any) -> Timekeeper:
    return Timekeeper(memory=memory, index=office.index, settings=office.settings)


def patient(office: Desk) -> Timekeeper:
    """One whose lease outlasts a batch on the busiest machine."""
    index = RedisDueIndex(office.client, turn_milliseconds=A_MINUTE)
    return Timekeeper(memory=office.memory, index=index, settings=office.settings)


# ---- small lists and long ones -------------------------------------------------------------


async def test_a_small_list_is_reminded_in_the_step_of_its_notice(office: Desk) -> None:
    await invite(office, *(person(number) for number in range(200)))

    await office.notifier.remind(now=FIVE_BEFORE)

    assert await office.client.zcard("notifier:spreading") == 0
    assert len(await reminders(office)) == 200


async def test_a_list_longer_than_a_slice_is_spread(office: Desk) -> None:
    await invite(office, *(person(number) for number in range(SLICE + 50)))

    await office.notifier.remind(now=FIVE_BEFORE)
    planned_at_once = await reminders(office)
    while await office.notifier.spread():
        pass

    assert planned_at_once == []
    assert len(await reminders(office)) == SLICE + 50


async def test_two_reminders_that_are_due_at_once_are_spread_where_one_step_is_too_small(
    office: Desk,
) -> None:
    people = [person(number) for number in range(200)]
    daily = cast.schedule(recurrence="FREQ=DAILY;COUNT=2")
    await invite(office, *people, schedule=daily, notifications={"reminders": ["2d"]})

    await office.notifier.remind(now=FIVE_BEFORE)
    being_spread = await office.client.zcard("notifier:spreading")
    while await office.notifier.spread():
        pass

    assert being_spread == 2
    assert len(await reminders(office)) == 400


async def test_r15_a_list_that_changes_behind_a_look_is_looked_at_again(office: Desk) -> None:
    await invite(office, BORIS)
    joining = event("conference.invitation", {"conference": held(2), "participants": [CHEN]})
    leaving = event("conference.removal", {"conference": held(3), "participants": [BORIS]})
    late = keeper(office, Meddled(office, joining, leaving))

    await late.remind(now=FIVE_BEFORE)
    planned_by_the_late = await reminders(office)
    await office.notifier.remind(now=FIVE_BEFORE)

    assert planned_by_the_late == []
    assert [each.recipient.key for each in await reminders(office)] == [CHEN.id]


async def test_r15_every_slice_of_a_large_event_is_a_change_of_the_list(office: Desk) -> None:
    await invite(office, BORIS)
    crowd = [person(number) for number in range(2 * SLICE)]
    many = event("conference.invitation", {"conference": held(2), "participants": crowd})
    late = keeper(office, Meddled(office, many))

    await late.remind(now=FIVE_BEFORE)

    assert await reminders(office) == []


async def test_r16_many_ticks_at_once_remind_everybody_once(redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        desks = [await stack.enter_async_context(desk(redis_url, consumer=c)) for c in "abc"]
        await invite_to_many(desks[0], 250)
        for each in desks:
            each.now = FIVE_BEFORE

        await asyncio.gather(*(each.notifier.tick() for each in desks))
        await desks[0].notifier.tick()

        rows = await reminders(desks[0])
        told = Counter((row.conference, row.recipient.key) for row in rows)
        assert (len(told), set(told.values())) == (500, {1})


async def test_a_go_is_sent_before_it_grows_heavy() -> None:
    delivery = _a_delivery()
    step = Commitment(deliveries=(delivery,) * SLICE)

    goes = list(in_goes([step] * 9))

    assert [len(each) for each in goes] == [4, 4, 1]
    assert sum(len(step.deliveries) for step in goes[0]) == GO


def _a_delivery() -> Delivery:
    return Delivery(
        id="d",
        notice="n",
        kind="reminder",
        recipient=Recipient(key="k", name="K"),
        state=State.PENDING,
        created=cast.NOW,
        updated=cast.NOW,
    )


# ---- what nobody looked for in time --------------------------------------------------------


async def test_the_log_tells_apart_who_is_reminded_and_for_whom_it_was_too_late(
    office: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    daily = {"schedule": plain(cast.conference().schedule) | {"recurrence": "FREQ=DAILY;COUNT=5"}}
    await invite(office, BORIS, CHEN, **daily)

    await office.notifier.remind(now=FIVE_BEFORE + timedelta(days=1))

    told = [(each.levelname, each.message, vars(each)["facts"]) for each in caplog.records]
    assert [each for each in told if "start" in each[1] or "remind" in each[1]] == [
        ("WARNING", "missed the start", {"conference": "c", "notices": 1}),
        ("INFO", "reminded", {"conference": "c", "notices": 1, "deliveries": 2}),
    ]


@pytest.mark.parametrize("people", [2, SLICE + 50], ids=["small", "long"])
async def test_r16_after_a_downtime_over_the_start_everybody_has_an_expired_reminder(
    office: Desk, people: int
) -> None:
    await invite(office, *(person(number) for number in range(people)))
    await office.client.delete("notifier:ready")

    await office.notifier.remind(now=START + timedelta(hours=1))
    while await office.notifier.spread():
        pass

    rows = await reminders(office)
    assert Counter((row.state, row.reason) for row in rows) == {(State.EXPIRED, "started"): people}
    assert await office.counter("deliveries_expired") == people
    assert await office.client.zcard("notifier:ready") == 0
    assert await office.client.zcard("notifier:due") == 0


async def test_r16_a_downtime_over_some_starts_expires_those_and_reminds_of_the_next(
    office: Desk,
) -> None:
    daily = cast.schedule(recurrence="FREQ=DAILY;COUNT=4")
    await invite(office, BORIS, schedule=daily)
    now = START + timedelta(days=2, minutes=-3)

    await office.notifier.remind(now=now)
    await office.notifier.remind(now=now + timedelta(minutes=1))

    rows = sorted(await reminders(office), key=lambda row: str(row.deadline))
    assert [(row.state, row.deadline) for row in rows] == [
        (State.EXPIRED, START),
        (State.EXPIRED, START + timedelta(days=1)),
        (State.PENDING, START + timedelta(days=2)),
    ]


async def test_r16_what_was_missed_is_recorded_once_however_many_look(
    office: Desk, redis_url: str
) -> None:
    await invite(office, BORIS, CHEN)
    async with desk(redis_url, consumer="b") as other:
        looks = (each.notifier.remind(now=START) for each in (office, other, office))
        await asyncio.gather(*looks)

    assert len(await reminders(office)) == await office.counter("deliveries_expired") == 2


async def test_r16_a_move_heard_after_an_absence_leaves_the_reminder_of_another_start(
    office: Desk,
) -> None:
    daily = cast.schedule(recurrence="FREQ=DAILY;COUNT=4")
    await invite(office, BORIS, CHEN, schedule=daily)
    later = Moved(
        original=daily.start + timedelta(days=3), start=daily.start + timedelta(days=5), duration=60
    )
    moved = held(2, schedule=msgspec.structs.replace(daily, moved=(later,)))

    office.now = START - timedelta(minutes=3)
    await office.hear(event("conference.update", {"conference": moved}))
    await office.notifier.remind(now=START - timedelta(minutes=2))

    rows = await reminders(office)
    assert [(row.state, row.deadline) for row in rows] == [(State.PENDING, START)] * 2


# ---- one at a time -------------------------------------------------------------------------


async def test_one_at_a_time_works_through_what_is_due(office: Desk, redis_url: str) -> None:
    await invite_to_many(office, 2 * DUE_BATCH + 50)
    async with desk(redis_url, consumer="b") as other:
        one, two = patient(office), patient(other)
        looks = [await each.remind(now=FIVE_BEFORE) for each in (one, two, one, two, one, two)]

    assert looks == [DUE_BATCH, 0, DUE_BATCH, 0, 50, 0]
    assert not await office.client.exists(keys.DUE_TURN)
    assert len(await reminders(office)) == 2 * (2 * DUE_BATCH + 50)


async def test_a_frozen_holder_is_waited_for_no_longer_than_its_lease(
    office: Desk, redis_url: str
) -> None:
    await invite_to_many(office, DUE_BATCH + 50)
    async with desk(redis_url, consumer="b") as other:
        await patient(office).remind(now=FIVE_BEFORE)
        left = await office.client.pttl(keys.DUE_TURN)
        await office.client.delete(keys.DUE_TURN)  # as it will be then

        found = await other.notifier.remind(now=FIVE_BEFORE)

    assert 0 < left <= A_MINUTE
    assert found == 50


async def test_a_lease_from_before_the_clock_went_back_holds_nobody_up(office: Desk) -> None:
    await invite_to_many(office, 3)
    await office.client.set(keys.DUE_TURN, "somebody", px=3_600_000)

    assert await office.notifier.remind(now=FIVE_BEFORE) == 3


async def test_where_few_are_due_nobody_is_held_up(office: Desk) -> None:
    await invite_to_many(office, 3)

    await office.notifier.remind(now=FIVE_BEFORE)

    assert not await office.client.exists(keys.DUE_TURN)


async def test_what_is_planned_leaves_while_the_rest_is_being_planned(office: Desk) -> None:
    await invite_to_many(office, 2 * DUE_BATCH + 50)
    planned: list[int] = []

    async def between() -> None:
        planned.append(len(await reminders(office)))

    await keeper(office, office.memory).tick(now=FIVE_BEFORE, between=between)

    assert planned == [2 * DUE_BATCH, 4 * DUE_BATCH]
    assert len(await reminders(office)) == 2 * (2 * DUE_BATCH + 50)


async def test_a_tick_that_has_done_its_share_leaves_the_rest_to_whoever_comes(
    office: Desk, redis_url: str
) -> None:
    await invite_to_many(office, DUE_BATCH + 50)
    tick = keeper(office, office.memory).tick
    async with desk(redis_url, consumer="b") as other:
        await tick(now=FIVE_BEFORE, between=office.notifier.dispatch, batches=1)

        found = await other.notifier.remind(now=FIVE_BEFORE)

    assert found == 50


# ---- urgency -------------------------------------------------------------------------------


async def bulk(office: Desk, *, since: datetime) -> None:
    """Let a hundred thousand invitations wait since a moment, ten minutes of patience included."""
    at = (since + timedelta(minutes=10)).timestamp()
    for some in range(10):
        waiting = {f"bulk-{some}-{number}": at + some / 100 for number in range(10_000)}
        await office.client.zadd("notifier:ready", waiting)


async def first_hints(office: Desk) -> list[str]:
    """Give what leaves next."""
    await office.notifier.dispatch()
    return [delivery for _kind, ids in office.hints.given for delivery in ids]


async def test_a_reminder_overtakes_bulk_that_has_waited_for_half_an_hour(office: Desk) -> None:
    await invite(office, BORIS)
    await office.deliver()
    await bulk(office, since=FIVE_BEFORE - timedelta(minutes=30))

    await office.notifier.remind(now=FIVE_BEFORE)

    [reminder] = await reminders(office)
    assert await first_hints(office) == [reminder.id]


@pytest.mark.parametrize("lost", ["put off by its server", "a lost hint"])
async def test_a_reminder_that_is_tried_again_overtakes_as_before(office: Desk, lost: str) -> None:
    await invite(office, BORIS)
    await office.deliver()
    await office.notifier.remind(now=FIVE_BEFORE)
    [reminder] = await reminders(office)
    before = await office.client.zscore("notifier:ready", reminder.id)
    queue = keys.LATER if lost == "put off by its server" else keys.HINTED
    await office.client.zrem("notifier:ready", reminder.id)
    await office.client.zadd(queue, {reminder.id: FIVE_BEFORE.timestamp() + 60})

    await office.ledger.wake_later(limit=10, now=FIVE_BEFORE.timestamp() + 60)

    assert await office.client.zscore("notifier:ready", reminder.id) == before
    assert before == (START - timedelta(days=1)).timestamp()


async def test_what_has_no_hurry_comes_back_as_urgent_as_the_moment_it_waited_for(
    office: Desk,
) -> None:
    await invite(office, BORIS)
    [invitation] = await office.deliveries()
    await office.client.zrem("notifier:ready", invitation.id)
    at = cast.NOW.timestamp() + 3600
    await office.client.zadd(keys.LATER, {invitation.id: at})

    await office.ledger.wake_later(limit=10, now=at)

    assert await office.client.zscore("notifier:ready", invitation.id) == at


async def test_a_reminder_whose_fence_is_closed_keeps_its_place(office: Desk) -> None:
    await invite(office, BORIS)
    await office.deliver()
    await office.notifier.remind(now=FIVE_BEFORE)
    [hinted] = await first_hints(office)
    [claimed] = await office.ledger.claim([hinted])
    await office.client.set(keys.PASS, "another process of Redis")

    assert await office.ledger.fence([claimed]) == ["lost"]

    place = await office.client.zscore("notifier:ready", hinted)
    assert place == (START - timedelta(days=1)).timestamp()


async def test_a_reminder_that_a_person_asks_for_again_overtakes_as_before(office: Desk) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    when = cast.schedule(start=start.replace(tzinfo=None), time_zone="UTC")
    office.now = start - timedelta(hours=1)
    invited = {"conference": held(schedule=when), "participants": [BORIS]}
    await office.hear(event("conference.invitation", invited))
    office.now = start - timedelta(minutes=5)
    await office.notifier.remind(now=office.now)
    await office.deliver()
    [sent] = await reminders(office)

    assert await office.ledger.resend(sent)

    place = await office.client.zscore("notifier:ready", sent.id)
    assert place == (start - timedelta(days=1)).timestamp()
