"""Claims about notices to everyone whose list changes, or is walked anew, while they are spread."""

import re
from collections import Counter
from datetime import datetime
from email import message_from_bytes
from typing import Any

import pytest

from notifier.adapters import keys
from notifier.core.delivery import Delivery, State
from notifier.core.people import Person
from notifier.core.times.schedule import Schedule
from notifier.ports.mail import Letter
from notifier.remembering import SLICE
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW, conference, event, person, schedule

pytestmark = pytest.mark.asyncio

CID = conference().id
FRIDAY = schedule()
TUESDAY, WEDNESDAY = (schedule(start=datetime(2026, 12, day, 15, 0)) for day in (1, 2))
ROOM = {"launch": "virtual_room"}
# Enough for a list that is walked in slices.
MANY = [person(number) for number in range(3 * SLICE)]


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


# ---- a walk that begins anew ---------------------------------------------------------------


async def test_p3_a_walk_that_begins_anew_tells_nobody_a_second_time(office: Desk) -> None:
    await office.hear(invited(1, *MANY))
    before = {each.id for each in await office.deliveries()}
    await hear_unspread(office, moved(2, TUESDAY))
    await office.notifier.spread()
    await let_all_leave(office)

    await redis_is_started_again(office)
    while await office.notifier.spread():
        pass

    rows = [each for each in await office.deliveries() if each.id not in before]
    assert {each.kind for each in rows} == {"invitation", "reschedule"}
    assert told(rows) == Counter(str(each.email) for each in MANY)


async def test_p3_a_walk_that_begins_anew_invites_nobody_who_hears_of_the_move(
    office: Desk,
) -> None:
    await office.hear(invited(1, *MANY))
    waiting = await office.client.smembers(keys.untold(CID))
    await let_all_leave(office)
    before = {each.id for each in await office.deliveries()}
    await hear_unspread(office, moved(2, TUESDAY))
    await office.notifier.spread()

    await office.client.sadd(keys.untold(CID), *waiting)  # their first letters came back
    await redis_is_started_again(office)
    while await office.notifier.spread():
        pass

    rows = [each for each in await office.deliveries() if each.id not in before]
    assert told(rows) == Counter(str(each.email) for each in MANY)


# ---- a list that changes before the end of its conference is spread --------------------------


async def test_whoever_is_invited_anew_hears_of_the_end_of_what_they_knew(office: Desk) -> None:
    await office.hear(invited(1, BORIS, CHEN))
    await office.deliver()

    await office.hear(cancelled(2), invited(3, BORIS, schedule=TUESDAY))
    await office.deliver()

    assert sorted(recipients(office)[2:]) == [
        ("boris@example.org", "cancellation"),
        ("boris@example.org", "invitation"),
        ("chen@example.cn", "cancellation"),
    ]
    of_each = {uid_of(each) for each in office.postman.sent}
    assert len(of_each) == 2  # of what was cancelled, and of what is made anew


async def test_whoever_is_invited_anew_twice_hears_of_the_end_of_what_they_knew(
    office: Desk,
) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(
        cancelled(2), invited(3, BORIS, schedule=TUESDAY), cancelled(4), invited(5, BORIS)
    )
    await office.deliver()

    # Of the plan between the two he was never told.
    assert sorted(recipients(office)[1:]) == [
        ("boris@example.org", "cancellation"),
        ("boris@example.org", "invitation"),
    ]


async def test_whoever_is_invited_to_the_new_life_only_hears_of_no_end(office: Desk) -> None:
    await office.hear(invited(1, CHEN))
    await office.deliver()

    await office.hear(cancelled(2), invited(3, BORIS, schedule=TUESDAY))
    await office.deliver()

    assert ("boris@example.org", "cancellation") not in recipients(office)


