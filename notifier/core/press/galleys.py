"""Galleys: a template set in type, its words encoded for the wire once for all letters."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from notifier.core.mime import SOFT_BREAK, quoted
from notifier.core.wording.escaping import common_blanks
from notifier.core.wording.stencil import Laid, Stencil, Unfit
from notifier.core.wording.template import Template, tidy

# Shapes of one text that are kept; a template has a handful of them, and 10 kB for each.
_KEPT: Final = 16

# Answers up to here are remembered as they stand on the wire (characters), and so many: names of
# servers and owners, times and links come back in many letters.
_SHORT: Final = 100
_REMEMBERED: Final = 4096


class Shape(NamedTuple):
    """A text for answers of which the same are empty: encoded words, and the places between them.

    `words` have nothing in the places; `slots` give each place with the number of its answer.
    """

    words: list[bytes]
    slots: list[tuple[int, int]]
    characters: int


class Column:
    """One of the two texts of a letter: its questions, and its words in quoted-printable."""

    def __init__(
        self,
        stencil: Stencil,
        *,
        lay: Callable[[Sequence[str]], Laid],
        encode: Callable[[str], bytes],
    ) -> None:
        """Take what lays the words, and what encodes an answer that is put between them.

        `encode` raises Unfit where the answer would not be the same between the words.
        """
        self._stencil = stencil
        self._lay = lay
        self._encode = encode
        self._encode_short = lru_cache(_REMEMBERED)(encode)
        self.personal_names = stencil.personal_names
        self._shapes: dict[tuple[bool, ...], Shape] = {}

    def common(self, values: Mapping[str, str]) -> list[str]:
        """Give the answers that all who hear of one notice share; raises Unfit."""
        return self._stencil.common(values)

    def personal(self, values: Mapping[str, str]) -> list[str]:
        """Give those that are one person's own; raises Unfit."""
        return self._stencil.personal(values)

    def put_in(
        self, pieces: list[bytes], places: Iterable[tuple[int, int]], answers: Sequence[str]
    ) -> None:
        """Put answers in their places, each by its number, as they stand on the wire.

        Raises Unfit.
        """
        for place, number in places:
            answer = answers[number]
            short = len(answer) < _SHORT
            pieces[place] = self._encode_short(answer) if short else self._encode(answer)

    def shape(self, answers: Sequence[str]) -> Shape:
        """Give the text for answers such as these."""
        empty = tuple(map(bool, answers))
        found = self._shapes.get(empty)
        if found is None:
            if len(self._shapes) >= _KEPT:
                self._shapes.clear()
            found = self._shapes[empty] = _encoded(self._lay(answers))
        return found


class Galley:
    """The two columns of one template."""

    def __init__(self, template: Template) -> None:
        """Raises Unfit for a letter whose plain text is made from its HTML."""
        text = template.text_stencil
        if text is None:
            raise Unfit("the plain text is made from the HTML")
        html = template.html_stencil
        self.template = template
        self.html = Column(html, lay=lambda answers: html.laid(answers, finish=str), encode=_whole)
        self.text = Column(text, lay=template.laid_text, encode=_calm)


def _encoded(laid: Laid) -> Shape:
    """Encode words with soft breaks where an answer is put in within a line.

    So each answer begins a line of its own on the wire, and the length of none matters to the rest.
    """
    last = len(laid) - 1
    words: list[bytes] = []
    for at, piece in enumerate(laid):
        if isinstance(piece, int):
            words.append(b"")
            continue
        text = piece
        if at == last and not text.endswith("\n"):
            if not text and last:
                raise Unfit("the text ends with a value")
            text += "\n"
        before = SOFT_BREAK if at and not text.startswith("\n") else b""
        behind = SOFT_BREAK if at < last and text and not text.endswith("\n") else b""
        words.append(before + quoted(text) + behind)
    return Shape(
        words=words,
        slots=[(at, piece) for at, piece in enumerate(laid) if isinstance(piece, int)],
        characters=sum(len(piece) for piece in laid if isinstance(piece, str)),
    )


def _whole(answer: str) -> bytes:
    """Encode an answer for HTML; a line end of another system could join with what follows."""
    if "\r" in answer:
        raise Unfit("a value holds a carriage return")
    return quoted(answer)


def _calm(answer: str) -> bytes:
    """Encode an answer for plain text, which tidying the whole would not change."""
    answer = common_blanks(answer)
    odd = "\r" in answer or answer.strip() != answer
    if odd or ("\n" in answer and tidy(answer)[:-1] != answer):
        raise Unfit("a value would be tidied otherwise by itself")
    return quoted(answer)
