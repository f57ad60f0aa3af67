"""An address at which nobody lives gets no more mail, and nobody else is kept from theirs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from notifier.adapters.connection import connect
from notifier.adapters.suppressions import RedisSuppressions, digester
from notifier.core.delivery import Delivery, State
from notifier.core.outcomes import Accepted, Refused
from notifier.core.suppression import Suppression
from tests.adapters.desk import Desk
from tests.cast import ANNA, BORIS, CHEN, event

pytestmark = pytest.mark.asyncio

NOBODY = Refused("550 5.1.1 <boris@example.org> no such user", bad_address=True)
ADDRESS = "boris@example.org"


def call(*people: Any) -> list[dict[str, Any]]:
    when = "2026-11-23T09:30:00Z"
    return [
        event("call.missed", {"caller": ANNA, "recipient": each, "time": when}) for each in people
    ]


async def states(office: Desk) -> list[tuple[str, str]]:
    return sorted((row.recipient.address, row.state) for row in await office.deliveries())


async def refuse(office: Desk) -> Delivery:
    """Let a server say that nobody lives at Boris's address."""
    office.postman.outcome = NOBODY
    await office.hear(*call(BORIS))
    await office.deliver()
    office.postman.outcome = Accepted("250 2.0.0 ok")
    office.postman.sent.clear()
    [failed] = await office.deliveries()
    assert failed.state is State.FAILED
    return failed


async def test_the_next_mail_to_a_dead_address_is_not_even_tried(office: Desk) -> None:
    failed = await refuse(office)

    await office.hear(*call(BORIS, CHEN))
    await office.deliver()

    assert [each.recipient for each in office.postman.sent] == ["chen@example.cn"]
    [skipped] = [row for row in await office.deliveries() if row.state is State.SKIPPED]
    today = datetime.now(UTC)
    assert skipped.reason == f"suppressed: 5.1.1 since {today:%Y-%m-%d}"
    assert await office.counter("deliveries_skipped") == 1
    [entry] = [each async for each in office.suppressions.all()]
    assert (entry.address, entry.delivery) == (ADDRESS, failed.id)
    assert entry.until - entry.since == timedelta(days=90)


async def test_the_spelling_of_the_address_does_not_matter(office: Desk) -> None:
    await refuse(office)
    shouting = msgspec.structs.replace(BORIS, id="#mailto:BORIS@Example.ORG", email=None)

    await office.hear(*call(shouting))
    await office.deliver()

    assert office.postman.sent == []


@pytest.mark.parametrize(
    "reply", ["554 5.7.1 spam", "554 no", "550 5.7.26 not authenticated", "552 5.3.4 too large"]
)
async def test_a_refusal_of_the_mail_keeps_nothing_from_the_person(
    office: Desk, reply: str
) -> None:
    office.postman.outcome = Refused(reply)
    await office.hear(*call(BORIS))
    await office.deliver()
    office.postman.outcome = Accepted("250 2.0.0 ok")

    await office.hear(*call(BORIS))
    await office.deliver()

    assert await states(office) == [(ADDRESS, "failed"), (ADDRESS, "sent")]


async def test_an_address_gets_mail_again_when_its_time_is_over(office: Desk) -> None:
    await refuse(office)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    [entry] = [each async for each in office.suppressions.all()]
    await office.suppressions.add(msgspec.structs.replace(entry, until=yesterday))

    await office.hear(*call(BORIS))
    await office.deliver()

    assert [each.recipient for each in office.postman.sent] == [ADDRESS]
    assert await office.suppressions.count() == 0


async def test_what_is_over_is_forgotten_and_the_rest_stays(office: Desk) -> None:
    now = datetime.now(UTC)
    for number, days in enumerate([-2, -1, 1]):
        await office.suppressions.add(_entry(f"user{number}@example.org", now, days))

    await office.notifier.tidy()

    kept = await office.client.hvals("notifier:suppressions:entries")
    assert await office.client.zcard("notifier:suppressions") == len(kept) == 1
    assert b"user2@example.org" in kept[0]


async def test_a_list_longer_than_a_batch_is_given_and_emptied_whole(office: Desk) -> None:
    now = datetime.now(UTC)
    for number in range(1100):
        await office.suppressions.add(_entry(f"user{number}@example.org", now, number + 1))

    found = [each.address async for each in office.suppressions.all()]

    assert found == [f"user{number}@example.org" for number in range(1100)]
    assert await office.suppressions.clear_all() == 1100
    assert await office.client.exists("notifier:suppressions", "notifier:suppressions:entries") == 0


async def test_whoever_looks_again_sees_who_was_suppressed_meanwhile(office: Desk) -> None:
    """Between a claim and a second look another worker may hear that nobody lives there."""
    await office.hear(*call(BORIS))
    ids = [each.delivery for each in await office.ledger.take(limit=10)]
    [claimed] = await office.ledger.claim(ids)
    now = datetime.now(UTC)
    await office.suppressions.add(_entry(ADDRESS, now, 90))

    fresh = await office.ledger.look_again(claimed)

    assert (claimed.stop, fresh.stop) == ("", f"suppressed: 5.1.1 since {now:%Y-%m-%d}")


@pytest_asyncio.fixture
async def elsewhere(office: Desk, redis_url: str) -> AsyncIterator[RedisSuppressions]:
    """The same list on another machine, whose secret key is its own."""
    async with connect(redis_url) as client:
        yield RedisSuppressions(client, "another key")


async def test_redis_alone_names_nobody_once_the_address_is_gone(
    office: Desk, elsewhere: RedisSuppressions
) -> None:
    entry = _entry(ADDRESS, datetime.now(UTC), 90)
    await office.suppressions.add(entry)

    assert await office.suppressions.of([ADDRESS]) == {ADDRESS: entry}
    assert await elsewhere.of([ADDRESS]) == {}
    assert digester("a")(ADDRESS) != digester("b")(ADDRESS)


def _entry(address: str, now: datetime, days: int) -> Suppression:
    return Suppression(
        address=address, status="5.1.1", since=now, until=now + timedelta(days=days), reason="gone"
    )
