"""Making every value of an HTML file safe where it stands."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from jinja2 import nodes

from notifier.core.wording.escaping import SET_APART, SHOWN
from notifier.core.wording.markup import (
    Place,
    Refusal,
    Use,
    Where,
    after_value,
    objection,
    steps,
    use,
)
from notifier.core.wording.syntax import Finding
from notifier.core.wording.variables import LINKS, SORTS, Sort

# Findings on the way, and the place that was reached.
_Steps: TypeAlias = Generator[Finding, None, Place]

_OUTSIDE: Final = "ends inside {}; close it before the end of the file"
_OPEN: Final[dict[Where, str]] = {
    Where.COMMENT: "a comment",
    Where.STYLE: "<style>",
    Where.SCRIPT: "<script>",
}


def make_safe(tree: nodes.Template, *, file: str, pieces: frozenset[str]) -> Iterator[Finding]:
    """Put a filter around each value in `tree`, by its place; give what is wrong on the way.

    `pieces` are the names of HTML that is put in later and must stand between tags.
    """
    place = yield from _Walk(file, pieces).through(tree.body, Place())
    if place.where is not Where.TEXT:
        what = _OPEN.get(place.where, f"the tag <{place.tag}>")
        yield Finding(file=file, line=_last_line(tree), message=_OUTSIDE.format(what))
    elif _in_condition("".join(text.data for text in tree.find_all(nodes.TemplateData))):
        said = _OUTSIDE.format("a condition of Outlook")
        yield Finding(file=file, line=_last_line(tree), message=said)


def _in_condition(html: str) -> bool:
    """Tell whether a comment is left open, with conditions, which are read as HTML above."""
    return html.rfind("<!--") > html.rfind("-->")


def _last_line(tree: nodes.Template) -> int:
    return 1 + sum(text.data.count("\n") for text in tree.find_all(nodes.TemplateData))


def set_apart(tree: nodes.Template, *, direction: str) -> None:
    """Put a filter around each name and number that a plain text prints, written `direction`."""
    for output in tree.find_all(nodes.Output):
        output.nodes = [_apart(child, SET_APART[direction]) for child in output.nodes]


def _apart(child: nodes.Expr, filters: Mapping[Sort, str]) -> nodes.Expr:
    name = innermost(child) or ""
    found = filters.get(SORTS[name]) if name in SORTS and name not in LINKS else None
    return _filtered(child, found) if found else child


class _Walk:
    """Goes through a file in its order, branches one by one, and knows where it is."""

    def __init__(self, file: str, pieces: frozenset[str]) -> None:
        self._file = file
        self._pieces = pieces

    def through(self, body: Sequence[nodes.Node], place: Place) -> _Steps:
        for node in body:
            if isinstance(node, nodes.Output):
                place = yield from self._output(node, place)
            elif isinstance(node, nodes.If):
                place = yield from self._branches(node, place)
        return place

    def _branches(self, node: nodes.If, place: Place) -> _Steps:
        ends: list[Place] = []
        for branch in (node.body, *(each.body for each in node.elif_), node.else_):
            end = yield from self.through(branch, place)
            ends.append(end)
        if not all(end.same_as(ends[0]) for end in ends):
            said = "the branches of this `{% if %}` open and close tags differently"
            yield self._finding(node, said)
        # What follows must be right behind each of them.
        return max(ends, key=lambda end: (isinstance(use(end), Refusal), len(end.written)))

    def _output(self, node: nodes.Output, place: Place) -> _Steps:
        for index, child in enumerate(node.nodes):
            if isinstance(child, nodes.TemplateData):
                place = yield from self._text(child, place)
                continue
            if isinstance(child, nodes.Name) and child.name in self._pieces:
                yield from self._piece(child, place)
                continue
            found = use(place)
            if isinstance(found, Refusal):
                yield self._finding(child, f"no value may be printed {found.reason}")
                continue
            node.nodes[index] = _printed(child, found)
            place = after_value(place)
        return place

    def _text(self, child: nodes.TemplateData, place: Place) -> _Steps:
        line, reached = child.lineno, place
        for begun, reached, read in steps(place, child.data):
            line += read.count("\n")
            if said := objection(begun, reached, read):
                yield Finding(file=self._file, line=line, message=said)
        return reached

    def _piece(self, child: nodes.Name, place: Place) -> Iterator[Finding]:
        if place.where is not Where.TEXT:
            yield self._finding(child, f"`{child.name}` belongs between tags")

    def _finding(self, node: nodes.Node, message: str) -> Finding:
        return Finding(file=self._file, line=node.lineno, message=message)


def _printed(child: nodes.Expr, found: Use) -> nodes.Expr:
    return _filtered(child, SHOWN[_sort(child)] if found is Use.SHOWN else found.value)


def _filtered(child: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(child, name, [], [], None, None, lineno=child.lineno)


def _sort(child: nodes.Expr) -> Sort:
    return SORTS.get(innermost(child) or "", Sort.PROSE)


def innermost(node: nodes.Expr | None) -> str | None:
    """Give the name of the one variable that `node` prints, through its filters."""
    while isinstance(node, nodes.Filter):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else None
