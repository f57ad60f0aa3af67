"""Claims about the beginning of a list: what was said of it decides, not the order of hearing."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.beginnings import KEPT, Turning, Word, began, begun, remembered

WORDS = {"d": Word.DELETED, "b": Word.BACK, "j": Word.JOINED}


def words(text: str) -> list[Turning]:
    """`d3 j5`: deleted at revision 3, joined at revision 5."""
    return [Turning(int(each[1:]), WORDS[each[0]]) for each in text.split()]


def heard(said: list[Turning]) -> tuple[Turning, ...]:
    turnings: tuple[Turning, ...] = ()
    for each in said:
        turnings = remembered(turnings, each)
    return turnings


@pytest.mark.parametrize(
    ("said", "revision"),
    [
        ("", 0),
        ("j1 b2 j4", 0),  # never deleted
        ("d3", 0),
        ("d3 b4", 0),  # brought back with its list
        ("d3 j5", 5),  # made anew
        ("d3 b4 j5", 0),
        ("d3 j5 b6", 5),
        ("d3 j5 j7", 5),
        ("d3 d4 j5", 5),
        ("d3 j5 d6 b7", 5),
        ("d3 j5 d6 j8", 8),
        ("d3 b3 j4", 4),  # of the same revision, the deletion is last
        ("d3 j3", 0),
    ],
)
def test_a_list_begins_with_the_first_who_joins_after_a_deletion(said: str, revision: int) -> None:
    assert begun(heard(words(said))) == revision


@pytest.mark.parametrize("said", ["d3 b4 j5", "d3 j5 b6", "d3 j4 d5 b7"])
def test_the_order_of_hearing_does_not_matter_behind_the_first_deletion(said: str) -> None:
    first, *others = words(said)

    found = {begun(heard([first, *order])) for order in permutations(others)}

    # Who joins again after a later deletion needs that deletion before (`_deleted_long_ago`).
    assert found == {begun(heard(words(said)))}


def test_what_is_said_of_one_that_was_never_deleted_is_not_remembered() -> None:
    assert heard(words("j1 b2 j3 b4")) == ()


def test_the_next_list_begins_where_the_one_before_ends() -> None:
    turnings = heard(words("d3 j5 d6 j8"))

    assert [began(turnings, after=each) for each in (0, 4, 5, 7, 8)] == [5, 5, 8, 8, None]


def test_a_list_is_not_found_again_by_deletions_that_brought_it_back_too_often() -> None:
    often = "d3 j5 " + " ".join(f"d{2 * at} b{2 * at + 1}" for at in range(5, 50))

    turnings = heard(words(often))

    assert begun(turnings) == 5
    assert len(turnings) == KEPT + 2


@given(st.lists(st.tuples(st.integers(1, 30), st.sampled_from(Word)), max_size=30))
def test_little_is_remembered_however_much_is_said(said: list[tuple[int, Word]]) -> None:
    turnings = heard([Turning(*each) for each in said])

    assert len(turnings) <= KEPT + 2
    assert list(turnings) == sorted(turnings, key=lambda each: each.revision)
