"""Events out of nowhere: whatever is sent is an event or refused, and what is taken can be told.

These claims belong to no single fault: they search for the ones that nobody thought of.
"""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifier.adapters.connection import connect_sync
from notifier.adapters.rows import delivery_from, fields_of
from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.due import due
from notifier.core.events import Rejected, parse_entry
from notifier.core.language.languages import locale_chain
from notifier.core.letters import compose
from notifier.core.life import Known
from notifier.core.mime import as_bytes
from notifier.core.notice import Notice
from notifier.core.overtaken import overtaken
from notifier.core.planning import planned_for_list
from notifier.core.settings import Settings, merged
from notifier.hearing import Heard, after, listen
from notifier.ports.inbox import Entry
from notifier.remembering import Remembered
from tests.adapters.desk import SETTINGS, desk
from tests.cast import NOW, person
from tests.faults.events import invitation
from tests.faults.letters import opened
from tests.flaws import FULL
from tests.redis_servers import PrivateRedis

OURS = merged(Settings(), SETTINGS | {"reminders": {"offsets": ["1d", "5m"]}})
SHELF = Shelf(shipped_root(), glance_ns=10**18)

# Characters that break programs: controls, halves of pairs, signs that turn or combine, ends of
# lines that are not \n, signs of Jinja, of HTML, of mails and of Redis.
ODD = st.text(
    st.characters() | st.sampled_from("\0\r\n\x85\u2028\u202e\u0301\ud800\udc00{}%<>&\"'@,;:\\")
)
LONG = st.sampled_from(["x", "\u0301", "会", "😀", ".", "@", "\\", "<"]).flatmap(
    lambda each: st.sampled_from([65, 255, 1000, 5000]).map(lambda times: each * times)
)
DATES = st.sampled_from(
    [
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59Z",
        "1970-01-01T00:00:00",
        "2399-12-31T23:59:59",
        "2027-03-28T02:30:00",
        "2026-11-23T09:35:00+14:00",
        "2026-11-23T10:40:00",
        "2016-12-31T23:59:60Z",
        "2026-02-30T00:00:00",
    ]
)
RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=2",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=WEEKLY;UNTIL=20261201",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=DAILY;BYHOUR=2,3;UNTIL=99991231T235959Z",
    ]
)
NUMBERS = (
    st.integers()
    | st.sampled_from([0, -1, 2**53, 2**63, 2**64, 10**400, 86_400 * 30])
    | st.floats()
)
WORDS = st.sampled_from(
    ["", " ", "virtual_room", "public", "5m", "30d", "UTC", "Asia/Kathmandu", "tlh", "fr-CA",
     "#mailto:", "#mailto:a@b", "planned", "2.0.0", "5.1.1", "javascript:alert(1)"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | ODD | LONG | DATES | RULES | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=4,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    steps = list(value.keys()) if isinstance(value, dict) else range(len(value))
    for step in steps:
        yield value, step
        if isinstance(value[step], dict | list):
            yield from places(value[step])


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A good event with a few values that are not, or merely odd."""
    sent = json.loads(msgspec.json.encode(FULL[draw(st.sampled_from(sorted(FULL)))]))
    sent["id"] = draw(st.text(min_size=1, max_size=8) | st.just(sent["id"]))
    for _mutation in range(draw(st.integers(0, 3))):
        place, step = draw(st.sampled_from(list(places(sent))))
        if draw(st.booleans()) and isinstance(place, dict):
            del place[step]
        else:
            place[step] = draw(VALUES)
    return json.dumps(sent, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def taken(raw: bytes, remembered: Remembered, moment: datetime) -> Heard | None:
    """Hear as the service does; nothing but a refusal may come of it."""
    try:
        event = parse_entry({b"event": raw})
    except Rejected:
        return None
    return listen(Entry("1-0", {}), event, remembered, OURS, now=moment, uid="0123456789abcdef")


@settings(max_examples=150)
@given(st.lists(mutants(), min_size=1, max_size=3))
@example([b'{"specversion":"1.0"}'])
def test_whatever_is_taken_can_be_kept_and_told(sent: list[bytes]) -> None:
    remembered = Remembered()
    for number, raw in enumerate(sent):
        heard = taken(raw, remembered, NOW + timedelta(minutes=number))
        if heard is None:
            continue
        if same_conference(remembered.known, heard.change.after):
            remembered = after(remembered, heard)
        keep_and_tell(heard, remembered)


def same_conference(known: Known | None, changed: Known | None) -> bool:
    if changed is None:
        return False
    return known is None or known.conference.id == changed.conference.id


def keep_and_tell(heard: Heard, remembered: Remembered) -> None:
    """Write everything as it is written to Redis, read it, and write each letter."""
    known = kept(remembered.known, Known)
    for step in heard.commitments:
        notices = {notice.id: kept(notice, Notice) for notice in step.notices}
        deliveries = list(step.deliveries)
        for notice in notices.values():
            if notice.everyone and known:
                deliveries += planned_for_list(notice, remembered.members.values(), known, OURS)
        for delivery in deliveries:
            raw = {name.encode(): text.encode() for name, text in fields_of(delivery).items()}
            again = delivery_from(delivery.id, raw)
            assert again.recipient == delivery.recipient
            notice = notices[delivery.notice]
            member = remembered.members.get(delivery.recipient.key)
            overtaken(notice, known, member, now=NOW)
            if again.recipient.address:
                write(notice, again)
    if known:
        year = timedelta(days=366)
        for reminder in due(known, OURS, since=NOW, until=NOW + year):
            assert kept(reminder, Notice) == reminder


def kept(value: Any, kind: Any) -> Any:
    """Through JSON, as Redis keeps it: what cannot be read again would block its conference."""
    if value is None:
        return None
    again = msgspec.json.decode(msgspec.json.encode(value), type=kind)
    assert again == value
    return again


def write(notice: Notice, delivery: Any) -> None:
    """The letter is one that a mail program can open."""
    languages = locale_chain(delivery.recipient.language, OURS.server.language)
    template, _language = SHELF.template(notice.kind, languages)
    content = as_bytes(compose(notice, delivery, template, OURS, now=NOW))
    letter = opened(content)
    assert letter["Subject"]
    assert letter.get_all("To") is not None
    assert len(letter.get_all("To", [])) == 1
    assert "Bcc" not in letter
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.fixture(scope="module")
def own_server() -> Iterator[PrivateRedis]:
    with PrivateRedis(options={"appendfsync": "no"}) as redis:
        yield redis


@settings(max_examples=25)
@given(st.lists(mutants() | st.binary(max_size=200), min_size=1, max_size=8))
def test_what_stands_behind_anything_is_heard(own_server: PrivateRedis, sent: list[bytes]) -> None:
    with connect_sync(own_server.url) as client:
        client.flushall()
        for raw in sent:
            client.xadd("notifier:events", {"event": raw})

    asyncio.run(hear_behind(own_server.url))


async def hear_behind(url: str) -> None:
    async with desk(url) as office:
        office.now = NOW
        await office.hear(invitation(person(77), id="behind all that"))
        await office.deliver()

        left = await office.client.xpending("notifier:events", "notifier")
        heard = [row for row in await office.deliveries() if row.conference == "behind all that"]
        assert left["pending"] == 0
        assert [(row.recipient.name, row.state) for row in heard] == [("User 77", "sent")]
        owed = [row for row in await office.deliveries() if row.state == "sending"]
        assert owed == []
