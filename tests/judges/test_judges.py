"""Each judge judges: one that never speaks would let anything pass."""

import base64
import sys
from datetime import datetime, timedelta
from types import ModuleType

import pytest

from notifier.core.notice import Kind
from notifier.core.times.schedule import Schedule, occurrences
from notifier.samples import Shape
from tests.judges import html_validate, mblaze, ripmime, spam_assassin
from tests.judges.calendar_judges import CALENDAR_JUDGES
from tests.judges.entries import NOW, written
from tests.judges.expanders import EXPANDERS
from tests.judges.foreigner import FellSilent, Foreigner
from tests.judges.letters import specimen
from tests.judges.mutants import GOOD, MUTANTS

LETTER = specimen(Kind.INVITATION, "en", Shape.ONCE)

# What each of them sees, and as few others as possible.
SEEN = {
    "libical": ("REQUEST without ORGANIZER", "ORGANIZER"),
    "sabre": ("a control character", "UTF-8"),
    "icalendar": ("TZID without VTIMEZONE", "without its VTIMEZONE"),
    "vobject": ("DTEND and DURATION", "both DTEND and DURATION"),
    "ical.js": ("floating DTSTART", "another moment for everybody"),
    "node-ical": ("DTEND before DTSTART", "ends before it begins"),
}


@pytest.mark.parametrize("name", CALENDAR_JUDGES)
def test_a_broken_calendar_is_flagged(name: str) -> None:
    broken, word = SEEN[name]

    (said, *_) = CALENDAR_JUDGES[name](MUTANTS[broken].content)

    assert word in said


@pytest.mark.parametrize("name", CALENDAR_JUDGES)
def test_nothing_is_said_of_a_good_calendar(name: str) -> None:
    assert {of: found for of in GOOD if (found := CALENDAR_JUDGES[name](GOOD[of]))} == {}


@pytest.mark.parametrize("content", [b"", b"hello", b"BEGIN:VCALENDAR\r\n", b"\xff\xfe\x00\r\n"])
@pytest.mark.parametrize("name", CALENDAR_JUDGES)
def test_what_is_no_calendar_at_all_is_flagged(name: str, content: bytes) -> None:
    assert CALENDAR_JUDGES[name](content) != []


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        (b'<img src="x.png">', "wcag/h37"),
        (b"<p>an <b>unclosed</p>", "close-order"),
        (b'<a href="/"></a>', "wcag/h30"),
        (b'<td align="center">', "no-deprecated-attr"),
    ],
)
def test_broken_html_is_flagged(html: bytes, rule: str) -> None:
    assert any(f"({rule})" in said for said in html_validate.findings(html))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"Date:", b"X-Date:", "MISSING_DATE"),
        (b"Date:", b"Reply-To: anna@gmail.com\r\nDate:", "FREEMAIL_FORGED_REPLYTO"),
        (b"Subject:", b"Subject: BUY VIAGRA NOW", "DRUGS_ERECTILE"),
        (b"text/plain", b"text/html", "MPART_ALT_DIFF"),
    ],
)
def test_a_mail_that_looks_like_spam_is_flagged(old: bytes, new: bytes, rule: str) -> None:
    (said,) = spam_assassin.findings(LETTER.mail.replace(old, new))

    assert rule in said


@pytest.mark.parametrize("unpacker", [mblaze, ripmime], ids=["mblaze", "ripmime"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        # A boundary that ends nothing, a file that no longer is one, a part that is none.
        (b"_1\r\nContent-Type: text/html", b"_x\r\nContent-Type: text/html"),
        (b'boundary="=_', b'boundary="=?'),
        (b"base64", b"base46"),
    ],
)
def test_a_mail_that_falls_apart_is_flagged(unpacker: ModuleType, old: bytes, new: bytes) -> None:
    assert unpacker.findings(LETTER.mail.replace(old, new)) != []


def test_another_order_of_the_parts_is_flagged() -> None:
    turned = LETTER.mail.replace(b"text/plain", b"text/x").replace(b"text/html", b"text/plain")

    assert mblaze.findings(turned) != []


@pytest.mark.parametrize("unpacker", [mblaze, ripmime], ids=["mblaze", "ripmime"])
def test_copies_of_an_entry_that_differ_are_flagged(unpacker: ModuleType) -> None:
    head, encoding, last = LETTER.mail.rpartition(b"base64\r\n\r\n")
    other = base64.b64encode(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    end = last[last.index(b"\r\n--") :]

    assert "two different entries" in unpacker.findings(head + encoding + other + end)


@pytest.mark.parametrize("name", EXPANDERS)
def test_an_expander_reads_the_file_and_not_our_mind(name: str) -> None:
    weekly = Schedule(
        start=datetime(2027, 10, 20, 15),
        time_zone="Europe/Paris",
        duration=3600,
        recurrence="FREQ=WEEKLY;BYDAY=WE;COUNT=3",
    )
    ours = [each.start for each in occurrences(weekly, after=NOW, limit=5)]

    # Row 13 of the vectors: an UNTIL by the offset of the first start loses the last.
    short = written(weekly).replace(b"UNTIL=20271103T140000Z", b"UNTIL=20271103T130000Z")
    later = written(weekly).replace(b":20271020T15", b":20271020T16")

    assert EXPANDERS[name](short) == ours[:2]
    assert EXPANDERS[name](later)[:2] == [each + timedelta(hours=1) for each in ours[:2]]


def test_a_foreigner_that_was_never_asked_has_nothing_to_end() -> None:
    assert Foreigner(sys.executable).dismiss() is None


def test_a_foreigner_that_falls_silent_is_told_of_and_started_anew() -> None:
    stubborn = Foreigner(sys.executable, "-c", "print(1, flush=True); input(); input()")

    assert stubborn.ask({}) == 1
    with pytest.raises(FellSilent, match="ended with 0 over"):
        stubborn.ask({})
    assert stubborn.ask({}) == 1
    stubborn.dismiss()
