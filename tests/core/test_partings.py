"""Claims about readers whose clocks change on other days than those of a series (R36)."""

from datetime import UTC, datetime

import pytest

from notifier.core.language.phrasebook import PHRASES
from notifier.core.language.words import clock_change
from notifier.core.times.partings import partings
from notifier.core.times.schedule import Moved, Schedule

NOVEMBER = datetime(2026, 11, 24, tzinfo=UTC)


def weekly(rule: str = "FREQ=WEEKLY", *, moved: tuple[Moved, ...] = ()) -> Schedule:
    return Schedule(
        start=datetime(2026, 11, 25, 15, 0),
        time_zone="Europe/Paris",
        duration=3600,
        recurrence=rule,
        moved=moved,
    )


def parted(schedule: Schedule, zone: str) -> list[str]:
    return [f"{each.start:%m-%d %H:%M}" for each in partings(schedule, zone, after=NOVEMBER)]


def test_clocks_that_change_on_other_days_part_and_come_together_again() -> None:
    assert parted(weekly(), "America/New_York") == [
        *("03-17 14:00", "03-31 13:00"),
        "11-03 14:00",
        "11-10 14:00",
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/London", "Africa/Ceuta"])
def test_clocks_that_change_together_never_part(zone: str) -> None:
    assert parted(weekly(), zone) == []


def test_a_zone_without_daylight_saving_time_parts_from_one_that_has_it() -> None:
    assert parted(weekly(), "Asia/Tokyo") == ["03-31 13:00", "11-03 14:00"]


def test_a_series_that_ends_before_the_clocks_change_says_nothing() -> None:
    assert parted(weekly("FREQ=WEEKLY;COUNT=5"), "America/New_York") == []


def test_a_series_that_begins_far_ahead_is_looked_through_from_its_beginning() -> None:
    early = datetime(2025, 10, 1, tzinfo=UTC)

    found = [f"{each.start:%m-%d %H:%M}" for each in partings(weekly(), "Asia/Tokyo", after=early)]

    assert found == ["03-31 13:00", "11-03 14:00"]


def test_a_gap_between_two_occurrences_hides_what_changed_and_changed_back() -> None:
    assert parted(weekly("FREQ=MONTHLY;BYDAY=1WE"), "America/New_York") == [
        "11-03 14:00",
        "12-01 14:00",
    ]


def test_a_moved_occurrence_is_not_taken_for_a_change_of_the_clocks() -> None:
    moved = Moved(
        original=datetime(2027, 3, 17, 15, 0), start=datetime(2027, 3, 17, 9, 0), duration=3600
    )

    assert parted(weekly(moved=(moved,)), "America/New_York")[0] == "03-24 14:00"


def test_a_single_conference_has_one_time_and_no_change() -> None:
    once = Schedule(start=datetime(2026, 11, 25, 15, 0), time_zone="Europe/Paris", duration=60)

    assert parted(once, "America/New_York") == []


def test_the_next_two_changes_are_said_with_the_readers_time() -> None:
    said = clock_change(weekly(), "en", "America/New_York", NOVEMBER).replace("\u00a0", " ")

    assert said == (
        "The clocks change: for you it starts at 10:00 AM from March 17, 2027 "
        "and at 9:00 AM from March 31, 2027."
    )


@pytest.mark.parametrize("language", PHRASES)
def test_every_language_says_both_changes_and_ends_like_a_sentence(language: str) -> None:
    said = clock_change(weekly(), language, "Asia/Tokyo", NOVEMBER)

    assert "22:00" in said.replace("10:00", "22:00")
    assert "23:00" in said.replace("11:00", "23:00")
    assert not {"{", "}"} & set(said)
    assert ".." not in said
