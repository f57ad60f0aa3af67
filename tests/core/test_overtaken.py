"""Claims about the last look: what is still true for a person just before it leaves."""

from datetime import datetime, timedelta

import msgspec
import pytest

from notifier.core.due import due
from notifier.core.events import Event
from notifier.core.life import Standing
from notifier.core.notice import Kind, Notice
from notifier.core.overtaken import overtaken
from notifier.core.people import person_key
from notifier.core.planning import as_invitations
from notifier.core.reasons import Reason
from notifier.core.times.schedule import Schedule
from tests import cast
from tests.cast import BORIS, CHEN, END, NOW, START
from tests.core.story import (
    Story,
    cancellation,
    end,
    invitation,
    registration,
    removal,
    reschedule,
    settings,
    update,
)

A = cast.schedule()
B = cast.schedule(start=A.start + timedelta(days=3))
WEEKLY = cast.schedule(recurrence="FREQ=WEEKLY")
ROOM = {"launch": "virtual_room"}
AFTER = END + timedelta(hours=1)
REMINDING = settings(reminders={"offsets": ["1d", "5m"]})


# What waits (its story and kind), what happens meanwhile, and whether it is still true.
CASES: list[tuple[str, list[Event], Kind, list[Event], Reason | None]] = [
    ("nothing", [invitation(1, BORIS)], Kind.INVITATION, [], None),
    ("R16 cancelled", [invitation(1, BORIS)], Kind.INVITATION, [cancellation(2)], Reason.CANCELLED),
    (
        "R22 a room",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [cancellation(2, **ROOM)],
        Reason.CANCELLED,
    ),
    ("ended", [invitation(1, BORIS)], Kind.INVITATION, [end(2)], Reason.ENDED),
    ("removed", [invitation(1, BORIS)], Kind.INVITATION, [removal(2, BORIS)], Reason.REMOVED),
    ("another removed", [invitation(1, BORIS, CHEN)], Kind.INVITATION, [removal(2, CHEN)], None),
    (
        "R17 moved",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [reschedule(2, schedule=B)],
        Reason.NEWER,
    ),
    (
        "signed up, and told the new times by that",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [registration(2, BORIS, schedule=B)],
        Reason.NEWER,
    ),
    (
        "another signed up, and was told the new times",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [registration(2, CHEN, schedule=B)],
        None,
    ),
    (
        "R18 now a series",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [reschedule(2, schedule=WEEKLY)],
        Reason.NEWER,
    ),
    (
        "R20 other words for the same start silence nothing",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [reschedule(2, schedule=cast.schedule(time_zone="Europe/Berlin"))],
        None,
    ),
    (
        "moved silently: nothing else would be sent",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [update(2, schedule=B)],
        None,
    ),
    (
        "there and back",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [update(2, schedule=B), reschedule(3, schedule=A)],
        None,
    ),
    (
        "a newer invitation with the new time",
        [invitation(1, BORIS), update(3, schedule=B), invitation(3, CHEN, schedule=B)],
        Kind.INVITATION,
        [reschedule(2, schedule=B)],
        Reason.NEWER,
    ),
    ("renamed", [invitation(1, BORIS)], Kind.INVITATION, [update(2, name="New")], None),
    (
        "R10 moved",
        [registration(1, BORIS)],
        Kind.REGISTRATION,
        [reschedule(2, schedule=B)],
        Reason.NEWER,
    ),
    (
        "R17 moved twice",
        [invitation(1, BORIS), reschedule(2, schedule=B)],
        Kind.RESCHEDULE,
        [reschedule(3, schedule=WEEKLY)],
        Reason.NEWER,
    ),
    (
        "R21 cancelled after a move",
        [invitation(1, BORIS), reschedule(2, schedule=B)],
        Kind.RESCHEDULE,
        [cancellation(3)],
        Reason.CANCELLED,
    ),
    (
        "R21 the cancellation itself",
        [invitation(1, BORIS), cancellation(2)],
        Kind.CANCELLATION,
        [],
        None,
    ),
    (
        "a cancellation whose conference came back",
        [invitation(1, BORIS), cancellation(2)],
        Kind.CANCELLATION,
        [reschedule(3, schedule=B)],
        None,
    ),
    ("R23 the removal itself", [invitation(1, BORIS), removal(2, BORIS)], Kind.REMOVAL, [], None),
    (
        "R24 back on the list",
        [invitation(1, BORIS), removal(2, BORIS)],
        Kind.REMOVAL,
        [invitation(3, BORIS)],
        Reason.NEWER,
    ),
    (
        "R17 moved again, and again to these times: one of the two",
        [invitation(1, BORIS), reschedule(2, schedule=B)],
        Kind.RESCHEDULE,
        [reschedule(3, schedule=A), reschedule(4, schedule=B)],
        Reason.NEWER,
    ),
    (
        "R17 moved, and taken off and invited to the new times since",
        [invitation(1, BORIS), reschedule(2, schedule=B)],
        Kind.RESCHEDULE,
        [removal(3, BORIS, schedule=B), invitation(4, BORIS, schedule=B)],
        Reason.NEWER,
    ),
    (
        "R20 moved, and the same said in other words",
        [invitation(1, BORIS), reschedule(2, schedule=B)],
        Kind.RESCHEDULE,
        [reschedule(3, schedule=B, name="Another name")],
        None,
    ),
    (
        "R24 back on the list, the removal heard after a newer change",
        [invitation(1, BORIS), update(9), removal(2, BORIS)],
        Kind.REMOVAL,
        [invitation(3, BORIS)],
        Reason.NEWER,
    ),
    (
        "R23 removed, invited and removed again: one of the two",
        [invitation(1, BORIS), removal(2, BORIS)],
        Kind.REMOVAL,
        [invitation(3, BORIS), removal(4, BORIS)],
        Reason.NEWER,
    ),
    (
        "R24 invited, removed and invited again: one of the two",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [removal(2, BORIS), invitation(3, BORIS)],
        Reason.NEWER,
    ),
    (
        "R9 invited, and named again in a later invitation",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [invitation(3, BORIS, CHEN)],
        None,
    ),
    (
        "R10 signed up again, with another link",
        [registration(1, msgspec.structs.replace(BORIS, unique_link="https://x.example/1"))],
        Kind.REGISTRATION,
        [registration(2, msgspec.structs.replace(BORIS, unique_link="https://x.example/2"))],
        Reason.NEWER,
    ),
    (
        "invited, and signed up since: of both",
        [invitation(1, BORIS)],
        Kind.INVITATION,
        [registration(2, BORIS)],
        None,
    ),
    (
        "R23 removed, and the same said again",
        [invitation(1, BORIS), removal(2, BORIS)],
        Kind.REMOVAL,
        [removal(3, BORIS)],
        None,
    ),
    (
        "R23 removed, and invited to the next life",
        [invitation(1, BORIS, CHEN), removal(2, BORIS)],
        Kind.REMOVAL,
        [cancellation(3), reschedule(4, schedule=B), invitation(5, BORIS, schedule=B)],
        None,
    ),
    (
        "R23 removed, then moved",
        [invitation(1, BORIS, CHEN), removal(2, BORIS)],
        Kind.REMOVAL,
        [reschedule(3, schedule=B)],
        None,
    ),
    (
        "R23 removed, then in a new life",
        [invitation(1, BORIS, CHEN), removal(2, BORIS)],
        Kind.REMOVAL,
        [end(3), reschedule(4, schedule=B)],
        None,
    ),
    (
        "a room that was planned",
        [invitation(1, BORIS, **ROOM)],
        Kind.INVITATION,
        [reschedule(2, schedule=B)],
        Reason.NEWER,
    ),
    ("a room edited", [invitation(1, BORIS, **ROOM)], Kind.INVITATION, [update(2, **ROOM)], None),
]


