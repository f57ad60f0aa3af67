"""Stencils: a compiled text of a template, cut into what it always says and what it is filled with.

Rendering a letter with Jinja2 takes 50 µs and encoding it for the wire 150, though all but a few
words of it were there the last time. A stencil asks the template for its answers alone: what each
`{{ value }}` prints and which way each `{% if %}` goes, computed by Jinja2 from the very
expressions that stand in the tree. The words around them are laid once for all letters whose
answers are of one shape: where a condition holds, and where nothing is printed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import jinja2
from jinja2 import nodes

from notifier.core.wording.answers import HOLDS, plain_answer
from notifier.core.wording.syntax import environment
from notifier.core.wording.variables import ALL_NAMES, PERSONAL

# Stands behind each answer, and around its number where words are laid. No cleaned value and no
# sound template holds control characters; this one is no blank, which the ends of lines would lose.
_MARK: Final = "\x01"

# Shapes of a short text that are kept laid.
_KEPT: Final = 16

# The words between the answers, with the numbers of these.
Laid: TypeAlias = tuple[str | int, ...]


class Unfit(Exception):
    """A text, or what is to be put into it, is too odd to be laid: it is written plainly."""


class _Question(NamedTuple):
    """An expression of a template, which is printed, or only asked whether it holds."""

    asked: nodes.Node
    condition: bool
    names: frozenset[str]  # the %variables that have a part in the answer


class _Fork(NamedTuple):
    """A condition: the key of each test with what it guards, and what stands there otherwise."""

    branches: tuple[tuple[str, "_Pieces"], ...]
    otherwise: "_Pieces"


class _Print(NamedTuple):
    """The place of an answer, by the key of its question."""

    key: str


_Pieces: TypeAlias = tuple["str | _Print | _Fork", ...]


class Stencil:
    """The questions of one text and the words between them.

    The tree itself, ten times as large, is let go.
    """

    def __init__(self, tree: nodes.Template, constants: Mapping[str, str], *, html: bool) -> None:
        """Take a whole tree, and what those names in it hold that are no %variables."""
        self._constants = constants
        self._html = html
        # By a key that questions share which get the same answer.
        self._questions: dict[str, _Question] = {}
        self._pieces = self._cut(tree.body)
        found = "".join(text.data for text in tree.find_all(nodes.TemplateData))
        self._lines: dict[tuple[bool, ...], Laid] = {}
        self._sound = _MARK not in found and "\r" not in found

    def common(self, values: Mapping[str, str]) -> list[str]:
        """Answer what is the same for all who hear of one notice; raises Unfit."""
        return self._common.answered(values)

    def personal(self, values: Mapping[str, str]) -> list[str]:
        """Answer what somebody's own name, address or link has a part in; raises Unfit."""
        return self._personal.answered(values)

    @property
    def personal_names(self) -> frozenset[str]:
        """The %variables that have a part in the personal answers, not all of them personal."""
        found = (question.names for question in self._questions.values())
        return frozenset().union(*(names for names in found if names & PERSONAL))

    def filled(self, values: Mapping[str, str]) -> str:
        """Give the text for `values`; raises Unfit."""
        answers = [*self.common(values), *self.personal(values)]
        shape = tuple(map(bool, answers))
        laid = self._lines.get(shape)
        if laid is None:
            if len(self._lines) >= _KEPT:
                self._lines.clear()
            laid = self._lines[shape] = self.laid(answers, finish=str)
        return "".join([each if isinstance(each, str) else answers[each] for each in laid])

    def laid(self, answers: Sequence[str], *, finish: Callable[[str], str]) -> Laid:
        """Give the words for `answers`, the common ones and the personal ones behind them.

        Which of them are empty is all that makes a difference. `finish` is given the whole text
        with a mark in the place of each answer.
        """
        pieces = _MARKED.split(finish("".join(self._chosen(self._pieces, answers))))
        return tuple(int(piece) if at % 2 else piece for at, piece in enumerate(pieces))

    def _cut(self, body: Iterable[nodes.Node]) -> _Pieces:
        pieces: list[str | _Print | _Fork] = []
        for node in body:
            if isinstance(node, nodes.If):
                branches = [
                    (self._key(each.test, condition=True), self._cut(each.body))
                    for each in (node, *node.elif_)
                ]
                pieces.append(_Fork(tuple(branches), self._cut(node.else_)))
                continue
            assert isinstance(node, nodes.Output)  # nothing else is let into a letter
            for child in node.nodes:
                if isinstance(child, nodes.TemplateData):
                    pieces.append(child.data)
                else:
                    pieces.append(_Print(self._key(child, condition=False)))
        return tuple(pieces)

    def _key(self, asked: nodes.Node, *, condition: bool) -> str:
        key = f"{condition} {asked!r}"
        if key not in self._questions:
            found = {name.name for name in asked.find_all(nodes.Name)}
            if isinstance(asked, nodes.Name):
                found.add(asked.name)
            self._questions[key] = _Question(asked, condition, ALL_NAMES & found)
        return key

    def _chosen(self, pieces: _Pieces, answers: Sequence[str]) -> Iterator[str]:
        """Go through the branches that these answers open."""
        for piece in pieces:
            if isinstance(piece, str):
                yield piece
            elif isinstance(piece, _Print):
                yield self._marked(piece.key, answers)
            else:
                held = (inner for key, inner in piece.branches if self._answer(key, answers))
                yield from self._chosen(next(held, piece.otherwise), answers)

    def _marked(self, key: str, answers: Sequence[str]) -> str:
        answer = self._answer(key, answers)
        asked = key in self._numbers
        return f"{_MARK}{self._numbers[key]}{_MARK}" if answer and asked else answer

    def _answer(self, key: str, answers: Sequence[str]) -> str:
        number = self._numbers.get(key)
        return self._fixed[key] if number is None else answers[number]

    @cached_property
    def _common(self) -> "_Sheet":
        return self._sheet(lambda names: bool(names) and not names & PERSONAL)

    @cached_property
    def _personal(self) -> "_Sheet":
        return self._sheet(lambda names: bool(names & PERSONAL))

    @cached_property
    def _fixed(self) -> dict[str, str]:
        """What names such as `lang` print, which the template itself knows."""
        sheet = self._sheet(lambda names: not names)
        return dict(zip(sheet.keys, sheet.answered({}), strict=True))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {key: at for at, key in enumerate((*self._common.keys, *self._personal.keys))}

    def _sheet(self, wanted: Callable[[frozenset[str]], bool]) -> "_Sheet":
        if not self._sound:
            raise Unfit("a control character stands in the template")
        asked = {key: each for key, each in self._questions.items() if wanted(each.names)}
        return _Sheet(asked, self._constants, html=self._html)


