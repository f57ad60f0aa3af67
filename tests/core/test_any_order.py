"""Claims about order: whenever events arrive, the outcome is that of the right order."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.events import Event
from notifier.core.life import Phase
from notifier.core.notice import Kind
from notifier.core.overtaken import overtaken
from notifier.core.people import Person, person_key
from notifier.core.reasons import Reason
from tests import cast
from tests.cast import ANNA, BORIS, CHEN, DANA
from tests.core.story import (
    Story,
    again,
    cancellation,
    end,
    invitation,
    registration,
    removal,
    reschedule,
    told_of,
    update,
)

A = cast.schedule()
B = cast.schedule(start=A.start + timedelta(days=3))
C = cast.schedule(start=A.start + timedelta(days=10))
WEEKLY = cast.schedule(recurrence="FREQ=WEEKLY")
ROOM: dict[str, Any] = {"launch": "virtual_room"}


def names(*people: Person) -> set[str]:
    return {person_key(person) for person in people}


# What is heard, and what is told in the end, whatever the order.
ORDERS: list[tuple[str, list[Callable[[], Event]], list[tuple[str, str]]]] = [
    (
        "a reschedule before its invitation",
        [lambda: reschedule(2, schedule=B), lambda: invitation(1, BORIS)],
        [("invitation", "Boris")],
    ),
    (
        "a cancellation before its invitation",
        [lambda: cancellation(2), lambda: invitation(1, BORIS)],
        [],
    ),
    (
        "R22: a cancellation into a room before its invitation",
        [lambda: cancellation(2, **ROOM), lambda: invitation(1, BORIS)],
        [],
    ),
    (
        "the deletion of a room before its invitation",
        [lambda: cancellation(2, **ROOM), lambda: invitation(1, BORIS, **ROOM)],
        [],
    ),
    (
        "a removal before its invitation",
        [lambda: removal(2, BORIS), lambda: invitation(1, BORIS)],
        [],
    ),
    (
        "a removal of the same revision before its invitation",
        [lambda: removal(1, BORIS), lambda: invitation(1, BORIS)],
        [],
    ),
    (
        "R24: removed and invited again, the last first",
        [lambda: invitation(3, BORIS), lambda: removal(2, BORIS), lambda: invitation(1, BORIS)],
        [("invitation", "Boris")],
    ),
    (
        "R24: removed, invited again, then the first",
        [lambda: removal(2, BORIS), lambda: invitation(3, BORIS), lambda: invitation(1, BORIS)],
        [("invitation", "Boris")],
    ),
    (
        "R24: invited, invited again, then the removal between them",
        [lambda: invitation(1, BORIS), lambda: invitation(3, BORIS), lambda: removal(2, BORIS)],
        [("invitation", "Boris")],
    ),
    (
        "an update before the reschedule that it followed",
        [
            lambda: invitation(1, BORIS),
            lambda: update(3, schedule=B, description="New"),
            lambda: reschedule(2, schedule=B),
        ],
        [("invitation", "Boris"), ("reschedule", "Boris")],
    ),
    (
        "an update and a reschedule of one revision",
        [
            lambda: invitation(1, BORIS),
            lambda: update(2, schedule=B),
            lambda: reschedule(2, schedule=B),
        ],
        [("invitation", "Boris"), ("reschedule", "Boris")],
    ),
    (
        "a registration before the invitation",
        [lambda: registration(2, BORIS), lambda: invitation(1, BORIS)],
        [("registration", "Boris")],
    ),
    (
        "an invitation before the registration",
        [lambda: invitation(1, BORIS), lambda: registration(2, BORIS)],
        [("invitation", "Boris"), ("registration", "Boris")],
    ),
    (
        "further people late",
        [
            lambda: invitation(1, BORIS),
            lambda: reschedule(3, schedule=B),
            lambda: invitation(2, CHEN),
        ],
        [("invitation", "Boris"), ("reschedule", "Boris"), ("invitation", "Chen")],
    ),
    (
        "R18 before its invitation",
        [lambda: reschedule(2, schedule=WEEKLY), lambda: invitation(1, BORIS)],
        [("invitation", "Boris")],
    ),
    (
        "two reschedules, the newer first",
        [
            lambda: invitation(1, BORIS),
            lambda: reschedule(3, schedule=C),
            lambda: reschedule(2, schedule=B),
        ],
        [("invitation", "Boris"), ("reschedule", "Boris")],
    ),
    (
        "there and back, the newer first",
        [
            lambda: invitation(1, BORIS),
            lambda: reschedule(3, schedule=A),
            lambda: reschedule(2, schedule=B),
        ],
        [("invitation", "Boris")],
    ),
    (
        "R22: an update into a room before its cancellation",
        [lambda: invitation(1, BORIS), lambda: update(2, **ROOM), lambda: cancellation(2, **ROOM)],
        [("invitation", "Boris"), ("cancellation", "Boris")],
    ),
    (
        "R22: a later update of the room before its cancellation",
        [lambda: invitation(1, BORIS), lambda: update(3, **ROOM), lambda: cancellation(2, **ROOM)],
        [("invitation", "Boris"), ("cancellation", "Boris")],
    ),
    (
        "R22: further people late, between the cancellation and the room",
        [
            lambda: invitation(1, BORIS),
            lambda: cancellation(3, **ROOM),
            lambda: invitation(2, CHEN),
        ],
        [("invitation", "Boris"), ("cancellation", "Boris")],
    ),
    (
        "R22: further people invited to the room, before the word that it became one",
        [
            lambda: invitation(1, BORIS),
            lambda: invitation(3, CHEN, **ROOM),
            lambda: cancellation(2, **ROOM),
        ],
        [("invitation", "Boris"), ("invitation", "Chen"), ("cancellation", "Boris")],
    ),
    (
        "room, then planned, before its invitation",
        [lambda: reschedule(2, schedule=A), lambda: invitation(1, BORIS, **ROOM)],
        [("invitation", "Boris")],
    ),
    (
        "room, then planned, after the update that said so",
        [
            lambda: invitation(1, BORIS, **ROOM),
            lambda: update(3, schedule=A),
            lambda: reschedule(2, schedule=A),
        ],
        [("invitation", "Boris"), ("invitation", "Boris")],
    ),
    (
        "an older cancellation after a newer plan",
        [
            lambda: invitation(1, BORIS),
            lambda: reschedule(3, schedule=B),
            lambda: cancellation(2),
        ],
        [("invitation", "Boris"), ("reschedule", "Boris")],
    ),
    (
        "a late invitation of what was deleted and made anew",
        [
            lambda: cancellation(2),
            lambda: invitation(3, CHEN),
            lambda: invitation(1, BORIS),
        ],
        [("invitation", "Chen")],
    ),
    (
        "a late invitation of what was deleted and brought back",
        [
            lambda: cancellation(2),
            lambda: reschedule(3, schedule=B),
            lambda: invitation(1, BORIS),
        ],
        [("invitation", "Boris")],
    ),
    (
        "removed before it was deleted, heard of after that, and brought back",
        [
            lambda: invitation(1, BORIS, CHEN),
            lambda: cancellation(3),
            lambda: removal(2, BORIS),
            lambda: reschedule(4, schedule=B),
        ],
        [
            ("invitation", "Boris"),
            ("invitation", "Chen"),
            ("cancellation", "Boris"),
            ("cancellation", "Chen"),
            ("invitation", "Chen"),
        ],
    ),
    (
        "invited before it was deleted, heard of after that, and brought back",
        [
            lambda: cancellation(2),
            lambda: invitation(1, BORIS),
            lambda: reschedule(3, schedule=B),
        ],
        [("invitation", "Boris")],
    ),
    (
        "brought back, after the update that followed",
        [
            lambda: invitation(1, BORIS),
            lambda: cancellation(2),
            lambda: update(4, schedule=C),
            lambda: reschedule(3, schedule=B),
        ],
        [("invitation", "Boris"), ("cancellation", "Boris"), ("invitation", "Boris")],
    ),
    (
        "deleted, made anew and removed, the removal before what was made anew",
        [
            lambda: cancellation(2),
            lambda: removal(4, BORIS),
            lambda: invitation(3, BORIS, CHEN),
        ],
        [("invitation", "Chen")],
    ),
    (
        "brought back, after the update that followed and an invitation to what was deleted",
        [
            lambda: cancellation(2),
            lambda: update(4, schedule=C),
            lambda: invitation(1, BORIS),
            lambda: reschedule(3, schedule=B),
        ],
        [("invitation", "Boris")],
    ),
    (
        "deleted, brought back and joined, the joining before the return",
        [
            lambda: invitation(1, BORIS),
            lambda: cancellation(3),
            lambda: registration(5, CHEN, schedule=B),
            lambda: reschedule(4, schedule=B),
        ],
        [
            ("invitation", "Boris"),
            ("cancellation", "Boris"),
            ("registration", "Chen"),
            ("invitation", "Boris"),
        ],
    ),
    (
        "deleted, brought back and joined, the return last but for those who were there",
        [
            lambda: cancellation(3),
            lambda: invitation(5, CHEN, schedule=B),
            lambda: invitation(1, BORIS),
            lambda: reschedule(4, schedule=B),
        ],
        [("invitation", "Chen"), ("invitation", "Boris")],
    ),
    (
        "deleted, brought back and joined, those who were there last",
        [
            lambda: cancellation(3),
            lambda: invitation(5, CHEN, schedule=B),
            lambda: reschedule(4, schedule=B),
            lambda: invitation(1, BORIS),
        ],
        [("invitation", "Chen"), ("invitation", "Boris")],
    ),
    (
        "deleted, brought back and joined, an older removal before the return",
        [
            lambda: cancellation(4),
            lambda: invitation(6, CHEN, schedule=B),
            lambda: invitation(2, BORIS),
            lambda: removal(1, BORIS),
            lambda: reschedule(5, schedule=B),
        ],
        [("invitation", "Chen"), ("invitation", "Boris")],
    ),
    (
        "deleted, brought back, joined and moved, the return last: nobody is told twice",
        [
            lambda: invitation(1, BORIS),
            lambda: cancellation(3),
            lambda: invitation(5, CHEN, schedule=B),
            lambda: reschedule(6, schedule=C),
            lambda: reschedule(4, schedule=B),
        ],
        [
            ("invitation", "Boris"),
            ("cancellation", "Boris"),
            ("invitation", "Chen"),
            ("reschedule", "Chen"),
            ("invitation", "Boris"),
        ],
    ),
    (
        "deleted, brought back, joined by somebody who was there, the return last",
        [
            lambda: invitation(1, BORIS, DANA),
            lambda: cancellation(3),
            lambda: invitation(5, BORIS, schedule=B),
            lambda: reschedule(4, schedule=B),
        ],
        [
            ("invitation", "Boris"),
            ("invitation", "Dana"),
            ("cancellation", "Boris"),
            ("cancellation", "Dana"),
            ("invitation", "Boris"),
            ("invitation", "Dana"),
        ],
    ),
    (
        "deleted, made anew twice over, the first time last",
        [
            lambda: invitation(1, BORIS),
            lambda: cancellation(3),
            lambda: invitation(7, CHEN, schedule=B),
            lambda: cancellation(5),
            lambda: invitation(4, DANA, schedule=B),
        ],
        [("invitation", "Boris"), ("cancellation", "Boris"), ("invitation", "Chen")],
    ),
    (
        "R22: invited to the plan, heard of with the word that it became a room",
        [lambda: reschedule(2), lambda: cancellation(3, **ROOM), lambda: invitation(1, BORIS)],
        [],
    ),
    (
        "the end before the invitation",
        [lambda: end(2), lambda: invitation(1, BORIS)],
        [],
    ),
]


@pytest.mark.parametrize(
    ("said", "told"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS]
)
def test_the_outcome_is_that_of_the_right_order(
    said: list[Callable[[], Event]], told: list[tuple[str, str]]
) -> None:
    story = Story(*(event() for event in said))

    assert story.told == told


@pytest.mark.parametrize("said", [row[1] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_the_same_again_under_a_new_id_tells_nobody(said: list[Callable[[], Event]]) -> None:
    events = [event() for event in said]
    story = Story(*events)
    told, phase, listed = list(story.told), story.known.phase, story.listed

    for event in events:
        story.hear(again(event))

    assert story.told == told
    assert (story.known.phase, story.listed) == (phase, listed)


def test_a_reschedule_before_its_invitation_gives_one_with_the_new_time() -> None:
    [notice] = Story(reschedule(2, schedule=B), invitation(1, BORIS)).notices

    assert notice.conference is not None
    assert notice.conference.schedule == B


def test_a_room_keeps_whoever_was_invited_while_it_was_a_plan() -> None:
    story = Story(cancellation(2, **ROOM), invitation(1, BORIS), reschedule(3, schedule=B))

    assert story.told == [("invitation", "Boris")]


def test_a_deleted_room_stays_deleted_however_often_that_is_said() -> None:
    gone = cancellation(2, **ROOM)

    story = Story(invitation(1, BORIS, **ROOM), gone, again(gone), again(again(gone)))

    assert story.known.phase is Phase.CANCELLED


def test_a_room_that_was_a_plan_is_not_deleted_by_hearing_so_twice() -> None:
    turned = cancellation(2, **ROOM)

    story = Story(invitation(1, BORIS), turned, again(turned))

    assert story.known.phase is Phase.ROOM


def test_p4_an_older_snapshot_never_wins() -> None:
    story = Story(invitation(5, BORIS, name="New"), update(4, name="Old"))

    assert story.known.conference.name == "New"


def test_the_very_same_event_does_its_work_again_after_a_crash() -> None:
    first = invitation(1, BORIS, CHEN)
    story = Story(first)

    change = story.hear(first)

    assert [member.person.name for member in change.concerned] == ["Boris Petit", "Chen Li"]
    assert story.told == [("invitation", "Boris"), ("invitation", "Chen")]


PEOPLE = [BORIS, CHEN, DANA]
KINDS = ["invitation", "registration", "removal", "update", "reschedule"]


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """What happened to a conference, in the right order and in some other."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=7))
    events = [_happening(draw, kind, at) for at, kind in enumerate(kinds, start=1)]
    if draw(st.booleans()):
        events.append(cancellation(len(events) + 1))
    return events, draw(st.permutations(events))