@pytest.mark.parametrize(
    ("waiting", "kind", "meanwhile", "reason"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_what_is_no_longer_true_does_not_leave(
    waiting: list[Event], kind: Kind, meanwhile: list[Event], reason: Reason | None
) -> None:
    story = Story(*waiting)
    notice = story.owed(kind)
    for event in meanwhile:
        story.hear(event)

    assert story.overtakes(notice) == reason


@pytest.mark.parametrize(
    ("now", "reason"),
    [(START, None), (END - timedelta(seconds=1), None), (END, Reason.STARTED)],
)
def test_an_invitation_is_true_until_the_end(now: datetime, reason: Reason | None) -> None:
    story = Story(invitation(1, BORIS))

    assert story.overtakes(story.notices[0], now=now) == reason


def test_a_missed_call_stays_true() -> None:
    story = Story(cast.heard("call.missed", cast.samples()["call.missed"]["data"]))

    assert overtaken(story.notices[0], None, None, now=AFTER) is None


# ---- reminders -----------------------------------------------------------------------------


def reminder(story: Story, *, until: datetime) -> Notice:
    [notice] = due(story.known, REMINDING, since=until - timedelta(minutes=1), until=until)
    return notice


# R16: what happens after the reminder of one day, and whether it is still true.
MEANWHILE: list[tuple[str, list[Event], Reason | None]] = [
    ("nothing", [], None),
    ("moved", [reschedule(2, schedule=B)], Reason.NEWER),
    ("moved silently", [update(2, schedule=B)], Reason.NEWER),
    ("cancelled", [cancellation(2)], Reason.CANCELLED),
    ("a room", [update(2, **ROOM)], Reason.CANCELLED),
    ("ended", [end(2)], Reason.ENDED),
    ("removed", [removal(2, BORIS)], Reason.REMOVED),
    ("other words", [update(2, schedule=cast.schedule(time_zone="Europe/Berlin"))], None),
    ("now a series", [reschedule(2, schedule=WEEKLY)], None),
    (
        "left out",
        [update(2, schedule=cast.schedule(recurrence="FREQ=WEEKLY", exceptions=(A.start,)))],
        Reason.NEWER,
    ),
]


@pytest.mark.parametrize(
    ("meanwhile", "reason"), [case[1:] for case in MEANWHILE], ids=[case[0] for case in MEANWHILE]
)
def test_r16_no_reminder_of_what_is_no_longer_true(
    meanwhile: list[Event], reason: Reason | None
) -> None:
    story = Story(invitation(1, BORIS))
    moment = START - timedelta(days=1)
    notice = reminder(story, until=moment)
    for event in meanwhile:
        story.hear(event, now=moment)

    assert story.overtakes(notice, now=moment) == reason


@pytest.mark.parametrize(
    ("minutes_before", "now", "reason"),
    [
        (1440, START - timedelta(minutes=6), None),
        (1440, START - timedelta(minutes=5), Reason.NEWER),  # the nearer one is due
        (1440, START, Reason.STARTED),
        (5, START - timedelta(seconds=1), None),
        (5, START, Reason.STARTED),
    ],
)
def test_r16_a_late_reminder_leaves_before_the_start_or_yields_to_the_nearer(
    minutes_before: int, now: datetime, reason: Reason | None
) -> None:
    story = Story(invitation(1, BORIS))
    notice = reminder(story, until=START - timedelta(minutes=minutes_before))

    assert story.overtakes(notice, now=now) == reason


def test_r16_one_occurrence_left_out_silences_its_own_reminder_only() -> None:
    story = Story(invitation(1, BORIS, schedule=WEEKLY))
    second = START + timedelta(days=7)
    notices = [reminder(story, until=each - timedelta(minutes=5)) for each in (START, second)]
    left_out = cast.schedule(recurrence="FREQ=WEEKLY", exceptions=(A.start,))

    story.hear(update(2, schedule=left_out))

    assert [story.overtakes(each) for each in notices] == [Reason.NEWER, None]


def test_somebody_of_whom_nothing_is_remembered_is_told() -> None:
    story = Story(invitation(1, BORIS))
    orphan = msgspec.structs.replace(story.remembered, members={})

    assert overtaken(story.notices[0], orphan.known, None, now=NOW) is None


SETTLING = settings(notifications={"settle_seconds": 3})


def moved_there_and_back(*, pause: timedelta) -> Story:
    story = Story(invitation(1, BORIS), settings=SETTLING)
    story.hear(reschedule(2, schedule=B))
    story.hear(reschedule(3, schedule=A), now=NOW + pause)
    return story


def test_what_nobody_tells_in_its_place_leaves_whatever_was_said_of_the_same_times() -> None:
    story = Story(invitation(1, BORIS), reschedule(2), update(3, schedule=B))

    # The second event moves nothing, and the third tells nobody.
    assert story.told == [("invitation", "Boris")]
    assert story.overtakes(story.owed(Kind.INVITATION)) is None


def test_r20_a_move_there_and_back_that_reached_nobody_is_not_told() -> None:
    story = moved_there_and_back(pause=timedelta(seconds=2))

    there, back = (each for each in story.notices if each.kind is Kind.RESCHEDULE)

    assert story.overtakes(there) is Reason.NEWER
    assert story.overtakes(back) is Reason.NEWER


def test_r17_a_move_back_after_people_heard_of_the_first_is_told() -> None:
    story = moved_there_and_back(pause=timedelta(seconds=3))

    _there, back = (each for each in story.notices if each.kind is Kind.RESCHEDULE)

    assert story.overtakes(back) is None
    assert back.previous == B


def test_r17_of_three_moves_at_once_the_last_says_where_people_think_it_is() -> None:
    story = moved_there_and_back(pause=timedelta(seconds=1))
    story.hear(reschedule(4, schedule=WEEKLY), now=NOW + timedelta(seconds=2))

    moves = [each for each in story.notices if each.kind is Kind.RESCHEDULE]

    assert [story.overtakes(each) for each in moves] == [Reason.NEWER, Reason.NEWER, None]
    assert moves[-1].previous == A


# ---- what nobody was told -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waiting", "kind", "reason"),
    [
        ([invitation(1, BORIS), cancellation(2)], Kind.CANCELLATION, Reason.NEVER_TOLD),
        ([invitation(1, BORIS), removal(2, BORIS)], Kind.REMOVAL, Reason.NEVER_TOLD),
        ([invitation(1, BORIS)], Kind.INVITATION, None),
        ([registration(1, BORIS)], Kind.REGISTRATION, None),
        ([invitation(1, BORIS), reschedule(2, schedule=B)], Kind.RESCHEDULE, None),
    ],
)
def test_only_what_somebody_was_told_is_taken_back(
    waiting: list[Event], kind: Kind, reason: Reason | None
) -> None:
    story = Story(*waiting)
    notice = story.owed(kind)
    member = story.remembered.members.get(person_key(BORIS))

    assert overtaken(notice, story.known, member, now=NOW, untold=True) == reason
    assert overtaken(notice, story.known, member, now=NOW) is None


@pytest.mark.parametrize(
    ("previous", "reason"), [(None, None), (A, None), (B, Reason.NEWER)], ids=["none", "old", "new"]
)
def test_an_invitation_in_the_place_of_a_move_says_something_new(
    previous: Schedule | None, reason: Reason | None
) -> None:
    story = Story(invitation(1, BORIS), reschedule(2, schedule=B))
    notice = as_invitations(story.owed(Kind.RESCHEDULE), settings())[Standing.INVITED]

    notice = msgspec.structs.replace(notice, previous=previous)

    assert story.overtakes(notice) == reason
