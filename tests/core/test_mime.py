"""The letter written by hand and the one built by the standard library are the same message."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.headers import mailbox_text
from notifier.core.mime import Draft, as_bytes, as_message

# What people put into names and texts, and what breaks writers of mail: long words, lines that
# begin with a dot or look like a boundary, trailing blanks, encoded words, every script.
LINE = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="\x85"),
    max_size=200,
)
HOSTILE = st.sampled_from(
    [
        ".",
        "..",
        "--=_d1_0",
        "--=_d1_1--",
        "From me",
        "=?utf-8?q?Bcc?=",
        "=?utf-8?q?x=0D=0ABcc=3A_eve=40example=2Ecom?=",
        "=?utf-8?b?eA0KQmNjOiBldmVAZXhhbXBsZS5jb20=?= " + "long " * 20,
        "a" * 1000,
        "трам" * 90,
        "😀" * 60,
        "x ",
        "\t",
        "=3D",
        '"quoted", (commented) <angled>',
    ]
)
BODY = st.lists(LINE | HOSTILE, max_size=12).map("\n".join)
# A subject is one line, collapsed by the template engine.
SUBJECT = (LINE | HOSTILE).map(lambda text: " ".join(text.split())).filter(bool)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    name = " ".join(draw(LINE | HOSTILE).replace("@", " ").split())[:60]
    return Draft(
        headers=(
            ("From", mailbox_text("Anna Keller (Example Conferences)", "conf@example.com")),
            ("To", mailbox_text(name, "boris@example.org")),
            ("Date", "Tue, 24 Nov 2026 02:39:21 +0000"),
            ("Message-ID", "<d1@example.com>"),
            ("References", f"<{'a' * 32}-1@example.com>"),
            ("Subject", draw(SUBJECT)),
            ("Content-Language", "fr"),
        ),
        text=draw(BODY),
        html=draw(BODY),
        calendar=draw(st.none() | st.binary(min_size=1, max_size=300)),
        method="REQUEST",
        attached=draw(st.booleans()),
        boundary="d1",
    )


@given(drafts())
def test_both_ways_of_writing_a_letter_say_the_same(draft: Draft) -> None:
    written = message_from_bytes(as_bytes(draft), policy=policy.SMTP)
    built = message_from_bytes(as_message(draft).as_bytes(), policy=policy.SMTP)

    assert outline(written) == outline(built)
    assert not written.defects


@given(drafts())
def test_lines_end_in_crlf_and_stay_short(draft: Draft) -> None:
    content = as_bytes(draft)

    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    # RFC 5322 §2.1.1: 998 characters at the very most.
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.isascii()


@given(drafts())
def test_no_name_or_subject_adds_a_header(draft: Draft) -> None:
    for content in (as_bytes(draft), as_message(draft).as_bytes()):
        message = message_from_bytes(content, policy=policy.SMTP)

        expected = {name for name, _ in draft.headers} | {"MIME-Version", "Content-Type"}
        assert set(message.keys()) == expected
        assert [each.addr_spec for each in message["To"].addresses] == ["boris@example.org"]


@pytest.mark.parametrize("value", ["x\r\nBcc: eve@example.com", "x\ry", "x\ny", "x\r\n"])
def test_a_header_that_would_end_in_the_middle_is_not_written(value: str) -> None:
    headers = (("Subject", value), ("Content-Language", "en"))
    draft = Draft(headers=headers, text="", html="", boundary="d1")

    with pytest.raises(ValueError, match="the header Subject would end in the middle"):
        as_bytes(draft)


@given(drafts().filter(lambda draft: draft.calendar is not None))
def test_a_calendar_entry_arrives_byte_for_byte(draft: Draft) -> None:
    message = message_from_bytes(as_bytes(draft), policy=policy.SMTP)

    kinds = ("text/calendar", "application/ics")
    entries = [part for part in message.walk() if part.get_content_type() in kinds]

    assert len(entries) == 1 + draft.attached
    assert {part.get_payload(decode=True) for part in entries} == {draft.calendar}


def test_an_address_outside_ascii_is_written_in_utf8() -> None:
    draft = Draft(
        headers=(
            ("From", mailbox_text("Example", "conf@example.com")),
            ("To", mailbox_text("Üwe", "üwe@example.org")),
            ("Subject", "Hello"),
            ("Content-Language", "de"),
        ),
        text="Hallo",
        html="<p>Hallo</p>",
        boundary="d1",
    )

    assert "To: Üwe <üwe@example.org>\r\n".encode() in as_bytes(draft)


def outline(message: EmailMessage) -> list[object]:
    """Give what a reader's program sees: every part's headers by name, and its decoded bytes."""
    return [
        (
            {name.lower(): shown(name, str(raw), part) for name, raw in part.raw_items()},
            None if part.is_multipart() else part.get_payload(decode=True),
        )
        for part in message.walk()
    ]


def shown(name: str, raw: str, part: EmailMessage) -> object:
    """Give a header as it is read; Python 3.11 puts a blank between two words of RFC 2047."""
    if name not in {"From", "To"}:
        return str(part[name])
    said = str(make_header(decode_header("".join(raw.splitlines()))))
    return said.rpartition(" <")[0].strip('"'), part[name].addresses[0].addr_spec
