"""Claims about calendar entries, and about the lint that looks at them."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import pytz
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from notifier.core.calendars.contentlines import Component, read
from notifier.core.calendars.defects import defects
from notifier.core.calendars.entries import calendar_bytes
from notifier.core.calendars.ics import calendar
from notifier.core.calendars.telling import CalendarEntry
from notifier.core.times.schedule import Moved, Schedule, last_original, occurrences
from notifier.core.times.zones import to_utc

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def entry(
    start: str = "2026-11-27T15:00",
    recurrence: str | None = None,
    *,
    zone: str = "Europe/Paris",
    minutes: int = 60,
    exceptions: tuple[str, ...] = (),
    moved: tuple[Moved, ...] = (),
) -> CalendarEntry:
    return of(
        Schedule(
            start=wall(start),
            time_zone=zone,
            duration=minutes * 60,
            recurrence=recurrence,
            exceptions=tuple(map(wall, exceptions)),
            moved=moved,
        )
    )


def of(schedule: Schedule) -> CalendarEntry:
    return CalendarEntry(
        method="REQUEST",
        uid="0b6f-1@example.com",
        sequence=0,
        dtstamp=NOW,
        created=NOW,
        last_modified=NOW,
        organizer_name="Anna (Example Conferences)",
        organizer_address="conf@example.com",
        attendee_name="Boris",
        attendee_address="boris@example.com",
        summary="Weekly",
        description="https://conf.example.com/c/1\n\nBring numbers.",
        url="https://conf.example.com/c/1",
        schedule=schedule,
        now=NOW,
        prodid="-//Example//Notifier 1.0//EN",
    )


def changed(original: CalendarEntry, **fields: object) -> CalendarEntry:
    return msgspec.structs.replace(original, **fields)


def events(content: bytes) -> list[Component]:
    root, faults = read(content)
    assert faults == []
    return root.children[0].parts("VEVENT")


def only_event(content: bytes) -> Component:
    (event,) = events(content)
    return event


def line(component: Component, name: str) -> str:
    """A property as it is written, without its name."""
    prop = component.first(name)
    assert prop is not None, name
    params = "".join(f";{key}={value}" for key, value in prop.params.items())
    return f"{params}:{prop.value}"


def moving(original: str, start: str, minutes: int = 30) -> Moved:
    return Moved(original=wall(original), start=wall(start), duration=minutes * 60)


SINGLE = entry()
SERIES = entry(
    "2026-11-25T15:00",
    "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=30",
    exceptions=("2026-12-07T15:00",),
    moved=(moving("2026-12-09T15:00", "2026-12-10T10:00"),),
)
CANCELLED = changed(SERIES, method="CANCEL", sequence=3)
REMOVED = changed(CANCELLED, status_cancelled=False)
REGISTERED = changed(SINGLE, partstat="ACCEPTED", classification="PRIVATE")
GOOD = {
    "single": SINGLE,
    "series": SERIES,
    "cancelled": CANCELLED,
    "removed": REMOVED,
    "registered": REGISTERED,
    "cancelled single": changed(SINGLE, method="CANCEL"),
    "listed zone": entry("2027-04-23T00:30", "FREQ=WEEKLY", zone="Africa/Cairo"),
    "series in UTC": entry("2026-11-25T15:00", "FREQ=DAILY;UNTIL=20270101", zone="UTC"),
    "gap": entry("2027-03-28T02:30", "FREQ=DAILY;COUNT=3"),
    "fold": entry("2027-10-31T01:30", "FREQ=DAILY;COUNT=3"),
    "no link": changed(SINGLE, url="", description="", alarm_minutes=None),
    "owner organizes": changed(SINGLE, sent_by="conf@example.com"),
}


@pytest.mark.parametrize("name", GOOD)
def test_no_entry_has_a_defect(name: str) -> None:
    content = calendar_bytes(GOOD[name])

    assert defects(content, GOOD[name].method) == []


@pytest.mark.parametrize("name", GOOD)
def test_the_same_entry_gives_the_same_bytes(name: str) -> None:
    assert calendar_bytes(GOOD[name]) == calendar_bytes(changed(GOOD[name]))


@pytest.mark.parametrize("name", GOOD)
def test_what_all_share_is_filled_as_the_library_would_write_it(name: str) -> None:
    for person in ("Boris", "Chloé " + 60 * "x", 'Ann "A" O\'Hara, Dr.', ""):
        one = changed(
            GOOD[name], attendee_name=person, attendee_address=f"{person[:5]}@example.com"
        )

        assert calendar_bytes(one) == calendar(one).to_ical()


# ---- who and what --------------------------------------------------------------------------


def test_a_single_conference_is_told_in_utc_without_a_zone() -> None:
    event = only_event(calendar_bytes(SINGLE))

    assert line(event, "DTSTART") == ":20261127T140000Z"
    assert line(event, "DTEND") == ":20261127T150000Z"
    assert b"VTIMEZONE" not in calendar_bytes(SINGLE)


def test_the_sending_mailbox_organizes_and_the_recipient_alone_attends() -> None:
    event = only_event(calendar_bytes(SINGLE))

    assert line(event, "ORGANIZER") == ';CN="Anna (Example Conferences)":mailto:conf@example.com'
    assert [each.value for each in event.all("ATTENDEE")] == ["mailto:boris@example.com"]
    assert event.all("ATTENDEE")[0].params == {
        "CN": "Boris",
        "CUTYPE": "INDIVIDUAL",
        "PARTSTAT": "NEEDS-ACTION",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "FALSE",
    }


def test_an_entry_says_how_to_join_in_every_place_that_calendars_look_at() -> None:
    event = only_event(calendar_bytes(SINGLE))

    assert line(event, "URL") == ":https://conf.example.com/c/1"
    assert line(event, "LOCATION") == ":https://conf.example.com/c/1"
    assert line(event, "CONFERENCE").endswith("VALUE=URI:https://conf.example.com/c/1")
    assert line(event, "DESCRIPTION").startswith(":https://conf.example.com/c/1\\n")


def test_a_real_place_is_the_location() -> None:
    event = only_event(calendar_bytes(changed(SINGLE, location="Room 5, Berlin")))

    assert line(event, "LOCATION") == ":Room 5\\, Berlin"


def test_a_request_is_confirmed_and_rings_once() -> None:
    event = only_event(calendar_bytes(SINGLE))

    assert (event.value("STATUS"), event.value("TRANSP")) == ("CONFIRMED", "OPAQUE")
    assert [alarm.value("TRIGGER") for alarm in event.parts("VALARM")] == ["-PT15M"]


def test_a_day_ahead_is_1440_minutes_and_not_a_day_of_the_calendar() -> None:
    event = only_event(calendar_bytes(changed(SINGLE, alarm_minutes=1440)))

    assert event.parts("VALARM")[0].value("TRIGGER") == "-PT1440M"


def test_a_registration_is_accepted_and_private() -> None:
    event = only_event(calendar_bytes(REGISTERED))

    assert event.all("ATTENDEE")[0].params["PARTSTAT"] == "ACCEPTED"
    assert event.value("CLASS") == "PRIVATE"


def test_a_cancellation_is_of_the_whole_and_silent() -> None:
    event = only_event(calendar_bytes(CANCELLED))

    assert (event.value("STATUS"), event.value("TRANSP")) == ("CANCELLED", "TRANSPARENT")
    assert event.value("SEQUENCE") == "3"
    assert event.parts("VALARM") == []
    assert not {"RRULE", "RECURRENCE-ID", "EXDATE"} & {each.name for each in event.properties}


def test_who_is_taken_off_the_list_gets_no_status() -> None:
    event = only_event(calendar_bytes(REMOVED))

    assert event.first("STATUS") is None
    assert len(event.all("ATTENDEE")) == 1


def test_a_calendar_carries_nothing_that_opens_a_second_calendar() -> None:
    root, _ = read(calendar_bytes(SERIES))

    assert [each.name for each in root.children[0].properties] == [
        "VERSION",
        "PRODID",
        "CALSCALE",
        "METHOD",
    ]


# ---- series --------------------------------------------------------------------------------


def test_a_series_is_told_in_wall_time_with_its_zone() -> None:
    master = events(calendar_bytes(SERIES))[0]

    assert line(master, "DTSTART") == ";TZID=Europe/Paris:20261125T150000"
    assert line(master, "DTEND") == ";TZID=Europe/Paris:20261125T160000"
    assert line(master, "EXDATE") == ";TZID=Europe/Paris:20261207T150000"


def test_count_becomes_until_at_the_moment_of_the_last_occurrence() -> None:
    # Vector 13: winter time on the last day, so 14:00Z although the series begins at 13:00Z.
    autumn = entry("2027-10-20T15:00", "FREQ=WEEKLY;BYDAY=WE;COUNT=3")

    assert line(only_event(calendar_bytes(autumn)), "RRULE") == (
        ":FREQ=WEEKLY;UNTIL=20271103T140000Z;BYDAY=WE"
    )


def test_an_endless_series_stays_endless() -> None:
    event = only_event(calendar_bytes(entry(recurrence="FREQ=WEEKLY;INTERVAL=2")))

    assert line(event, "RRULE") == ":FREQ=WEEKLY;INTERVAL=2"


def test_a_running_series_is_told_from_its_next_occurrence() -> None:
    old = entry("2020-01-06T15:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR")
    event = only_event(calendar_bytes(old))

    # The 359th week after the first is not one of every second; the 360th is.
    assert line(event, "DTSTART") == ";TZID=Europe/Paris:20261130T150000"


def test_a_moved_occurrence_is_an_event_of_its_own() -> None:
    _, moved = events(calendar_bytes(SERIES))

    assert line(moved, "RECURRENCE-ID") == ";TZID=Europe/Paris:20261209T150000"
    assert line(moved, "DTSTART") == ";TZID=Europe/Paris:20261210T100000"
    assert line(moved, "DTEND") == ";TZID=Europe/Paris:20261210T103000"
    assert moved.value("UID") == SERIES.uid


def test_a_series_begins_early_enough_to_hold_what_was_moved_out_of_the_past() -> None:
    moved = moving("2026-11-23T15:00", "2026-12-01T10:00")
    content = calendar_bytes(entry("2026-11-16T15:00", "FREQ=WEEKLY", moved=(moved,)))

    master, other = events(content)

    assert line(master, "DTSTART") == ";TZID=Europe/Paris:20261123T150000"
    assert line(other, "RECURRENCE-ID") == ";TZID=Europe/Paris:20261123T150000"
    assert defects(content) == []


def test_what_was_moved_and_is_over_is_not_told() -> None:
    moved = moving("2026-11-16T15:00", "2026-11-17T10:00")
    content = calendar_bytes(entry("2026-11-16T15:00", "FREQ=WEEKLY", moved=(moved,)))

    assert line(only_event(content), "DTSTART") == ";TZID=Europe/Paris:20261130T150000"


def test_an_end_in_the_doubled_hour_is_told_as_a_duration() -> None:
    # 01:30 and 90 minutes end at the second 02:00, and a reader would take the first.
    fold = entry("2027-10-31T01:30", "FREQ=YEARLY", minutes=90)
    event = only_event(calendar_bytes(fold))

    assert event.first("DTEND") is None
    assert event.value("DURATION") == "PT1H30M"


def test_a_series_in_utc_needs_no_zone() -> None:
    content = calendar_bytes(GOOD["series in UTC"])

    assert b"VTIMEZONE" not in content
    assert line(only_event(content), "RRULE") == ":FREQ=DAILY;UNTIL=20270101T150000Z"


# ---- hostile text --------------------------------------------------------------------------

HOSTILE = [
    "a\r\nATTENDEE:mailto:eve@example.com",
    "nul\x00 bell\x07 tab\x0b sep\u2028x",
    "\u202egnp.exe\u202c \u2066x\u2069 \ufeff",
    'quot"ed; semi: colon, comma\\ ^n ^',
    "ü" * 10_000,
    "👩‍👩‍👧 family, 日本語",
    "=?utf-8?q?x?=",
    "javascript:alert(1)",
    "BEGIN:VEVENT",
    "\ud800 lone",
    "",
    " \t ",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_names_change_nothing_but_the_text(text: str) -> None:
    hostile = changed(
        SERIES,
        summary=text,
        description=text,
        location=text,
        organizer_name=text,
        attendee_name=text,
        url=f"https://conf.example.com/{text}",
    )

    content = calendar_bytes(hostile)

    assert content == calendar(hostile).to_ical()
    assert defects(content, "REQUEST") == []
    assert len(events(content)) == 2
    assert [each.value for each in events(content)[0].all("ATTENDEE")] == [
        "mailto:boris@example.com"
    ]


def test_names_are_cut_and_lose_their_double_quotes() -> None:
    event = only_event(calendar_bytes(changed(SINGLE, attendee_name='Boris "B" ' + "x" * 99)))

    shown = event.all("ATTENDEE")[0].params["CN"].strip('"')
    assert shown.startswith("Boris 'B' x")
    assert len(shown) == 64


def test_an_unusual_address_is_written_as_a_uri() -> None:
    odd = changed(SINGLE, attendee_address="a+b#c?d%e@example.com")
    event = only_event(calendar_bytes(odd))

    assert event.value("ATTENDEE") == "mailto:a+b%23c%3Fd%25e@example.com"


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_gives_a_good_entry(text: str) -> None:
    hostile = changed(SINGLE, summary=text, description=text, attendee_name=text, url=text)

    content = calendar_bytes(hostile)
    assert content == calendar(hostile).to_ical()
    assert defects(content, "REQUEST") == []


# ---- a reader's view -----------------------------------------------------------------------

RULES = [
    "FREQ=DAILY;COUNT=40",
    "FREQ=DAILY;INTERVAL=3;UNTIL=20280301T000000Z",
    "FREQ=WEEKLY;BYDAY=MO,WE,SU;COUNT=60",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA;WKST=SU",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20290101",
    "FREQ=YEARLY",
]


@settings(max_examples=120, deadline=None)
@given(
    start=st.datetimes(min_value=wall("2024-01-01"), max_value=wall("2028-12-31")),
    zone=st.sampled_from(pytz.common_timezones),
    rule=st.sampled_from(RULES),
)
def test_a_reader_of_the_entry_finds_the_starts_that_we_hold(
    start: datetime, zone: str, rule: str
) -> None:
    start = start.replace(microsecond=0, second=0)
    try:
        schedule = Schedule(start=start, time_zone=zone, duration=3600, recurrence=rule)
    except ValueError:
        assume(False)
    ours = occurrences(schedule, after=NOW, limit=15)
    assume(ours)

    content = calendar_bytes(of(schedule))

    assert content == calendar(of(schedule)).to_ical()
    assert defects(content, "REQUEST") == []
    master = events(content)[0]
    assert [to_utc(local, zone) for local in expanded(master, zone)] == [
        each.start for each in ours
    ]


def expanded(event: Component, zone: str) -> list[datetime]:
    """The first 15 wall times as dateutil reads them out of an event."""
    rule, _, until = event.value("RRULE").partition("UNTIL=")
    until, _, rest = until.partition(";")
    begun = wall(event.value("DTSTART").rstrip("Z"))
    starts = rrulestr(f"{rule}{rest}".rstrip(";"), dtstart=begun)
    last = wall(until).astimezone(UTC) if until else None
    found: list[datetime] = []
    for local in starts:
        if (last and to_utc(local, zone) > last) or len(found) == 15:
            break
        found.append(local)
    return found


def test_icalendar_reads_back_what_was_written() -> None:
    calendar = Calendar.from_ical(calendar_bytes(SERIES))

    assert calendar.get_missing_tzids() == set()
    assert all(not component.errors for component in calendar.walk())
    assert last_original(SERIES.schedule) is not None


# ---- the lint ------------------------------------------------------------------------------

ORGANIZER = b'ORGANIZER;CN="Anna (Example Conferences)":mailto:conf@example.com\r\n'
ZONE_RULE = b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n"

# Name: what is done to a good file, and what the lint has to say about it.
MUTANTS: dict[str, tuple[CalendarEntry, bytes, bytes, str]] = {
    "bare LF": (SINGLE, b"VERSION:2.0\r\n", b"VERSION:2.0\n", "bare LF"),
    "long line": (SINGLE, b"SUMMARY:", b"SUMMARY:" + b"x" * 99, "octets"),
    "no METHOD": (SINGLE, b"METHOD:REQUEST\r\n", b"", "METHOD stands 0 times"),
    "unknown METHOD": (SINGLE, b"METHOD:REQUEST", b"METHOD:INVITE", "METHOD:INVITE is none"),
    "other METHOD": (SINGLE, b"METHOD:REQUEST", b"METHOD:CANCEL", "method=REQUEST"),
    "no PRODID": (SINGLE, b"PRODID", b"X-PRODID", "PRODID stands 0 times"),
    "no VERSION": (SINGLE, b"VERSION:2.0\r\n", b"", "VERSION stands 0 times"),
    "old VERSION": (SINGLE, b"VERSION:2.0", b"VERSION:1.0", "VERSION:1.0"),
    "calendar name": (SINGLE, b"METHOD", b"X-WR-CALNAME:x\r\nMETHOD", "X-WR-CALNAME"),
    "no UID": (SINGLE, b"UID:0b6f-1@example.com\r\n", b"", "UID is missing"),
    "no DTSTAMP": (SINGLE, b"DTSTAMP:20261124T100000Z\r\n", b"", "DTSTAMP is missing"),
    "local DTSTAMP": (
        SINGLE,
        b"DTSTAMP:20261124T100000Z",
        b"DTSTAMP:20261124T100000",
        "not in UTC",
    ),
    "no SEQUENCE": (CANCELLED, b"SEQUENCE:3\r\n", b"", "SEQUENCE is missing"),
    "no SUMMARY": (SINGLE, b"SUMMARY:Weekly\r\n", b"", "SUMMARY is missing"),
    "two SUMMARYs": (SINGLE, b"SUMMARY:", b"SUMMARY:x\r\nSUMMARY:", "SUMMARY stands 2 times"),
    "no ORGANIZER": (SINGLE, ORGANIZER, b"", "ORGANIZER stands 0 times"),
    "bare ORGANIZER": (SINGLE, b":mailto:conf@", b":conf@", "ORGANIZER is no mailto"),
    "no ATTENDEE": (CANCELLED, b"ATTENDEE;", b"X-ATTENDEE;", "ATTENDEE stands 0 times"),
    "two ATTENDEEs": (SINGLE, b"CLASS", b"ATTENDEE:mailto:x@y.z\r\nCLASS", "ATTENDEE stands 2"),
    "unquoted SENT-BY": (
        SINGLE,
        b"ORGANIZER;CN",
        b"ORGANIZER;SENT-BY=x;CN",
        "SENT-BY is not a quoted",
    ),
    "STATUS in REQUEST": (SINGLE, b"STATUS:CONFIRMED", b"STATUS:CANCELLED", "in a REQUEST"),
    "STATUS in CANCEL": (CANCELLED, b"STATUS:CANCELLED", b"STATUS:CONFIRMED", "in a CANCEL"),
    "VALARM in CANCEL": (
        CANCELLED,
        b"END:VEVENT",
        b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT",
        "a VALARM in a CANCEL",
    ),
    "two VALARMs": (
        SINGLE,
        b"END:VEVENT",
        b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT",
        "2 VALARMs",
    ),
    "VALARM without TRIGGER": (SINGLE, b"TRIGGER:-PT15M\r\n", b"", "without ACTION or TRIGGER"),
    "no DTSTART": (SINGLE, b"DTSTART:20261127T140000Z\r\n", b"", "DTSTART is missing"),
    "floating DTSTART": (SINGLE, b"DTSTART:20261127T140000Z", b"DTSTART:20261127T140000", "UTC or"),
    "no DTEND": (SINGLE, b"DTEND:20261127T150000Z\r\n", b"", "not exactly one of DTEND"),
    "early DTEND": (SINGLE, b"DTEND:20261127T15", b"DTEND:20261127T13", "not after DTSTART"),
    "DTEND and DURATION": (SINGLE, b"DTEND", b"DURATION:PT1H\r\nDTEND", "not exactly one"),
    "COUNT": (SERIES, b"UNTIL=20270308T140000Z", b"COUNT=30", "COUNT, which breaks"),
    "UNTIL and COUNT": (SERIES, b";UNTIL=", b";COUNT=3;UNTIL=", "both COUNT and UNTIL"),
    "local UNTIL": (SERIES, b"UNTIL=20270308T140000Z", b"UNTIL=20270308T150000", "not in UTC"),
    "UNTIL too early": (SERIES, b"20270308T140000Z", b"20270308T130000Z", "UNTIL is not the mom"),
    "unfit DTSTART": (SERIES, b"BYDAY=MO,WE", b"BYDAY=MO", "DTSTART does not fit"),
    "two RRULEs": (SERIES, b"EXDATE", b"RRULE:FREQ=DAILY\r\nEXDATE", "RRULE stands 2 times"),
    "EXDATE in UTC": (
        SERIES,
        b"EXDATE;TZID=Europe/Paris:20261207T150000",
        b"EXDATE:20261207T140000Z",
        "EXDATE is not of the type",
    ),
    "EXDATE of a day": (
        SERIES,
        b"EXDATE;TZID=Europe/Paris:20261207T150000",
        b"EXDATE;VALUE=DATE:20261207",
        "EXDATE is not of the type",
    ),
    "EXDATE of nothing": (SERIES, b"Paris:20261207T15", b"Paris:20261208T15", "is no start by"),
    "RDATE": (SERIES, b"EXDATE", b"RDATE", "an RDATE, which"),
    "this and future": (
        SERIES,
        b"RECURRENCE-ID;",
        b"RECURRENCE-ID;RANGE=THISANDFUTURE;",
        "THISANDFUTURE",
    ),
    "two masters": (
        SERIES,
        b"RECURRENCE-ID;TZID=Europe/Paris:20261209T150000\r\n",
        b"",
        "several events without RECURRENCE-ID",
    ),
    "no VTIMEZONE": (SERIES, b"VTIMEZONE", b"X-TIMEZONE", "without its VTIMEZONE"),
    "unused VTIMEZONE": (SERIES, b"TZID:Europe/Paris", b"TZID:Europe/Rome", "nothing uses"),
    "RDATE list": (
        SERIES,
        ZONE_RULE,
        b"RDATE:20270328T020000,20280326T020000\r\n",
        "an RDATE list in a VTIMEZONE",
    ),
    "forgotten onset": (
        GOOD["listed zone"],
        b"RDATE:20260424T000000\r\n",
        b"",
        "an onset that ical.js forgets",
    ),
    "late VTIMEZONE": (SERIES, b"DTSTART:2025", b"DTSTART:2027", "VTIMEZONE begins after"),
    "empty VTIMEZONE": (SERIES, b"TZOFFSETTO:+0200\r\n", b"", "TZOFFSETTO stands 0 times"),
    "control": (SINGLE, b"SUMMARY:", b"SUMMARY:\x07", "control characters"),
    "bidi": (SINGLE, b"SUMMARY:", "SUMMARY:\u202e".encode(), "writing direction"),
    "split character": (SINGLE, b"SUMMARY:", b"SUMMARY:\xc3\r\n \xbc", "fold inside a character"),
    "not closed": (SINGLE, b"END:VALARM\r\n", b"", "END:VEVENT closes nothing"),
    "no content line": (SINGLE, b"CLASS:PUBLIC", b"CLASS PUBLIC", "not a content line"),
    "no CRLF at the end": (
        SINGLE,
        b"END:VCALENDAR\r\n",
        b"END:VCALENDAR",
        "does not end with CRLF",
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_lint_sees_a_broken_file(name: str) -> None:
    original, old, new, said = MUTANTS[name]
    good = calendar_bytes(original)
    assert old in good

    found = defects(good.replace(old, new), original.method)

    assert any(said in defect for defect in found), found


def test_the_lint_sees_several_uids() -> None:
    good = calendar_bytes(SERIES)
    before, middle, after = good.partition(b"RECURRENCE-ID")

    found = defects(before + middle + after.replace(b"UID:0b6f", b"UID:ffff"))
    early = defects(good.replace(b"UID:0b6f-1@example.com\r\nRECURRENCE", b"UID:x\r\nRECURRENCE"))

    assert "there are several UIDs" in found + early


@pytest.mark.parametrize("content", [b"", b"hello", b"BEGIN:VCALENDAR\r\n", b"\xff\xfe\x00"])
def test_the_lint_says_what_is_no_calendar_at_all(content: bytes) -> None:
    assert defects(content) != []


def test_the_newest_details_win_by_their_stamp() -> None:
    later = changed(SINGLE, dtstamp=NOW + timedelta(hours=1))

    assert only_event(calendar_bytes(later)).value("DTSTAMP") == "20261124T110000Z"
