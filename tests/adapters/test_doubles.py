"""Claims about people who are on a list twice: what goes to everyone goes to them once."""

from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import msgspec
import pytest

from notifier.adapters import keys
from notifier.adapters.memory import SLICE as READ_TOGETHER
from notifier.core.delivery import Delivery, State
from notifier.core.notice import Notice
from notifier.core.people import Person
from notifier.core.planning import plan
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from notifier.ports.mail import Letter
from notifier.remembering import BEGINNING, SLICE, Commitment
from notifier.spreading import Walk
from tests import cast
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, HOME, START, event, person, plain

pytestmark = pytest.mark.asyncio

FIVE_BEFORE = START - timedelta(minutes=5)
LINK = f"https://{HOME}/c/df0a2adebe?p=5Yq0"
BY_ADDRESS = Person(id="#mailto:boris@example.org", language="de", unique_link=LINK)

# Enough for a list that is walked in slices.
MANY = [person(number) for number in range(3 * SLICE)]
# Every third of them is on the list by address as well.
DOUBLES = [Person(id=f"#mailto:{each.email}") for each in MANY[::3]]


def held(revision: int = 1) -> dict[str, Any]:
    planned: dict[str, Any] = plain(cast.conference(revision))
    return planned | {"notifications": {"reminders": ["5m"]}}


async def invite(office: Desk, *people: Person) -> None:
    office.now = cast.NOW
    invited = {"conference": held(), "participants": list(people)}
    await office.hear(event("conference.invitation", invited))


async def remind(office: Desk) -> list[Delivery]:
    """Let everybody be reminded; give the reminders."""
    office.now = FIVE_BEFORE
    await office.notifier.remind(now=FIVE_BEFORE)
    while await office.notifier.spread():
        pass
    return [each for each in await office.deliveries() if each.kind == "reminder"]


async def cancel_unspread(office: Desk) -> Notice:
    """Hear a cancellation, and give its notice, of which nothing is spread yet."""
    await office.put(event("conference.cancellation", {"conference": held(2)}))
    await office.notifier.hear(await office.inbox.read(limit=10, block_seconds=0.1))
    [(notice, _cursor)] = await office.memory.slices(limit=10)
    return notice


def told(rows: list[Delivery]) -> Counter[str]:
    """How often each address is written to."""
    return Counter(row.recipient.address for row in rows if row.state is State.PENDING)


def left_out(rows: list[Delivery]) -> Counter[tuple[str, str]]:
    return Counter((row.state, row.reason) for row in rows if row.state is not State.PENDING)


def text_of(letter: Letter) -> str:
    message: Any = message_from_bytes(letter.content, policy=SMTP)
    return str(message.get_body(("plain",)).get_content())


async def test_r15_who_is_listed_twice_is_reminded_once_with_their_own_link(office: Desk) -> None:
    await invite(office, BY_ADDRESS, CHEN, BORIS)
    await office.deliver()
    office.postman.sent.clear()

    rows = await remind(office)
    await office.deliver()

    assert left_out(rows) == {("skipped", Reason.LISTED_TWICE): 1}
    letters = {each.recipient: text_of(each) for each in office.postman.sent}
    assert len(office.postman.sent) == 2
    assert set(letters) == {"boris@example.org", "chen@example.cn"}
    assert [address for address, text in letters.items() if LINK in text] == ["boris@example.org"]
    # By the row with the ID, he reads French.
    assert "Boris Petit" in letters["boris@example.org"]


async def test_who_is_listed_twice_hears_once_of_a_cancellation(office: Desk) -> None:
    await invite(office, BORIS, BY_ADDRESS, CHEN)
    await office.deliver()

    await office.hear(event("conference.cancellation", {"conference": held(2)}))

    rows = [each for each in await office.deliveries() if each.kind == "cancellation"]
    assert told(rows) == {"boris@example.org": 1, "chen@example.cn": 1}
    assert left_out(rows) == {("skipped", Reason.LISTED_TWICE): 1}


async def test_of_a_long_list_everybody_is_reminded_once(office: Desk) -> None:
    await invite(office, *DOUBLES, *MANY, CHEN)

    rows = await remind(office)

    everybody = {str(each.email) for each in MANY} | {"chen@example.cn"}
    assert told(rows) == Counter(everybody)
    assert left_out(rows) == {("skipped", Reason.LISTED_TWICE): len(DOUBLES)}


async def test_of_a_long_list_the_link_is_found_in_another_slice(office: Desk) -> None:
    signed_up = [msgspec.structs.replace(each, unique_link=each.id) for each in DOUBLES]
    await invite(office, *signed_up, *MANY)

    rows = await remind(office)

    links = {row.recipient.address: row.recipient.unique_link for row in rows if not row.reason}
    assert links == {str(each.email): "" for each in MANY} | {
        str(each.id).removeprefix("#mailto:"): each.id for each in signed_up
    }


async def test_of_a_long_list_nobody_to_whom_a_move_is_the_first_word_hears_it_twice(
    office: Desk,
) -> None:
    await invite(office, *DOUBLES, *MANY)
    before = {each.id for each in await office.deliveries()}
    moved = held(2) | {"schedule": plain(cast.schedule(start=datetime(2026, 12, 1, 9)))}

    await office.hear(event("conference.reschedule", {"conference": moved}))

    rows = [each for each in await office.deliveries() if each.id not in before]
    assert {each.kind for each in rows if each.state is State.PENDING} == {"invitation"}
    assert told(rows) == Counter(str(each.email) for each in MANY)


