"""A list of masks made ready: which entry covers a name first, whatever the length of the list.

Nearly every mask of a long list differs from the others by how it begins or ends. Those that do not
are a tree of the pieces between their stars: what several of them begin with is looked for once.
Among many pieces those are looked for whose rarest few characters the name has. A list of masks
with many short pieces each can still cost what looking it through does.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from notifier.core.federation.masks import MOST_STARS, fits, pieces_of

# Characters of the run by which pieces are told apart: as many as tell `customer17` from
# `customer18`, and few enough that a name has not many.
_RUN: Final = 6
# So few pieces are looked for one after the other: a fifth of a microsecond each.
_FEW: Final = 16
# Behind every place of a list.
_NOWHERE: Final = 1 << 62

# The place of a mask in its list, and what must stand in a name behind how it begins, in order.
_Placed = tuple[int, Sequence[str]]


class Masks:
    """The masks of one list; which of them covers a name first is a matter of microseconds."""

    __slots__ = ("_endings", "_ends", "_names", "_startings", "_tangled")

    def __init__(self, masks: Iterable[str]) -> None:
        self._names: dict[str, int] = {}
        # What an older version let onto a list is looked at as it stands: a tree of it is too deep.
        self._tangled: list[tuple[int, tuple[str, ...]]] = []
        alike: dict[str, dict[str, list[_Placed]]] = {}
        for place, mask in enumerate(masks):
            pieces = pieces_of(mask)
            if len(pieces) == 1:
                self._names.setdefault(pieces[0], place)
            elif len(pieces) > MOST_STARS + 1:
                self._tangled.append((place, pieces))
            else:
                beginnings = alike.setdefault(pieces[-1], {})
                beginnings.setdefault(pieces[0], []).append((place, pieces[1:-1]))
        # By how a name ends: the place of the first of them, and by how it begins.
        self._ends: dict[str, tuple[int, dict[str, _Behind]]] = {
            last: (
                min(placed[0][0] for placed in beginnings.values()),
                {first: _Behind(placed) for first, placed in beginnings.items()},
            )
            for last, beginnings in alike.items()
        }
        self._endings = _lengths(alike)
        self._startings = _lengths(first for beginnings in alike.values() for first in beginnings)

    def first(self, name: str) -> int | None:
        """Give the place of the first mask that covers a normalised name (R44)."""
        best = self._names.get(name, _NOWHERE)
        for earliest, end, beginnings in self._endings_of(name):
            if earliest >= best:
                break
            for length in self._startings:
                if length > end:
                    break
                behind = beginnings.get(name[:length])
                if behind and behind.earliest < best:
                    best = behind.first(name, length, end, best)
        best = min(best, self._first_tangled(name))
        return None if best == _NOWHERE else best

    def _first_tangled(self, name: str) -> int:
        found = (place for place, pieces in self._tangled if fits(pieces, name))
        return next(found, _NOWHERE)

    def _endings_of(self, name: str) -> list[tuple[int, int, dict[str, "_Behind"]]]:
        """Give the masks that end as a name does, whatever is first on the list first.

        Of each ending that is the place of its first mask, and where the ending begins.
        """
        found = []
        for length in self._endings:
            end = len(name) - length
            if end < 0:
                break
            if its := self._ends.get(name[end:]):
                found.append((its[0], end, its[1]))
        found.sort()  # no two have a place in common
        return found


class _Behind:
    """What may stand behind a piece of a name: nothing more, or one of several pieces."""

    __slots__ = ("_next", "_runs", "_sizes", "_whole", "earliest", "needs")

    def __init__(self, placed: Sequence[_Placed], done: int = 0) -> None:
        self.earliest = placed[0][0]
        self._whole = next((place for place, its in placed if len(its) == done), _NOWHERE)
        following: dict[str, list[_Placed]] = {}
        for place, pieces in placed:
            if place > self._whole:
                break  # what comes behind one that covers them all says nothing
            if len(pieces) > done:
                following.setdefault(pieces[done], []).append((place, pieces))
        self._next = [(piece, _Behind(some, done + 1)) for piece, some in following.items()]
        self._runs = _by_rarest(self._next) if len(self._next) > _FEW else {}
        self._sizes = _lengths(self._runs)
        # So many characters a name must have left.
        least = (len(piece) + then.needs for piece, then in self._next)
        self.needs: int = 0 if self._whole != _NOWHERE else min(least)

    def first(self, name: str, start: int, end: int, best: int) -> int:
        """Give the place of the first mask that covers what is left of a name, else `best`."""
        best = min(best, self._whole)
        for some in self._candidates(name, start, end) if self._runs else (self._next,):
            for piece, then in some:
                if then.earliest >= best:
                    break
                found = name.find(piece, start, end)
                at = found + len(piece)
                if found >= 0 and end - at >= then.needs:
                    best = then.first(name, at, end, best)
        return best

    def _candidates(self, name: str, start: int, end: int) -> Iterator[Sequence["_Next"]]:
        for size in self._sizes:
            for at in range(start, end - size + 1):
                if some := self._runs.get(name[at : at + size]):
                    yield some


_Next = tuple[str, _Behind]


def _by_rarest(pieces: Sequence[_Next]) -> dict[str, list[_Next]]:
    """Give pieces by that run of theirs which the fewest of them have."""
    having = Counter(run for piece, _then in pieces for run in _runs(piece))
    found: dict[str, list[_Next]] = {}
    for each in pieces:
        rarest = min(_runs(each[0]), key=having.__getitem__)
        found.setdefault(rarest, []).append(each)
    return found


def _runs(piece: str) -> set[str]:
    return {piece[at : at + _RUN] for at in range(max(1, len(piece) - _RUN + 1))}


def _lengths(texts: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({len(each) for each in texts}))
