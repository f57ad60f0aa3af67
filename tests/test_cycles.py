"""Rubbish is found, and what a process has loaded is not looked through again and again."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from workers.cycles import FRESH, spare_what_is_loaded


class Knot:
    """Holds itself, and nobody else does."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def spared() -> Iterator[None]:
    before = gc.get_threshold()
    spare_what_is_loaded()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("spared")
def test_what_is_loaded_is_left_alone() -> None:
    assert gc.get_freeze_count() > FRESH
    assert len(gc.get_objects()) < FRESH


@pytest.mark.usefixtures("spared")
def test_what_holds_itself_is_still_let_go() -> None:
    first = weakref.ref(Knot())

    some = [Knot() for _ in range(FRESH)]

    assert first() is None
    assert some