async def test_a_long_list_without_doubles_is_walked_for_them_in_one_step(office: Desk) -> None:
    await invite(office, *MANY)
    await cancel_unspread(office)

    slices = [await office.notifier.spread() for _slice in range(10)]

    by_id = -(-len(MANY) // READ_TOGETHER)
    assert sum(slices) == by_id + 1


@pytest.mark.parametrize("others", [[], MANY], ids=["small", "long"])
async def test_two_ids_with_one_mailbox_are_both_told(office: Desk, others: list[Person]) -> None:
    deputy = msgspec.structs.replace(cast.ANNA, email=BORIS.email)
    await invite(office, BORIS, deputy, BY_ADDRESS, *others)

    rows = await remind(office)

    assert told(rows)["boris@example.org"] == 2
    assert left_out(rows) == {("skipped", Reason.LISTED_TWICE): 1}


async def test_r45_of_a_long_list_an_id_that_is_let_in_is_told_beside_one_that_is_not(
    office: Desk,
) -> None:
    """Whichever of the two the slices come to first: both share the bare address."""
    await office.settings.apply(
        {"federation": {"mode": "blacklist", "blacklist": ["evil.example"]}}
    )
    kept_out = [
        msgspec.structs.replace(each, id=f"out{number}@evil.example")
        for number, each in enumerate(MANY[::3])
    ]
    await invite(office, *kept_out, *DOUBLES, *MANY)
    await office.deliver()

    reminders = await remind(office)
    await office.hear(event("conference.cancellation", {"conference": held(2)}))

    cancellations = [each for each in await office.deliveries() if each.kind == "cancellation"]
    for rows in (reminders, cancellations):
        assert told(rows) == Counter(str(each.email) for each in MANY)
        assert left_out(rows) == {
            ("skipped", Reason.FEDERATION): len(kept_out),
            ("skipped", Reason.LISTED_TWICE): len(DOUBLES),
        }


async def test_r45_of_a_long_list_the_address_is_told_where_the_id_is_kept_out(
    office: Desk,
) -> None:
    away = [msgspec.structs.replace(each, id=f"{each.id}.example") for each in MANY]
    await office.settings.apply(
        {"federation": {"mode": "blacklist", "blacklist": ["*.com.example"]}}
    )
    await invite(office, *DOUBLES, *away)

    rows = await remind(office)

    assert told(rows) == Counter(str(each.id).removeprefix("#mailto:") for each in DOUBLES)
    assert left_out(rows) == {("skipped", Reason.FEDERATION): len(away)}


async def test_who_was_removed_by_id_is_told_by_address(office: Desk) -> None:
    await invite(office, BORIS, BY_ADDRESS)
    await office.hear(event("conference.removal", {"conference": held(2), "participants": [BORIS]}))

    rows = await remind(office)

    assert [(row.recipient.key, row.state) for row in rows] == [(BY_ADDRESS.id, State.PENDING)]


@pytest.mark.parametrize("first", [DOUBLES, MANY[::3]], ids=["by address", "by ID"])
async def test_what_an_older_version_had_half_spread_tells_nobody_twice(
    office: Desk, first: list[Person]
) -> None:
    await invite(office, *DOUBLES, *MANY)
    await office.client.delete("notifier:ready", keys.untold(held()["id"]))  # all left
    notice = await cancel_unspread(office)
    settings = await office.settings.current()

    await _spread_by_an_older_version(office, notice, first, settings)
    while await office.notifier.spread():
        pass

    rows = [each for each in await office.deliveries() if each.kind == "cancellation"]
    assert told(rows) == Counter(str(each.email) for each in MANY)


async def _spread_by_an_older_version(
    office: Desk, notice: Notice, people: list[Person], settings: Settings
) -> None:
    """Write as its first slice the deliveries of these people, each row by itself."""
    slices = [people[at : at + SLICE] for at in range(0, len(people), SLICE)]
    for place, some in enumerate(slices):
        step = Commitment(
            slice_of=notice.id,
            cursor=f"{place}@it" if place else BEGINNING,
            next_cursor=f"{place + 1}@it",
            deliveries=tuple(plan(notice, each, settings) for each in some),
        )
        assert await office.memory.commit([step]) == ["applied"]


@pytest.mark.parametrize(
    ("cursor", "walk", "following", "stored"),
    [
        ("0", Walk("by-id", "0"), "7@it", "7@it#by-id"),
        ("7@it#by-id", Walk("by-id", "7@it"), "9@it", "9@it#by-id"),
        ("9@it#by-id", Walk("by-id", "9@it"), "0", "0@#bare"),
        ("0@#bare", Walk("bare", "0@"), "7@it", "7@it#bare"),
        ("7@it#bare", Walk("bare", "7@it"), "0", "0"),
        ("7@it", Walk("by-id", "0"), "9@it", "9@it#by-id"),  # an older version's
    ],
)
async def test_a_list_is_walked_by_id_and_then_by_address(
    cursor: str, walk: Walk, following: str, stored: str
) -> None:
    assert Walk.read(cursor) == walk
    assert walk.next(following) == stored
