"""What people type into names and descriptions, with malice or without, as it arrives."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
import pytest_asyncio

from notifier.core.cleaning import INVISIBLE
from notifier.core.people import Person
from notifier.ports.mail import Letter
from tests.adapters.desk import Desk
from tests.cast import ANNA, HOME, NOW, conference, event
from tests.faults.events import Said, buried, invitation, told
from tests.faults.letters import calendar, html, opened, text
from tests.faults.posting import posting
from tests.smtp_servers import MailServer, mail_server

pytestmark = pytest.mark.asyncio

HOSTILE = {
    "a header": "Review\r\nBcc: eve@evil.org\r\n\r\nHello",
    "a header behind a line feed": "Review\nBcc: eve@evil.org",
    "a header behind a return": "Review\rBcc: eve@evil.org",
    "a header behind other line ends": "Review\x0bBcc: a\x0cBcc: b\x85Bcc: c\u2028X: d\u2029X: e",
    "a folded header": "Review\r\n Bcc: eve@evil.org",
    "a boundary": 'Review\r\n--=_x_0\r\nContent-Type: text/html\r\n\r\n<script>alert("x")</script>',
    "NUL": "Re\0view\0",
    "all controls": "".join(map(chr, range(1, 32))) + "Review" + "".join(map(chr, range(127, 160))),
    "a turn of direction": "Review \u202egnp.exe\u202c \u2066x\u2069 \u200f\u200e",
    "invisible": "Re\u200b\u2060\ufeffview\U000e0041",
    "emoji": "Review 👩‍💻🏳️‍🌈🇫🇷",
    "stacked marks": "R" + "\u0301" * 100 + "eview",
    "jinja": "{{ 7*7 }}{% for a in range(10**9) %}{% endfor %}{# #}{{ conf_name.__class__ }}",
    "percent": "%conf_unique_link %admin_email %% %s %(x)s",
    "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "out of an attribute": "\"'><svg onload=alert(1)>",
    "out of a style": "</style></title></textarea></head><body onload=alert(1)>",
    "a remark": "--><!-- <b> ]]>",
    "entities": "&lt;b&gt; &amp;amp; &#60;script&#62;",
    "a calendar": "Review\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:EMAIL",
    "calendar signs": "Review;CN=x:y,z\\n\\;\\,\\\\",
    "an encoded word": "=?utf-8?q?=0D=0ABcc:_eve@evil.org?=",
    "a mailbox": 'Eve <eve@evil.org>, "Anna" <anna@example.com>',
    "a link": "https://evil.org/ javascript:alert(1)",
    "dots": "..",
    "long": "Quarterly " * 24,
    "one long word": "x" * 240,
    "long and wide": "会" * 240,
}
LIMIT = 240  # of a conference's name (contract §1)


@pytest.fixture(scope="module")
def postbox() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@dataclass(frozen=True)
class Counter:
    """A desk and the mail server behind it."""

    office: Desk
    postbox: MailServer

    async def send(self, *events: Said) -> list[EmailMessage]:
        """Publish, deliver, and give the letters as they arrived, by their kinds."""
        before = len(self.postbox.seen.mails)
        await self.office.hear(*events)
        await self.office.deliver()
        mails = self.postbox.seen.mails[before:]
        # One mail, one envelope, one recipient: nothing was smuggled in.
        assert [mail.recipients for mail in mails] == [("eva@example.org",)] * len(events)
        letters = [opened(mail.content) for mail in mails]
        return sorted(letters, key=lambda letter: str(letter["X-Notifier-Kind"]), reverse=True)


@pytest_asyncio.fixture
async def counter(redis_url: str, postbox: MailServer) -> AsyncIterator[Counter]:
    async with posting(redis_url, postbox) as office:
        yield Counter(office, postbox)


def everywhere(words: str) -> list[Said]:
    """An invitation and a call whose every text is `words`."""
    owner = Person(id=f"anna@{HOME}", name=words, email="anna@example.com", mobile_phone=words)
    reader = Person(id=f"eva@{HOME}", name=words, email="eva@example.org", unique_link=words)
    held: Any = conference(
        id=str(hash(words)), name=words[:LIMIT], description=words, owner=owner, url=None
    )
    call = {
        "caller": Person(id=f"x@{HOME}", name=words, email=None),
        "recipient": reader,
        "time": "2026-11-23T09:30:00Z",
        "call_string": words,
    }
    registered = {"conference": held, "participant": reader}
    return [event("conference.registration", registered), event("call.missed", call)]


class Tags(HTMLParser):
    """Which tags, with which attributes, and which links a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, name) for name, _value in attrs} | {(tag, "")}
        self.links |= {str(value) for name, value in attrs if name in ("href", "src")}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
