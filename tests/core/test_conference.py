"""Claims about what an event changes, in the right order and in any other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from notifier.core.change import Verdict
from notifier.core.events import Event
from notifier.core.life import NEXT, Phase, Turn
from notifier.core.people import Person, person_key
from notifier.core.times.changes import same_times
from notifier.core.times.schedule import Moved, Schedule
from tests import cast
from tests.cast import BORIS, CHEN, DANA, NOW
from tests.core.story import (
    Story,
    cancellation,
    end,
    invitation,
    removal,
    reschedule,
    update,
)

A = cast.schedule()
B = cast.schedule(start=A.start + timedelta(days=3))
C = cast.schedule(start=A.start + timedelta(days=10))
WEEKLY = cast.schedule(recurrence="FREQ=WEEKLY")
AFTER_A = cast.END + timedelta(hours=2)
ROOM: dict[str, Any] = {"launch": "virtual_room"}


def names(*people: Person) -> set[str]:
    return {person_key(person) for person in people}


# ---- the table -----------------------------------------------------------------------------


def before_it(phase: Phase | None) -> list[Event]:
    """What brings a conference to a phase."""
    match phase:
        case None:
            return []
        case Phase.PLANNED:
            return [invitation(1, BORIS)]
        case Phase.ROOM:
            return [invitation(1, BORIS, **ROOM)]
        case Phase.CANCELLED:
            return [invitation(1, BORIS), cancellation(2)]
        case Phase.ENDED:
            return [invitation(1, BORIS), end(2)]


HAPPENS: dict[Turn, Callable[[], Event]] = {
    Turn.PLAN: lambda: reschedule(9, schedule=B),
    Turn.OPEN: lambda: invitation(9, CHEN, **ROOM),
    Turn.CANCEL: lambda: cancellation(9),
    Turn.END: lambda: end(9),
}


@pytest.mark.parametrize(("phase", "turn"), NEXT)
def test_every_row_of_the_table_happens(phase: Phase | None, turn: Turn) -> None:
    story = Story(*before_it(phase))
    happens = HAPPENS[turn]()
    if (phase, turn) == (Phase.ROOM, Turn.CANCEL):
        happens = cancellation(9, **ROOM)

    story.hear(happens)

    assert story.known.phase is NEXT[phase, turn]


ALL_PAIRS = set(product([None, *Phase], Turn))
ABSENT = sorted(ALL_PAIRS - set(NEXT), key=str)


@pytest.mark.parametrize(("phase", "turn"), ABSENT)
def test_what_is_not_in_the_table_changes_no_phase(phase: Phase, turn: Turn) -> None:
    story = Story(*before_it(phase))
    happens = end(9, **ROOM) if phase is Phase.ROOM else HAPPENS[turn]()

    story.hear(happens)

    assert story.known.phase is phase


def test_the_absent_pairs_are_those_that_are_left_out_on_purpose() -> None:
    assert set(ABSENT) == {
        (Phase.ROOM, Turn.END),
        (Phase.CANCELLED, Turn.CANCEL),
        (Phase.CANCELLED, Turn.END),
        (Phase.ENDED, Turn.END),
    }


@pytest.mark.parametrize(
    "event",
    [
        cast.heard(kind, cast.samples()[kind]["data"])
        for kind in ("call.missed", "recipient.bounced", "server.restart")
    ],
    ids=lambda event: event.type,
)
def test_what_is_not_about_a_conference_changes_none(event: Event) -> None:
    change = Story(invitation(1, BORIS)).hear(event)

    assert change.verdict is Verdict.APART
    assert change.after is None
    assert change.rows == ()


# ---- who is told of times ------------------------------------------------------------------


def test_r17_a_new_start_is_told_to_everybody() -> None:
    told = Story(invitation(1, BORIS, CHEN), reschedule(2, schedule=B)).told

    assert told[2:] == [("reschedule", "Boris"), ("reschedule", "Chen")]


@pytest.mark.parametrize(("old", "new"), [(A, WEEKLY), (WEEKLY, A)])  # R18
def test_r18_one_off_and_series_are_told_apart(old: Schedule, new: Schedule) -> None:
    story = Story(invitation(1, BORIS, schedule=old), reschedule(2, schedule=new))

    assert story.told == [("invitation", "Boris"), ("reschedule", "Boris")]
    assert story.notices[-1].previous == old


DAILY = cast.schedule(recurrence="FREQ=DAILY")
BY_NAME = cast.schedule(recurrence="FREQ=WEEKLY;BYDAY=FR")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (A, cast.schedule(time_zone="Europe/Berlin"), True),
        (A, cast.schedule(start=cast.START.replace(hour=14, tzinfo=None), time_zone="UTC"), True),
        (A, cast.schedule(duration=7200), True),
        (WEEKLY, BY_NAME, True),
        (WEEKLY, cast.schedule(recurrence="FREQ=WEEKLY;INTERVAL=1"), True),
        (A, B, False),
        (A, WEEKLY, False),
        (WEEKLY, DAILY, False),
        (WEEKLY, cast.schedule(recurrence="FREQ=WEEKLY;COUNT=3"), False),
        (WEEKLY, cast.schedule(recurrence="FREQ=WEEKLY", exceptions=(A.start,)), False),
        (
            WEEKLY,
            cast.schedule(
                recurrence="FREQ=WEEKLY",
                moved=(Moved(original=A.start, start=B.start, duration=60),),
            ),
            False,
        ),
        (A, None, False),
        (None, None, True),
    ],
)
def test_r20_same_times_are_what_a_reader_sees(
    old: Schedule | None, new: Schedule | None, same: bool
) -> None:
    assert same_times(old, new, now=NOW) is same
    assert same_times(new, old, now=NOW) is same


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": cast.schedule(time_zone="Europe/Berlin")},
        {"owner": cast.person(1, name="Anna Keller")},
        {"description": "Numbers of the third quarter."},
        {},
    ],
    ids=["other words", "another owner", "the same description", "nothing"],
)
def test_r20_what_no_reader_can_see_sends_nothing(changes: dict[str, Any]) -> None:
    story = Story(invitation(1, BORIS))

    change = story.hear(reschedule(2, **changes))

    assert change.verdict is Verdict.UNCHANGED
    assert story.told == [("invitation", "Boris")]


def test_r20_people_who_joined_later_hear_nothing_of_other_words_for_what_they_know() -> None:
    story = Story(
        invitation(1, BORIS),
        update(2, schedule=B),
        invitation(3, CHEN, schedule=B),
        reschedule(4, schedule=cast.schedule(start=B.start, time_zone="Europe/Berlin")),
    )

    assert story.told[2:] == [("reschedule", "Boris")]


def test_r19_an_ended_one_off_with_a_new_start_is_an_invitation() -> None:
    story = Story(invitation(1, BORIS, CHEN))

    story.hear(reschedule(2, schedule=C, said_at=AFTER_A), now=AFTER_A)

    assert story.told[2:] == [("invitation", "Boris"), ("invitation", "Chen")]
    assert story.known.generation == 2
    assert story.known.sequence == 0


def test_r19_one_that_was_said_to_have_ended_is_invited_to_anew() -> None:
    story = Story(invitation(1, BORIS), end(2), reschedule(3, schedule=C))

    assert story.told == [("invitation", "Boris"), ("invitation", "Boris")]


def test_r19_one_that_ended_only_while_the_event_waited_was_rescheduled() -> None:
    story = Story(invitation(1, BORIS))

    story.hear(reschedule(2, schedule=C, said_at=NOW), now=AFTER_A)

    assert story.told[1:] == [("reschedule", "Boris")]
    assert story.known.generation == 1


@pytest.mark.parametrize("revision_of_update", [2, 3])
def test_r19_a_silent_update_ahead_of_it_does_not_make_it_a_reschedule(
    revision_of_update: int,
) -> None:
    story = Story(invitation(1, BORIS))

    story.hear(update(revision_of_update, schedule=C, said_at=AFTER_A), now=AFTER_A)
    story.hear(reschedule(2, schedule=C, said_at=AFTER_A), now=AFTER_A)

    assert story.told[1:] == [("invitation", "Boris")]
    assert story.known.generation == 2


def test_r19_further_people_invited_ahead_of_it_do_not_hide_it_from_the_others() -> None:
    story = Story(invitation(1, BORIS))

    story.hear(invitation(3, CHEN, schedule=C, said_at=AFTER_A), now=AFTER_A)
    story.hear(reschedule(2, schedule=C, said_at=AFTER_A), now=AFTER_A)

    assert story.told[1:] == [("invitation", "Chen"), ("invitation", "Boris")]
    assert story.listed == names(BORIS, CHEN)


def test_r19_people_invited_again_to_an_ended_one_are_invited_once() -> None:
    story = Story(invitation(1, BORIS))

    story.hear(invitation(2, BORIS, CHEN, schedule=C, said_at=AFTER_A), now=AFTER_A)
    story.hear(reschedule(2, schedule=C, said_at=AFTER_A), now=AFTER_A)

    assert story.told[1:] == [("invitation", "Boris"), ("invitation", "Chen")]


def test_a_move_into_the_past_tells_nobody() -> None:
    past = cast.schedule(start=A.start - timedelta(days=30))

    story = Story(invitation(1, BORIS), reschedule(2, schedule=past))

    assert story.told == [("invitation", "Boris")]


# ---- what is off ---------------------------------------------------------------------------

START = cast.START


@pytest.mark.parametrize(
    ("said_at", "told"),
    [
        (START - timedelta(seconds=1), True),
        (START, False),
        (START + timedelta(minutes=30), False),
        (AFTER_A, False),
    ],
    ids=["before", "at the start", "while it runs", "afterwards"],
)
def test_r21_only_what_is_deleted_before_its_start_is_told(said_at: datetime, told: bool) -> None:
    story = Story(invitation(1, BORIS))

    story.hear(cancellation(2, said_at=said_at), now=AFTER_A + timedelta(hours=1))

    assert (("cancellation", "Boris") in story.told) is told
    assert story.known.phase is Phase.CANCELLED


def test_r21_a_clock_that_runs_ahead_makes_nothing_early() -> None:
    story = Story(invitation(1, BORIS))

    story.hear(cancellation(2, said_at=AFTER_A), now=NOW)

    assert ("cancellation", "Boris") in story.told


def test_r21_a_series_is_cancelled_before_any_of_its_starts() -> None:
    story = Story(invitation(1, BORIS, schedule=WEEKLY))

    story.hear(cancellation(2, schedule=WEEKLY, said_at=AFTER_A), now=AFTER_A)

    assert ("cancellation", "Boris") in story.told


@pytest.mark.parametrize("launch", ["scheduled", "virtual_room"])  # R21, R22
def test_a_cancellation_names_the_times_that_will_not_be(launch: str) -> None:
    gone = ROOM if launch == "virtual_room" else {}

    story = Story(invitation(1, BORIS), cancellation(2, **gone))

    told = story.notices[-1]
    assert told.conference is not None
    assert told.conference.schedule == A


def test_r22_turned_into_a_room_is_a_cancellation_and_leaves_a_room() -> None:
    story = Story(invitation(1, BORIS), cancellation(2, **ROOM))

    assert story.told[1:] == [("cancellation", "Boris")]
    assert story.known.phase is Phase.ROOM
    assert story.listed == names(BORIS)


def test_r22_a_deleted_room_is_silent() -> None:
    story = Story(invitation(1, BORIS, **ROOM), cancellation(2, **ROOM))

    assert story.told == [("invitation", "Boris")]
    assert story.known.phase is Phase.CANCELLED


def test_a_room_that_is_planned_is_an_invitation_in_a_new_life() -> None:
    story = Story(invitation(1, BORIS, **ROOM), reschedule(2, schedule=A))

    assert story.told == [("invitation", "Boris"), ("invitation", "Boris")]
    assert (story.known.phase, story.known.generation) == (Phase.PLANNED, 2)


def test_a_room_that_was_silently_planned_is_still_told_as_an_invitation() -> None:
    story = Story(invitation(1, BORIS, **ROOM), update(2, schedule=A), reschedule(2, schedule=A))

    assert story.told[1:] == [("invitation", "Boris")]


def test_what_was_cancelled_and_is_planned_as_before_is_told_again() -> None:
    story = Story(invitation(1, BORIS), cancellation(2, **ROOM), reschedule(3, schedule=A))

    assert story.told[1:] == [("cancellation", "Boris"), ("invitation", "Boris")]


def test_a_deleted_conference_that_is_invited_to_anew_has_a_new_list() -> None:
    story = Story(invitation(1, BORIS), cancellation(2), invitation(3, CHEN))

    assert story.told[2:] == [("invitation", "Chen")]
    assert story.listed == names(CHEN)
    assert story.known.generation == 2


def test_a_deleted_conference_that_is_rescheduled_has_its_list_back() -> None:
    story = Story(invitation(1, BORIS), cancellation(2), reschedule(3, schedule=B))

    assert story.told[2:] == [("invitation", "Boris")]
    assert story.listed == names(BORIS)


def test_nobody_is_invited_to_what_is_over_and_the_reason_is_recorded() -> None:
    story = Story()

    story.hear(invitation(1, BORIS), now=AFTER_A)

    assert story.told == []
    assert story.untold == [("invitation", "Boris", "ended")]


def test_whoever_was_added_after_the_end_hears_of_the_new_start() -> None:
    story = Story()

    story.hear(invitation(1, BORIS), now=AFTER_A)
    story.hear(reschedule(2, schedule=C, said_at=AFTER_A), now=AFTER_A)

    assert story.told == [("invitation", "Boris")]


def test_the_end_of_one_meeting_ends_neither_series_nor_room() -> None:
    series = Story(invitation(1, BORIS, schedule=WEEKLY), end(1, schedule=WEEKLY))
    room = Story(invitation(1, BORIS, **ROOM), end(1, **ROOM))

    assert series.known.phase is Phase.PLANNED
    assert room.known.phase is Phase.ROOM


def test_an_end_tells_nobody() -> None:
    assert Story(invitation(1, BORIS), end(2)).told == [("invitation", "Boris")]


# ---- the numbers of calendars --------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "sequence"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([reschedule(2, schedule=B)], 1, id="R17"),
        pytest.param([update(2, schedule=cast.schedule(duration=60))], 1, id="duration"),
        pytest.param([update(2, name="Another name")], 0, id="name"),
        pytest.param([removal(2, BORIS)], 1, id="R23"),
        pytest.param([removal(2, DANA)], 0, id="R23 of a stranger"),
        pytest.param([removal(2, BORIS), invitation(3, BORIS)], 2, id="R24"),
        pytest.param([cancellation(2)], 1, id="R21"),
        pytest.param([cancellation(2), reschedule(3, schedule=B)], 0, id="a new life"),
    ],
)
def test_sequence_grows_with_what_calendars_must_replace(
    events: list[Event], sequence: int
) -> None:
    assert Story(invitation(1, BORIS, CHEN), *events).known.sequence == sequence
