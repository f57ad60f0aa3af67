"""Telling one person again how a conference stands for them: which mail, with which entry."""

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import msgspec
import pytest

from notifier.adapters.archive import RedisArchive
from notifier.admin import Impossible, NotFound
from notifier.admin.telling_again import TellingAgain
from notifier.core.calendars.contentlines import Component, read
from notifier.core.calendars.defects import defects
from notifier.core.delivery import State
from notifier.core.events import Choices
from notifier.core.outcomes import Refused
from notifier.core.people import Person
from notifier.ports.mail import Letter
from tests.adapters.desk import Desk
from tests.cast import ANNA, BORIS, CHEN, DANA, END, NOW, conference, event, schedule
from tests.office import server

# One Redis is enough here: what each of them does with a commitment has its own tests.
__all__ = ["server"]

pytestmark = pytest.mark.asyncio

ID = "df0a2adebe"
BARE = "boris@example.org"
LATER = schedule(start=schedule().start + timedelta(days=3))
ROOM = {"launch": "virtual_room"}
SIGNED_UP = msgspec.structs.replace(CHEN, unique_link="https://conf.example.com/c/1?p=5Yq0")


def about(type_: str, revision: int, **changes: Any) -> dict[str, Any]:
    return event(f"conference.{type_}", {"conference": conference(revision, **changes)})


def naming(type_: str, revision: int, *people: Person, **changes: Any) -> dict[str, Any]:
    held = conference(revision, **changes)
    return event(f"conference.{type_}", {"conference": held, "participants": people})


async def tell(office: Desk, person: str = BARE, about: str = ID) -> str:
    """Tell somebody again, an hour later, and give the id of the delivery."""
    office.now = (office.now or NOW) + timedelta(hours=1)
    again = TellingAgain(
        memory=office.memory,
        archive=RedisArchive(office.client),
        settings=office.settings,
        suppressions=office.suppressions,
        clock=lambda: office.now or NOW,
    )
    return (await again.tell(about, person)).id


async def live(office: Desk, *events: dict[str, Any]) -> None:
    """Let things happen one after the other, each told before the next."""
    office.now = office.now or NOW
    for each in events:
        await office.hear(each)
        await office.deliver()


def kinds(office: Desk, address: str = BARE) -> list[str]:
    return [_kind(each) for each in office.postman.sent if each.recipient == address]


def _kind(letter: Letter) -> str:
    return str(message_from_bytes(letter.content, policy=policy.default)["X-Notifier-Kind"])


def entries(office: Desk, address: str = BARE) -> list[Component | None]:
    """Give the calendar of each mail to an address, None for a mail without."""
    return [_entry(each) for each in office.postman.sent if each.recipient == address]


