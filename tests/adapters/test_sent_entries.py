"""What takes back carries an entry to exactly those whose calendars were sent one."""

from email import message_from_bytes, policy
from email.message import Message
from typing import Any

import pytest

from notifier.core.events import Choices
from notifier.core.people import Person
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW, conference, event
from tests.office import server

# One Redis is enough here: nothing is written that has no tests of its own.
__all__ = ["server"]

pytestmark = pytest.mark.asyncio

ROOM = {"launch": "virtual_room"}


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


def about(type_: str, revision: int, *people: Person, **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"conference": conference(revision, **changes)}
    if people:
        told["participants"] = people
    return event(f"conference.{type_}", told)


def methods(office: Desk) -> dict[str, list[str]]:
    """Give the METHOD of each mail by its address, '' for a mail without an entry."""
    found: dict[str, list[str]] = {}
    for letter in office.postman.sent:
        parts = message_from_bytes(letter.content, policy=policy.default).walk()
        named = [str(each.get_param("method")) for each in parts if _is_entry(each)]
        found.setdefault(letter.recipient, []).append("".join(named))
    return found


def _is_entry(part: Message) -> bool:
    return part.get_content_type() == "text/calendar"


async def test_a_room_that_was_planned_in_silence_is_cancelled_without_an_entry(
    office: Desk,
) -> None:
    await office.hear(about("invitation", 1, BORIS, **ROOM))
    await office.deliver()
    await office.hear(about("update", 2), about("cancellation", 3))
    await office.deliver()

    assert methods(office) == {"boris@example.org": ["", ""]}


@pytest.mark.parametrize("end", ["cancellation", "removal"])
async def test_an_invitation_that_waited_for_its_time_is_taken_back_with_its_entry(
    office: Desk, end: str
) -> None:
    await office.hear(about("invitation", 1, BORIS, **ROOM), about("update", 2))
    await office.deliver()
    await office.hear(about(end, 3, *([BORIS] if end == "removal" else [])))
    await office.deliver()

    assert methods(office) == {"boris@example.org": ["REQUEST", "CANCEL"]}


async def test_each_of_a_list_is_taken_back_what_they_were_sent(office: Desk) -> None:
    quiet = {"notifications": Choices(invitations=False)}
    await office.hear(about("invitation", 1, CHEN, **quiet), about("invitation", 2, BORIS))
    await office.deliver()
    await office.hear(about("cancellation", 3))
    await office.deliver()

    assert methods(office) == {
        "boris@example.org": ["REQUEST", "CANCEL"],
        "chen@example.cn": [""],
    }
