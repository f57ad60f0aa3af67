"""Claims about the life of a conference as the people on its list live through it."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from notifier.core.change import Verdict
from notifier.core.due import due, next_due
from notifier.core.events import Event
from notifier.core.life import Phase
from notifier.core.notice import Kind
from notifier.core.people import Person
from notifier.core.planning import plan
from notifier.core.stage import Stage, stage
from notifier.core.times.schedule import Schedule
from tests import cast
from tests.cast import ANNA, BORIS, CHEN, DANA, END, NOW, START
from tests.core.story import (
    Story,
    again,
    cancellation,
    end,
    invitation,
    removal,
    reschedule,
    settings,
    update,
)

WEEK = timedelta(days=7)
A = cast.schedule()
B = cast.schedule(start=A.start + timedelta(days=3))
WEEKLY = cast.schedule(recurrence="FREQ=WEEKLY")
ROOM: dict[str, Any] = {"launch": "virtual_room"}
REMINDING = settings(reminders={"offsets": ["1d", "5m"]})
# After the first meeting of the series, and before the second.
BETWEEN = END + timedelta(days=1)


def renumbered(**changes: Any) -> Person:
    return msgspec.structs.replace(ANNA, **changes)


def until(day: str) -> Schedule:
    return cast.schedule(recurrence=f"FREQ=WEEKLY;UNTIL={day}T235959Z")


# ---- R18: there and back ---------------------------------------------------------------------


def test_r18_turned_weekly_and_back_is_told_both_ways() -> None:
    story = Story(invitation(1, BORIS), reschedule(2, schedule=WEEKLY), reschedule(3, schedule=A))

    assert story.told == [("invitation", "Boris"), ("reschedule", "Boris"), ("reschedule", "Boris")]
    assert [each.previous for each in story.notices[1:]] == [A, WEEKLY]
    assert story.known.sequence == 2


def test_r18_turned_weekly_and_back_heard_backwards_is_told_once_as_it_is() -> None:
    story = Story(invitation(1, BORIS), reschedule(3, schedule=A), reschedule(2, schedule=WEEKLY))

    assert story.told == [("invitation", "Boris")]
    assert story.known.conference.schedule == A


# ---- a series that is made to end ------------------------------------------------------------


def test_a_series_cut_off_before_its_next_start_is_a_cancellation_of_that_start() -> None:
    story = Story(invitation(1, BORIS, schedule=WEEKLY))

    story.hear(reschedule(2, schedule=until("20261127"), said_at=BETWEEN), now=BETWEEN)

    assert story.told[1:] == [("cancellation", "Boris")]
    told = story.notices[-1]
    assert told.conference is not None
    assert told.conference.schedule == WEEKLY
    assert stage(story.known, at=BETWEEN) is Stage.ENDED


def test_a_series_cut_off_is_told_so_once_however_often_and_whenever_it_is_said() -> None:
    cut = reschedule(2, schedule=until("20261127"), said_at=BETWEEN)
    story = Story(invitation(1, BORIS, schedule=WEEKLY))

    for event in (cut, again(cut), cancellation(3, schedule=until("20261127"), said_at=BETWEEN)):
        story.hear(event, now=BETWEEN)

    assert story.told[1:] == [("cancellation", "Boris")]


def test_a_series_cut_off_and_taken_up_again_is_an_invitation_in_a_new_life() -> None:
    story = Story(invitation(1, BORIS, schedule=WEEKLY))

    story.hear(reschedule(2, schedule=until("20261127"), said_at=BETWEEN), now=BETWEEN)
    story.hear(reschedule(3, schedule=WEEKLY, said_at=BETWEEN), now=BETWEEN)

    assert story.told[1:] == [("cancellation", "Boris"), ("invitation", "Boris")]
    assert story.known.generation == 2


def test_a_series_that_ends_sooner_but_goes_on_is_a_reschedule() -> None:
    story = Story(invitation(1, BORIS, schedule=WEEKLY))

    story.hear(reschedule(2, schedule=until("20261211"), said_at=BETWEEN), now=BETWEEN)

    assert story.told[1:] == [("reschedule", "Boris")]


def test_a_series_that_was_over_anyway_is_cut_off_in_silence() -> None:
    short = until("20261127")
    story = Story(invitation(1, BORIS, schedule=short))

    before_it = cast.schedule(recurrence="FREQ=WEEKLY;UNTIL=20261127T230000Z")
    story.hear(reschedule(2, schedule=before_it, said_at=BETWEEN), now=BETWEEN)

    assert story.told == [("invitation", "Boris")]


def test_nobody_is_invited_late_to_a_series_that_was_cut_off() -> None:
    cut = reschedule(3, schedule=until("20261127"), said_at=BETWEEN)
    story = Story(invitation(1, BORIS, schedule=WEEKLY))

    story.hear(cut, now=BETWEEN)
    story.hear(invitation(2, CHEN, schedule=WEEKLY), now=BETWEEN)

    assert [whom for kind, whom in story.told if kind == "invitation"] == ["Boris"]
    assert story.untold == [("invitation", "Chen", "cancelled")]


# ---- R22: into a room and back ---------------------------------------------------------------


def test_r22_a_room_reminds_nobody_and_the_plan_that_it_becomes_reminds_of_itself_only() -> None:
    story = Story(invitation(1, BORIS), cancellation(2, **ROOM))
    assert next_due(story.known, REMINDING, after=NOW) is None

    back_at = START - timedelta(hours=12)  # the day before A's start has passed
    story.hear(reschedule(3, schedule=B, said_at=back_at), now=back_at)

    assert next_due(story.known, REMINDING, after=back_at) == START + timedelta(days=2)
    [notice] = due(story.known, REMINDING, since=back_at, until=START + timedelta(days=2))
    assert notice.occurrence is not None
    assert notice.occurrence.start == START + timedelta(days=3)


def test_r22_the_reminder_of_a_second_life_is_another_than_that_of_the_first() -> None:
    first = Story(invitation(1, BORIS))
    second = Story(invitation(1, BORIS), cancellation(2, **ROOM), reschedule(3, schedule=A))
    moment = START - timedelta(minutes=5)

    [one], [other] = (
        due(story.known, REMINDING, since=moment - timedelta(minutes=1), until=moment)
        for story in (first, second)
    )

    # The same id would have it that Boris was told already.
    ids = [plan(notice, BORIS, REMINDING).id for notice in (one, other)]
    assert ids[0] != ids[1]


def test_r22_into_a_room_and_back_in_any_order_leaves_the_plan() -> None:
    life = [invitation(1, BORIS), cancellation(2, **ROOM), reschedule(3, schedule=B)]

    for order in permutations(life):
        story = Story(*order)
        assert (story.known.phase, story.known.conference.schedule) == (Phase.PLANNED, B)
        # What was heard of the room too late is not told any more, but the new time always is.
        last = story.notices[-1].conference
        assert last is not None
        assert last.schedule == B


# ---- the owner -------------------------------------------------------------------------------


def test_another_owner_is_told_to_nobody_and_signs_the_next_mail() -> None:
    story = Story(invitation(1, BORIS), update(2, owner=DANA))
    assert story.told == [("invitation", "Boris")]

    story.hear(reschedule(3, schedule=B, owner=DANA))

    told = story.notices[-1]
    assert told.conference is not None
    assert told.conference.owner == DANA


@pytest.mark.parametrize(
    ("owner", "sequence"),
    [(DANA, 1), (renumbered(name="Anna Keller-Fox"), 1), (renumbered(mobile_phone="+49 1"), 0)],
    ids=["another owner", "another name", "another phone"],
)
def test_calendars_count_whom_organizer_names(owner: Person, sequence: int) -> None:
    story = Story(invitation(1, BORIS), update(2, owner=owner))

    assert story.known.sequence == sequence


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": renumbered(mobile_phone="+49 170 1")},
        {"schedule": cast.schedule(duration=7200)},
        {"notifications": {"reminders": ["5m"]}},
        {"access": "public"},
    ],
    ids=["the owner's phone", "the length", "the offsets", "the access"],
)
def test_r20_a_reschedule_that_no_reader_sees_sends_nothing(changes: dict[str, Any]) -> None:
    story = Story(invitation(1, BORIS))

    assert story.hear(reschedule(2, **changes)).verdict is Verdict.UNCHANGED
    assert story.told == [("invitation", "Boris")]


def test_r20_an_edit_of_the_past_of_a_series_sends_nothing_and_keeps_its_life() -> None:
    story = Story(invitation(1, BORIS, schedule=WEEKLY))
    left_out = cast.schedule(recurrence="FREQ=WEEKLY", exceptions=(A.start,))

    change = story.hear(reschedule(2, schedule=left_out, said_at=BETWEEN), now=BETWEEN)

    assert change.verdict is Verdict.UNCHANGED
    assert story.known.generation == 1


# ---- reminders -------------------------------------------------------------------------------


def test_the_same_offsets_in_other_words_lose_no_reminder_that_is_late() -> None:
    story = Story(invitation(1, BORIS, notifications={"reminders": ["60m"]}))
    late = START - timedelta(minutes=30)  # nobody looked for half an hour

    story.hear(update(2, notifications={"reminders": ["1h"]}), now=late)

    since = story.known.reminded_until
    assert since is not None
    assert len(due(story.known, REMINDING, since=since, until=late)) == 1


def test_offsets_that_are_chosen_late_do_not_call_up_what_they_would_have_said() -> None:
    story = Story(invitation(1, BORIS, notifications={"reminders": []}))
    late = START - timedelta(minutes=30)

    story.hear(update(2, notifications={"reminders": ["1h", "5m"]}), now=late)

    since = story.known.reminded_until
    assert since is not None
    assert due(story.known, REMINDING, since=since, until=late) == []
    assert next_due(story.known, REMINDING, after=late) == START - timedelta(minutes=5)


# ---- the list --------------------------------------------------------------------------------


def test_whoever_is_named_once_more_with_another_address_gets_later_mails_there() -> None:
    moved = msgspec.structs.replace(BORIS, email="boris@new.example.org", unique_link=None)
    story = Story(invitation(1, BORIS), invitation(2, moved))

    assert story.told == [("invitation", "Boris")]
    assert story.member(BORIS).person.email == "boris@new.example.org"


def test_p4_an_older_word_brings_no_old_address_back() -> None:
    moved = msgspec.structs.replace(BORIS, email="boris@new.example.org")
    story = Story(invitation(2, moved), invitation(1, BORIS))

    assert story.member(BORIS).person.email == "boris@new.example.org"


@pytest.mark.parametrize(
    "event",
    [reschedule(2, schedule=B), cancellation(2), cancellation(2, **ROOM), end(2)],
    ids=["moved", "deleted", "a room", "ended"],
)
def test_an_empty_list_is_told_nothing_and_stumbles_over_nothing(event: Event) -> None:
    story = Story(invitation(1, BORIS), removal(1, BORIS), event)

    assert story.listed == set()
    assert [kind for kind, _whom in story.told] == ["invitation", "removal"]


def test_r23_whoever_was_removed_hears_nothing_of_what_follows() -> None:
    story = Story(
        invitation(1, BORIS, CHEN), removal(2, BORIS), reschedule(3, schedule=B), cancellation(4)
    )

    assert [kind for kind, whom in story.told if whom == "Boris"] == ["invitation", "removal"]
    assert Kind.CANCELLATION in {notice.kind for notice in story.notices}


def test_r21_what_is_deleted_begins_no_new_life_whatever_its_last_snapshot_says() -> None:
    story = Story(invitation(1, BORIS), update(2, **ROOM), cancellation(3))

    invited, cancelled = (each.calendar for each in story.notices)

    # Boris's calendar knows the first life only, and finds its entry by the UID.
    assert invited is not None
    assert cancelled is not None
    assert (invited.generation, cancelled.generation) == (1, 1)
    assert cancelled.sequence > invited.sequence
