"""Claims about the list of a conference: who joins, who leaves, who is not told, and why."""

from collections.abc import Iterable

import msgspec
import pytest

from notifier.core.life import Known, Member, Phase, Standing
from notifier.core.people import Person, person_key
from notifier.core.reasons import Reason
from notifier.core.roster import ListChange, join, leave
from tests import cast
from tests.cast import BORIS, CHEN, DANA, NOW
from tests.core.story import Story, invitation, registration, removal

KNOWN = Known(
    conference=cast.conference(5),
    phase=Phase.PLANNED,
    uid="a-uid",
    created=NOW,
    changed=NOW,
    since=1,
)
LINK = "https://conf.example.com/c/df0a2adebe?p=5Yq0"
SIGNED_UP = msgspec.structs.replace(BORIS, unique_link=LINK)


def row(person: Person, standing: Standing, revision: int = 3, **changes: object) -> Member:
    plainly = Member(person=person, standing=standing, revision=revision, by="before", told=3)
    return msgspec.structs.replace(plainly, **changes)


def joined(
    people: Iterable[Person],
    *rows: Member,
    revision: int = 5,
    standing: Standing = Standing.INVITED,
    unaware_before: int = 0,
    by: str = "now",
) -> ListChange:
    return join(
        KNOWN,
        {each.key: each for each in rows},
        people,
        standing,
        revision=revision,
        by=by,
        unaware_before=unaware_before,
    )


def left(people: Iterable[Person], *rows: Member, revision: int = 5, by: str = "now") -> ListChange:
    return leave(KNOWN, {each.key: each for each in rows}, people, revision=revision, by=by)


def reasons(list_change: ListChange) -> list[Reason]:
    return [each.reason for each in list_change.left_out]


# ---- joining -------------------------------------------------------------------------------

INVITED, REGISTERED, REMOVED = Standing.INVITED, Standing.REGISTERED, Standing.REMOVED


@pytest.mark.parametrize(
    ("present", "standing", "revision", "reason"),
    [
        (None, INVITED, 1, None),
        (None, REGISTERED, 1, None),
        (INVITED, INVITED, 5, Reason.ALREADY_ON_LIST),  # R9
        (INVITED, INVITED, 1, Reason.ALREADY_ON_LIST),
        (INVITED, REGISTERED, 5, None),  # R10: only the registration carries the link
        (INVITED, REGISTERED, 1, None),
        (REGISTERED, INVITED, 5, Reason.ALREADY_ON_LIST),
        (REGISTERED, REGISTERED, 5, Reason.ALREADY_ON_LIST),
        (REMOVED, INVITED, 4, None),  # R24
        (REMOVED, REGISTERED, 4, None),
        (REMOVED, INVITED, 3, Reason.REMOVED),  # P4
        (REMOVED, INVITED, 2, Reason.REMOVED),
    ],
)
def test_who_is_told_of_joining(
    present: Standing | None, standing: Standing, revision: int, reason: Reason | None
) -> None:
    rows = [row(BORIS, present)] if present else []

    list_change = joined([BORIS], *rows, revision=revision, standing=standing)

    assert reasons(list_change) == ([reason] if reason else [])
    assert [each.key for each in list_change.concerned] == ([] if reason else [person_key(BORIS)])


def test_r10_another_personal_link_is_told_again() -> None:
    anew = msgspec.structs.replace(BORIS, unique_link=LINK + "2")

    list_change = joined([anew], row(SIGNED_UP, REGISTERED), standing=REGISTERED)

    assert [each.person.unique_link for each in list_change.concerned] == [LINK + "2"]


def test_r10_an_older_personal_link_does_not_come_back() -> None:
    older = msgspec.structs.replace(BORIS, unique_link=LINK + "1")

    list_change = joined([older], row(SIGNED_UP, REGISTERED), standing=REGISTERED, revision=2)

    assert reasons(list_change) == [Reason.NEWER]
    assert list_change.rows == ()


def test_p4_a_late_registration_makes_no_row_older() -> None:
    [late] = joined([SIGNED_UP], row(BORIS, INVITED), standing=REGISTERED, revision=1).rows

    assert (late.standing, late.revision) == (REGISTERED, 3)


def test_r24_being_listed_anew_outlives_an_older_removal() -> None:
    [listed] = joined([BORIS], row(BORIS, INVITED), revision=5).rows

    assert (listed.standing, listed.revision, listed.by) == (INVITED, 5, "before")
    assert reasons(left([BORIS], listed, revision=4)) == [Reason.NEWER]


def test_whoever_signs_up_keeps_what_the_invitation_knew_of_them() -> None:
    sparse = Person(id=BORIS.id, unique_link=LINK)

    [signed_up] = joined([sparse], row(BORIS, INVITED), standing=REGISTERED).concerned

    assert signed_up.person == SIGNED_UP


def test_whoever_comes_back_brings_no_old_link() -> None:
    [back] = joined([BORIS], row(SIGNED_UP, REMOVED)).concerned

    assert back.person.unique_link is None


def test_r19_people_who_know_only_times_that_are_over_are_told_anew() -> None:
    unaware, aware = row(SIGNED_UP, REGISTERED, told=3), row(CHEN, INVITED, told=4)

    list_change = joined([BORIS, CHEN], unaware, aware, unaware_before=4)

    assert [(each.key, each.standing) for each in list_change.concerned] == [(BORIS.id, REGISTERED)]
    assert reasons(list_change) == [Reason.ALREADY_ON_LIST]


def test_rows_of_an_earlier_life_do_not_count() -> None:
    known = msgspec.structs.replace(KNOWN, epoch=1)
    rows = {each.key: each for each in (row(BORIS, INVITED), row(CHEN, REMOVED, revision=3))}

    list_change = join(known, rows, [BORIS, CHEN], INVITED, revision=5, by="now")

    assert [each.epoch for each in list_change.concerned] == [1, 1]


