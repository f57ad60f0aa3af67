"""Claims about lists made ready: they say what a look at one mask after the other says."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.core.federation.mask_index import Masks
from notifier.core.federation.masks import covers

# Few letters, so that masks begin, end and go on alike.
masks = st.text("ab.*", min_size=1, max_size=9).filter(lambda mask: mask.strip(".") == mask)
names = st.text("ab.", min_size=1, max_size=14)


def scanned(masks: Sequence[str], name: str) -> int | None:
    return next((place for place, mask in enumerate(masks) if covers(mask, name)), None)


@given(st.lists(masks, max_size=60), st.lists(names, min_size=1, max_size=8))
@example(["a*a", "*a"], ["a"])
@example(["b*", "*a*", "a*b*a"], ["aba"])
@example(["*bb", "a*", "*b"], ["abb"])
@example(["*a*b*", "*a*", "*"], ["b", "ca", "acb"])
def test_a_list_made_ready_says_what_a_plain_look_says(listed: list[str], asked: list[str]) -> None:
    ready = Masks(listed)

    assert [ready.first(name) for name in asked] == [scanned(listed, name) for name in asked]


PAIRS = [*itertools.product(range(30), range(30))]
LONG = {
    "names": [f"c{at}-{other}.example" for at, other in PAIRS],
    "endings": [f"*.c{at}-{other}.example" for at, other in PAIRS],
    "beginnings": [f"c{at}-{other}.*" for at, other in PAIRS],
    "middles": [f"*.customer{at}-{other}.*" for at, other in PAIRS],
    "alike but for the middle": [f"v*.c{at}-{other}.*.example" for at, other in PAIRS],
    "alike but for two pieces": [f"v*c{at}.*x{other}.*.example" for at, other in PAIRS],
    "nested": [f"{'a' * at}*{'b' * other}" for at, other in reversed(PAIRS)],
    "runs": [f"*{'a' * at}*{'b' * other}*" for at, other in reversed(PAIRS)],
    "two letters": ["*" + "*".join(each) + "*" for each in itertools.product("ab", repeat=9)],
    "more stars than are taken today": [f"*a{'*b' * at}*c{other}" for at, other in PAIRS[::-1]],
}


@pytest.mark.parametrize("listed", LONG.values(), ids=LONG)
def test_long_lists_of_every_shape_say_the_same(listed: list[str]) -> None:
    ready = Masks(listed)

    for mask in listed[::97]:
        for filling in ("", "v", "a.b", "aabb"):
            name = mask.replace("*", filling)
            assert ready.first(name) == scanned(listed, name)
            assert ready.first(name + "x") == scanned(listed, name + "x")


def test_an_empty_list_covers_nothing() -> None:
    assert Masks(()).first("a.example") is None