def _entry(letter: Letter) -> Component | None:
    message = message_from_bytes(letter.content, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            assert defects(content, str(part.get_param("method"))) == []
            return read(content)[0].children[0]
    return None


def identity(calendar: Component | None) -> tuple[str, str, int]:
    """Method, generation and SEQUENCE."""
    assert calendar is not None
    event = calendar.parts("VEVENT")[0]
    generation = event.value("UID").partition("@")[0].rpartition("-")[2]
    return calendar.value("METHOD"), generation, int(event.value("SEQUENCE"))


def stamp(calendar: Component | None) -> str:
    assert calendar is not None
    return calendar.parts("VEVENT")[0].value("DTSTAMP")


async def test_somebody_on_the_list_gets_the_invitation_as_it_stands(office: Desk) -> None:
    await live(
        office,
        naming("invitation", 1, BORIS, CHEN),
        about("reschedule", 2, schedule=LATER),
        about("update", 3, schedule=LATER, name="Annual review"),
    )

    delivery = await tell(office)
    await office.deliver()

    assert kinds(office) == ["invitation", "reschedule", "invitation"]
    _, moved, again = entries(office)
    assert identity(again) == identity(moved) == ("REQUEST", "1", 1)
    assert stamp(again) > stamp(moved)
    assert again is not None
    assert again.parts("VEVENT")[0].value("SUMMARY") == "Annual review"
    [row] = await office.ledger.deliveries([delivery])
    assert (row.state, row.kind, row.recipient.address) == (State.SENT, "invitation", BARE)
    assert kinds(office, "chen@example.cn") == ["invitation", "reschedule"]


async def test_it_can_be_told_twice_each_time_in_another_mail(office: Desk) -> None:
    await live(office, naming("invitation", 1, BORIS))

    first, second = await tell(office), await tell(office)
    await office.deliver()

    assert first != second
    assert kinds(office) == ["invitation"] * 3
    stamps = [stamp(each) for each in entries(office)]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("name", [BORIS.id, BARE, "Boris@Example.ORG", f" {BARE} "])
async def test_people_are_named_by_id_or_address(office: Desk, name: str) -> None:
    await live(office, naming("invitation", 1, BORIS, CHEN))

    await tell(office, name)
    await office.deliver()

    assert kinds(office) == ["invitation", "invitation"]


async def test_whoever_signed_up_gets_the_registration_with_the_link_of_their_own(
    office: Desk,
) -> None:
    signed_up = {"conference": conference(2), "participant": SIGNED_UP}
    await live(office, event("conference.registration", signed_up))

    await tell(office, "chen@example.cn")
    await office.deliver()

    assert kinds(office, "chen@example.cn") == ["registration", "registration"]
    assert b"5Yq0" in office.postman.sent[-1].content.replace(b"=\r\n", b"")


async def test_whoever_was_taken_off_gets_the_cancel_with_the_times_of_then(office: Desk) -> None:
    await live(
        office,
        naming("invitation", 1, BORIS, CHEN),
        naming("removal", 2, BORIS),
        about("reschedule", 3, schedule=LATER),
    )

    await tell(office)
    await office.deliver()

    assert kinds(office) == ["invitation", "removal", "removal"]
    _, removal, again = entries(office)
    assert identity(removal) == ("CANCEL", "1", 1)
    assert identity(again) == ("CANCEL", "1", 2)
    assert again is not None
    assert again.parts("VEVENT")[0].value("DTSTART") == "20261127T140000Z"


async def test_of_a_cancelled_conference_everybody_on_the_list_can_have_the_cancel(
    office: Desk,
) -> None:
    await live(office, naming("invitation", 1, BORIS), about("cancellation", 2))

    await tell(office)
    await office.deliver()

    assert kinds(office) == ["invitation", "cancellation", "cancellation"]
    _, cancelled, again = entries(office)
    assert identity(again) == identity(cancelled) == ("CANCEL", "1", 1)
    assert stamp(again) > stamp(cancelled)


async def test_a_room_is_told_without_an_entry(office: Desk) -> None:
    await live(office, naming("invitation", 1, BORIS, **ROOM))

    await tell(office)
    await office.deliver()

    assert kinds(office) == ["invitation", "invitation"]
    assert entries(office) == [None, None]


async def test_an_entry_that_came_by_being_told_again_is_taken_back_like_any(office: Desk) -> None:
    await live(office, naming("invitation", 1, BORIS, CHEN, **ROOM), about("update", 2))

    await tell(office)
    await office.deliver()
    await live(office, about("cancellation", 3))

    assert [identity(each) for each in entries(office)[1:]] == [
        ("REQUEST", "2", 0),
        ("CANCEL", "2", 1),
    ]
    assert entries(office, "chen@example.cn") == [None, None]


async def test_whoever_is_told_again_of_a_room_has_no_entry_to_be_taken_back(office: Desk) -> None:
    quiet = {"notifications": Choices(invitations=False)}
    await live(office, naming("invitation", 1, BORIS, **quiet), about("update", 2, **ROOM))

    await tell(office)
    await office.deliver()
    await live(office, about("cancellation", 3, **ROOM))

    assert kinds(office) == ["invitation", "cancellation"]
    assert entries(office) == [None, None]


async def test_what_changes_before_it_leaves_is_what_it_says(office: Desk) -> None:
    await live(office, naming("invitation", 1, BORIS))

    await tell(office)
    await office.hear(about("update", 2, schedule=LATER))
    await office.deliver()

    again = entries(office)[-1]
    assert identity(again) == ("REQUEST", "1", 1)
    assert again is not None
    assert again.parts("VEVENT")[0].value("DTSTART") == "20261130T140000Z"


async def test_whoever_is_taken_off_before_it_leaves_is_not_told_it(office: Desk) -> None:
    await live(office, naming("invitation", 1, BORIS))

    delivery = await tell(office)
    await office.hear(naming("removal", 2, BORIS))
    await office.deliver()

    [row] = await office.ledger.deliveries([delivery])
    assert (row.state, row.reason) == (State.SUPERSEDED, "removed")
    assert kinds(office) == ["invitation", "removal"]


# ---- nothing true to say -------------------------------------------------------------------

NOBODY = Person(id=f"{'nobody'}@conf.example.com", name="Nobody")
OFF = {"notifications": Choices(invitations=False)}


@pytest.mark.parametrize(
    ("events", "person", "because"),
    [
        pytest.param(
            [naming("invitation", 1, CHEN), naming("removal", 2, BORIS)],
            BARE,
            "the person was never on its list",
            id="taken off in vain",
        ),
        pytest.param(
            [naming("invitation", 1, BORIS), naming("removal", 2, BORIS),
             about("cancellation", 3), about("reschedule", 4)],
            BARE,
            "the person was taken off its list before it was planned anew",
            id="taken off an earlier life",
        ),
        pytest.param(
            [naming("invitation", 1, BORIS), about("cancellation", 2),
             naming("invitation", 3, CHEN)],
            BARE,
            "the person was on an earlier list of it, and is not on this one",
            id="on an earlier list",
        ),
        pytest.param(
            [naming("invitation", 1, BORIS), about("end", 2)], BARE, "it is over", id="ended"
        ),
        pytest.param(
            [naming("invitation", 1, BORIS, **ROOM), about("cancellation", 2, **ROOM)],
            BARE,
            "it was a room without a time, and its end is told to nobody",
            id="a room that was deleted",
        ),
        pytest.param(
            [naming("invitation", 1, BORIS, **OFF)],
            BARE,
            "mails of this kind are switched off, on the server or for the conference",
            id="switched off",
        ),
        pytest.param(
            [naming("invitation", 1, NOBODY)],
            str(NOBODY.id),
            "neither the profile nor the directory has an address",
            id="no address",
        ),
        pytest.param(
            [naming("invitation", 1, msgspec.structs.replace(BORIS, email="a@b@c"))],
            str(BORIS.id),
            "the address cannot be written to",
            id="no usable address",
        ),
    ],
)  # fmt: skip
async def test_where_nothing_is_true_nothing_is_told(
    office: Desk, events: list[dict[str, Any]], person: str, because: str
) -> None:
    await live(office, *events)
    before = await office.deliveries()

    with pytest.raises(Impossible, match=because):
        await tell(office, person)

    assert await office.deliveries() == before


async def test_what_is_over_by_the_clock_is_not_told(office: Desk) -> None:
    await live(office, naming("invitation", 1, BORIS))
    office.now = END

    with pytest.raises(Impossible, match="it is over"):
        await tell(office)


async def test_what_had_begun_when_it_was_cancelled_is_not_told(office: Desk) -> None:
    await live(office, naming("invitation", 1, BORIS), about("cancellation", 2))
    office.now = END

    with pytest.raises(Impossible, match="and the time that it had is past"):
        await tell(office)


async def test_whoever_was_never_told_has_nothing_to_be_taken_back(office: Desk) -> None:
    office.postman.outcome = Refused("550 5.7.1 not today")
    await live(office, naming("invitation", 1, BORIS), about("cancellation", 2))

    with pytest.raises(Impossible, match="never told of it, so nothing had to be taken back"):
        await tell(office)


async def test_no_block_of_a_server_is_got_round(office: Desk) -> None:
    await office.settings.apply({"federation": {"mode": "blacklist"}})
    await live(office, naming("invitation", 1, DANA))
    await office.settings.apply({"federation": {"blacklist": ["*.example.net"]}})

    said = r"a server that is not let in \(recipient at meet.example.net: \*.example.net\)"
    with pytest.raises(Impossible, match=said):
        await tell(office, "dana@example.net")


async def test_no_block_of_an_owner_s_server_is_got_round(office: Desk) -> None:
    await office.settings.apply({"federation": {"mode": "blacklist"}})
    await live(office, naming("invitation", 1, BORIS, owner=DANA))
    await office.settings.apply({"federation": {"blacklist": ["*.example.net"]}})

    said = r"a server that is not let in \(owner at meet.example.net: \*.example.net\)"
    with pytest.raises(Impossible, match=said):
        await tell(office)


async def test_no_address_at_which_nobody_lives_is_written_to(office: Desk) -> None:
    await live(office, naming("invitation", 1, BORIS))
    office.now = None
    bounced = {"address": BARE, "status": "5.1.1"}
    await office.hear(event("recipient.bounced", bounced))

    with pytest.raises(Impossible, match=r"no mail goes to its address until .* 5.1.1"):
        await tell(office)


async def test_nobody_is_found_under_a_name_that_is_not_on_the_list(office: Desk) -> None:
    await live(office, naming("invitation", 1, CHEN))

    with pytest.raises(NotFound, match=r"There is nobody 'boris@example.org' on the list of df0a2"):
        await tell(office)


async def test_a_conference_that_nobody_knows_is_not_found(office: Desk) -> None:
    with pytest.raises(NotFound, match="There is no conference 'df0a2adebe'"):
        await tell(office)


async def test_an_address_of_several_people_is_not_enough(office: Desk) -> None:
    shared = msgspec.structs.replace(ANNA, email=BARE)
    await live(office, naming("invitation", 1, BORIS, shared))

    with pytest.raises(Impossible, match=r"name one by ID: anna@conf.example.com, boris@conf"):
        await tell(office)


async def test_whoever_is_listed_by_id_and_by_address_is_told_under_the_id(office: Desk) -> None:
    bare = Person(id=f"#mailto:{BARE}", name="Somebody")
    await live(office, naming("invitation", 1, BORIS), naming("invitation", 2, bare))

    delivery = await tell(office)

    [row] = await office.ledger.deliveries([delivery])
    assert row.recipient.key == BORIS.id
