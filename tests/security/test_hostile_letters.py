"""Whatever people are called, in every field of every kind in every language: it is text.

Whole letters, from the notice to the bytes. How events bring such names in, and what becomes of
addresses: `test_hostile_events.py`.
"""

import unicodedata
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from html.parser import HTMLParser
from itertools import product
from typing import Any, Final

import icalendar
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.mime import as_bytes
from notifier.core.notice import Kind
from notifier.core.people import Person
from notifier.core.wording.template import SUBJECT_LIMIT, WHOLE_LIMIT
from notifier.samples import Sample, Shape, sample
from tests.letters.approved import languages

SHELF: Final = Shelf(shipped_root())
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
LANGUAGES: Final = languages()

# Each tries to end what it stands in, and to begin something else (calendar §7, item 6).
HOSTILE: Final = {
    "a header": "x1\r\nBcc: eve@evil.example\r\n\r\nHello",
    "bare line ends": "x1\nBcc: a\rBcc: b\x0bBcc: c\x0cBcc: d\x85Bcc: e\u2028Bcc: f\u2029Bcc: g",
    "NUL and controls": "x1\0" + "".join(map(chr, [*range(1, 32), *range(127, 160)])),
    "quotes": "x1\"'`´„“”«»",
    "signs of calendars": 'x1;CN="a":mailto:b,c\\n\\;^n^\'',
    "an entry": "x1\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil",
    "turned around": "x1\u202egnp.exe\u2066\u2067\u200f\u061c\ufeff",
    "long": "x1" * 5_120,
    "long and dear": '"' * 10_240 + "1",
    "long and wide": "会" * 10_240 + "1",
    "long lines": "x1\n" * 5_000,
    "emoji": "x1 👩‍💻🏳️‍🌈🇫🇷\U0001f3f4\U000e0067\U000e007f",
    "an encoded word": "=?utf-8?q?x1=0D=0ABcc=3A_eve=40evil=2Eexample?= =?utf-8?b?DQo=?=",
    "a link that runs": "javascript:alert(1)",
    "hidden in a link": " java\tscript\n:alert(1)//https://conf.example.com",
    "tags": "\"'></td></table></title></style><script>alert(1)</script><!-- <svg onload=x> -->",
    "an attribute": "x1\" onmouseover=\"x' style='background:url(//evil.example)",
    "a template": "x1 {{ 7*7 }}{% for a in b %}%conf_name %%conf_name ％conf_id{## ##}{# #}",
    "a boundary": "x1\r\n--=_0\r\nContent-Type: text/html\r\n\r\n<b>x</b>\r\n.\r\n",
    "a mailbox": 'x1 <eve@evil.example>, "Eve" (x) @evil.example:',
    "half a character": "x1\ud800y\udfff",
    "no characters": "x1\ufffe\uffff\U0010ffff\ue000\ue0010\ue001",
}
# All that can stand together, for the languages that no example has of its own.
TOGETHER: Final = "".join(text for name, text in HOSTILE.items() if "long" not in name)


def everywhere(given: Sample, text: str) -> Sample:
    """Put `text` into every field that people write into, past all checks of length."""
    put = msgspec.structs.replace
    notice, recipient = given.notice, put(given.delivery.recipient, name=text)
    if recipient.unique_link:
        recipient = put(recipient, unique_link=text)
    if notice.conference:
        owner = _person(notice.conference.owner, text)
        told = put(notice.conference, id=text, name=text, description=text, url=text, owner=owner)
        notice = put(notice, conference=told)
    if notice.call:
        caller, called = _person(notice.call.caller, text), _person(notice.call.recipient, text)
        notice = put(notice, call=put(notice.call, caller=caller, recipient=called))
    if notice.restart:
        notice = put(notice, restart=put(notice.restart, details=text, incident=text))
    conference = text if given.delivery.conference else None
    return put(
        given,
        notice=notice,
        delivery=put(given.delivery, recipient=recipient, conference=conference),
        settings=_settings(given, text),
    )


def _person(person: Person, text: str) -> Person:
    """Give a person of whom only the address is a sound one; it is checked elsewhere."""
    typed = ("id", "name", "directory_email", "mobile_phone", "work_phone", "home_phone")
    return msgspec.structs.replace(person, sip_number=text, **dict.fromkeys(typed, text))


def _settings(given: Sample, text: str) -> Any:
    put, ours = msgspec.structs.replace, given.settings
    asked = put(ours.administrator)
    for name in ("name", "email", "phone"):  # past the check that a setting goes through
        msgspec.structs.force_setattr(asked, name, text)
    return put(
        ours,
        server=put(ours.server, name=text),
        smtp=put(ours.smtp, sender_name=text),
        administrator=asked,
        network=put(ours.network, web_address=text),
        notifications=put(ours.notifications, reply_to_owner=True),
    )


