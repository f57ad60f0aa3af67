"""Galleys: a template set in type, its words encoded for the wire once for all letters."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from notifier.core.mime import SOFT_BREAK, quoted
from notifier.core.wording.escaping import common_blanks
from notifier.core.wording.stencil import Laid, Stencil, Unfit
from notifier.core.wording.template import WHOLE_LIMIT, Template, tidy

# Shapes of one text that are kept; a template has a handful of them, and 10 kB for each.
_KEPT: Final = 32

# No character has more bytes in UTF-8.
_WIDEST: Final = 4

_NO_LIMIT: Final = 1 << 62

# Encoded words, and between them the numbers of the answers that belong there.
Set: TypeAlias = tuple[bytes | int, ...]


class Column:
    """One of the two texts of a letter: its questions, and its words in quoted-printable."""

    def __init__(
        self,
        stencil: Stencil,
        *,
        lay: Callable[[Sequence[str]], Laid],
        fit: Callable[[str], str],
        limit: int | None = None,
    ) -> None:
        """Take what lays the words, and what makes an answer fit to be put between them.

        With more than `limit` bytes a text is not shown whole by mail readers.
        """
        self._stencil = stencil
        self._lay = lay
        self._fit = fit
        self._limit = limit
        self.personal_names = stencil.personal_names
        self._shapes: dict[tuple[bool, ...], tuple[Set, int]] = {}

    def common(self, values: Mapping[str, str]) -> list[str]:
        """Give the answers that all who hear of one notice share; raises Unfit."""
        return [self._fit(answer) for answer in self._stencil.common(values)]

    def personal(self, values: Mapping[str, str]) -> list[str]:
        """Give those that are one person's own; raises Unfit."""
        return [self._fit(answer) for answer in self._stencil.personal(values)]

    def set(self, answers: Sequence[str]) -> Set:
        """Give the encoded words around `answers`, of which only the shape counts."""
        return self._shape(answers)[0]

    def room(self, common: Sequence[str], personal: Sequence[str]) -> int:
        """Give how long the personal answers may be together beside the common ones (characters).

        Below 0 there is no room for any: the text has to be filled with less.
        """
        if self._limit is None:
            return _NO_LIMIT
        answers = (*common, *personal)
        kept, characters = self._shape(answers)
        numbers = [piece for piece in kept if isinstance(piece, int)]
        own = [number for number in numbers if number >= len(common)]
        filled = sum(len(common[number]) for number in numbers if number < len(common))
        often = max(map(own.count, own), default=1)
        return (self._limit // _WIDEST - characters - filled) // often

    def _shape(self, answers: Sequence[str]) -> tuple[Set, int]:
        shape = tuple(map(bool, answers))
        found = self._shapes.get(shape)
        if found is None:
            laid = self._lay(answers)
            if len(self._shapes) >= _KEPT:
                self._shapes.clear()
            characters = sum(len(piece) for piece in laid if isinstance(piece, str))
            found = self._shapes[shape] = _encoded(laid), characters
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
        self.html = Column(
            html, lay=lambda answers: html.laid(answers, finish=str), fit=_whole, limit=WHOLE_LIMIT
        )
        self.text = Column(text, lay=template.laid_text, fit=_calm)


def _encoded(laid: Laid) -> Set:
    """Encode words with soft breaks where an answer is put in within a line.

    So each answer begins a line of its own on the wire, and the length of none matters to the rest.
    """
    last = len(laid) - 1
    set_: list[bytes | int] = []
    for at, piece in enumerate(laid):
        if isinstance(piece, int):
            set_.append(piece)
            continue
        text = piece
        if at == last and not text.endswith("\n"):
            if not text and last:
                raise Unfit("the text ends with a value")
            text += "\n"
        before = SOFT_BREAK if at and not text.startswith("\n") else b""
        behind = SOFT_BREAK if at < last and text and not text.endswith("\n") else b""
        set_.append(before + quoted(text) + behind)
    return tuple(set_)


def _whole(answer: str) -> str:
    """Give an answer for HTML; a line end of another system could join with what follows."""
    if "\r" in answer:
        raise Unfit("a value holds a carriage return")
    return answer


def _calm(answer: str) -> str:
    """Give an answer for plain text, which tidying the whole would not change."""
    if answer.isprintable() and answer.strip(" ") == answer:
        return answer
    answer = common_blanks(answer)
    if (
        "\r" in answer
        or answer.strip() != answer
        or ("\n" in answer and tidy(answer)[:-1] != answer)
    ):
        raise Unfit("a value would be tidied otherwise by itself")
    return answer
