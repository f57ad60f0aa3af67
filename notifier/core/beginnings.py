"""When the list of a conference began: a fold over what was said of its deletion and return.

A conference that was deleted comes back with its list, or is made anew under its ID with an empty
one: whether somebody who joins is the first of a new list, only the words before can tell, and they
may come later. So those words are remembered, and read in the order of their revisions.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec

# Words remembered of a conference (number): four deletions, as a rule, and what followed each. To
# what was said before those, nobody who is on a list by now need listen.
KEPT: Final = 8


class Word(StrEnum):
    """What can be said of a list that may be lost."""

    BACK = "back"  # with everybody who was on it
    JOINED = "joined"  # somebody joins: of one that was deleted, a new one begins
    DELETED = "deleted"


# At the same revision a deletion is the last word: nobody is let in by an older one (P4).
_ORDER: Final = tuple(Word)


class Turning(msgspec.Struct, frozen=True):
    """A word at the revision of its event."""

    revision: int
    word: Word


def remembered(turnings: tuple[Turning, ...], said: Turning) -> tuple[Turning, ...]:
    """Give what is to be remembered once `said` was heard: deletions, and the first word after."""
    found: list[Turning] = []
    for each in sorted({*turnings, said}, key=_place):
        if each.word is Word.DELETED or (found and found[-1].word is Word.DELETED):
            found.append(each)
    return _newest(found)


def began(turnings: Sequence[Turning], *, after: int) -> int | None:
    """Give the revision at which the first list after that revision began anew, if one did."""
    return next((each for each in _beginnings(turnings) if each > after), None)


def begun(turnings: Sequence[Turning]) -> int:
    """Give the revision at which the present list began; 0, it is the first."""
    return max(_beginnings(turnings), default=0)


def _place(turning: Turning) -> tuple[int, int]:
    return turning.revision, _ORDER.index(turning.word)


def _newest(turnings: list[Turning]) -> tuple[Turning, ...]:
    """Give the last words from a deletion on, and before them those that the list began with."""
    kept = turnings[-KEPT:]
    if kept and kept[0].word is not Word.DELETED:
        kept = kept[1:]
    began_at = begun(turnings)
    if begun(kept) == began_at:
        return tuple(kept)
    first = turnings.index(Turning(began_at, Word.JOINED))
    return (*turnings[first - 1 : first + 1], *kept)


def _beginnings(turnings: Sequence[Turning]) -> list[int]:
    return [
        after.revision
        for before, after in pairwise(turnings)
        if before.word is Word.DELETED and after.word is Word.JOINED
    ]
