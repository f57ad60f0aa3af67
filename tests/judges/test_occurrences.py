"""When a series takes place, by five who did not write it: the vectors of calendar §2.2.

All read the entry that a mail would carry. Where clocks change some of them err, and which of them
do is written down.
"""

from datetime import UTC, datetime, timedelta

import pytest
import pytz
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from notifier.core.times.reminders import due_reminders
from notifier.core.times.schedule import Moved, Schedule, occurrences
from notifier.core.times.zones import to_utc
from tests.judges.entries import NOW, written
from tests.judges.expanders import EXPANDERS, OWN_TABLES

ALL = frozenset(EXPANDERS)
# These keep the time of the clock where it is shown twice or not at all.
EXACT = frozenset({"sabre", "node-ical"})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def once(start: str, zone: str, minutes: int = 60) -> Schedule:
    return Schedule(start=datetime.fromisoformat(start), time_zone=zone, duration=minutes * 60)


def series(start: str, zone: str, rule: str) -> Schedule:
    return Schedule(
        start=datetime.fromisoformat(start),
        time_zone=zone,
        duration=3600,
        recurrence=f"FREQ=WEEKLY;{rule}",
    )


# Zone, first start, rule, starts in UTC, and who agrees. Debian's sabre stays an hour late behind a
# gap, as libical does, and so loses the last start (rows 3 and 11); newer ones would not.
VECTORS = {
    1: ("Europe/Paris", "2027-03-24T15:00", "BYDAY=WE;COUNT=3",
        ["2027-03-24T14:00", "2027-03-31T13:00", "2027-04-07T13:00"], ALL),
    2: ("Europe/Paris", "2027-10-27T15:00", "BYDAY=WE;COUNT=3",
        ["2027-10-27T13:00", "2027-11-03T14:00", "2027-11-10T14:00"], ALL),
    3: ("Europe/Paris", "2027-03-21T02:30", "BYDAY=SU;COUNT=3",
        ["2027-03-21T01:30", "2027-03-28T01:30", "2027-04-04T00:30"],
        {"recurring-ical-events", "node-ical"}),
    4: ("Europe/Paris", "2027-10-24T02:30", "BYDAY=SU;COUNT=3",
        ["2027-10-24T00:30", "2027-10-31T00:30", "2027-11-07T01:30"], EXACT),
    5: ("America/New_York", "2027-10-31T01:30", "BYDAY=SU;COUNT=3",
        ["2027-10-31T05:30", "2027-11-07T05:30", "2027-11-14T06:30"], EXACT),
    6: ("Europe/Moscow", "2026-12-07T01:00", "BYDAY=MO;COUNT=3",
        ["2026-12-06T22:00", "2026-12-13T22:00", "2026-12-20T22:00"], ALL),
    7: ("Australia/Lord_Howe", "2027-04-01T12:00", "BYDAY=TH;COUNT=3",
        ["2027-04-01T01:00", "2027-04-08T01:30", "2027-04-15T01:30"], ALL),
    8: ("Asia/Kathmandu", "2026-12-07T09:00", "BYDAY=MO,FR;COUNT=4",
        ["2026-12-07T03:15", "2026-12-11T03:15", "2026-12-14T03:15", "2026-12-18T03:15"], ALL),
    9: ("America/Vancouver", "2026-12-07T09:00", "BYDAY=MO;COUNT=2",
        ["2026-12-07T16:00", "2026-12-14T16:00"], ALL - EXACT),
    10: ("Asia/Jerusalem", "2027-03-25T09:00", "BYDAY=TH,SU;COUNT=4",
         ["2027-03-25T07:00", "2027-03-28T06:00", "2027-04-01T06:00", "2027-04-04T06:00"], ALL),
    11: ("Africa/Cairo", "2027-04-23T00:30", "BYDAY=FR;COUNT=3",
         ["2027-04-22T22:30", "2027-04-29T22:30", "2027-05-06T21:30"],
         {"recurring-ical-events", "node-ical"}),
    12: ("Australia/Sydney", "2027-03-29T10:00", "BYDAY=MO;COUNT=3",
         ["2027-03-28T23:00", "2027-04-05T00:00", "2027-04-12T00:00"], ALL),
    13: ("Europe/Paris", "2027-10-20T15:00", "BYDAY=WE;UNTIL=20271103T140000Z",
         ["2027-10-20T13:00", "2027-10-27T13:00", "2027-11-03T14:00"], ALL),
}  # fmt: skip


@pytest.mark.parametrize("number", VECTORS)
def test_a_series_takes_place_when_it_should(number: int) -> None:
    zone, start, rule, expected, agreeing = VECTORS[number]
    planned = series(start, zone, rule)

    ours = [each.start for each in occurrences(planned, after=NOW, limit=9)]
    theirs = {name: EXPANDERS[name](written(planned)) for name in sorted(ALL & agreeing)}

    assert ours == [utc(each) for each in expected]
    assert {name: found for name, found in theirs.items() if found != ours} == {}


def test_a_series_with_an_exception_and_a_moved_meeting_is_read_alike_by_all() -> None:
    planned = Schedule(
        start=datetime(2027, 3, 1, 15),
        time_zone="Europe/Paris",
        duration=3600,
        recurrence="FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20270415T000000Z",
        exceptions=(datetime(2027, 3, 25, 15), datetime(2027, 4, 1, 15)),
        moved=(
            Moved(original=datetime(2027, 3, 29, 15), start=datetime(2027, 3, 30, 9), duration=60),
            Moved(original=datetime(2027, 4, 8, 15), start=datetime(2027, 4, 7, 15), duration=7200),
        ),
    )
    ours = [each.start for each in occurrences(planned, after=NOW, limit=20)]

    theirs = {name: expand(written(planned)) for name, expand in EXPANDERS.items()}

    assert len(ours) == 11
    assert utc("2027-03-30T07:00") in ours
    assert {name: found for name, found in theirs.items() if found != ours} == {}


