"""Imposing: a body locked up for printing, for every notice with answers of one shape.

What a template says stands in it, encoded; places are left for what a notice answers, and for what
is one person's own. Most events concern one person each: such a letter costs the answers alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from notifier.core.mime import Slot, frame
from notifier.core.press.galleys import Galley, Shape
from notifier.core.wording.template import WHOLE_LIMIT

# Of one template so many bodies are kept; they share the words of their galley, and are 3 kB each.
_KEPT: Final = 32

# No character has more bytes in UTF-8.
_WIDEST: Final = 4


class _Column(Enum):
    HTML = "html"
    TEXT = "text"


# What a body is made of: bytes, what its frame leaves open, and the answers of its two texts.
_Piece: TypeAlias = bytes | Slot | tuple[_Column, int]

# A place of a letter, and the number of the answer that stands there.
Places: TypeAlias = list[tuple[int, int]]


class Forme(NamedTuple):
    """The pieces of a body with nothing in its open places; the first is kept for the headers.

    Answers are told by their numbers: of each text the common ones, then the personal ones.
    """

    pieces: list[bytes]
    ids: list[int]
    calendars: list[int]
    html: Places
    text: Places
    # How long all answers in the HTML may be that stand in it (characters).
    room: int


class Stone:
    """Where the bodies of one template are locked up."""

    def __init__(self, galley: Galley) -> None:
        self.galley = galley
        self._kept: dict[tuple[object, ...], Forme] = {}

    def forme(
        self, html: Sequence[str], text: Sequence[str], *, method: str | None, attached: bool
    ) -> Forme:
        """Give the body for such answers and a calendar entry with this method; raises Unfit."""
        key = (method, attached, tuple(map(bool, html)), tuple(map(bool, text)))
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            shapes = self.galley.html.shape(html), self.galley.text.shape(text)
            found = self._kept[key] = _locked_up(*shapes, method=method, attached=attached)
        return found


def _locked_up(html: Shape, text: Shape, *, method: str | None, attached: bool) -> Forme:
    fillings: dict[Slot, Iterable[_Piece]] = {
        Slot.HTML: _told(html, _Column.HTML),
        Slot.TEXT: _told(text, _Column.TEXT),
    }
    whole: Iterator[_Piece] = chain.from_iterable(
        fillings.get(each, (each,)) if isinstance(each, Slot) else (each,)
        for each in frame(method, attached=attached)
    )
    pieces = [b"", *_in_runs(whole)]
    open_ = [(at, piece) for at, piece in enumerate(pieces) if not isinstance(piece, bytes)]
    return Forme(
        pieces=[piece if isinstance(piece, bytes) else b"" for piece in pieces],
        ids=[at for at, piece in open_ if piece is Slot.BOUNDARY],
        calendars=[at for at, piece in open_ if piece is Slot.CALENDAR],
        html=list(_places(open_, _Column.HTML)),
        text=list(_places(open_, _Column.TEXT)),
        room=WHOLE_LIMIT // _WIDEST - html.characters,
    )


def _told(shape: Shape, column: _Column) -> Iterator[_Piece]:
    """Give a text: its words, and its answers by their numbers."""
    pieces: list[_Piece] = [*shape.words]
    for place, number in shape.slots:
        pieces[place] = column, number
    yield from pieces


def _in_runs(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Join bytes that stand side by side."""
    run = b""
    for piece in pieces:
        if isinstance(piece, bytes):
            run += piece
            continue
        yield run
        yield piece
        run = b""
    yield run


def _places(open_: Iterable[tuple[int, _Piece]], column: _Column) -> Iterator[tuple[int, int]]:
    for at, piece in open_:
        if isinstance(piece, tuple) and piece[0] is column:
            yield at, piece[1]