class Letter:
    """What a mail program sees of a letter."""

    def __init__(self, given: Sample, language: str) -> None:
        template, _ = SHELF.template(given.notice.kind, [language])
        self.content = as_bytes(given.letter(template))
        self.message: EmailMessage = message_from_bytes(self.content, policy=policy.SMTP)
        self.parts = {part.get_content_type(): part for part in self.message.walk()}
        self.html = self._decoded("text/html")
        self.text = self._decoded("text/plain")
        self.page = Page(self.html)

    def _decoded(self, kind: str) -> str:
        return bytes(self.parts[kind].get_payload(decode=True)).decode().replace("\r\n", "\n")

    def tree(self) -> list[tuple[Any, ...]]:
        """Give each part with its kind, its name and its headers."""
        return [
            (part.get_content_type(), part.get_filename(), sorted(part.keys()), part.defects)
            for part in self.message.walk()
        ]

    def entry(self) -> list[tuple[str, list[str]]]:
        """Give each component of the calendar entry with the names of its properties."""
        if "text/calendar" not in self.parts:
            return []
        raw = self.parts["text/calendar"].get_payload(decode=True)
        whole = icalendar.Calendar.from_ical(bytes(raw))
        return [(str(each.name), sorted(each.keys())) for each in whole.walk()]


class Page(HTMLParser):
    """The tags of a page with the names of their attributes, its links, and what is crossed."""

    VOID: Final = frozenset({"br", "hr", "img", "meta", "link", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.links: set[str] = set()
        self.remarks: list[str] = []
        self.crossed: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"bdi", "br"}:  # which values bring along
            self.tags.append((tag, *(name for name, _ in attrs)))
        self.links |= {value or "" for name, value in attrs if name in {"href", "src"}}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_comment(self, data: str) -> None:
        self.remarks.append(data)


@cache
def sound(kind: Kind, language: str, shape: Shape) -> Letter:
    return Letter(everywhere(sample(kind, language, shape=shape), "x1"), language)


def claim_that_it_is_text(kind: Kind, language: str, text: str, shape: Shape = Shape.ONCE) -> None:
    letter = Letter(everywhere(sample(kind, language, shape=shape), text), language)
    usual = sound(kind, language, shape)

    assert letter.tree() == usual.tree()
    assert [each.addr_spec for each in letter.message["To"].addresses] == ["boris@example.org"]
    assert [each.addr_spec for each in letter.message["From"].addresses] == ["conf@example.com"]
    assert letter.entry() == usual.entry()
    page = letter.page
    assert (page.tags, page.remarks) == (usual.page.tags, usual.page.remarks)
    assert (page.open, page.crossed) == ([], [])
    assert all(link.startswith(("https:", "mailto:", "tel:", "#")) for link in page.links)
    assert len(letter.html.encode()) <= WHOLE_LIMIT
    assert max(map(len, letter.content.split(b"\r\n"))) <= 998
    subject = str(letter.message["Subject"])
    assert 0 < len(subject) <= SUBJECT_LIMIT + 10  # the mime part keeps encoded words apart
    # Dates in Arabic hold marks of our own, and what runs the other way is isolated by us.
    ours = {*"\n\t\u200c\u200d\u2066\u2068\u2069", *usual.text, *usual.html}
    for part in (subject, letter.text, letter.html):
        unseen = {each for each in {*part} - ours if unicodedata.category(each) in UNSEEN}
        assert unseen == set()
        assert sum(map(part.count, "\u2066\u2067\u2068")) == part.count("\u2069")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", Kind)
def test_a_text_is_a_text_in_every_field_of_every_kind(kind: Kind, text: str) -> None:
    for shape in (Shape.SERIES, Shape.ROOM):
        claim_that_it_is_text(kind, "en", text, shape)


@pytest.mark.parametrize(("kind", "language"), list(product(Kind, LANGUAGES)))
def test_a_text_is_a_text_in_every_language(kind: Kind, language: str) -> None:
    for text in (TOGETHER, HOSTILE["tags"], HOSTILE["long and dear"]):
        claim_that_it_is_text(kind, language, text)


@settings(max_examples=150)
@given(
    st.sampled_from(Kind),
    st.sampled_from(LANGUAGES),
    st.sampled_from(Shape),
    st.text(max_size=60) | st.lists(st.sampled_from([*HOSTILE.values()]), max_size=3).map("".join),
)
def test_any_text_is_a_text(kind: Kind, language: str, shape: Shape, text: str) -> None:
    claim_that_it_is_text(kind, language, f"x{text}1", shape)
