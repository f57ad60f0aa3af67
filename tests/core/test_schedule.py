"""Claims about when conferences take place."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import pytz
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.times.schedule import (
    BEGINNING,
    Moved,
    Schedule,
    ended,
    last_end,
    last_occurrence,
    next_occurrence,
    occurrences,
    running,
)
from notifier.core.times.zones import to_local, to_utc


def schedule(
    start: str,
    zone: str = "Europe/Paris",
    recurrence: str | None = None,
    *,
    minutes: int = 60,
    exceptions: tuple[str, ...] = (),
    moved: tuple[Moved, ...] = (),
) -> Schedule:
    return Schedule(
        start=wall(start),
        time_zone=zone,
        duration=minutes * 60,
        recurrence=recurrence,
        exceptions=tuple(map(wall, exceptions)),
        moved=moved,
    )


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def starts(series: Schedule, *, limit: int = 20, after: datetime = BEGINNING) -> list[str]:
    found = occurrences(series, after=after, limit=limit)
    return [each.start.strftime("%Y-%m-%d %H:%M") for each in found]


# The table of calendar.md §2.2, with its numbers; checked there against five other expanders.
VECTORS = {
    "1": ("Europe/Paris", "2027-03-24T15:00", "WE", 3, "03-24 14:00, 03-31 13:00, 04-07 13:00"),
    "2": ("Europe/Paris", "2027-10-27T15:00", "WE", 3, "10-27 13:00, 11-03 14:00, 11-10 14:00"),
    "3": ("Europe/Paris", "2027-03-21T02:30", "SU", 3, "03-21 01:30, 03-28 01:30, 04-04 00:30"),
    "4": ("Europe/Paris", "2027-10-24T02:30", "SU", 3, "10-24 00:30, 10-31 00:30, 11-07 01:30"),
    "5": ("America/New_York", "2027-10-31T01:30", "SU", 3, "10-31 05:30, 11-07 05:30, 11-14 06:30"),
    "6": ("Europe/Moscow", "2026-12-07T01:00", "MO", 3, "12-06 22:00, 12-13 22:00, 12-20 22:00"),
    "7": (
        "Australia/Lord_Howe",
        "2027-04-01T12:00",
        "TH",
        3,
        "04-01 01:00, 04-08 01:30, 04-15 01:30",
    ),
    "8": (
        "Asia/Kathmandu",
        "2026-12-07T09:00",
        "MO,FR",
        4,
        "12-07 03:15, 12-11 03:15, 12-14 03:15, 12-18 03:15",
    ),
    "9": ("America/Vancouver", "2026-12-07T09:00", "MO", 2, "12-07 16:00, 12-14 16:00"),
    "10": (
        "Asia/Jerusalem",
        "2027-03-25T09:00",
        "TH,SU",
        4,
        "03-25 07:00, 03-28 06:00, 04-01 06:00, 04-04 06:00",
    ),
    "11": ("Africa/Cairo", "2027-04-23T00:30", "FR", 3, "04-22 22:30, 04-29 22:30, 05-06 21:30"),
    "12": (
        "Australia/Sydney",
        "2027-03-29T10:00",
        "MO",
        3,
        "03-28 23:00, 04-05 00:00, 04-12 00:00",
    ),
}


@pytest.mark.parametrize(
    ("zone", "start", "days", "count", "expected"), VECTORS.values(), ids=VECTORS.keys()
)
def test_a_series_keeps_its_wall_time_when_the_clocks_change(
    zone: str, start: str, days: str, count: int, expected: str
) -> None:
    series = schedule(start, zone, f"FREQ=WEEKLY;BYDAY={days};COUNT={count}")

    assert ", ".join(start[5:] for start in starts(series)) == expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param("20271103T140000Z", ["10-20 13:00", "10-27 13:00", "11-03 14:00"], id="13"),
        pytest.param("20271103T130000Z", ["10-20 13:00", "10-27 13:00"], id="13, an hour early"),
        pytest.param("20271103T150000", ["10-20 13:00", "10-27 13:00", "11-03 14:00"], id="local"),
        pytest.param("20271103", ["10-20 13:00", "10-27 13:00", "11-03 14:00"], id="whole day"),
        pytest.param("20271102", ["10-20 13:00", "10-27 13:00"], id="day before"),
    ],
)
def test_until_includes_its_own_moment(until: str, expected: list[str]) -> None:
    series = schedule("2027-10-20T15:00", recurrence=f"FREQ=WEEKLY;BYDAY=WE;UNTIL={until}")

    assert [start[5:] for start in starts(series)] == expected


def test_until_is_judged_by_the_instant_inside_a_fold() -> None:
    # 02:30 comes twice on 31 October; the conference is at the first, 00:30Z, before 01:10Z.
    series = schedule("2027-10-24T02:30", recurrence="FREQ=WEEKLY;UNTIL=20271031T011000Z")

    assert starts(series) == ["2027-10-24 00:30", "2027-10-31 00:30"]


def test_an_end_is_elapsed_time_after_the_start() -> None:
    # Vector 17: the clocks go forward while the conference runs.
    occurrence = next_occurrence(schedule("2027-03-28T01:30"), after=BEGINNING)

    assert occurrence is not None
    assert (occurrence.start, occurrence.end) == (utc("2027-03-28T00:30"), utc("2027-03-28T01:30"))
    assert to_local(occurrence.end, "Europe/Paris").strftime("%H:%M") == "03:30"


def test_a_single_conference_takes_place_once() -> None:
    single = schedule("2026-11-27T15:00")

    assert starts(single) == ["2026-11-27 14:00"]
    assert occurrences(single, after=utc("2026-11-27T14:00"), limit=5) == []


def test_a_start_that_does_not_fit_its_rule_is_no_occurrence() -> None:
    friday = schedule("2026-11-27T15:00", recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=2")

    assert starts(friday) == ["2026-11-30 14:00", "2026-12-07 14:00"]


def test_an_excepted_start_is_left_out_and_still_counted() -> None:
    series = schedule(
        "2026-11-23T15:00",
        recurrence="FREQ=WEEKLY;COUNT=3",
        exceptions=("2026-11-30T15:00", "2026-12-01T15:00"),
    )

    assert starts(series) == ["2026-11-23 14:00", "2026-12-07 14:00"]


def test_a_moved_occurrence_keeps_its_old_name_and_takes_its_place_in_order() -> None:
    far = Moved(original=wall("2026-11-23T15:00"), start=wall("2026-12-01T10:00"), duration=1800)
    series = schedule("2026-11-23T15:00", recurrence="FREQ=WEEKLY;COUNT=3", moved=(far,))

    found = occurrences(series, after=BEGINNING, limit=9)

    assert starts(series) == ["2026-11-30 14:00", "2026-12-01 09:00", "2026-12-07 14:00"]
    assert found[1].original == wall("2026-11-23T15:00")
    assert found[1].local == wall("2026-12-01T10:00")
    assert found[1].end - found[1].start == timedelta(minutes=30)


def test_what_is_no_occurrence_cannot_be_moved() -> None:
    stray = Moved(original=wall("2026-11-24T15:00"), start=wall("2026-11-25T15:00"), duration=60)
    series = schedule("2026-11-23T15:00", recurrence="FREQ=WEEKLY;COUNT=1", moved=(stray,))

    assert starts(series) == ["2026-11-23 14:00"]


def test_an_exception_wins_over_a_move() -> None:
    moved = Moved(original=wall("2026-11-23T15:00"), start=wall("2026-11-24T15:00"), duration=60)
    series = schedule(
        "2026-11-23T15:00",
        recurrence="FREQ=WEEKLY;COUNT=2",
        moved=(moved,),
        exceptions=("2026-11-23T15:00",),
    )

    assert starts(series) == ["2026-11-30 14:00"]


def test_several_times_a_day_come_in_the_order_of_the_clock_that_everybody_shares() -> None:
    # 02:45 does not exist on this day and is held at 03:45, after the one at 03:00.
    series = schedule(
        "2027-03-28T02:45", recurrence="FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,45;UNTIL=20270328"
    )

    assert starts(series) == ["2027-03-28 01:00", "2027-03-28 01:45", "2027-03-28 01:45"]


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        (None, "2026-11-27 15:00"),
        ("FREQ=WEEKLY;COUNT=3", "2026-12-11 15:00"),
        ("FREQ=WEEKLY;UNTIL=20261205", "2026-12-04 15:00"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "2400-12-31 15:00"),
        ("FREQ=WEEKLY", None),
    ],
)
def test_the_last_end_is_known_unless_the_series_is_endless(
    recurrence: str | None, expected: str | None
) -> None:
    end = last_end(schedule("2026-11-27T15:00", recurrence=recurrence))

    assert (end and end.strftime("%Y-%m-%d %H:%M")) == expected


def test_a_moved_last_occurrence_moves_the_end() -> None:
    moved = Moved(original=wall("2026-12-04T15:00"), start=wall("2026-12-24T15:00"), duration=60)
    series = schedule("2026-11-27T15:00", recurrence="FREQ=WEEKLY;COUNT=2", moved=(moved,))

    last = last_occurrence(series)

    assert last_end(series) == utc("2026-12-24T14:01")
    assert last is not None
    assert last.original == wall("2026-12-04T15:00")


def test_a_conference_has_ended_at_the_second_of_its_end() -> None:
    single = schedule("2026-11-27T15:00")

    assert not ended(single, at=utc("2026-11-27T14:59:59"))
    assert ended(single, at=utc("2026-11-27T15:00"))
    assert not ended(schedule("2026-11-27T15:00", recurrence="FREQ=DAILY"), at=utc("2090-01-01"))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-27T13:59:59", None),
        ("2026-11-27T14:00", "2026-11-27 14:00"),
        ("2026-11-27T14:59:59", "2026-11-27 14:00"),
        ("2026-11-27T15:00", None),
        ("2026-12-04T14:30", "2026-12-04 14:00"),
    ],
)
def test_an_occurrence_runs_from_its_start_to_before_its_end(at: str, expected: str | None) -> None:
    found = running(schedule("2026-11-27T15:00", recurrence="FREQ=WEEKLY"), at=utc(at))

    assert (found and found.start.strftime("%Y-%m-%d %H:%M")) == expected


def test_of_overlapping_occurrences_the_last_begun_is_running() -> None:
    long = schedule("2026-11-01T15:00", recurrence="FREQ=DAILY", minutes=3 * 1440)

    found = running(long, at=utc("2026-11-27T14:30"))

    assert found is not None
    assert found.start == utc("2026-11-27T14:00")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"time_zone": "Mars/Olympus"}, "`time_zone` is 'Mars/Olympus'"),
        ({"time_zone": "europe/paris"}, "such as 'Europe/Paris'"),
        ({"time_zone": ""}, "`time_zone` is ''"),
        ({"start": "2026-11-27T15:00:00Z"}, "`start` is 2026-11-27T15:00:00\\+00:00"),
        ({"start": "2026-11-27T15:00:00.5"}, "whole seconds"),
        ({"start": "0001-01-01T00:00:00"}, "only years from 1970"),
        ({"start": "9999-12-31T23:59:59"}, "only years from 1970"),
        ({"duration": 0}, "`duration` is 0"),
        ({"duration": 30 * 86400 + 1}, "`duration` is 2592001"),
        ({"exceptions": ["2026-11-27T15:00:00Z"]}, "`exceptions` is"),
        ({"exceptions": ["2026-11-27T15:00:00"]}, "leaves no occurrence"),
        ({"exceptions": ["2026-11-27T15:00:00"] * 1001}, "`exceptions` has 1001 entries"),
        ({"recurrence": "FREQ=HOURLY"}, "FREQ=HOURLY"),
        ({"recurrence": ""}, "the part ''"),
        (
            {"moved": [{"original": "2026-11-27T15:00:00", "start": "2026-11-27T15:00:00Z"}]},
            "moved",
        ),
    ],
)
def test_a_schedule_that_cannot_be_held_is_refused_with_what_was_found(
    fields: dict[str, object], said: str
) -> None:
    good = {"start": "2026-11-27T15:00:00", "time_zone": "Europe/Paris", "duration": 3600}

    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(good | fields, Schedule)


def test_a_schedule_survives_json() -> None:
    moved = Moved(original=wall("2026-11-30T15:00"), start=wall("2026-12-01T15:00"), duration=60)
    series = schedule(
        "2026-11-23T15:00",
        recurrence="FREQ=WEEKLY;BYDAY=MO",
        exceptions=("2026-12-07T15:00",),
        moved=(moved,),
    )

    assert msgspec.json.decode(msgspec.json.encode(series), type=Schedule) == series


local_times = st.datetimes(min_value=wall("1990-01-01"), max_value=wall("2036-12-31")).map(
    lambda moment: moment.replace(microsecond=0)
)
zones = st.sampled_from(pytz.common_timezones)


@given(local=local_times, zone=zones)
def test_a_wall_time_that_exists_comes_back_and_one_in_a_gap_moves_on(
    local: datetime, zone: str
) -> None:
    back = to_local(to_utc(local, zone), zone).replace(tzinfo=None)

    exists = any(
        to_local(to_utc(local, zone) + timedelta(hours=hours), zone).replace(tzinfo=None) == local
        for hours in (-24, -1, 0, 1)
    )
    assert back == local if exists else local < back <= local + timedelta(days=1)


@given(start=local_times, zone=zones, after=local_times, step=st.integers(1, 40))
def test_jumping_into_a_series_finds_what_walking_finds(
    start: datetime, zone: str, after: datetime, step: int
) -> None:
    series = Schedule(
        start=start, time_zone=zone, duration=60, recurrence=f"FREQ=DAILY;INTERVAL={step}"
    )
    moment = after.replace(tzinfo=UTC)

    found = next_occurrence(series, after=moment)

    jumped = max(0, (after - start).days // step - 3)
    walked = (to_utc(start + timedelta(days=step * n), zone) for n in range(jumped, jumped + 9))
    assert found is not None
    assert found.start == next(instant for instant in walked if instant > moment)
