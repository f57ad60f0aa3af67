"""What a publisher writes into an event is text in the mail: it adds no header, tag or property.

Size, nesting and bytes that are no JSON: `tests/core/test_events.py`. Addresses:
`tests/core/test_people.py`. Every letter and entry on its own: `tests/core/test_mime.py`,
`test_ics.py`, `test_markup.py`.
"""

from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any, Final

import icalendar
import msgspec
import pytest

from notifier.ports.mail import Letter
from tests import cast
from tests.adapters.desk import SETTINGS, Desk

pytestmark = pytest.mark.asyncio

# Each tries to end what it stands in, and to begin something else.
HOSTILE: Final = {
    "header": "x\r\nBcc: thief@evil.example\r\n\r\nDear all",
    "folded": "x\n Bcc: thief@evil.example\n\tX-Evil: 1",
    "encoded": "=?utf-8?q?x=0D=0ABcc=3A_thief=40evil=2Eexample?=",
    "separators": "x\u2028Bcc: thief@evil.example\x85X-Evil: 1\x0bX\x0cX",
    "mailbox": 'x" <thief@evil.example>, "y',
    "property": "x\r\nATTENDEE:mailto:thief@evil.example\r\nURL:https://evil.example",
    "parameter": 'x";CUTYPE=ROOM:mailto:thief@evil.example',
    "end": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nEND:VCALENDAR",
    "escapes": "x\\nATTENDEE:mailto:thief@evil.example\\,\\;^n^'",
    "tag": "</p></td><script>alert(1)</script><img src=//evil.example onerror=x>",
    "attribute": "x\" onmouseover=\"x' style='background:url(//evil.example)",
    "comment": "--><!-- <![endif]--><b>x</b><!--[if mso]>",
    "entity": "&lt;script&gt; &#60;img&#62; &amp",
    "template": "{{ 7*7 }} {% for i in x %} %conf_name %%conf_name {## ##} {{ ''.__class__ }}",
    "controls": "x\x1b[2J\x07\x00\x9b31m\u202egnp.exe\u2066\ufeff",
    "boundary": "x\r\n--=_\r\nContent-Type: text/html\r\n\r\n<b>x</b>\r\n.\r\nQUIT\r\n",
}
FIELDS: Final = frozenset(
    {"name", "description", "call_string", "incident", "details", "role", "sip_number"}
    | {"mobile_phone", "work_phone", "home_phone"}
)
OURS: Final = ("https://conf.example.com/", "https://localhost/", "mailto:", "tel:", "#")
KINDS: Final = ("call.missed", "conference.invitation", "conference.registration", "server.restart")


def told(type_: str, text: str | None) -> dict[str, Any]:
    """Give a sound event, with `text` in every place that a person may write into."""
    event = cast.samples()[type_]
    if type_ == "server.restart":
        event["data"]["details"] = "Power."
    if type_ == "call.missed":
        event["data"]["call_string"] = "4711"
    return event if text is None else _with(event, text)


