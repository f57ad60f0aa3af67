"""Claims about zones: their names, their offsets, and how calendars are told of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import pytz
from dateutil.rrule import rrulestr

from notifier.core.calendars.vtimezone import vtimezone
from notifier.core.times.zones import known_zone, nearest_zone, to_local, to_utc

FIRST, LAST = 2027, 2036


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        pytest.param("2027-03-28T02:30", "Europe/Paris", "2027-03-28T01:30", id="gap"),
        pytest.param("2027-10-31T02:30", "Europe/Paris", "2027-10-31T00:30", id="fold"),
        pytest.param("2027-04-30T00:30", "Africa/Cairo", "2027-04-29T22:30", id="gap at midnight"),
        pytest.param("2027-10-31T01:30", "Europe/Dublin", "2027-10-31T00:30", id="negative dst"),
        pytest.param("2014-10-26T01:30", "Europe/Moscow", "2014-10-25T21:30", id="fold, no dst"),
        pytest.param("2026-12-07T09:00", "America/Vancouver", "2026-12-07T16:00", id="new law"),
        pytest.param("2027-06-02T15:00", "UTC", "2027-06-02T15:00", id="utc"),
    ],
)
def test_a_wall_time_has_one_instant(local: str, zone: str, expected: str) -> None:
    assert to_utc(wall(local), zone) == utc(expected)


def test_local_time_has_the_offset_of_its_own_instant() -> None:
    winter, summer = utc("2026-12-07T14:00"), utc("2027-06-07T14:00")

    assert to_local(winter, "Europe/Paris").isoformat() == "2026-12-07T15:00:00+01:00"
    assert to_local(summer, "Europe/Paris").isoformat() == "2027-06-07T16:00:00+02:00"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Europe/Paris", True),
        ("UTC", True),
        ("europe/paris", False),
        ("", False),
        ("GMT+25", False),
    ],
)
def test_zones_are_known_by_their_usual_spelling(name: str, known: bool) -> None:
    assert known_zone(name) is known


def test_a_misspelt_zone_finds_its_neighbour() -> None:
    assert nearest_zone("europe/pariss") == "Europe/Paris"
    assert nearest_zone("?") == "Europe/Paris"
    assert nearest_zone("asia/tokio") == "Asia/Tokyo"


# ---- VTIMEZONE -----------------------------------------------------------------------------


def test_paris_is_told_in_two_yearly_rules() -> None:
    assert vtimezone("Europe/Paris", 2027).to_ical().decode().split("\r\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Paris",
        "BEGIN:DAYLIGHT",
        "DTSTART:20260329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20261025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


def test_a_rule_that_runs_past_midnight_is_told_by_the_days_it_can_fall_on() -> None:
    # Jerusalem: 26 hours after the fourth Thursday of March began.
    spring = observances("Asia/Jerusalem", 2027)[0]

    assert spring["RRULE"] == ["FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29;BYMONTH=3"]


def test_only_irregular_zones_list_their_onsets() -> None:
    listed = {
        zone for zone in pytz.common_timezones if b"RDATE" in vtimezone(zone, FIRST).to_ical()
    }

    # Cairo's end can fall on 1 November; the others have exceptions ahead of them.
    assert listed <= {
        "Africa/Cairo",
        "Africa/Casablanca",
        "Africa/El_Aaiun",
        "America/Havana",
        "Asia/Gaza",
        "Asia/Hebron",
    }


def test_each_listed_onset_is_a_property_of_its_own() -> None:
    text = vtimezone("Africa/Cairo", 2027).to_ical().decode()

    # Twelve years, twice a year; DTSTART is repeated, for ical.js forgets it beside an RDATE.
    assert text.count("RDATE:") == 24
    assert "," not in text


@pytest.mark.parametrize("year", [2027, 2026])
def test_calendars_find_the_offsets_that_pytz_finds(year: int) -> None:
    differing = {
        zone: instants
        for zone in pytz.all_timezones
        if (instants := list(disagreements(zone, year)))
    }

    assert differing == {}


def test_the_first_onset_lies_before_any_event_of_its_year() -> None:
    late = [
        zone
        for zone in pytz.all_timezones
        if min(wall(each["DTSTART"][0]) for each in observances(zone, FIRST)).year >= FIRST
    ]

    assert late == []


def test_after_the_last_listed_year_calendars_agree_with_pytz_too() -> None:
    # pytz knows no daylight saving time from 2038 on; a calendar must not know better than we.
    assert list(disagreements("Europe/Paris", 2040)) == []


def disagreements(zone: str, year: int) -> Iterator[datetime]:
    """Instants from a year on, around every change on either side, at which offsets differ."""
    onsets = sorted(onset for each in observances(zone, year) for onset in expand(each))
    changes = [at for at, _ in onsets] + pytz_changes(zone)
    for change in changes:
        for instant in (change - timedelta(seconds=1), change):
            if year <= instant.year <= max(year, LAST):
                offset = [offset for at, offset in onsets if at <= instant][-1]
                if offset != to_local(instant, zone).utcoffset():
                    yield instant


Observance = dict[str, list[str]]


def observances(zone: str, year: int) -> list[Observance]:
    """The STANDARD and DAYLIGHT parts as a reader of the text finds them: values by property."""
    text = vtimezone(zone, year).to_ical().decode().replace("\r\n ", "")
    parts: list[Observance] = []
    for line in text.splitlines()[2:-1]:
        name, _, value = line.partition(":")
        if name == "BEGIN":
            parts.append({"KIND": [value]})
        elif name != "END":
            parts[-1].setdefault(name, []).append(value)
    return parts


def expand(observance: Observance) -> Iterator[tuple[datetime, timedelta]]:
    """The onsets (UTC) of an observance with the offset that holds from then on."""
    before, after = (offset(observance[name][0]) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    first = wall(observance["DTSTART"][0])
    walls = [first, *map(wall, observance.get("RDATE", []))]
    for rule in observance.get("RRULE", []):
        walls += rrulestr(rule, dtstart=first).between(first, wall("2045-01-01"))
    for local in walls:
        yield local.replace(tzinfo=UTC) - before, after


def offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))


def pytz_changes(zone: str) -> list[datetime]:
    moments: list[datetime] = getattr(pytz.timezone(zone), "_utc_transition_times", [])
    return [moment.replace(tzinfo=UTC) for moment in moments if FIRST - 1 <= moment.year <= LAST]
