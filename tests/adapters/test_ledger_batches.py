"""Claims, fences and records of many at once: each is told by itself, no fault spoils another."""

import time
from typing import Any

import msgspec
import pytest

from notifier.adapters import keys
from notifier.adapters.taking import RATE_SECONDS
from notifier.core.breaker import Breaker, Stand
from notifier.core.delivery import Delivery, State
from notifier.ports.ledger import Ending, LedgerAway
from notifier.remembering import SLICE, Claimed
from tests.adapters.desk import Desk
from tests.cast import NOW, conference, event, person

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


async def test_each_letter_of_a_batch_gets_its_own_leave(office: Desk) -> None:
    left, taken, moved = await claimed_of(office, "left", "taken", "moved")
    await office.client.hset(keys.delivery(taken.delivery.id), "token", "somebody else")
    cancelled = event("conference.cancellation", {"conference": conference(id="moved", revision=2)})
    await office.hear(cancelled)

    answers = await office.ledger.fence([left, taken, moved])

    assert answers == ["ok", "lost", "changed"]
    assert await states(office, left, taken, moved) == ["in_data", "sending", "sending"]
    assert await leases(office, left) > await leases(office, taken) + 60
    assert await leases(office, moved) == await leases(office, taken)


async def test_of_two_first_letters_to_somebody_one_call_lets_one_leave(office: Desk) -> None:
    """Whoever goes first has told its person, so the other has to look again."""
    await office.hear(event("conference.invitation", told_of("x", person(1))))
    signed_up = {"conference": conference(id="x"), "participant": person(1)}
    await office.hear(event("conference.registration", signed_up))
    claims = await office.ledger.claim([row.id for row in await office.deliveries()])
    assert [each.untold for each in claims] == [True, True]

    assert await office.ledger.fence(claims) == ["ok", "changed"]


async def test_a_lost_claim_that_looks_again_is_lost_at_the_fence(office: Desk) -> None:
    [lost] = await claimed_of(office, "x")
    await office.client.hset(keys.delivery(lost.delivery.id), "token", "somebody else")

    looked = await office.ledger.look_again(lost)

    assert looked == lost
    assert await office.ledger.fence([looked]) == ["lost"]


async def test_who_looks_again_holds_the_same_claim(office: Desk) -> None:
    [claimed] = await claimed_of(office, "x")

    looked = await office.ledger.look_again(claimed)

    assert looked == claimed
    assert await office.ledger.fence([looked]) == ["ok"]


async def test_claims_of_several_calls_are_renewed_together(office: Desk) -> None:
    first, second = await owed(office, "first", "second")
    claims = [each for row in (first, second) for each in await office.ledger.claim([row.id])]
    for each in claims:
        await office.client.zadd(keys.LEASES, {each.delivery.id: 0})

    assert await office.ledger.renew(claims) == 2

    assert min([await leases(office, each) for each in claims]) > 0


async def test_letters_of_one_notice_share_what_they_are_written_from(office: Desk) -> None:
    people = [person(each) for each in range(3)]
    await office.hear(event("conference.invitation", told_of("x", *people)))
    rows = await office.deliveries()

    claims = [each for row in rows for each in await office.ledger.claim([row.id])]

    assert len(claims) == 3
    assert len({id(each.as_told) for each in claims}) == 1
    assert len({id(each.known) for each in claims}) == 1


async def test_a_letter_that_cannot_be_judged_holds_up_no_other_at_the_fence(office: Desk) -> None:
    broken, sound = await claimed_of(office, "broken", "sound")
    await office.client.set(keys.untold("broken"), "not a set")

    fault, answer = await office.ledger.fence([broken, sound])

    assert isinstance(fault, Exception)
    assert "WRONGTYPE" in str(fault)
    assert answer == "ok"
    assert await states(office, broken, sound) == ["sending", "in_data"]


