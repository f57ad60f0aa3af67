"""Hostile words in every field of every kind (calendar §7, item 6): the judges notice nothing."""

import re
from functools import cache
from typing import Final

import msgspec
import pytest

from notifier.core.calendars.defects import defects
from notifier.core.mime import as_bytes
from notifier.core.notice import Kind, Notice
from notifier.core.people import Person
from notifier.core.settings import Settings
from notifier.samples import Sample, Shape, sample
from tests.judges import html_validate, mblaze, ripmime
from tests.judges.calendar_judges import verdicts
from tests.judges.letters import english, parts

replace = msgspec.structs.replace

HOSTILE: Final = {
    "headers": "x\r\nBcc: eve@example.com\r\n\r\n<b>hello</b>",
    "a body": "x\n.\n--=_0\nContent-Type: text/html\n\n",
    "controls": "nul\0 bell\x07 tab\x0b\t escape\x1b[31m delete\x7f next\x85 line\u2028 page\u2029",
    "punctuation": "\"quoted\"; semi: colon, comma\\ ^n ^' `tick` 'quote' <angle> & %40 =3D",
    "an encoded word": "=?utf-8?q?x=0D=0ABcc=3A_eve=40example=2Ecom?=",
    "another direction": "\u202egnp.exe\u202c \u2066x\u2069 \u200e\u200f\u061c\ufeff",
    "length": "x" * 10_000,
    "length in words": "ü 会 " * 3_000,
    "families": "👩‍👩‍👧‍👦🏳️‍🌈" * 50,
    "signs upon signs": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f" * 300,
    "a script": "javascript:alert(1)//</a></td></table><script>alert(1)</script><!--",
    "attributes": '\' onmouseover=\'x\' " style="position:fixed" lang="',
    "markup that is none": "<![CDATA[x]]> <?php ?> <!doctype> &nbsp; &#0; &lt;",
    "conditions of Outlook": "--><!-- <![endif]--><b>x</b><!--[if mso]>",
    "templates": "%conf_name %%conf_url {{ 7*7 }} {% for x in y %} {# {## ##}",
    "components": "BEGIN:VEVENT\nEND:VCALENDAR\r\nATTENDEE:mailto:eve@example.com",
    "half a character": "\ud800 lone \udfff",
    "an address": "eve@example.com <eve@example.com>",
    "nothing": "",
    "blanks": " \t\u00a0\u2003 ",
}
SHAPES: Final = {Kind.INVITATION: Shape.SERIES}


@cache
def letter(kind: Kind, words: str) -> bytes:
    """Give the letter of a kind in which everybody and everything is called so."""
    plain = sample(kind, "en", shape=SHAPES.get(kind, Shape.ONCE))
    said = HOSTILE[words]
    recipient = replace(plain.delivery.recipient, name=said)
    hostile = Sample(
        notice=hostile_notice(plain.notice, said),
        delivery=replace(plain.delivery, recipient=recipient),
        settings=hostile_settings(plain.settings, said),
        now=plain.now,
    )
    return as_bytes(hostile.letter(english(kind)))


def hostile_notice(notice: Notice, said: str) -> Notice:
    conference, call, restart = notice.conference, notice.call, notice.restart
    if conference:
        owner = called(conference.owner, said)
        conference = replace(conference, name=said, description=said, owner=owner)
    if call:
        call = replace(call, caller=called(call.caller, said), call_string=said)
    if restart:
        restart = replace(restart, details=said, incident=said)
    return replace(notice, conference=conference, call=call, restart=restart)


def called(person: Person, said: str) -> Person:
    phones = ("mobile_phone", "work_phone", "home_phone", "sip_number", "role")
    return replace(person, name=said, **dict.fromkeys(phones, said))


def hostile_settings(settings: Settings, said: str) -> Settings:
    return replace(
        settings,
        server=replace(settings.server, name=said),
        smtp=replace(settings.smtp, sender_name=said),
        administrator=replace(settings.administrator, name=said, phone=said),
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_nobody_notices_hostile_words(words: str) -> None:
    said: dict[str, object] = {}
    for kind in Kind:
        mail = letter(kind, words)
        (html,) = parts(mail, "text/html")
        said[f"{kind}: html-validate"] = html_validate.findings(html)
        said[f"{kind}: mblaze"] = mblaze.findings(mail)
        said[f"{kind}: ripmime"] = ripmime.findings(mail)
        for entry in parts(mail, "text/calendar"):
            said[f"{kind}: calendars"] = verdicts(entry)
            said[f"{kind}: lint"] = defects(entry)

    assert {name: findings for name, findings in said.items() if findings} == {}


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_add_neither_header_nor_attendee(words: str) -> None:
    for kind in Kind:
        mail = letter(kind, words)
        head = mail.partition(b"\r\n\r\n")[0]
        assert not re.search(rb"^(?:Bcc|Cc):", head, re.MULTILINE | re.IGNORECASE)
        for entry in parts(mail, "text/calendar"):
            unfolded = entry.replace(b"\r\n ", b"")
            attending = re.findall(rb"^ATTENDEE[;:].*", unfolded, re.MULTILINE)
            assert {line.rpartition(b":mailto:")[2].strip() for line in attending} == {
                b"boris@example.org"
            }
