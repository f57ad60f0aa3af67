"""Claims about changed plans: what a reader sees of them, and which meeting the letter names."""

from datetime import datetime, timedelta

import pytest

from notifier.core.events import Event
from notifier.core.notice import Kind
from notifier.core.settings import Settings
from notifier.core.times.changes import first_change, same_times
from notifier.core.times.schedule import Moved, Schedule
from notifier.core.values import values
from tests import cast
from tests.cast import BORIS, NOW, START
from tests.core.story import Story, invitation, reschedule

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
LOCAL = cast.schedule().start


def weekly(rule: str = "FREQ=WEEKLY", **changes: object) -> Schedule:
    return cast.schedule(recurrence=rule, **changes)


def moved(week: int, by: timedelta) -> Schedule:
    """The weekly series with one meeting at another time."""
    original = LOCAL + week * WEEK
    return weekly(moved=(Moved(original=original, start=original + by, duration=3600),))


PLANS: list[tuple[str, Schedule, Schedule, tuple[datetime, datetime] | None]] = [
    ("moved once", cast.schedule(), cast.schedule(start=LOCAL + HOUR), (START, START + HOUR)),
    ("the next meeting", weekly(), moved(0, HOUR), (START, START + HOUR)),
    ("a later meeting", weekly(), moved(2, HOUR), (START + 2 * WEEK, START + 2 * WEEK + HOUR)),
    (
        "a meeting put behind the one after it",
        weekly(),
        moved(1, timedelta(days=8)),
        (START + WEEK, START + WEEK + timedelta(days=8)),
    ),
    ("moved back", moved(2, HOUR), weekly(), (START + 2 * WEEK + HOUR, START + 2 * WEEK)),
    (
        "left out",
        weekly(),
        weekly(exceptions=(LOCAL + WEEK,)),
        (START + WEEK, START + 2 * WEEK),
    ),
    (
        "another hour",
        weekly(),
        weekly(start=LOCAL + HOUR),
        (START, START + HOUR),
    ),
    (
        "another zone",
        weekly(),
        weekly(time_zone="America/New_York"),
        (START, START + timedelta(hours=6)),
    ),
    ("R18 now a series", cast.schedule(), weekly(), None),
    ("shorter", weekly(), weekly("FREQ=WEEKLY;COUNT=3"), None),
    ("other words", weekly(), weekly("BYDAY=FR;FREQ=WEEKLY"), None),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [row[1:] for row in PLANS], ids=[row[0] for row in PLANS]
)
def test_the_meeting_that_a_reader_sees_at_another_time(
    before: Schedule, after: Schedule, expected: tuple[datetime, datetime] | None
) -> None:
    found = first_change(before, after, since=NOW)

    assert (found and (found[0].start, found[1].start)) == expected


def _told_of(event: Event, before: Schedule) -> dict[str, str]:
    story = Story(invitation(1, BORIS, schedule=before), event)
    notice, delivery = list(story.deliveries.values())[-1]
    assert notice.kind is Kind.RESCHEDULE
    return values(notice, delivery.recipient, Settings(), language="en", now=NOW)


def test_r17_a_letter_about_one_moved_meeting_names_that_one() -> None:
    said = _told_of(reschedule(2, schedule=moved(2, HOUR)), weekly())

    assert "December 11, 2026" in said["start_time"]
    assert "4:00" in said["start_time"]
    assert "3:00" in said["previous_start_time"]


def test_r18_a_letter_that_says_from_friday_to_friday_does_not_say_formerly() -> None:
    said = _told_of(reschedule(2, schedule=weekly()), cast.schedule())

    assert "November 27, 2026" in said["start_time"]
    assert said.get("previous_start_time", "") == ""
    assert said["recurrence"] != ""


def test_r17_a_letter_about_a_day_left_out_names_it() -> None:
    said = _told_of(reschedule(2, schedule=weekly(exceptions=(LOCAL + WEEK,))), weekly())
    moved_too = _told_of(reschedule(2, schedule=moved(2, HOUR)), weekly())

    assert (said["left_out_days"], said["moved_days"]) == ("December 4, 2026", "")
    assert moved_too["moved_days"].startswith("December 11, 2026 → December 11, 2026, 4:00")


def test_r18_a_letter_about_another_rhythm_names_the_former_one() -> None:
    said = _told_of(reschedule(2, schedule=weekly("FREQ=WEEKLY;BYDAY=FR,SA")), weekly())
    single = _told_of(reschedule(2, schedule=cast.schedule()), weekly())
    same = _told_of(reschedule(2, schedule=moved(2, HOUR)), weekly())

    assert said["recurrence"].startswith("every Friday and Saturday")
    assert said["previous_recurrence"].startswith("every Friday at")
    assert (single["recurrence"], single["previous_recurrence"][:12]) == ("", "every Friday")
    assert same["previous_recurrence"] == ""


# ---- what a reader cannot see ------------------------------------------------------------------

DAILY = "FREQ=DAILY"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (weekly(), weekly("BYDAY=FR;FREQ=WEEKLY"), True),
        (weekly(), weekly("freq=weekly;wkst=su"), True),
        (weekly(), weekly(time_zone="Europe/Berlin"), True),
        # Longer than the starts that are compared: the end is seen all the same.
        (weekly(DAILY + ";COUNT=300"), weekly(DAILY + ";COUNT=100"), False),
        (weekly(DAILY), weekly(DAILY + ";COUNT=100"), False),
        (weekly(DAILY + ";COUNT=300"), weekly(DAILY + ";UNTIL=20270922T130000Z"), True),
        (weekly("FREQ=WEEKLY;COUNT=3"), weekly("FREQ=WEEKLY;UNTIL=20261215"), True),
    ],
)
def test_r20_the_same_starts_in_other_words_are_the_same_times(
    one: Schedule, other: Schedule, same: bool
) -> None:
    assert same_times(one, other, now=NOW) is same
    assert same_times(other, one, now=NOW) is same


def test_r20_an_edit_of_what_is_over_is_seen_by_nobody() -> None:
    begun = LOCAL - 4 * WEEK
    before = weekly("FREQ=WEEKLY;COUNT=6", start=begun)
    past_edited = weekly("FREQ=WEEKLY;COUNT=6", start=begun, exceptions=(begun,))
    over = weekly("FREQ=WEEKLY;COUNT=2", start=begun)
    over_edited = weekly("FREQ=WEEKLY;COUNT=1", start=begun)

    assert same_times(before, past_edited, now=NOW)
    assert same_times(over, over_edited, now=NOW)