def _with(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {k: text if k in FIELDS and v else _with(v, text) for k, v in value.items()}
    return [_with(each, text) for each in value] if isinstance(value, list) else value


async def letters(office: Desk, *events: dict[str, Any]) -> list[Letter]:
    """Give the letters that leave after these events, by recipient."""
    office.now = cast.NOW
    await office.hear(*events)
    await office.deliver()
    sent, office.postman.sent = office.postman.sent, []
    return sorted(sent, key=lambda letter: letter.recipient)


def read(letter: Letter) -> EmailMessage:
    return message_from_bytes(letter.content, policy=policy.default)


@pytest.mark.parametrize("type_", KINDS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_a_text_stays_a_text(office: Desk, type_: str, text: str) -> None:
    # Nobody is greeted by what looks like an address.
    tame = "somebody@elsewhere.example" if "@" in text else None
    usual = await letters(office, told(type_, tame))
    await office.client.flushdb()
    await office.inbox.open()
    await office.settings.apply(SETTINGS)

    hostile = await letters(office, told(type_, text))

    assert usual
    assert [each.recipient for each in hostile] == [each.recipient for each in usual]
    assert {each.sender for each in hostile} == {"conf@example.com"}
    for one, other in zip(usual, hostile, strict=True):
        before, after = read(one), read(other)
        assert parts(after) == parts(before)
        assert addresses(after) == addresses(before)
        assert tags(after) == tags(before)
        assert properties(after) == properties(before)
        assert_clean(after, text)


def parts(message: EmailMessage) -> list[tuple[str, ...]]:
    """Give the kind, the name and the headers of the letter and of each of its parts."""
    return [
        (part.get_content_type(), part.get_filename() or "", *sorted(part.keys()))
        for part in message.walk()
    ]


def addresses(message: EmailMessage) -> dict[str, list[str]]:
    """Give the addresses that a mail reader sees in each header."""
    named = ("From", "To", "Cc", "Bcc", "Reply-To", "Sender")
    found = {name: message[name] for name in named if message[name]}
    return {name: [each.addr_spec for each in header.addresses] for name, header in found.items()}


def tags(message: EmailMessage) -> Counter[tuple[str, ...]]:
    """Count the tags of the HTML with the names of their attributes; breaks are lines of text."""
    body = message.get_body(("html",))
    assert body is not None
    reader = _Tags()
    reader.feed(body.get_content())
    reader.close()
    return reader.found


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.found[(tag, *(name for name, _ in attrs))] += 1
        for name, value in attrs:
            if name in {"href", "src"}:
                assert value is not None
                assert value.startswith(OURS), value

    def handle_comment(self, data: str) -> None:
        self.found["comment", data] += 1


def properties(message: EmailMessage) -> list[tuple[str, ...]]:
    """Give each component of the calendar with its properties and their parameters."""
    found = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return [
        (
            str(part.name),
            *sorted(f"{name};{';'.join(_parameters(value))}" for name, value in _of(part)),
        )
        for each in found
        for part in icalendar.Calendar.from_ical(str(each.get_content())).walk()
    ]


def _of(component: Any) -> list[tuple[str, Any]]:
    """Give the properties with their values, those of people whole."""
    return [
        (f"{name}={value}" if name in {"ATTENDEE", "ORGANIZER", "METHOD"} else name, value)
        for name, value in component.property_items(recursive=False)
        if name not in {"BEGIN", "END"}
    ]


def _parameters(value: Any) -> list[str]:
    return sorted(getattr(value, "params", {}))


def assert_clean(message: EmailMessage, text: str) -> None:
    """No value was read as a template, and nothing invisible is left."""
    subject = str(message["Subject"])
    body = message.get_body(("plain",))
    assert body is not None
    plain = body.get_content()
    assert subject.isprintable()
    assert "".join(plain.split()).isprintable()
    if "7*7" in text:
        assert "{{ 7*7 }}" in subject + plain
        assert "%conf_name %%conf_name" in subject + plain
    if "script" in text and text.startswith("&"):
        assert "&lt;script&gt;" in plain


# ---- other people --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "boris@example.org, thief@evil.example",
        "boris@example.org\r\nRCPT TO:<thief@evil.example>",
        "<thief@evil.example> boris@example.org",
        "@evil.example:boris@example.org",
        '"boris@example.org thief"@evil.example\x00',
        "boris@example.org\u2028thief@evil.example",
        "boris@example.org>\x20BODY=8BITMIME",
    ],
)
async def test_an_address_is_one_person_or_nobody(office: Desk, address: str) -> None:
    boris = msgspec.structs.replace(cast.BORIS, email=address)
    happened = {"conference": cast.conference(), "participants": [boris, cast.CHEN]}

    [letter] = await letters(office, cast.event("conference.invitation", happened))

    assert letter.recipient == "chen@example.cn"
    assert b"thief" not in letter.content


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.com\r\nBcc: thief@evil.example",
        "anna@example.com, thief@evil.example",
        "=?utf-8?q?x=0D=0ABcc=3A_thief?=@evil.example",
        "no address",
    ],
)
async def test_an_owner_s_wrong_address_harms_no_letter(office: Desk, address: str) -> None:
    await office.settings.apply({"notifications": {"reply_to_owner": True}})
    anna = msgspec.structs.replace(cast.ANNA, email=address)
    happened = {"conference": cast.conference(owner=anna), "participants": [cast.BORIS]}

    [letter] = await letters(office, cast.event("conference.invitation", happened))

    assert letter.recipient == "boris@example.org"
    assert not {"Bcc", "Reply-To"} & set(read(letter).keys())


