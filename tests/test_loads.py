"""Claims about loads: nothing is lost or moved, and none is too heavy."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.loads import loads


def of(weights: Sequence[int], **limits: int) -> list[list[int]]:
    """Cut things that weigh what they are."""
    return list(loads(weights, int, **limits))


@pytest.mark.parametrize(
    ("weights", "limits", "cut"),
    [
        ([], {"heaviest": 5}, []),
        ([2, 3, 1], {"heaviest": 5}, [[2, 3], [1]]),
        ([9, 1, 9], {"heaviest": 5}, [[9], [1], [9]]),
        ([1, 1, 1], {"heaviest": 5, "most": 2}, [[1, 1], [1]]),
        ([1, 1, 1, 1], {"heaviest": 3, "first": 1}, [[1], [1, 1, 1]]),
        ([1, 1], {"heaviest": 3, "first": 0}, [[1], [1]]),
    ],
    ids=[
        "nothing",
        "by weight",
        "giants alone",
        "by number",
        "a light first",
        "a first of nothing",
    ],
)
def test_things_are_cut_where_they_weigh_too_much(
    weights: list[int], limits: dict[str, int], cut: list[list[int]]
) -> None:
    assert of(weights, **limits) == cut


@given(st.lists(st.integers(0, 9)), st.integers(1, 20), st.integers(1, 5))
def test_nothing_is_lost_or_moved_and_none_is_too_heavy(
    weights: list[int], heaviest: int, most: int
) -> None:
    cut = of(weights, heaviest=heaviest, most=most)

    assert [each for load in cut for each in load] == weights
    assert all(load and len(load) <= most for load in cut)
    assert all(sum(load) <= heaviest or len(load) == 1 for load in cut)