async def test_whoever_is_taken_off_a_deleted_conference_hears_of_its_end(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(cancelled(2), removed(3, BORIS))
    await office.deliver()

    assert recipients(office)[1:] == [("boris@example.org", "cancellation")]


async def test_whoever_is_taken_off_while_the_end_waits_hears_of_it(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()
    await office.hear(cancelled(2))

    await office.hear(removed(3, BORIS))
    await office.deliver()

    assert recipients(office)[1:] == [("boris@example.org", "cancellation")]


async def test_whoever_is_taken_off_the_room_that_it_became_hears_of_both(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await hear_unspread(office, cancelled(2, **ROOM), removed(3, BORIS, **ROOM))
    await spread_and_deliver(office)

    assert sorted(recipients(office)[1:]) == [
        ("boris@example.org", "cancellation"),
        ("boris@example.org", "removal"),
    ]


async def test_whoever_is_taken_off_what_was_brought_back_hears_of_its_end(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await hear_unspread(office, cancelled(2), moved(3, TUESDAY), removed(4, BORIS))
    await spread_and_deliver(office)

    # The entry that he has is the cancelled one.
    invitation, *later = office.postman.sent
    assert ("boris@example.org", "cancellation") in recipients(office)
    assert uid_of(invitation) in map(uid_of, later)


@pytest.mark.parametrize("revision", [4, 5])
async def test_whoever_was_taken_off_what_was_brought_back_hears_of_no_second_end(
    office: Desk, revision: int
) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()
    await office.hear(cancelled(2), moved(3, TUESDAY))
    await office.deliver()

    await office.hear(removed(4, BORIS), cancelled(revision))
    await office.deliver()

    assert recipients(office)[1:] == [
        ("boris@example.org", "cancellation"),
        ("boris@example.org", "invitation"),
        ("boris@example.org", "removal"),
    ]


async def test_whoever_was_taken_off_before_hears_of_no_end(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(removed(2, BORIS), cancelled(3))
    await office.deliver()

    assert recipients(office)[1:] == [("boris@example.org", "removal")]


# ---- the time that a cancellation names ------------------------------------------------------


async def test_a_cancellation_names_the_time_that_its_reader_knows(office: Desk) -> None:
    await office.settings.apply({"notifications": {"settle_seconds": 3}})
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(moved(2, TUESDAY), moved(3, WEDNESDAY), cancelled(4, schedule=WEDNESDAY))
    await office.deliver()

    assert recipients(office)[1:] == [("boris@example.org", "cancellation")]
    assert "27 novembre 2026" in text_of(office.postman.sent[-1])
    assert len({uid_of(each) for each in office.postman.sent}) == 1


async def test_a_cancellation_names_the_new_time_where_the_move_was_told(office: Desk) -> None:
    await office.hear(invited(1, BORIS), moved(2, TUESDAY))
    await office.deliver()
    await office.hear(moved(3, WEDNESDAY))
    await office.deliver()

    await office.hear(cancelled(4, schedule=WEDNESDAY))
    await office.deliver()

    assert "2 décembre 2026" in text_of(office.postman.sent[-1])


async def test_a_removal_names_the_time_that_its_reader_knows(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(moved(2, TUESDAY))
    await office.hear(removed(3, BORIS, schedule=TUESDAY))
    await office.deliver()

    assert recipients(office)[1:] == [("boris@example.org", "removal")]
    assert "DTSTART:20261127T140000Z" in part_of(office.postman.sent[-1], "text/calendar")


# ---- what is said here, and what is asked --------------------------------------------------


def invited(revision: int, *people: Person, **changes: Any) -> dict[str, Any]:
    said = {"conference": conference(revision, **changes), "participants": list(people)}
    return event("conference.invitation", said)


def removed(revision: int, *people: Person, **changes: Any) -> dict[str, Any]:
    said = {"conference": conference(revision, **changes), "participants": list(people)}
    return event("conference.removal", said)


def moved(revision: int, to: Schedule) -> dict[str, Any]:
    return event("conference.reschedule", {"conference": conference(revision, schedule=to)})


def cancelled(revision: int, **changes: Any) -> dict[str, Any]:
    return event("conference.cancellation", {"conference": conference(revision, **changes)})


async def hear_unspread(office: Desk, *events: dict[str, Any]) -> None:
    await office.put(*events)
    await office.notifier.hear(await office.inbox.read(limit=100, block_seconds=0.1))


async def spread_and_deliver(office: Desk) -> None:
    while await office.notifier.spread():
        pass
    await office.deliver()


async def let_all_leave(office: Desk) -> None:
    """Let everything that is owed have reached its people."""
    await office.client.delete(keys.READY, keys.LATER, keys.untold(CID))


async def redis_is_started_again(office: Desk) -> None:
    """Let the cursors of all walks be those of a process that is gone."""
    for notice, cursor in (await office.client.hgetall(keys.CURSORS)).items():
        place, _, walk = cursor.decode().partition("#")
        number = place.partition("@")[0]
        await office.client.hset(keys.CURSORS, notice, f"{number}@gone#{walk}")


def told(rows: list[Delivery]) -> Counter[str]:
    """How often each address is written to."""
    return Counter(row.recipient.address for row in rows if row.state is State.PENDING)


def recipients(office: Desk) -> list[tuple[str, str]]:
    return [
        (each.recipient, each.content.split(b"X-Notifier-Kind: ")[1].split(b"\r\n")[0].decode())
        for each in office.postman.sent
    ]


def text_of(letter: Letter) -> str:
    return part_of(letter, "text/plain")


def uid_of(letter: Letter) -> str:
    """Give the identity of the calendar entry of a mail."""
    [found] = re.findall(r"^UID:(\S+)", part_of(letter, "text/calendar"), re.MULTILINE)
    return str(found)


def part_of(letter: Letter, type_: str) -> str:
    parts = message_from_bytes(letter.content).walk()
    part: Any = next(each for each in parts if each.get_content_type() == type_)
    return str(part.get_payload(decode=True).decode())
