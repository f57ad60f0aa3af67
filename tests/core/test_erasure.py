"""Who is meant by an address, where they are spoken of, and what is put in their place."""

from typing import Any

import msgspec
import pytest

from notifier.core.erasure import (
    Traces,
    bytes_speak_of,
    cleaned,
    ids_in,
    is_them,
    may_speak_of,
    speaks_of,
    traces_of,
    without,
)
from notifier.core.events import Conference
from tests.cast import ANNA, BORIS, conference, plain

ZOE = traces_of("Zoe.Quill@Example.org").with_ids(["Zoe@conf.example.com"])


@pytest.mark.parametrize(
    "person",
    [
        {"id": "x@conf.example.com", "email": "ZOE.quill@example.org"},
        {"id": "x@conf.example.com", "directory_email": " zoe.quill@example.org "},
        {"id": "#mailto:Zoe.Quill@example.ORG"},
        {"id": "zoe@conf.example.com", "email": "another@example.org"},
        {"email": "zoe.quill@example.org"},
    ],
)
def test_a_person_is_known_by_the_address_or_by_the_id(person: dict[str, Any]) -> None:
    assert is_them(person, ZOE)


@pytest.mark.parametrize(
    "person", [plain(ANNA), plain(BORIS), {"id": "zoe.quill@example.org.uk"}, {"email": None}]
)
def test_nobody_else_is_meant(person: dict[str, Any]) -> None:
    assert not is_them(person, ZOE)


@pytest.mark.parametrize(
    "asked", ["zoe@EXÄMPLE.org", "zoe@xn--exmple-cua.org", "Zoe@xn--Exmple-cua.org"]
)
@pytest.mark.parametrize("found", ["zoe@exämple.org", "ZOE@XN--EXMPLE-CUA.ORG", "Zoe@EXÄMPLE.ORG"])
def test_a_domain_is_the_same_in_every_script(asked: str, found: str) -> None:
    assert is_them({"email": found}, traces_of(asked))
    assert speaks_of(f"<{found}>", traces_of(asked))


def test_ids_are_learnt_wherever_the_address_stands_beside_one() -> None:
    told = {"data": {"participants": [{"id": "Z@conf", "email": "zoe.quill@example.org"}]}}

    assert ids_in(told, traces_of("zoe.quill@example.org")) == {"Z@conf"}
    assert ids_in(told, traces_of("anna@example.com")) == set()
    assert ids_in({"id": "#mailto:zoe.quill@example.org"}, ZOE) == set()


@pytest.mark.parametrize(
    "text",
    [
        "call zoe.quill@example.org now",
        "<Zoe.Quill@example.org>",
        "https://x.org/?mail=zoe.quill%40example.org&x=1",
        "mailto:zoe.quill@example.org.",
        "#mailto:zoe.quill@example.org",
        "zoe@conf.example.com",
    ],
)
def test_what_names_them_is_taken_out_of_a_text(text: str) -> None:
    assert speaks_of(text, ZOE)
    assert not speaks_of(cleaned(text, ZOE), ZOE)
    assert "zoe" not in cleaned(text, ZOE).lower()
    assert len(cleaned(text, ZOE)) <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "x.zoe.quill@example.org",
        "azoe.quill@example.org",
        "zoe.quill@example.org.uk",
        "zoe.quill@example.organic",
        "x+zoe.quill@example.org",
        "zoe.quill",
        "",
    ],
)
def test_what_only_looks_like_them_stays(text: str) -> None:
    assert cleaned(text, ZOE) == text
    assert not speaks_of(text, ZOE)


def test_an_owner_makes_way_and_the_conference_stays_readable() -> None:
    owner = msgspec.structs.replace(ANNA, email="zoe.quill@example.org")
    held = conference(owner=owner, description="Ask Zoe.Quill@example.org", name="Review")

    left = without(plain(held), ZOE, stand_in="erased-1")

    read = msgspec.convert(left, Conference)
    assert (read.owner.id, read.owner.name, read.owner.email) == ("erased-1", "(erased)", None)
    assert read.description == "Ask (erased)"
    assert (read.id, read.schedule, read.name) == (held.id, held.schedule, held.name)
    assert b"Keller" not in msgspec.json.encode(left)


def test_another_owner_stays_as_they_are() -> None:
    held = plain(conference())

    assert without(held, ZOE, stand_in="erased-1") == held


def test_a_room_named_after_somebody_keeps_its_id_and_its_link() -> None:
    """Other things refer to the one, and other people join by the other."""
    link = "https://conf.example.com/zoe@conf.example.com"
    held = plain(conference(id="zoe@conf.example.com", url=link))

    left = without(held, ZOE, stand_in="erased-1")

    assert (left["id"], left["url"]) == (held["id"], link)


def test_a_short_address_does_not_make_a_name_too_long() -> None:
    short = traces_of("a@b.c")
    held = conference(name=("a@b.c " * 40).strip())
    assert len(held.name) == 239

    left = without(plain(held), short, stand_in="erased-1")

    assert len(msgspec.convert(left, Conference).name) == 239


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"email": "zoe.quill@example.org"', True),
        (b'{"email": "zoe.quill\\u0040example.org"}', True),
        (b"\xff\xfe ZOE.QUILL@EXAMPLE.ORG \x00", True),
        (b'{"email": "anna\\u0040example.com"}', False),
        (b"\\", False),
        (b"", False),
    ],
)
def test_bytes_are_searched_whatever_they_are(raw: bytes, found: bool) -> None:
    assert bytes_speak_of(raw, ZOE) is found


@pytest.mark.parametrize("traces", [ZOE, traces_of("zoë@example.org"), traces_of("z@exämple.org")])
def test_what_is_not_worth_reading_names_nobody(traces: Traces) -> None:
    """The quick look may err on the side of reading only."""
    for address in traces.addresses:
        raw = msgspec.json.encode({"email": address.upper()})
        assert may_speak_of(raw, traces) or not speaks_of(msgspec.json.decode(raw), traces)
    assert not may_speak_of(b"{}", ZOE)