async def test_fault_18_hostile_words_are_words(counter: Counter, words: str) -> None:
    plain = await counter.send(*everywhere("Quarterly review"))
    letters = await counter.send(*everywhere(words))

    for letter, sound in zip(letters, plain, strict=True):
        assert sorted(letter.keys()) == sorted(sound.keys())
        assert [part.defects for part in letter.walk()] == [[] for _part in sound.walk()]
        assert "eve@evil.org" not in [address.addr_spec for address in letter["To"].addresses]
        for name, value in letter.items():
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value), name
            assert not INVISIBLE.search(value), name
        assert len(letter["Subject"]) <= 300
        shown = text(letter) + html(letter)
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e]", shown)
        assert "49" not in letter["Subject"]
        tags, usual = Tags(html(letter)), Tags(html(sound))
        assert tags.found <= usual.found | {("br", "")}
        assert not [link for link in tags.links if link.startswith(("javascript", "data"))]
    entry, usual_entry = calendar(letters[0]), calendar(plain[0])
    assert set(entry.keys()) <= set(usual_entry.keys()) | {"DESCRIPTION", "URL"}
    alarms = [(each.name, each["ACTION"]) for each in entry.subcomponents]
    assert alarms == [("VALARM", "DISPLAY")]


async def test_fault_18_what_is_not_evaluated_is_shown_as_it_was_typed(counter: Counter) -> None:
    [letter, _call] = await counter.send(*everywhere("{{7*7}} %admin_email <b>R&D</b>"))

    assert "{{7*7}} %admin_email <b>R&D</b>" in letter["Subject"]
    assert "{{7*7}} %admin_email <b>R&D</b>" in text(letter)
    assert "{{7*7}} %admin_email &lt;b&gt;R&amp;D&lt;/b&gt;" in html(letter)
    assert calendar(letter)["SUMMARY"] == "{{7*7}} %admin_email <b>R&D</b>"


async def test_fault_18_what_is_too_long_for_a_name_is_refused_with_its_place(
    office: Desk,
) -> None:
    office.now = NOW
    long = invitation(ANNA)
    long["data"]["conference"]["name"] = "x" * 10_000

    await office.hear(long, invitation(ANNA))
    await office.deliver()

    [(_bytes, reason, path)] = await buried(office)
    assert (reason, path) == ("Expected `str` of length <= 240", "$.data.conference.name")
    assert await told(office) == [("invitation", "Anna")]


async def test_fault_18_a_long_description_is_shortened(counter: Counter) -> None:
    eva = Person(id=f"eva@{HOME}", name="Eva", email="eva@example.org")

    [letter] = await counter.send(invitation(eva, description="Wort \U0001f600" * 9_000))

    # Gmail clips what is longer, and hides what stands at the end.
    assert len(html(letter).encode()) < 102_000
    assert "…" in text(letter)


# ---- dots and lines ------------------------------------------------------------------------

BODIES = {
    "a dot": ".",
    "dots in lines": "a\n.\nb\n..\n.c\n...\n",
    "the end of a mail": "a\r\n.\r\nQUIT\r\n",
    "the end as some servers read it": "a\n.\nRSET\n\nMAIL FROM:<x@y>\r.\r\nRCPT\n.\r\nDATA\r.\r",
    "a long line": "x" * 5_000,
    "a long line of dots": "." * 5_000,
    "long lines that break at a dot": ("y" * 75 + ".") * 60,
    "From": "From the beginning\nFrom: x\n>From",
    "blanks at the ends": "a \nb\t\n \n",
}


@pytest.mark.parametrize("pipelining", [("PIPELINING",), ()], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_fault_19_a_body_arrives_byte_by_byte(
    redis_url: str, body: str, pipelining: tuple[str, ...]
) -> None:
    eva = Person(id=f"eva@{HOME}", name="Eva", email="eva@example.org")
    given: list[Letter] = []

    with mail_server(extensions=pipelining) as own:
        async with posting(redis_url, own, letters=given) as office:
            await office.hear(invitation(eva, description=body))
            await office.deliver()
            [row] = await office.deliveries()

        assert row.state == "sent"
        [mail] = own.seen.mails
    assert mail.content == given[0].content
    assert max(map(len, mail.content.split(b"\r\n"))) <= 998
    said = [line.strip() for line in re.split("[\r\n]+", body) if line.strip()]
    arrived = text(opened(mail.content)).split("\n")
    assert [line for line in said if line not in [each.strip() for each in arrived]] == []