async def test_each_ending_of_a_batch_is_written_by_itself(office: Desk) -> None:
    first, second, lost = await claimed_of(office, "first", "second", "lost")
    await office.client.hset(keys.delivery(lost.delivery.id), "token", "somebody else")

    answers = await office.ledger.record(
        [
            ending(first, State.SENT, "250 2.0.0 ok"),
            ending(second, State.FAILED, "550 5.7.1 no"),
            ending(lost, State.FAILED, "550 5.7.1 no"),
        ]
    )

    assert answers == [True, True, False]
    assert await states(office, first, second, lost) == ["sent", "failed", "sending"]
    assert [await office.counter(f"deliveries_{each}") for each in ("sent", "failed")] == [1, 1]
    told = [fields[b"d"].decode() for _place, fields in await office.client.xrange(keys.LOG)]
    assert told == [first.delivery.id, second.delivery.id]
    assert await office.client.zrange(keys.LEASES, 0, -1) == [lost.delivery.id.encode()]


async def test_an_ending_that_redis_will_not_take_holds_up_no_other(office: Desk) -> None:
    broken, sound = await claimed_of(office, "broken", "sound")
    await office.client.set(keys.delivery(broken.delivery.id), "no hash")

    fault, written = await office.ledger.record(
        [ending(each, State.SENT, "250 ok") for each in (broken, sound)]
    )

    assert isinstance(fault, Exception)
    assert not isinstance(fault, LedgerAway)
    assert written is True
    assert await states(office, sound) == ["sent"]


async def test_an_ending_that_is_told_twice_is_written_once(office: Desk) -> None:
    [claimed] = await claimed_of(office, "once")
    told = ending(claimed, State.SENT, "250 ok")

    assert await office.ledger.record([told, told]) == [True, False]

    assert await office.counter("deliveries_sent") == 1
    assert await office.client.xlen(keys.LOG) == 1


async def test_more_than_one_call_takes_is_written_in_several(office: Desk) -> None:
    number = SLICE + 1
    people = [person(each) for each in range(number)]
    await office.hear(event("conference.invitation", told_of("large", *people)))
    claims = await office.ledger.claim([row.id for row in await office.deliveries()])

    assert await office.ledger.fence(claims) == ["ok"] * number
    endings = [ending(each, State.SENT, "250 ok") for each in claims]
    assert await office.ledger.record(endings) == [True] * number

    assert await office.counter("deliveries_sent") == number


async def test_who_is_hinted_at_some_claims_more_that_are_ready_the_most_urgent_first(
    office: Desk,
) -> None:
    rows = await owed(office, *"abcde")
    for urgency, row in enumerate(rows):
        await office.client.zadd(keys.READY, {row.id: urgency})

    claims = await office.ledger.claim([rows[4].id], more=2)

    assert [each.delivery.id for each in claims] == [rows[4].id, rows[0].id, rows[1].id]
    assert len({each.delivery.token for each in claims}) == 1
    assert set(await office.client.zrange(keys.READY, 0, -1)) == {
        rows[2].id.encode(),
        rows[3].id.encode(),
    }


async def test_a_letter_that_killed_a_worker_is_claimed_with_no_other(office: Desk) -> None:
    suspect, innocent = await owed(office, "suspect", "innocent")
    await office.client.hset(keys.delivery(suspect.id), "crashes", "1")
    waiting = await office.client.zscore(keys.READY, suspect.id)

    claims = await office.ledger.claim([], more=10)

    assert [each.delivery.id for each in claims] == [innocent.id]
    assert await office.client.zscore(keys.READY, suspect.id) == waiting


async def test_beside_a_letter_that_killed_a_worker_nothing_more_is_claimed(office: Desk) -> None:
    suspect, _innocent = await owed(office, "suspect", "innocent")
    await office.client.hset(keys.delivery(suspect.id), "crashes", "1")

    claims = await office.ledger.claim([suspect.id], more=10)

    assert [each.delivery.id for each in claims] == [suspect.id]


@pytest.mark.parametrize(("room", "claimed"), [(0, 0), (1, 1), (2, 2)])
async def test_while_no_road_works_no_more_is_claimed_than_those_that_are_tried_have_room_for(
    office: Desk, room: int, claimed: int
) -> None:
    await owed(office, *"abc")
    tried = Breaker(stand=Stand.RISING, room=room, trip=1)
    await office.client.hset(keys.ROADS, "0", msgspec.json.encode(tried))

    assert len(await office.ledger.claim([], more=10)) == claimed