def _happening(draw: st.DrawFn, kind: str, revision: int) -> Event:
    if kind == "cancellation":
        return cancellation(revision)
    if kind in ("update", "reschedule"):
        return told_of(f"conference.{kind}", revision, schedule=draw(st.sampled_from([A, B, C])))
    most = 1 if kind == "registration" else 3
    some = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=most, unique_by=person_key)
    return told_of(f"conference.{kind}", revision, *draw(some))


@st.composite
def second_lives(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """The same for one that was deleted and brought back."""
    first = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    then = draw(st.lists(st.sampled_from(KINDS), max_size=3))
    kinds = [*first, "cancellation", "reschedule", *then]
    events = [_happening(draw, kind, at) for at, kind in enumerate(kinds, start=1)]
    return events, draw(st.permutations(events))


@st.composite
def many_lives(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """The same for one that is deleted again and again, and comes back or is made anew.

    What follows a deletion is heard after it: to whoever has not heard of that, it is one life.
    """
    some = st.sampled_from(KINDS)
    kinds = draw(st.lists(some, min_size=1, max_size=2))
    for _ in range(draw(st.integers(1, 3))):
        back = draw(st.sampled_from(["reschedule", "reschedule", "invitation", "registration"]))
        kinds += ["cancellation", back, *draw(st.lists(some, max_size=2))]
    events = [_happening(draw, kind, at) for at, kind in enumerate(kinds, start=1)]
    return events, list(_each_after_deletions(draw(st.permutations(events))))


def _each_after_deletions(events: list[Event]) -> Iterator[Event]:
    """Give the events in their order, but none before a deletion that it followed."""
    left = list(events)
    while left:
        deletions = [_revision(each) for each in left if each.type == "conference.cancellation"]
        following = next(each for each in left if _revision(each) <= min(deletions, default=99))
        left.remove(following)
        yield following


def _revision(event: Event) -> int:
    assert event.conference is not None
    return event.conference.revision


@given(many_lives())
def test_of_many_lives_heard_after_their_deletions_the_list_is_that_of_the_right_order(
    life: tuple[list[Event], list[Event]],
) -> None:
    right, other = (Story(*events) for events in life)

    assert other.known.phase is right.known.phase
    assert other.listed == right.listed


@given(second_lives())
def test_what_was_brought_back_has_the_list_of_the_right_order(
    life: tuple[list[Event], list[Event]],
) -> None:
    right, other = (Story(*events) for events in life)

    assert other.known.conference == right.known.conference
    assert other.known.phase is Phase.PLANNED
    assert other.listed == right.listed


@given(lives())
def test_list_and_conference_are_those_of_the_right_order(
    life: tuple[list[Event], list[Event]],
) -> None:
    right, other = (Story(*events) for events in life)

    assert other.known.conference == right.known.conference
    assert other.known.phase is right.known.phase
    if right.known.phase is Phase.PLANNED:
        assert other.listed == right.listed


@given(lives())
def test_nobody_is_told_more_in_another_order(life: tuple[list[Event], list[Event]]) -> None:
    right, other = (Story(*events) for events in life)

    for person in PEOPLE:
        name = (person.name or "").partition(" ")[0]
        invited = [kind for kind, whom in other.told if (kind, whom) == ("invitation", name)]
        rightly = [kind for kind, whom in right.told if (kind, whom) == ("invitation", name)]
        assert len(invited) <= max(1, len(rightly))


def test_every_order_of_a_short_life_leaves_the_same_list() -> None:
    life = [
        invitation(1, BORIS, CHEN),
        removal(2, BORIS),
        reschedule(3, schedule=B),
        invitation(4, BORIS, schedule=B),
        removal(5, CHEN, schedule=B),
    ]

    lists = {frozenset(Story(*order).listed) for order in permutations(life)}

    assert lists == {frozenset(names(BORIS))}


@pytest.mark.parametrize("back", ["conference.invitation", "conference.registration"])
def test_every_order_of_a_return_and_a_joining_leaves_the_same_list(back: str) -> None:
    deleted, *others = [
        cancellation(4),
        invitation(1, BORIS, CHEN),
        removal(2, CHEN),
        reschedule(5, schedule=B),
        told_of(back, 6, DANA, schedule=B),
        update(7, schedule=B, name="New"),
    ]

    lists = {frozenset(Story(deleted, *order).listed) for order in permutations(others)}

    assert lists == {frozenset(names(BORIS, DANA))}


def test_whoever_was_brought_back_before_we_hear_that_it_had_been_made_anew_is_told_so() -> None:
    story = Story(
        invitation(1, BORIS, DANA),
        cancellation(3),
        reschedule(6, schedule=C),
        invitation(5, CHEN, DANA, schedule=B),
    )

    assert story.listed == names(CHEN, DANA)
    parting = story.notices[-1]
    assert story.told[-1] == ("cancellation", "Boris")
    assert (parting.conference and parting.conference.schedule) == C
    relaunch = story.notices[4]
    assert relaunch.kind is Kind.INVITATION
    reason = overtaken(relaunch, story.known, story.member(BORIS), now=cast.NOW)
    assert reason is Reason.CANCELLED


def test_the_list_is_found_again_without_those_who_were_removed_meanwhile() -> None:
    story = Story(
        invitation(1, BORIS, DANA),
        cancellation(3),
        invitation(5, CHEN, schedule=B),
        removal(6, BORIS, schedule=B),
        reschedule(4, schedule=B),
    )

    assert story.listed == names(CHEN, DANA)
    assert story.told[-1] == ("invitation", "Dana")


def test_p4_an_invitation_to_the_list_before_never_wins_over_a_newer_one() -> None:
    story = Story(
        cancellation(3),
        registration(5, BORIS, schedule=B),
        invitation(1, BORIS),
    )

    assert story.member(BORIS).revision == 5
    assert story.told == [("registration", "Boris")]


def test_what_an_older_version_made_anew_keeps_its_list() -> None:
    story = Story(invitation(1, BORIS), cancellation(3))
    # So it was written before words were kept.
    known = msgspec.structs.replace(story.known, turnings=())
    story.remembered = msgspec.structs.replace(story.remembered, known=known)

    story.hear(invitation(5, CHEN, schedule=B))
    assert story.listed == names(CHEN)
    story.hear(reschedule(4, schedule=B))

    assert story.listed == names(BORIS, CHEN)


def test_rows_that_an_older_version_told_apart_stay_apart() -> None:
    story = Story(invitation(1, BORIS), cancellation(3), invitation(5, CHEN, schedule=B))
    known = msgspec.structs.replace(story.known, turnings=(), list_since=0, epoch=1)
    chen = msgspec.structs.replace(story.member(CHEN), epoch=1)
    members = {**story.remembered.members, chen.key: chen}
    story.remembered = msgspec.structs.replace(story.remembered, known=known, members=members)

    for event in (invitation(2, DANA), reschedule(4, schedule=B)):
        story.hear(event)

    assert story.listed == names(CHEN)


def test_the_owner_is_not_on_the_list_for_being_the_owner() -> None:
    assert Story(invitation(1, BORIS, owner=ANNA)).listed == names(BORIS)
