"""What takes back carries an entry to exactly those whose calendars were sent one."""

from email import message_from_bytes, policy
from email.message import Message
from typing import Any

import msgspec
import pytest

from notifier.adapters import keys
from notifier.adapters.leaning import LONG_LIST
from notifier.core.events import Choices
from notifier.core.life import lives_before
from notifier.core.people import Person
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW, conference, event, person
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


async def test_what_cannot_be_read_of_an_earlier_letter_keeps_nothing_back(office: Desk) -> None:
    await office.hear(about("invitation", 1, BORIS, **ROOM))
    await office.deliver()
    [invited] = await office.deliveries()
    await office.client.set(keys.notice(invited.notice), b'{"kind": "of a later version"}')
    await office.hear(about("update", 2), about("cancellation", 3))
    await office.deliver()

    assert methods(office) == {"boris@example.org": ["", ""]}


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


async def test_what_a_stranger_was_sent_is_taken_back_from_nobody_else(office: Desk) -> None:
    quiet = {"notifications": Choices(invitations=False)}
    await office.hear(about("invitation", 1, CHEN, **quiet), about("invitation", 2, BORIS))
    await office.deliver()
    [_skipped, invited] = await office.deliveries()
    # As if the digests of both addresses began alike.
    await office.client.rpush(*keys.address_place("chen@example.cn", invited.id))
    await office.hear(about("cancellation", 3))
    await office.deliver()

    assert methods(office)["chen@example.cn"] == [""]


@pytest.mark.parametrize("end", ["cancellation", "removal"])
async def test_an_entry_that_the_version_before_sent_is_taken_back(office: Desk, end: str) -> None:
    await office.hear(about("invitation", 1, BORIS, **ROOM), about("update", 2))
    await office.deliver()
    [invited] = await office.deliveries()
    place, former = keys.address_places("boris@example.org", invited.id)
    assert await office.client.lrem(place[0], 1, place[1]) == 1
    await office.client.rpush(*former)
    await office.hear(about(end, 3, *([BORIS] if end == "removal" else [])))
    await office.deliver()

    assert methods(office) == {"boris@example.org": ["REQUEST", "CANCEL"]}


async def test_each_of_a_long_list_is_taken_back_the_entry_of_this_conference_alone(
    office: Desk,
) -> None:
    people = [person(number) for number in range(LONG_LIST)]
    await office.hear(about("invitation", 1, *people, id="planned"))
    await office.hear(about("invitation", 1, *people, **ROOM), about("update", 2))
    await office.deliver()
    await office.hear(about("invitation", 1, *people, id="room", **ROOM))
    await office.deliver()
    office.postman.sent.clear()
    await office.hear(about("cancellation", 3))
    await office.deliver()
    await office.hear(about("update", 2, id="room"), about("cancellation", 3, id="room"))
    await office.deliver()

    assert set(map(tuple, methods(office).values())) == {("CANCEL", "")}


def uids(office: Desk) -> list[tuple[str, str]]:
    """Give the UID and the thread of each mail."""
    mails = [
        message_from_bytes(each.content, policy=policy.default) for each in office.postman.sent
    ]
    return [(_uid(each), str(each["References"])) for each in mails]


def _uid(mail: Message) -> str:
    [content] = [each.get_payload(decode=True) for each in mail.walk() if _is_entry(each)]
    assert isinstance(content, bytes)
    [uid] = [each for each in content.split(b"\r\n") if each.startswith(b"UID:")]
    return uid.removeprefix(b"UID:").decode()


async def test_an_entry_keeps_its_uid_when_another_mailbox_sends_what_takes_it_back(
    office: Desk,
) -> None:
    await office.hear(about("invitation", 1, BORIS))
    await office.deliver()
    await office.settings.apply({"smtp": {"sender_address": "rooms@elsewhere.example"}})
    await office.hear(about("cancellation", 2))
    await office.deliver()

    invited, cancelled = uids(office)
    assert invited == cancelled
    assert b"rooms@elsewhere.example" in office.postman.sent[-1].content


async def test_what_was_planned_while_no_mailbox_sent_has_the_domain_of_the_first_one(
    office: Desk,
) -> None:
    await office.settings.apply({"smtp": {"sender_address": ""}})
    await office.hear(about("invitation", 1, CHEN))
    await office.settings.apply({"smtp": {"sender_address": "rooms@elsewhere.example"}})
    await office.hear(about("invitation", 2, BORIS))
    await office.deliver()

    assert [uid.partition("@")[2] for uid, _ in uids(office)] == ["elsewhere.example"] * 2


async def test_an_end_that_waits_is_told_though_a_room_of_the_same_name_has_begun(
    office: Desk,
) -> None:
    await office.hear(about("invitation", 1, BORIS))
    await office.deliver()
    await office.hear(about("cancellation", 2), about("invitation", 3, BORIS, **ROOM))
    await office.deliver()

    assert methods(office) == {"boris@example.org": ["REQUEST", "CANCEL", ""]}


@pytest.mark.parametrize("end", ["cancellation", "removal"])
async def test_whoever_knew_nothing_of_a_room_knows_nothing_of_the_plan_that_it_became(
    office: Desk, end: str
) -> None:
    await office.hear(about("invitation", 1, BORIS, **ROOM), about("update", 2))
    await office.hear(about(end, 3, *([BORIS] if end == "removal" else [])))
    await office.deliver()

    assert methods(office) == {}
    assert {each.reason for each in await office.deliveries()} & {"never_told"}


async def test_what_an_older_version_remembers_has_as_many_lives_as_entries(office: Desk) -> None:
    await office.hear(about("invitation", 1, BORIS), about("cancellation", 2))
    await office.hear(about("reschedule", 3))
    [known] = (await office.memory.recall({"df0a2adebe": []})).values()
    assert known.known is not None
    older = msgspec.structs.replace(known.known, former_lives=None)

    assert (older.generation, lives_before(older)) == (2, lives_before(known.known))
