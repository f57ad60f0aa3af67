"""The headers of a letter, one by one (calendar §6, contract §6)."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.mime import as_bytes
from notifier.core.notice import Kind
from notifier.core.people import Person
from notifier.samples import Sample, Shape, sample

SHELF = Shelf(shipped_root())
OF_A_CONFERENCE = [kind for kind in Kind if sample(kind, "en").notice.conference]
ALWAYS = {
    *("From", "To", "Date", "Message-ID", "Subject", "Content-Language", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "X-Notifier-Delivery", "X-Notifier-Kind"),
    *("MIME-Version", "Content-Type"),
}
OF_CONFERENCES = {"Reply-To", "In-Reply-To", "References", "X-Notifier-Conference"}


def written(given: Sample, *, language: str = "en") -> EmailMessage:
    template, _ = SHELF.template(given.notice.kind, [language])
    return message_from_bytes(as_bytes(given.letter(template)), policy=policy.SMTP)


def names_in(letter: EmailMessage, header: str) -> str:
    """Give the name as it is shown; Python 3.11 puts a blank between words of RFC 2047 itself."""
    [raw] = [value for name, value in letter.raw_items() if name == header]
    return str(make_header(decode_header(str(raw)))).rpartition(" <")[0].strip('"')


def owned(by: Person, *, kind: Kind = Kind.INVITATION) -> Sample:
    given = decided(sample(kind, "en"), "notifications", reply_to_owner=True)
    assert given.notice.conference is not None
    conference = msgspec.structs.replace(given.notice.conference, owner=by)
    notice = msgspec.structs.replace(given.notice, conference=conference)
    return msgspec.structs.replace(given, notice=notice)


def decided(given: Sample, section: str, **changes: Any) -> Sample:
    part = msgspec.structs.replace(getattr(given.settings, section), **changes)
    settings = msgspec.structs.replace(given.settings, **{section: part})
    return msgspec.structs.replace(given, settings=settings)


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("kind", Kind)
def test_a_letter_has_these_headers_each_once_and_no_other(kind: Kind, shape: Shape) -> None:
    given = decided(sample(kind, "en", shape=shape), "notifications", reply_to_owner=True)

    letter = written(given)

    expected = ALWAYS | (OF_CONFERENCES if kind in OF_A_CONFERENCE else set())
    assert sorted(letter.keys()) == sorted(expected)


@pytest.mark.parametrize("kind", Kind)
def test_machines_are_told_that_a_machine_wrote_and_wants_no_answer(kind: Kind) -> None:
    letter = written(sample(kind, "en"))

    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    assert not [name for name in letter if name.startswith(("List-", "Precedence", "X-Priority"))]


@pytest.mark.parametrize("kind", Kind)
def test_the_sender_is_the_server_with_the_owner_before_it_in_what_an_owner_asks(
    kind: Kind,
) -> None:
    [sender] = written(sample(kind, "en"))["From"].addresses

    owner = "Anna Keller (Example Conferences)"
    assert sender.addr_spec == "conf@example.com"
    assert sender.display_name == (owner if kind in OF_A_CONFERENCE else "Example Conferences")


@pytest.mark.parametrize("name", ["anna@example.com", "anna＠example.com", "anna﹫x", None])
def test_no_address_stands_in_the_place_of_a_name(name: str | None) -> None:
    letter = written(owned(Person(email="anna@example.com", name=name)))

    assert letter["From"].addresses[0].display_name == "Example Conferences"
    assert letter["Reply-To"].addresses[0].display_name == ""


def test_the_server_is_named_however_long_the_name_of_the_owner_is() -> None:
    letter = written(owned(Person(email="anna@example.com", name="Anna " * 60)))

    name = names_in(letter, "From")
    assert name.startswith("Anna Anna")
    assert name.endswith("… (Example Conferences)")
    assert len(name) <= 64


def test_an_owner_is_named_however_long_the_name_of_the_server_is() -> None:
    given = decided(sample(Kind.INVITATION, "en"), "smtp", sender_name="Example " * 30)

    assert names_in(written(given), "From").startswith("Anna Keller (Example")


@pytest.mark.parametrize(
    ("owner", "address"),
    [
        (Person(id="anna@conf.example.com", email="anna@example.com"), "anna@example.com"),
        (Person(id="a@conf.example.com", directory_email="dir@example.com"), "dir@example.com"),
        (Person(id="#mailto:guest@example.com"), "guest@example.com"),
        (Person(id="anna@conf.example.com"), None),
        (Person(id="anna@conf.example.com", email="no address"), None),
    ],
)
def test_answers_go_to_the_owner_where_there_is_an_address(
    owner: Person, address: str | None
) -> None:
    found = written(owned(owner))["Reply-To"]

    assert (found and found.addresses[0].addr_spec) == address


@pytest.mark.parametrize("kind", OF_A_CONFERENCE)
def test_answers_go_to_the_owner_only_where_an_administrator_wants_that(kind: Kind) -> None:
    given = sample(kind, "en")

    assert "Reply-To" not in written(given)
    assert "Reply-To" in written(decided(given, "notifications", reply_to_owner=True))


@pytest.mark.parametrize("kind", Kind)
def test_a_second_try_is_the_same_mail(kind: Kind) -> None:
    given = sample(kind, "en")

    first = written(given)

    assert first["Message-ID"] == f"<{given.delivery.id}@example.com>"
    assert first["Date"].datetime == given.notice.created
    assert first.as_bytes() == written(given).as_bytes()


def test_the_mails_of_one_life_of_a_conference_hang_on_one_thread() -> None:
    threads = {written(sample(kind, "en"))["References"] for kind in OF_A_CONFERENCE}
    answers = {written(sample(kind, "en"))["In-Reply-To"] for kind in OF_A_CONFERENCE}
    own = {written(sample(kind, "en"))["Message-ID"] for kind in OF_A_CONFERENCE}

    assert threads == answers == {"<7f3b9c52d1e84a06-1@example.com>"}
    assert not own & threads


def test_another_life_is_another_thread() -> None:
    given = sample(Kind.INVITATION, "en")
    assert given.notice.calendar is not None
    later = msgspec.structs.replace(given.notice.calendar, generation=2)
    notice = msgspec.structs.replace(given.notice, calendar=later)

    letter = written(msgspec.structs.replace(given, notice=notice))

    assert letter["References"] == "<7f3b9c52d1e84a06-2@example.com>"


@pytest.mark.parametrize(("asked", "used"), [("fr", "fr"), ("fr-CA", "fr"), ("tlh", "en")])
def test_the_language_is_the_one_that_was_used(asked: str, used: str) -> None:
    given = sample(Kind.INVITATION, asked)
    template, _ = SHELF.template(Kind.INVITATION, [asked, asked[:2]])

    letter = message_from_bytes(as_bytes(given.letter(template)), policy=policy.SMTP)

    assert letter["Content-Language"] == used
