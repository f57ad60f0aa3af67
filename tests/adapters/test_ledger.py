"""Claims, fences and records: one winner, one last look, one final state, nothing forgotten."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import msgspec
import pytest

from notifier.adapters.ledger import RedisLedger
from notifier.adapters.taking import MOST_HINTED
from notifier.core.delivery import Delivery, State
from notifier.core.notice import Kind
from notifier.core.outcomes import Accepted, Deferred, Outcome, Refused, Unanswered, Unreachable
from notifier.service import SWEEP_BATCH
from tests.adapters.desk import Desk, desk
from tests.cast import BORIS, CHEN, NOW, START, conference, event, person, schedule

pytestmark = pytest.mark.asyncio


def invitation(*people: Any, revision: int = 1) -> dict[str, Any]:
    told = {"conference": conference(revision=revision), "participants": list(people)}
    return event("conference.invitation", told)


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


async def test_two_workers_claim_and_one_wins(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()

    first = await office.ledger.claim([row.id])
    second = await office.ledger.claim([row.id])

    assert len(first) == 1
    assert second == []


async def test_hints_are_few_and_the_rest_waits_in_the_ledger(office: Desk) -> None:
    await office.hear(invitation(*(person(n) for n in range(MOST_HINTED + 50))))

    taken = await office.ledger.take(limit=10_000)
    more = await office.ledger.take(limit=10_000)

    assert len(taken) == MOST_HINTED
    assert more == []
    assert await office.client.zcard("notifier:ready") == 50


async def test_a_lost_hint_is_found_again(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [lost] = await office.ledger.take(limit=10)
    await office.client.zadd("notifier:hinted", {lost.delivery: 0})  # its minute is over

    assert await office.ledger.wake_later(limit=10, now=time.time()) == 1

    assert await office.ledger.take(limit=10) == [lost]


async def test_who_is_awake_claims_what_waits_for_its_hint_when_nothing_else_is_ready(
    office: Desk,
) -> None:
    await office.hear(invitation(*(person(n) for n in range(3))))
    [hinted, suspect, ready] = [row.id for row in await office.deliveries()]
    await office.client.hset(f"notifier:delivery:{suspect}", "crashes", 1)
    await office.client.zadd("notifier:hinted", {hinted: 1, suspect: 2})
    await office.client.zadd("notifier:ready", {ready: 1})
    await office.client.zrem("notifier:ready", hinted, suspect)

    first = await office.ledger.claim([], more=1)
    second = await office.ledger.claim([], more=5)

    assert [[each.delivery.id for each in some] for some in (first, second)] == [[ready], [hinted]]
    assert await office.client.zrange("notifier:hinted", 0, -1) == [suspect.encode()]
    assert await office.ledger.claim([hinted], more=1) == []


@pytest.mark.parametrize("outcome", [Deferred("451 4.7.1 greylisted", 300), Unanswered("cut")])
async def test_a_doubled_hint_does_not_hurry_what_was_put_off(
    office: Desk, outcome: Outcome
) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    office.postman.outcome = outcome
    await office.deliver()

    await office.notifier.deliver([row.id])

    assert len(office.postman.sent) == 1


async def test_what_is_urgent_overtakes_what_came_before(office: Desk) -> None:
    await office.hear(invitation(*(person(n) for n in range(20))))
    call = {"caller": BORIS, "recipient": CHEN, "time": "2026-11-23T09:30:00Z"}
    await office.hear(event("call.missed", call))

    [first] = await office.ledger.take(limit=1)

    assert first.kind == "missed_call_unregistered"


async def test_a_mail_is_sent_and_recorded_once(office: Desk) -> None:
    await office.hear(invitation(BORIS))

    await office.deliver()
    await office.deliver()

    [row] = await office.deliveries()
    assert (row.state, row.reason) == (State.SENT, "250 2.0.0 ok")
    assert [letter.recipient for letter in office.postman.sent] == ["boris@example.org"]
    assert await office.counter("deliveries_sent") == 1
    assert await _queued(office) == 0


async def test_a_cancellation_overtakes_the_invitation_that_has_not_left(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    await office.hear(event("conference.cancellation", {"conference": conference(revision=2)}))

    await office.deliver()

    invited, told = await _by_kind(office, "invitation", "cancellation")
    assert (invited.state, invited.reason) == (State.SUPERSEDED, "cancelled")
    assert (told.state, told.reason) == (State.SUPERSEDED, "never_told")


async def test_three_moves_in_a_moment_are_one_letter_where_they_settle(office: Desk) -> None:
    await office.settings.apply({"notifications": {"settle_seconds": 3}})
    await office.hear(invitation(BORIS))
    await office.deliver()
    for revision in (2, 3, 4):
        held = schedule(start=datetime(2026, 11, 26 + revision, 15))
        moved = conference(revision=revision, schedule=held)
        await office.hear(event("conference.reschedule", {"conference": moved}))
    await office.deliver()
    assert len(office.postman.sent) == 1

    await _all_due(office)
    await office.deliver()

    assert len(office.postman.sent) == 2
    assert b"November 30" in office.postman.sent[1].content or b"30 novembre" in (
        office.postman.sent[1].content
    )
    states = [row.state for row in await office.deliveries() if row.kind == "reschedule"]
    assert sorted(states) == [State.SENT, State.SUPERSEDED, State.SUPERSEDED]


async def test_the_fence_sees_a_cancellation_that_came_after_the_claim(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    [claimed] = await office.ledger.claim([row.id])

    await office.hear(event("conference.cancellation", {"conference": conference(revision=2)}))

    assert await office.ledger.fence([claimed]) == ["changed"]
    looked = await office.ledger.look_again(claimed)
    assert looked.known is not None
    assert looked.known.phase == "cancelled"


async def test_the_fence_refuses_a_claim_that_somebody_else_has_by_now(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    [slow] = await office.ledger.claim([row.id])
    await _lease_over(office, row)
    [quick] = await office.ledger.claim([row.id])

    assert await office.ledger.fence([slow]) == ["lost"]
    assert await office.ledger.fence([quick]) == ["ok"]


OUTCOMES: list[tuple[Outcome, State, timedelta | None]] = [
    (Accepted("250 ok"), State.SENT, None),
    (Refused("550 5.1.1 nobody", bad_address=True), State.FAILED, None),
    (Deferred("451 4.7.1 greylisted", 300), State.PENDING, timedelta(minutes=5)),
    (Deferred("452 4.2.2 full"), State.PENDING, timedelta(seconds=48)),
    (Unreachable("connection refused"), State.PENDING, timedelta(seconds=12)),
    (Unanswered("cut after the dot"), State.UNKNOWN, timedelta(minutes=15)),
]


@pytest.mark.parametrize(("outcome", "state", "wait"), OUTCOMES)
async def test_each_outcome_is_written_down(
    office: Desk, outcome: Outcome, state: State, wait: timedelta | None
) -> None:
    await office.hear(invitation(BORIS))
    office.postman.outcome = outcome

    await office.deliver()

    [row] = await office.deliveries()
    again = await office.client.zscore("notifier:later", row.id)
    assert row.state is state
    if wait is None:
        assert again is None
    else:
        assert again >= (NOW + wait).timestamp()


async def test_a_closed_road_costs_no_try(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    office.postman.outcome = Unreachable("connection refused")

    await office.deliver()

    [row] = await office.deliveries()
    assert (row.attempts, row.state) == (0, State.PENDING)


async def test_a_mail_in_doubt_is_sent_once_more_and_never_a_third_time(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    office.postman.outcome = Unanswered("cut after the dot")

    for _round in range(4):
        await office.deliver()
        await _all_due(office)

    [row] = await office.deliveries()
    first, second = office.postman.sent
    assert (row.state, row.doubts) == (State.UNKNOWN, 2)
    assert first == second  # the same mail to the byte, so that it can be recognised (P3)


async def test_a_worker_that_dies_before_the_fence_is_replaced(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    await office.ledger.claim([row.id])

    await _lease_over(office, row)
    await office.deliver()

    [row] = await office.deliveries()
    assert (row.state, row.crashes) == (State.SENT, 1)


async def test_a_worker_that_is_alive_keeps_its_claims_before_the_fence(office: Desk) -> None:
    await office.hear(invitation(BORIS, CHEN))
    claims = await office.ledger.claim([row.id for row in await office.deliveries()])
    await office.ledger.fence([claims[0]])
    for claimed in claims:
        await office.client.zadd("notifier:leases", {claimed.delivery.id: 0})

    assert await office.ledger.renew(claims) == 1

    assert [row.id for row in await office.ledger.overdue(limit=10, now=time.time())] == [
        claims[0].delivery.id
    ]


async def test_nobody_keeps_a_claim_that_was_lost(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    lost = await office.ledger.claim([row.id])
    await _lease_over(office, row)
    await office.ledger.claim([row.id])

    assert await office.ledger.renew(lost) == 0


async def test_a_letter_that_kills_three_workers_is_poison(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()

    for _crash in range(3):
        await office.ledger.claim([row.id])
        await _lease_over(office, row)

    [row] = await office.deliveries()
    assert (row.state, row.reason) == (State.FAILED, "poison")
    assert await office.ledger.claim([row.id]) == []


async def test_a_letter_that_killed_a_worker_is_hinted_alone(office: Desk) -> None:
    await office.hear(invitation(BORIS, CHEN, person(1)))
    [suspect] = [row for row in await office.deliveries() if "boris" in row.recipient.address]
    await office.ledger.claim([suspect.id])
    await _lease_over(office, suspect)

    await office.notifier.dispatch()

    assert sorted(len(ids) for _kind, ids in office.hints.given) == [1, 2]
    assert (Kind.INVITATION, [suspect.id]) in office.hints.given


async def test_a_sweep_does_not_take_what_passes_the_fence_meanwhile(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    [claimed] = await office.ledger.claim([row.id])
    await office.client.zadd("notifier:leases", {row.id: 0})
    [overdue] = await office.ledger.overdue(limit=10, now=time.time())

    await office.ledger.fence([claimed])

    freed = msgspec.structs.replace(overdue, state=State.PENDING)
    assert not await office.ledger.release(overdue, freed)
    assert (await office.deliveries())[0].state is State.IN_DATA


async def test_a_lease_of_nothing_is_dropped(office: Desk) -> None:
    await office.client.zadd("notifier:leases", {"nobody": 0})

    assert await office.ledger.overdue(limit=10, now=time.time()) == []

    assert await office.client.zcard("notifier:leases") == 0


async def test_where_doubts_are_held_a_person_decides(office: Desk) -> None:
    await office.settings.apply({"ledger": {"on_unknown": "hold"}})
    await office.hear(invitation(BORIS))
    office.postman.outcome = Unanswered("cut after the dot")
    await office.deliver()
    await _all_due(office)
    await office.deliver()

    [row] = await office.deliveries()
    assert (row.state, row.doubts, len(office.postman.sent)) == (State.UNKNOWN, 1, 1)
    assert await _queued(office) == 0

    office.postman.outcome = Accepted("250 2.0.0 ok")
    assert await office.ledger.resend(row)
    await office.deliver()
    assert (await office.deliveries())[0].state is State.SENT


async def test_a_worker_that_dies_behind_the_fence_leaves_a_doubt(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    [claimed] = await office.ledger.claim([row.id])
    assert await office.ledger.fence([claimed]) == ["ok"]

    await _lease_over(office, row)

    [row] = await office.deliveries()
    assert (row.state, row.doubts, row.crashes) == (State.UNKNOWN, 1, 0)


async def test_an_acceptance_that_comes_late_is_a_fact(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    [claimed] = await office.ledger.claim([row.id])
    await office.ledger.fence([claimed])
    await _lease_over(office, row)

    sent = msgspec.structs.replace(claimed.delivery, state=State.SENT, reason="250 late")
    assert await office.record(claimed.delivery, sent)

    [row] = await office.deliveries()
    assert (row.state, row.reason) == (State.SENT, "250 late")
    assert row.doubts == 1  # counted for ever: by then it may have been sent once more
    assert await _queued(office) == 0


async def test_an_acceptance_that_comes_late_forgets_no_doubt(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    [frozen] = await office.ledger.claim([row.id])
    await office.ledger.fence([frozen])
    await _lease_over(office, row)

    before = msgspec.structs.replace(frozen.delivery, state=State.IN_DATA)
    after = msgspec.structs.replace(before, state=State.SENT, reason="250 2.0.0 ok")
    await office.record(before, after)

    [row] = await office.deliveries()
    assert (row.state, row.doubts) == (State.SENT, 1)


async def test_a_claim_in_the_middle_of_a_sweep_keeps_its_lease(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    await office.client.zadd("notifier:leases", {row.id: 0})  # of a claim that is over

    class Claiming(RedisLedger):
        async def deliveries(self, ids: Sequence[str]) -> list[Delivery]:
            found = await super().deliveries(ids)
            await office.ledger.claim(ids)
            return found

    await Claiming(office.client).overdue(limit=10, now=time.time())

    assert await office.client.zscore("notifier:leases", row.id) > 0


async def test_a_failure_that_comes_late_is_not_believed(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()
    [slow] = await office.ledger.claim([row.id])
    await _lease_over(office, row)
    await office.ledger.claim([row.id])

    failed = msgspec.structs.replace(slow.delivery, state=State.FAILED, reason="550")

    assert not await office.record(slow.delivery, failed)


async def test_a_final_state_is_never_left(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()
    [row] = await office.deliveries()

    for state in State:
        changed = msgspec.structs.replace(row, state=state)
        assert not await office.record(row, changed)

    assert (await office.deliveries())[0].state is State.SENT


async def test_a_person_can_ask_for_it_again(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()
    [row] = await office.deliveries()

    assert await office.ledger.resend(row)
    await office.deliver()

    assert len(office.postman.sent) == 2
    assert (await office.deliveries())[0].state is State.SENT


async def test_a_doubt_that_is_hinted_at_and_asked_for_again_waits_once(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    office.postman.outcome = Unanswered("cut")
    await office.deliver()
    [row] = await office.deliveries()
    await _all_due(office)
    await office.ledger.take(limit=10)

    assert await office.ledger.resend(row)

    assert await office.client.zrange("notifier:ready", 0, -1) == [row.id.encode()]
    assert await office.client.zcard("notifier:hinted") == 0


async def test_a_reminder_that_is_late_is_never_sent_after_the_start(office: Desk) -> None:
    held = msgspec.to_builtins(conference()) | {"notifications": {"reminders": ["5m"]}}
    told = {"conference": held, "participants": [BORIS]}
    await office.hear(event("conference.invitation", told))
    await office.deliver()
    office.now = START - timedelta(minutes=4)
    await office.notifier.remind(now=office.now)
    await office.notifier.spread()

    office.now = START
    await office.deliver()

    [reminder] = await _by_kind(office, "reminder")
    assert (reminder.state, reminder.reason) == (State.EXPIRED, "started")


@pytest.mark.parametrize(("rate", "depth"), [(1, 1), (10, 1), (100, 10), (300, 30)])
async def test_a_rate_lets_one_bucket_go_at_once_whoever_asks(
    office: Desk, redis_url: str, rate: int, depth: int
) -> None:
    async with desk(redis_url, consumer="b") as other:
        turns = [desk_.ledger.turn(rate) for _mail in range(2 * depth) for desk_ in (office, other)]
        began = monotonic()
        waits = sorted(wait for [wait] in await asyncio.gather(*turns))
        took = monotonic() - began

    # Whoever may go within a time, counted: a bucket, and what has dripped into it until then.
    for seconds in (0, 0.5, 1, 2, 3):
        allowed = depth + rate * (seconds + took) + 1
        assert sum(wait <= seconds for wait in waits) <= allowed
    assert sum(wait == 0 for wait in waits) >= depth
    # The last has its turn when the bucket has been filled for all, and not later.
    assert waits[-1] <= 3 * depth / rate + 0.001


async def test_at_a_rate_two_workers_send_no_more_than_it_allows(
    office: Desk, redis_url: str
) -> None:
    await office.settings.apply({"smtp": {"rate": 50}})
    async with desk(redis_url, consumer="b") as other:
        other.now = NOW
        await office.hear(invitation(*(person(number) for number in range(60))))
        began = monotonic()
        hints = [hint.delivery for hint in await office.ledger.take(limit=500)]
        await asyncio.gather(
            office.notifier.deliver(hints[::2]), other.notifier.deliver(hints[1::2])
        )
        took = monotonic() - began

    sent = len(office.postman.sent) + len(other.postman.sent)
    assert sent == 60
    assert sent <= 5 + 50 * took + 1


@pytest.mark.parametrize(
    ("rate", "hinted"),
    [(0, MOST_HINTED), (1, 2), (10, 20), (1000, MOST_HINTED)],
)
async def test_no_more_is_hinted_than_leaves_within_two_seconds(
    office: Desk, rate: int, hinted: int
) -> None:
    await office.hear(invitation(*(person(number) for number in range(300))))

    taken = await office.ledger.take(limit=500, rate=rate)

    assert len(taken) == hinted
    assert await office.ledger.take(limit=500, rate=rate) == []


async def test_a_quiet_night_saves_up_no_more_than_one_bucket(office: Desk) -> None:
    await office.client.set("notifier:pace", 0)

    waits = [wait for _mail in range(4) for wait in await office.ledger.turn(10)]

    assert waits[0] == 0
    assert all(wait > 0 for wait in waits[1:])


async def test_turns_that_were_taken_while_the_clock_was_ahead_make_nobody_wait(
    office: Desk,
) -> None:
    tomorrow = (time.time() + 86_400) * 1000
    await office.client.set("notifier:pace", f"{tomorrow:.3f}")

    waits = [wait for _mail in range(4) for wait in await office.ledger.turn(10)]

    assert max(waits) < 1


async def test_what_was_put_off_while_the_clock_was_a_year_ahead_waits_for_a_day_at_most(
    office: Desk,
) -> None:
    now = time.time()
    await office.client.zadd(
        "notifier:later", {"a year": now + 365 * 86_400, "an hour": now + 3600}
    )

    await office.ledger.wake_later(limit=10, now=now)

    waits = dict(await office.client.zrange("notifier:later", 0, -1, withscores=True))
    assert waits[b"a year"] == pytest.approx(now + 86_400)
    assert waits[b"an hour"] == pytest.approx(now + 3600)


async def test_a_long_list_that_has_settled_is_made_ready_by_one_sweep(office: Desk) -> None:
    settled = {f"delivery-{number}": 0.0 for number in range(2 * SWEEP_BATCH + 1)}
    await office.client.zadd("notifier:later", settled)

    await office.notifier.sweep()

    assert await office.client.zcard("notifier:later") == 0


async def test_what_has_settled_is_made_ready_up_to_the_limit(office: Desk) -> None:
    # More than go in one command.
    settled = {f"delivery-{number}": float(number) for number in range(2500)}
    await office.client.zadd("notifier:later", settled | {"not yet": 2500.5})

    woken = await office.ledger.wake_later(limit=2499, now=2500)

    assert woken == 2499
    assert await office.client.zcard("notifier:ready") == 2499
    assert await office.client.zrange("notifier:later", 0, -1) == [b"delivery-2499", b"not yet"]


async def test_a_row_that_makes_no_sense_keeps_nobody_waiting(office: Desk) -> None:
    await office.hear(invitation(BORIS, CHEN))
    damaged, sound = await office.deliveries()
    await office.client.delete("notifier:ready", f"notifier:delivery:{damaged.id}")
    await office.client.set(f"notifier:delivery:{damaged.id}", "no hash")
    await office.client.zadd("notifier:later", {damaged.id: 1.0, sound.id: 2.0})

    await office.ledger.wake_later(limit=10, now=time.time())

    assert [each.delivery for each in await office.ledger.take(limit=10)] == [sound.id]


async def test_p8_a_redis_whose_memory_is_full_still_gives_turns(office: Desk) -> None:
    await office.ledger.turn(10)
    await office.client.config_set("maxmemory", 1)

    try:
        waits = [wait for _mail in range(2) for wait in await office.ledger.turn(10)]
    finally:
        await office.client.config_set("maxmemory", 0)

    assert waits[-1] > 0


async def test_the_row_of_a_delivery_stays_compact(office: Desk) -> None:
    # The name that Redis 6.2 and 7 both know; our own configurations set it as well.
    await office.client.config_set("hash-max-ziplist-value", 256)
    await office.hear(invitation(person(1, email=f"{'long' * 15}@example.org")))
    await office.deliver()

    [row] = await office.deliveries()
    key = f"notifier:delivery:{row.id}"
    assert await office.client.object("encoding", key) in (b"ziplist", b"listpack")
    # As a table, one value of 70 bytes costs a kilobyte; bytes.
    assert await office.client.memory_usage(key) < 600


async def _lease_over(office: Desk, row: Delivery) -> None:
    """Let a claim's lease run out, and sweep."""
    await office.client.zadd("notifier:leases", {row.id: 0})
    await office.notifier.sweep()
    await _all_due(office)


async def _all_due(office: Desk) -> None:
    """Let the time come for everything that waits."""
    for waiting in await office.client.zrange("notifier:later", 0, -1):
        await office.client.zadd("notifier:later", {waiting: 0})
    await office.ledger.wake_later(limit=100, now=time.time())


async def _queued(office: Desk) -> int:
    names = ("ready", "later", "hinted", "leases")
    return sum([await office.client.zcard(f"notifier:{name}") for name in names])


async def _by_kind(office: Desk, *kinds: str) -> list[Delivery]:
    rows = {row.kind: row for row in await office.deliveries()}
    return [rows[kind] for kind in kinds]