def test_p4_a_removal_that_came_before_its_life_began_counts_in_it() -> None:
    known = msgspec.structs.replace(KNOWN, epoch=1)

    list_change = join(
        known,
        {person_key(CHEN): row(CHEN, REMOVED, revision=9)},
        [CHEN],
        INVITED,
        revision=5,
        by="now",
    )

    assert reasons(list_change) == [Reason.REMOVED]


def test_a_newcomer_knows_the_newest_times() -> None:
    [boris] = joined([BORIS], revision=1).concerned

    assert (boris.revision, boris.told) == (1, KNOWN.conference.revision)


# ---- leaving -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "revision", "reason"),
    [
        (INVITED, 4, None),  # R23
        (REGISTERED, 4, None),  # R23
        (INVITED, 3, None),  # at the same revision the removal wins
        (INVITED, 2, Reason.NEWER),  # P4
        (REMOVED, 4, Reason.REMOVED),
        (None, 4, Reason.NOT_ON_LIST),
    ],
)
def test_who_is_told_of_being_removed(
    present: Standing | None, revision: int, reason: Reason | None
) -> None:
    rows = [row(BORIS, present)] if present else []

    list_change = left([BORIS], *rows, revision=revision)

    assert reasons(list_change) == ([reason] if reason else [])
    assert len(list_change.concerned) == (0 if reason else 1)


def test_a_stranger_who_is_removed_is_remembered_as_gone() -> None:
    [gone] = left([DANA]).rows

    assert (gone.standing, gone.revision) == (REMOVED, 5)


def test_a_second_removal_keeps_out_what_lies_between_the_two() -> None:
    [gone] = left([BORIS], row(BORIS, REMOVED), revision=5).rows

    assert gone.revision == 5
    assert reasons(joined([BORIS], gone, revision=4)) == [Reason.REMOVED]


def test_whoever_is_removed_is_told_in_their_language_where_the_list_knows_it() -> None:
    [gone] = left([Person(id=BORIS.id)], row(SIGNED_UP, REGISTERED)).concerned

    assert gone.person == SIGNED_UP


# ---- both ----------------------------------------------------------------------------------


def test_whoever_is_named_twice_counts_once() -> None:
    twice = [BORIS, BORIS, CHEN, msgspec.structs.replace(BORIS, name="B.")]

    assert len(joined(twice).concerned) == 2
    assert len(left(twice).left_out) == 2
    assert len(joined(twice, row(BORIS, INVITED)).left_out) == 1


@pytest.mark.parametrize(
    "one",
    [
        Person(email="Chen@Example.CN"),
        Person(id="#mailto:chen@example.cn"),
        Person(id="#mailto:CHEN@example.cn", email="else@example.cn"),
    ],
    ids=["address", "prefix", "prefix in capitals"],
)
def test_r5_an_address_is_one_person_with_and_without_its_prefix(one: Person) -> None:
    assert reasons(joined([one], row(CHEN, INVITED))) == [Reason.ALREADY_ON_LIST]


def test_the_event_that_wrote_a_row_does_its_work_again() -> None:
    arrived = row(BORIS, INVITED, by="now")
    gone = row(CHEN, REMOVED, by="now")

    assert joined([BORIS], arrived).concerned
    assert left([CHEN], gone).concerned


def test_nobody_is_lost_between_told_and_left_out() -> None:
    people = [cast.person(number) for number in range(20)]
    rows = [row(each, list(Standing)[at % 3]) for at, each in enumerate(people[:15])]

    for list_change in (joined(people, *rows), left(people, *rows)):
        named = [each.person for each in list_change.concerned + list_change.left_out]
        assert sorted(each.key for each in _rows(list_change)) == sorted(
            {each.key for each in _rows(list_change)}
        )
        assert {person_key(each) for each in named} == {person_key(each) for each in people}


def _rows(list_change: ListChange) -> tuple[Member, ...]:
    return list_change.rows


def test_r23_in_webinars_the_registered_and_the_invited_are_told() -> None:
    story = Story(
        invitation(1, BORIS, access="public"),
        registration(2, CHEN, access="public"),
        removal(3, BORIS, CHEN, access="public"),
    )

    assert story.told[2:] == [("removal", "Boris"), ("removal", "Chen")]


# ---- for whom it is the first word ---------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "standing", "newcomers"),
    [
        (None, INVITED, {person_key(BORIS): ""}),
        (None, REGISTERED, {person_key(BORIS): ""}),
        (row(BORIS, INVITED, epoch=-1), INVITED, {person_key(BORIS): ""}),  # of an earlier life
        # What became of the removal tells whether they believe to be on the list.
        (row(BORIS, REMOVED), INVITED, {person_key(BORIS): "before"}),
        (row(BORIS, INVITED), REGISTERED, {}),
        (row(BORIS, INVITED), INVITED, {}),
        (row(BORIS, REGISTERED), REGISTERED, {}),
        # By this very event, before a crash: its work is done again.
        (row(BORIS, INVITED, by="now"), INVITED, {person_key(BORIS): ""}),
    ],
)
def test_who_hears_of_it_for_the_first_time(
    present: Member | None, standing: Standing, newcomers: dict[str, str]
) -> None:
    rows = [present] if present else []

    assert joined([BORIS], *rows, standing=standing).newcomers == newcomers


def test_whoever_knows_of_times_that_are_over_only_hears_of_it_anew() -> None:
    list_change = joined([BORIS], row(BORIS, INVITED, told=3), unaware_before=4)

    assert list_change.newcomers == {person_key(BORIS): ""}
    assert joined([BORIS], row(BORIS, INVITED, told=4), unaware_before=4).newcomers == {}
