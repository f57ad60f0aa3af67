"""Claims about letters that waited: they say how things stand now (contract §1, later mails)."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from notifier.core.delivery import State
from notifier.core.due import due
from notifier.core.events import Conference, Event
from notifier.core.notice import Kind, Notice
from notifier.core.reasons import Reason
from notifier.core.restating import as_it_stands, as_told, says_the_same
from notifier.core.times.schedule import Moved
from tests import cast
from tests.cast import BORIS, CHEN, DANA, END, START
from tests.core.story import (
    Story,
    cancellation,
    invitation,
    registration,
    removal,
    reschedule,
    settings,
    update,
)

A = cast.schedule()
B = cast.schedule(start=A.start + timedelta(days=3))
C = cast.schedule(start=A.start + timedelta(days=10))
ROOM = {"launch": "virtual_room"}
REMINDING = settings(reminders={"offsets": ["1d", "5m"]})


def told(notice: Notice) -> Conference:
    assert notice.conference is not None
    return notice.conference


def reminder(story: Story, *, until: datetime) -> Notice:
    [notice] = due(story.known, REMINDING, since=until - timedelta(minutes=1), until=until)
    return notice


WAITING: list[tuple[Kind, list[Event]]] = [
    (Kind.INVITATION, [invitation(1, BORIS)]),
    (Kind.REGISTRATION, [registration(1, BORIS)]),
    (Kind.RESCHEDULE, [invitation(1, BORIS), reschedule(2, schedule=B)]),
]
# What a reader sees of a silent change.
SEEN: list[dict[str, Any]] = [
    {"name": "Annual review"},
    {"description": "Bring the numbers of the fourth quarter."},
    {"owner": CHEN},
    {"schedule": C},
    {"schedule": msgspec.structs.replace(C, duration=7200)},
    {"url": "https://meet.example.com/review"},
]


@pytest.mark.parametrize(("kind", "waiting"), WAITING, ids=[str(row[0]) for row in WAITING])
@pytest.mark.parametrize(
    "changes", SEEN, ids=["name", "description", "owner", "times", "times and length", "url"]
)
def test_a_letter_that_waited_says_how_the_conference_is_now(
    kind: Kind, waiting: list[Event], changes: dict[str, Any]
) -> None:
    story = Story(*waiting)
    notice = story.owed(kind)
    as_planned = {"schedule": story.known.conference.schedule}
    story.hear(update(7, **(as_planned | changes)))

    now = as_it_stands(notice, story.known)

    [(name, value)] = changes.items()
    assert getattr(told(now), name) == value
    assert (now.root, now.created, now.previous) == (notice.root, notice.created, notice.previous)
    assert story.overtakes(notice) is None


def test_a_reminder_that_waited_says_the_name_and_the_end_of_now() -> None:
    story = Story(invitation(1, BORIS))
    notice = reminder(story, until=START - timedelta(days=1))
    longer = cast.schedule(duration=7200)
    story.hear(update(2, name="Annual review", schedule=longer))

    now = as_it_stands(notice, story.known)

    assert told(now).name == "Annual review"
    assert now.occurrence is not None
    assert (now.occurrence.start, now.occurrence.end) == (START, START + timedelta(hours=2))
    assert now.deadline == notice.deadline


@pytest.mark.parametrize("kind", [Kind.CANCELLATION, Kind.REMOVAL])
def test_what_takes_something_back_says_what_it_took(kind: Kind) -> None:
    taken = removal(2, BORIS) if kind is Kind.REMOVAL else cancellation(2, **ROOM)
    story = Story(invitation(1, BORIS, CHEN), taken)
    notice = story.owed(kind)
    story.hear(update(3, name="The lounge", **ROOM))

    assert as_it_stands(notice, story.known) is notice


@pytest.mark.parametrize(
    "event",
    [
        update(2),
        update(2, notifications={"reminders": ["5m"]}),
        invitation(2, DANA),
        removal(2, CHEN),
        update(1, name="Said of the same revision"),
    ],
)
def test_what_no_reader_can_see_leaves_the_letter_as_it_was_decided(event: Event) -> None:
    story = Story(invitation(1, BORIS, CHEN))
    notice = story.owed(Kind.INVITATION)
    story.hear(event)

    assert as_it_stands(notice, story.known) is notice


def test_a_missed_call_and_a_stranger_conference_stay_as_they_are() -> None:
    story = Story(invitation(1, BORIS), update(2, name="New"))
    call = cast.heard("call.missed", cast.samples()["call.missed"]["data"])
    [missed] = Story(call).notices

    assert as_it_stands(missed, story.known) is missed
    assert as_it_stands(story.notices[0], None) is story.notices[0]


def test_equal_words_are_one_notice_whoever_is_taken_off_the_list_meanwhile() -> None:
    story = Story(invitation(1, BORIS, CHEN), update(2, name="New"))
    [boris, _chen] = story.notices
    first = as_it_stands(boris, story.known)
    story.hear(update(3, name="New", notifications={"reminders": []}))

    assert as_it_stands(boris, story.known) == first
    assert first.id != boris.id


def test_what_was_kept_at_the_fence_is_not_made_over() -> None:
    story = Story(invitation(1, BORIS), update(2, name="New"))
    kept = as_it_stands(story.owed(Kind.INVITATION), story.known)

    assert as_it_stands(kept, story.known) is kept


def test_the_calendar_entry_has_the_sequence_of_the_times_that_it_names() -> None:
    story = Story(invitation(1, BORIS))
    notice = story.owed(Kind.INVITATION)
    story.hear(update(2, schedule=C))

    calendar = as_it_stands(notice, story.known).calendar

    assert calendar is not None
    assert calendar.sequence == story.known.sequence == 1


@pytest.mark.parametrize("counted", [{"doubts": 1}, {"repeats": 1}])
def test_p3_a_mail_that_may_have_arrived_goes_again_in_the_same_words(
    counted: dict[str, int],
) -> None:
    story = Story(invitation(1, BORIS))
    [(notice, delivery)] = story.deliveries.values()
    story.hear(update(2, name="New"))

    again = msgspec.structs.replace(delivery, **counted)

    assert as_told(notice, again, story.known) is notice
    assert told(as_told(notice, delivery, story.known)).name == "New"
    assert delivery.state is State.PENDING


# ---- what becomes of a letter whose times change silently ------------------------------------


def test_an_invitation_lives_as_long_as_the_conference_that_was_silently_put_off() -> None:
    story = Story(invitation(1, BORIS))
    notice = story.owed(Kind.INVITATION)
    story.hear(update(2, schedule=B))

    assert as_it_stands(notice, story.known).deadline == END + timedelta(days=3)


def test_an_invitation_to_a_room_that_was_silently_planned_names_its_time() -> None:
    story = Story(invitation(1, BORIS, **ROOM))
    notice = story.owed(Kind.INVITATION)
    story.hear(update(2, schedule=B))

    assert story.overtakes(notice) is None
    now = as_it_stands(notice, story.known)
    assert told(now).schedule == B
    assert now.calendar is not None
    assert now.calendar.generation == 2


@pytest.mark.parametrize(
    "event",
    [reschedule(3, schedule=B), invitation(3, BORIS, schedule=B), registration(3, BORIS)],
    ids=["told to everybody", "invited to the plan", "signed up for the plan"],
)
def test_an_invitation_to_a_room_gives_way_to_one_that_names_its_time(event: Event) -> None:
    story = Story(invitation(1, BORIS, **ROOM))
    notice = story.owed(Kind.INVITATION)
    story.hear(update(2, schedule=B))
    story.hear(event)

    newer = [each for each in story.notices if each.id != notice.id]
    assert (story.overtakes(notice) is None) is (not newer)


def test_a_move_that_was_silently_undone_is_not_told() -> None:
    story = Story(invitation(1, BORIS), reschedule(2, schedule=B))
    notice = story.owed(Kind.RESCHEDULE)
    story.hear(update(3, schedule=A))

    assert story.overtakes(notice) is Reason.NEWER
    assert story.overtakes(story.owed(Kind.INVITATION)) is None


def test_a_move_of_one_occurrence_that_was_silently_undone_is_not_told() -> None:
    weekly = cast.schedule(recurrence="FREQ=WEEKLY")
    later = Moved(original=A.start, start=A.start + timedelta(hours=1), duration=3600)
    moved = cast.schedule(recurrence="FREQ=WEEKLY", moved=(later,))
    story = Story(invitation(1, BORIS, schedule=weekly), reschedule(2, schedule=moved))
    notice = story.owed(Kind.RESCHEDULE)
    assert story.overtakes(notice) is None

    story.hear(update(3, schedule=weekly))

    assert story.overtakes(notice) is Reason.NEWER


def test_says_the_same_knows_what_a_reader_sees() -> None:
    notice = Story(invitation(1, BORIS)).notices[0]
    renamed = msgspec.structs.replace(notice, conference=cast.conference(name="New"))
    assert notice.calendar is not None
    counted = msgspec.structs.replace(notice.calendar, sequence=5)
    reborn = msgspec.structs.replace(notice.calendar, generation=2)

    assert not says_the_same(notice, renamed)
    # Another entry in the calendar: what takes the first one back must not take this one.
    assert not says_the_same(notice, msgspec.structs.replace(notice, calendar=reborn))
    assert says_the_same(notice, msgspec.structs.replace(notice, calendar=counted))
