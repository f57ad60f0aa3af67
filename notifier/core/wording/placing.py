"""Making every value of an HTML file safe where it stands."""

from collections.abc import Generator, Iterator, Sequence
from typing import Final, TypeAlias

from jinja2 import nodes

from notifier.core.wording.escaping import SHOWN
from notifier.core.wording.markup import Place, Refusal, Use, Where, after, after_value, use
from notifier.core.wording.syntax import Finding
from notifier.core.wording.variables import SORTS, Sort

# Findings on the way, and the place that was reached.
_Steps: TypeAlias = Generator[Finding, None, Place]

_OUTSIDE: Final = "ends inside {}; close it before the end of the file"
_IN_COMMENT: Final = "in a comment, which is mailed to everybody, names stay as they are typed"
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
        line = 1 + sum(text.data.count("\n") for text in tree.find_all(nodes.TemplateData))
        yield Finding(file=file, line=line, message=_OUTSIDE.format(what))


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
        return max(ends, key=lambda end: len(end.written))

    def _output(self, node: nodes.Output, place: Place) -> _Steps:
        for index, child in enumerate(node.nodes):
            if isinstance(child, nodes.TemplateData):
                place = after(place, child.data)
                continue
            if isinstance(child, nodes.Name) and child.name in self._pieces:
                yield from self._piece(child, place)
                continue
            found = use(place)
            if isinstance(found, Refusal):
                yield self._finding(child, f"no value may be printed {found.reason}")
                continue
            if found is Use.AS_TYPED:
                yield self._finding(child, _IN_COMMENT, breaks=False)
            node.nodes[index] = _printed(child, found)
            place = after_value(place)
        return place

    def _piece(self, child: nodes.Name, place: Place) -> Iterator[Finding]:
        if place.where is not Where.TEXT:
            yield self._finding(child, f"`{child.name}` belongs between tags")

    def _finding(self, node: nodes.Node, message: str, *, breaks: bool = True) -> Finding:
        return Finding(file=self._file, line=node.lineno, message=message, breaks=breaks)


def _printed(child: nodes.Expr, found: Use) -> nodes.Expr:
    match found:
        case Use.SHOWN:
            return _filtered(child, SHOWN[_sort(child)])
        case Use.AS_TYPED:
            name = innermost(child)
            return nodes.TemplateData(f"%{name}" if name else "", lineno=child.lineno)
        case _:
            return _filtered(child, found.value)


def _filtered(child: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(child, name, [], [], None, None, lineno=child.lineno)


def _sort(child: nodes.Expr) -> Sort:
    return SORTS.get(innermost(child) or "", Sort.PROSE)


def innermost(node: nodes.Expr | None) -> str | None:
    """Give the name of the one variable that `node` prints, through its filters."""
    while isinstance(node, nodes.Filter):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else None
