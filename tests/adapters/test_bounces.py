"""A mail that came back is told where it is looked for, and its address gets no more."""

import logging
from typing import Any

import pytest

from notifier.core.delivery import Delivery, State
from tests.adapters.desk import Desk
from tests.cast import ANNA, BORIS, CHEN, event

pytestmark = pytest.mark.asyncio

ADDRESS = "boris@example.org"
DETAILS = f"550 5.1.1 <{ADDRESS}>: no such user"


def call(*people: Any) -> list[dict[str, Any]]:
    when = "2026-11-23T09:30:00Z"
    return [
        event("call.missed", {"caller": ANNA, "recipient": each, "time": when}) for each in people
    ]


def bounced(delivery: str = "", **said: Any) -> dict[str, Any]:
    named = {"message_id": f"<{delivery}@example.com>"} if delivery else {}
    told = {"address": ADDRESS, "status": "5.1.1", "details": DETAILS}
    return event("recipient.bounced", told | named | said)


async def sent(office: Desk) -> Delivery:
    await office.hear(*call(BORIS))
    await office.deliver()
    [row] = await office.deliveries()
    assert row.state is State.SENT
    return row


async def test_p2_a_mail_that_came_back_stays_sent_and_says_so(office: Desk) -> None:
    row = await sent(office)

    await office.hear(bounced(row.id))

    [after] = await office.deliveries()
    assert (after.state, after.reason) == (State.SENT, f"bounced 5.1.1: {DETAILS}")
    assert after.updated > row.updated


async def test_the_next_mail_does_not_leave(office: Desk) -> None:
    row = await sent(office)
    await office.hear(bounced(row.id))

    await office.hear(*call(BORIS, CHEN))
    await office.deliver()

    assert [each.recipient for each in office.postman.sent] == [ADDRESS, "chen@example.cn"]
    [entry] = [each async for each in office.suppressions.all()]
    assert (entry.address, entry.delivery) == (ADDRESS, row.id)


async def test_a_bounce_that_names_no_delivery_still_counts_for_its_address(office: Desk) -> None:
    await office.hear(bounced(), bounced("f" * 20), bounced(message_id="<1@elsewhere.example>"))

    assert await office.suppressions.count() == 1
    assert await office.counter("events_applied") == 3
    assert await office.deliveries() == []


@pytest.mark.parametrize("status", ["4.2.2", "5.2.2", "5.7.1"])
async def test_a_full_mailbox_is_told_and_gets_the_next_mail(office: Desk, status: str) -> None:
    row = await sent(office)

    await office.hear(bounced(row.id, status=status), *call(BORIS))
    await office.deliver()

    assert len(office.postman.sent) == 2
    [came_back] = [each for each in await office.deliveries() if each.id == row.id]
    assert came_back.reason.startswith(f"bounced {status}")


async def test_a_bounce_of_what_was_never_sent_changes_nothing(office: Desk) -> None:
    await office.hear(*call(BORIS))
    [waiting] = await office.deliveries()

    await office.hear(bounced(waiting.id, status="4.2.2"))

    assert await office.deliveries() == [waiting]


async def test_p1_a_bounce_that_is_told_twice_is_heard_once(office: Desk) -> None:
    row = await sent(office)
    told = bounced(row.id)

    await office.hear(told, told)

    assert await office.counter("events_duplicate") == 1
    # The mail itself, and that it came back.
    assert await office.client.xlen("notifier:log") == 2


async def test_p6_a_bounce_is_logged_without_address_and_details(
    office: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    row = await sent(office)

    with caplog.at_level(logging.INFO):
        await office.hear(bounced(row.id))

    told = [(record.getMessage(), getattr(record, "facts", {})) for record in caplog.records]
    assert [message for message, _facts in told] == ["heard"]
    assert "boris" not in str(told)
    assert "no such user" not in str(told)