async def test_a_letter_that_tries_a_road_takes_no_other_along(office: Desk) -> None:
    first, _second = await owed(office, "first", "second")
    tried = Breaker(stand=Stand.PROBING, room=1, trip=1)
    await office.client.hset(keys.ROADS, "0", msgspec.json.encode(tried))

    claims = await office.ledger.claim([first.id], more=10)

    assert [each.delivery.id for each in claims] == [first.id]


async def test_at_a_rate_workers_hold_no_more_than_leaves_within_two_seconds(office: Desk) -> None:
    await owed(office, *"abcdef")
    rate = 1
    [_hinted] = await office.ledger.take(limit=1)

    first = await office.ledger.claim([], more=10, rate=rate)
    second = await office.ledger.claim([], more=10, rate=rate)

    assert len(first) == RATE_SECONDS * rate - 1
    assert second == []


async def test_a_row_that_cannot_be_read_holds_up_no_other(office: Desk) -> None:
    broken, sound = await owed(office, "broken", "sound")
    await office.client.hset(keys.delivery(broken.id), "made", "some day")

    claims = await office.ledger.claim([broken.id, sound.id])

    assert [each.delivery.id for each in claims] == [sound.id]
    assert claims[0].member is not None
    assert claims[0].member.key == sound.recipient.key


async def test_a_list_that_cannot_be_read_holds_up_no_other_conference(office: Desk) -> None:
    broken, sound = await owed(office, "broken", "sound")
    await office.client.set(keys.members("broken"), "not a list")

    claims = await office.ledger.claim([broken.id, sound.id])

    assert [each.delivery.id for each in claims] == [sound.id]


async def test_a_row_that_cannot_be_claimed_holds_up_no_other(office: Desk) -> None:
    broken, sound, ready = await owed(office, "broken", "sound", "ready")
    await office.client.set(keys.delivery(broken.id), "no hash")

    claims = await office.ledger.claim([broken.id, sound.id], more=1)

    assert {each.delivery.id for each in claims} == {sound.id, ready.id}


@pytest.mark.parametrize(("rate", "number"), [(10, 5), (300, 70)])
async def test_turns_that_are_taken_together_are_those_that_were_taken_one_by_one(
    office: Desk, rate: int, number: int
) -> None:
    together = await office.ledger.turn(rate, number)
    await office.client.delete(keys.PACE)
    began = time.monotonic()
    singly = [wait for _mail in range(number) for wait in await office.ledger.turn(rate)]
    took = time.monotonic() - began

    assert len(together) == number
    for one, other in zip(together, singly, strict=True):
        assert other <= one + 0.001
        assert one <= other + took + 0.001


async def owed(office: Desk, *conferences: str) -> list[Delivery]:
    """Owe an invitation to each of these conferences, to one person of its own."""
    for number, name in enumerate(conferences):
        await office.hear(event("conference.invitation", told_of(name, person(number))))
    rows = {row.conference: row for row in await office.deliveries()}
    return [rows[name] for name in conferences]


async def claimed_of(office: Desk, *conferences: str) -> list[Claimed]:
    rows = await owed(office, *conferences)
    claims = await office.ledger.claim([row.id for row in rows])
    assert len(claims) == len(rows)
    return claims


def told_of(name: str, *people: Any) -> dict[str, Any]:
    return {"conference": conference(id=name), "participants": list(people)}


def ending(claimed: Claimed, state: State, reason: str) -> Ending:
    before = claimed.delivery
    return Ending(before=before, after=msgspec.structs.replace(before, state=state, reason=reason))


async def states(office: Desk, *claims: Claimed) -> list[str]:
    rows = {row.id: row.state for row in await office.ledger.deliveries(_ids(*claims))}
    return [rows[each] for each in _ids(*claims)]


async def leases(office: Desk, claimed: Claimed) -> float:
    return float(await office.client.zscore(keys.LEASES, claimed.delivery.id))


def _ids(*claims: Claimed) -> list[str]:
    return [each.delivery.id for each in claims]