class _Sheet:
    """Questions that are answered at one go: plain ones at once, the rest by Jinja2 together."""

    def __init__(
        self, questions: Mapping[str, _Question], constants: Mapping[str, str], *, html: bool
    ) -> None:
        found = {
            key: plain_answer(each.asked, constants, condition=each.condition, html=html)
            for key, each in questions.items()
        }
        plain = {key: answer for key, answer in found.items() if answer}
        # In this order, so that those that are alike are answered in one go.
        bare = {key: each.name for key, each in plain.items() if not each.made}
        self._bare = list(bare.values())
        made = {key: each for key, each in plain.items() if each.made and each.name}
        self._made = [(each.made, each.name) for each in made.values() if each.made]
        asked = {key: each for key, each in plain.items() if each.made and not each.name}
        self._asked = [each.made for each in asked.values() if each.made]
        other = {key: each for key, each in questions.items() if not found[key]}
        self.keys = (*bare, *made, *asked, *other)
        self._constants = constants
        self._form = _form(other.values(), html=html) if other else None

    def answered(self, values: Mapping[str, str]) -> list[str]:
        """Give an answer to each; raises Unfit.

        All are asked, those too that stand where a condition does not hold. Whether one that cannot
        be answered matters is found out by the letter that is written by itself.
        """
        try:
            answers = [values[name] for name in self._bare]
            answers += [made(values[name]) for made, name in self._made]
            answers += [answer(values) for answer in self._asked]
            if self._form:
                answers += self._form.render(self._constants, **values).split(_MARK)[:-1]
        except Exception as fault:
            raise Unfit("a question has no answer for these values") from fault
        if len(answers) != len(self.keys):
            raise Unfit("a control character stands in a value")
        return answers


def _form(questions: Iterable[_Question], *, html: bool) -> jinja2.Template:
    """Compile a text that consists of the answers, each with a mark behind it."""
    body: list[nodes.Node] = []
    for question in questions:
        asked: nodes.Node = nodes.Output([question.asked], lineno=1)
        if question.condition:
            said = nodes.Output([nodes.TemplateData(HOLDS)], lineno=1)
            asked = nodes.If(question.asked, [said], [], [], lineno=1)
        body += [asked, nodes.Output([nodes.TemplateData(_MARK)], lineno=1)]
    form = nodes.Template(body, lineno=1)
    env = environment(ALL_NAMES, html=html)
    form.set_environment(env)
    return env.from_string(form)


_MARKED: Final = re.compile(f"{_MARK}([0-9]+){_MARK}")