async def test_nobody_learns_of_the_others(office: Desk) -> None:
    happened = {"conference": cast.conference(), "participants": [cast.BORIS, cast.CHEN]}

    sent = await letters(office, cast.event("conference.invitation", happened))

    people = {"boris@example.org", "chen@example.cn"}
    assert {each.recipient for each in sent} == people
    for letter in sent:
        assert not any(other.encode() in letter.content for other in people - {letter.recipient})


async def test_a_personal_link_reaches_its_person_alone(office: Desk) -> None:
    link = "https://conf.example.com/c/df0a2adebe?p=5Yq0vTn2"
    boris = msgspec.structs.replace(cast.BORIS, unique_link=link)
    happened = {"conference": cast.conference(), "participants": [boris, cast.CHEN]}

    chen, to_boris = sorted(
        await letters(office, cast.event("conference.invitation", happened)),
        key=lambda letter: letter.recipient != "chen@example.cn",
    )

    assert to_boris.recipient == "boris@example.org"
    assert "5Yq0vTn2" in read(to_boris).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "5Yq0vTn2" not in read(chen).as_string()
    assert not any("5Yq0vTn2" in part.get_content() for part in read(chen).walk() if _text(part))


def _text(part: EmailMessage) -> bool:
    return part.get_content_maintype() == "text"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        " java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        'https://conf.example.com/"><script>alert(1)</script>',
        "file:///etc/passwd",
    ],
)
async def test_a_link_is_a_link(office: Desk, link: str) -> None:
    boris = msgspec.structs.replace(cast.BORIS, unique_link=link)
    happened = {"conference": cast.conference(url=link), "participant": boris}

    for letter in await letters(office, cast.event("conference.registration", happened)):
        html = read(letter).get_body(("html",))
        assert html is not None
        reader = _Links()
        reader.feed(html.get_content())
        assert all(
            each.startswith(("https://", "mailto:", "tel:", "#")) for each in reader.found
        ), reader.found
        assert "script" not in reader.tags


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


# ---- older, forged, foreign ----------------------------------------------------------------


async def test_an_older_revision_changes_nothing(office: Desk) -> None:
    happened = {"conference": cast.conference(7), "participants": [cast.BORIS]}
    await letters(office, cast.event("conference.invitation", happened))

    late = await letters(
        office,
        cast.event("conference.cancellation", {"conference": cast.conference(6)}),
        cast.event("conference.reschedule", {"conference": cast.conference(-1 + 7, name="Forged")}),
    )

    assert late == []


async def test_a_conference_id_leads_to_no_other_key(office: Desk) -> None:
    """Its id ends up in keys: none is the key of something else."""
    happened = {
        "conference": cast.conference(id="df0a2adebe"),
        "participants": [cast.BORIS],
    }
    await office.hear(cast.event("conference.invitation", happened))
    before = await _everything(office)

    for odd in ("df0a2adebe:list", "*", "../settings", "settings", "{x}", "df0a2adebe\\"):
        forged = {"conference": cast.conference(9, id=odd), "participants": [cast.CHEN]}
        await office.hear(cast.event("conference.invitation", forged))

    after = await _everything(office)
    shared = {
        key for key in before if key.startswith((b"notifier:conference:", b"notifier:list:"))
    } | {b"notifier:settings"}
    assert len(shared) == 3
    assert {key: after[key] for key in shared} == {key: before[key] for key in shared}


async def _everything(office: Desk) -> dict[bytes, bytes]:
    return {key: await office.client.dump(key) async for key in office.client.scan_iter("*")}