# Rows 14 to 18: a reminder is so many minutes of elapsed time before its start.
@pytest.mark.parametrize(
    ("start", "zone", "minutes", "starts", "fires"),
    [
        ("2027-03-28T09:00", "Europe/Paris", 1440, "2027-03-28T07:00", "2027-03-27T07:00"),
        ("2027-10-31T09:00", "Europe/Paris", 1440, "2027-10-31T08:00", "2027-10-30T08:00"),
        ("2027-03-14T03:30", "America/New_York", 60, "2027-03-14T07:30", "2027-03-14T06:30"),
        ("2026-12-07T00:05", "Asia/Vladivostok", 15, "2026-12-06T14:05", "2026-12-06T13:50"),
    ],
)  # fmt: skip
def test_a_reminder_is_due_by_elapsed_time(
    start: str, zone: str, minutes: int, starts: str, fires: str
) -> None:
    planned = once(start, zone)
    content = written(planned, alarm_minutes=minutes)

    moment, second = utc(fires), timedelta(seconds=1)
    (due,) = due_reminders(planned, [minutes], since=moment - second, until=moment)

    assert due.occurrence.start == utc(starts)
    assert due_reminders(planned, [minutes], since=NOW, until=moment - second) == []
    for expand in EXPANDERS.values():
        assert expand(content) == [utc(starts)]
    assert alarm_by_icalendar(content) == utc(fires)


def alarm_by_icalendar(content: bytes) -> datetime:
    (event,) = Calendar.from_ical(content).events
    (alarm,) = event.alarms.times
    rings = alarm.trigger
    assert isinstance(rings, datetime)
    return rings.astimezone(UTC)


def test_an_end_is_so_much_later_even_where_the_clock_jumps() -> None:
    """Row 17: from 01:30 an hour long, which the clock shows as two."""
    planned = once("2027-03-28T01:30", "Europe/Paris")
    (meeting,) = occurrences(planned, after=NOW, limit=2)

    (event,) = Calendar.from_ical(written(planned)).events

    assert (meeting.start, meeting.end) == (utc("2027-03-28T00:30"), utc("2027-03-28T01:30"))
    assert (event.start, event.end) == (meeting.start, meeting.end)


# ---- any zone, any time -------------------------------------------------------------------------

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Around a change of the clock they disagree with each other, see the vectors; and some walk from
# day to day, and keep what the clock did to them on a day on which nothing takes place.
NEAR = timedelta(hours=3)


@settings(max_examples=60)
@given(
    zone=st.sampled_from(pytz.common_timezones),
    first=st.dates(min_value=NOW.date() + timedelta(days=3), max_value=datetime(2029, 6, 1).date()),
    minute=st.integers(0, 24 * 60 - 1),
    other=st.sampled_from(DAYS),
    interval=st.integers(1, 3),
)
def test_all_expanders_agree_with_us_away_from_changes_of_the_clock(
    zone: str, first: datetime, minute: int, other: str, interval: int
) -> None:
    start = datetime(first.year, first.month, first.day) + timedelta(minutes=minute)
    days = ",".join(dict.fromkeys((DAYS[start.weekday()], other)))
    rule = f"INTERVAL={interval};BYDAY={days};COUNT=12"
    planned = series(start.isoformat(), zone, rule)
    ours = [each.start for each in occurrences(planned, after=NOW, limit=12)]
    walked = (start + timedelta(days=each) for each in range((ours[-1] - ours[0]).days + 2))
    assume(not any(_near_a_change(to_utc(each, zone), zone) for each in walked))

    content = written(planned)
    # Who expands by tables of another year than ours is not asked about a zone whose law changed.
    asked = [name for name in EXPANDERS if _knows(name, zone, ours)]
    theirs = {name: EXPANDERS[name](content) for name in asked}

    assert {name: found for name, found in theirs.items() if found != ours} == {}


def test_tables_of_another_year_excuse_nobody_where_the_law_is_old() -> None:
    summer = [utc("2027-07-01T12:00"), utc("2027-12-01T12:00")]

    for zone in ("Europe/Paris", "America/New_York", "Asia/Tokyo", "Australia/Sydney"):
        assert [name for name in EXPANDERS if not _knows(name, zone, summer)] == []


def _near_a_change(moment: datetime, zone: str) -> bool:
    offsets = {_offset(moment + step, zone) for step in (-NEAR, timedelta(), NEAR)}
    return len(offsets) > 1


def _offset(moment: datetime, zone: str) -> timedelta | None:
    return moment.astimezone(pytz.timezone(zone)).utcoffset()


def _knows(name: str, zone: str, moments: list[datetime]) -> bool:
    """Tell whether an expander's own tables, if it goes by any, have the offsets of ours."""
    if name not in OWN_TABLES:
        return True
    ours = [_offset(each, zone) for each in moments]
    theirs = OWN_TABLES[name](zone, moments)
    return [timedelta(seconds=each) for each in theirs] == ours


def test_a_moment_near_a_change_is_seen() -> None:
    change = to_utc(datetime(2027, 3, 28, 3), "Europe/Paris")

    assert _near_a_change(change, "Europe/Paris")
    assert not _near_a_change(change + timedelta(hours=4), "Europe/Paris")
