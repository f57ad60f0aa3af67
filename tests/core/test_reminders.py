"""Claims about the moments at which people are reminded."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.times.offsets import offset_minutes, offset_text, read_offsets
from notifier.core.times.reminders import due_reminders, next_reminder, reminder_moments
from notifier.core.times.schedule import BEGINNING, Schedule

DAY, TWO_HOURS, FIVE = 1440, 120, 5


def schedule(start: str, zone: str = "Europe/Paris", recurrence: str | None = None) -> Schedule:
    return Schedule(
        start=datetime.fromisoformat(start), time_zone=zone, duration=3600, recurrence=recurrence
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("1m", 1), ("5m", 5), ("90m", 90), ("2h", 120), ("1d", 1440), ("30d", 43200)],
)
def test_an_offset_is_read_and_written_the_same_way(text: str, minutes: int) -> None:
    assert offset_minutes(text) == minutes
    assert offset_text(minutes) == text


@pytest.mark.parametrize(
    "text", ["", "5", "m", "0m", "-5m", "1.5h", "31d", "43201m", "5 m", "5M", "1w", "٥m", "999999m"]
)
def test_what_is_no_offset_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="from 1m to 30d are allowed"):
        offset_minutes(text)


def test_offsets_come_farthest_first_and_each_once() -> None:
    assert read_offsets(["5m", "60m", "1d", "1h"]) == (1440, 60, 5)


def test_a_fifth_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="5 reminder offsets, but at most 4"):
        read_offsets(["1m", "2m", "3m", "4m", "5m"])


# calendar.md §2.2, vectors 14 to 18: exact elapsed time, whatever the clocks do.
@pytest.mark.parametrize(
    ("zone", "start", "minutes", "expected"),
    [
        pytest.param("Europe/Paris", "2027-03-28T09:00", 1440, "2027-03-27T07:00", id="14"),
        pytest.param("Europe/Paris", "2027-10-31T09:00", 1440, "2027-10-30T08:00", id="15"),
        pytest.param("America/New_York", "2027-03-14T03:30", 60, "2027-03-14T06:30", id="16"),
        pytest.param("Asia/Vladivostok", "2026-12-07T00:05", 15, "2026-12-06T13:50", id="18"),
    ],
)
def test_a_reminder_is_due_exact_minutes_before_the_start(
    zone: str, start: str, minutes: int, expected: str
) -> None:
    reminder = next_reminder(schedule(start, zone), [minutes], after=BEGINNING)

    assert reminder is not None
    assert reminder.at == utc(expected)


def test_moments_of_a_series_come_in_order_over_all_offsets() -> None:
    series = schedule("2026-11-27T15:00", recurrence="FREQ=WEEKLY")

    found = reminder_moments(series, [FIVE, DAY, TWO_HOURS], after=utc("2026-11-27T12:00"))

    assert [(each.at, each.offset) for each in islice(found, 4)] == [
        (utc("2026-11-27T13:55"), FIVE),
        (utc("2026-12-03T14:00"), DAY),
        (utc("2026-12-04T12:00"), TWO_HOURS),
        (utc("2026-12-04T13:55"), FIVE),
    ]


def test_nothing_is_due_without_offsets_or_after_the_last_start() -> None:
    single = schedule("2026-11-27T15:00")

    assert next_reminder(single, [], after=BEGINNING) is None
    assert next_reminder(single, [FIVE], after=utc("2026-11-27T13:55")) is None
    assert due_reminders(single, [], since=BEGINNING, until=utc("2026-11-27T13:55")) == []


@pytest.mark.parametrize(
    ("since", "until", "offsets"),
    [
        pytest.param("2026-11-26T13:59", "2026-11-26T14:00", [DAY], id="on time"),
        pytest.param("2026-11-26T14:00", "2026-11-26T14:01", [], id="once"),
        pytest.param("2026-11-26T13:00", "2026-11-27T13:56", [FIVE], id="late: the nearest"),
        pytest.param("2026-11-27T12:30", "2026-11-27T13:56", [FIVE], id="only the nearest"),
        pytest.param("2026-11-26T13:00", "2026-11-27T14:00", [], id="never at the start"),
        pytest.param("2026-11-26T13:00", "2026-11-27T14:30", [], id="never after the start"),
        pytest.param("2026-11-27T13:56", "2026-11-27T13:59", [], id="nothing new"),
    ],
)
def test_a_pause_is_caught_up_with_one_reminder_before_the_start(
    since: str, until: str, offsets: list[int]
) -> None:
    single = schedule("2026-11-27T15:00")

    due = due_reminders(single, [FIVE, TWO_HOURS, DAY], since=utc(since), until=utc(until))

    assert [each.offset for each in due] == offsets


def test_each_occurrence_is_reminded_of_by_itself() -> None:
    daily = schedule("2026-11-01T15:00", recurrence="FREQ=DAILY")

    due = due_reminders(
        daily, [FIVE, 2 * DAY], since=utc("2026-11-25T13:00"), until=utc("2026-11-27T13:57")
    )

    assert [(each.occurrence.local.day, each.offset) for each in due] == [
        (27, FIVE),
        (28, 2 * DAY),
    ]


@given(
    ticks=st.lists(st.integers(1, 400), min_size=1, max_size=40),
    offsets=st.sets(st.integers(1, 3000), min_size=1, max_size=4),
)
def test_however_the_clock_ticks_each_reminder_is_due_once_and_in_time(
    ticks: list[int], offsets: set[int]
) -> None:
    series = schedule("2026-10-20T15:00", recurrence="FREQ=DAILY;INTERVAL=2")
    since = utc("2026-10-24T00:00")
    seen = []

    for minutes in ticks:
        until = since + timedelta(minutes=minutes)
        for reminder in due_reminders(series, offsets, since=since, until=until):
            assert since < reminder.at <= until < reminder.occurrence.start
            seen.append((reminder.occurrence.original, reminder.offset))
        since = until

    assert len(seen) == len(set(seen))
