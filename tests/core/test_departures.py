"""Claims about the days on which a series is not held as its rule has it."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier.core.language.departures import left_out_days, moved_days
from notifier.core.language.words import Reader
from notifier.core.times.schedule import Moved, Schedule

NOVEMBER = datetime(2026, 11, 24, tzinfo=UTC)
FIRST = datetime(2026, 11, 25, 23, 30)
WEEK = timedelta(weeks=1)


def weekly(*exceptions: datetime, moved: tuple[Moved, ...] = ()) -> Schedule:
    return Schedule(
        start=FIRST,
        time_zone="Europe/Paris",
        duration=3600,
        recurrence="FREQ=WEEKLY",
        exceptions=exceptions,
        moved=moved,
    )


def to(weeks: int, start: datetime, duration: int = 3600) -> Moved:
    return Moved(original=FIRST + weeks * WEEK, start=start, duration=duration)


def test_days_left_out_are_said_in_their_order() -> None:
    schedule = weekly(FIRST + 3 * WEEK, FIRST + WEEK)

    said = left_out_days(schedule, "en", "Europe/Paris", NOVEMBER)

    assert said == "December 2, 2026 and December 16, 2026"


def test_a_day_left_out_is_that_of_the_readers_clocks() -> None:
    said = left_out_days(weekly(FIRST + WEEK), "fr", "Asia/Tokyo", NOVEMBER)

    assert said == "3 décembre 2026"


def test_what_is_past_or_no_day_of_the_series_is_not_said() -> None:
    schedule = weekly(FIRST + WEEK, FIRST + timedelta(days=2))

    assert left_out_days(schedule, "en", "Europe/Paris", NOVEMBER + 3 * WEEK) == ""


def test_of_many_days_left_out_the_next_are_said() -> None:
    schedule = weekly(*(FIRST + number * WEEK for number in range(1, 9)))

    said = left_out_days(schedule, "en", "Europe/Paris", NOVEMBER)

    assert said.startswith("December 2, 2026, December 9, 2026")
    assert said.endswith("December 30, 2026, …")


def test_a_moved_meeting_is_said_with_its_new_time() -> None:
    schedule = weekly(moved=(to(1, datetime(2026, 12, 3, 10, 0)),))

    said = moved_days(schedule, "en", "Europe/Paris", NOVEMBER).replace("\u00a0", " ")

    assert said == "December 2, 2026 → December 3, 2026, 10:00 AM (Europe/Paris, UTC+01:00)"


def test_an_arrow_points_the_way_that_is_read() -> None:
    schedule = weekly(moved=(to(1, datetime(2026, 12, 3, 10, 0)),))

    assert "←" in moved_days(schedule, "he", "Europe/Paris", NOVEMBER)


def test_a_meeting_that_is_only_shorter_was_not_moved() -> None:
    schedule = weekly(moved=(to(1, FIRST + WEEK, duration=600),))

    assert moved_days(schedule, "en", "Europe/Paris", NOVEMBER) == ""


@pytest.mark.parametrize("language", ["en", "ar", "ja", "xx"])
def test_a_single_conference_has_no_other_days(language: str) -> None:
    once = Schedule(start=FIRST, time_zone="Europe/Paris", duration=60, exceptions=())
    reader = Reader(language=language, zone="Europe/Paris")

    assert reader.left_out(once, after=NOVEMBER) == ""
    assert reader.moved(once, after=NOVEMBER) == ""
