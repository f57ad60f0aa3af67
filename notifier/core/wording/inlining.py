"""Copying the rules of `<style>` into the tags, for mail readers that drop `<style>`.

It is done once per template, not once per mail. The inliner reads HTML and knows nothing of
templates, so each value and each `{% if %}` is replaced by a mark that HTML leaves in its place,
and the text between the marks is put back into the syntax tree afterwards.
"""

import re
from collections.abc import Iterator
from typing import Final

import css_inline
from jinja2 import nodes

from notifier.core.wording.markup import Place, Where, after, after_value

# Private-use characters: HTML parsers pass them through, and nobody types them.
_MARK: Final = re.compile("(?:<!--)?\ue000\\d+\ue001(?:-->)?")
_TAGS: Final = re.compile("<!--\ue000(\\d+)\ue001-->|\ue000(\\d+)\ue001|<(/?[a-zA-Z][a-zA-Z0-9]*)")

# Parsers put these in by themselves, across the branches; HTML can do without them.
_IMPLIED: Final = re.compile("</?tbody>")

# The inliner calls itself for each tag inside a tag, and at some 10,000 the process ends with a
# broken stack; ours go 20 deep.
_DEEPEST: Final = 200
# Each rule may add its text to each tag: ours have 60 rules and 60 tags (rules times tags).
_MOST_WORK: Final = 100_000
# Elements that have no end tag (WHATWG HTML §13.1.2).
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)

_INLINER: Final = css_inline.CSSInliner(
    keep_style_tags=True,  # the rules of @media cannot be inlined
    keep_link_tags=False,
    load_remote_stylesheets=False,
)


def inline_styles(tree: nodes.Template) -> bool:
    """Inline the styles in `tree`; give False, and leave it alone, where that is not safe.

    It is not safe when tags are opened in one branch and closed in another, because a parser then
    moves them; nor when there is so much that the inliner would burst.
    """
    gaps: list[list[nodes.TemplateData]] = [[]]
    for piece in _pieces(tree.body):
        if piece is None:
            gaps.append([])
        else:
            gaps[-1].append(piece)
    marked = _marked(["".join(piece.data for piece in gap) for gap in gaps])
    skeleton = _skeleton(marked)
    if _bursts(marked, skeleton):
        return False
    inlined = _IMPLIED.sub("", _INLINER.inline(marked))
    texts = _MARK.split(inlined)
    if skeleton != _skeleton(inlined) or len(texts) != len(gaps) or _homeless(texts, gaps):
        return False
    for text, gap in zip(texts, gaps, strict=True):
        for piece in gap:
            piece.data, text = text, ""
    return True


def _bursts(html: str, skeleton: list[str]) -> bool:
    """Tell whether there are too many rules for so many tags, or too many tags in each other."""
    if html.count("{") * len(skeleton) > _MOST_WORK:
        return True
    opened: list[str] = []
    deepest = 0
    for tag in skeleton:
        if opened and tag == f"/{opened[-1]}":
            opened.pop()
        elif tag[0].isalpha() and tag not in _VOID:
            opened.append(tag)
            deepest = max(deepest, len(opened))
    return deepest > _DEEPEST


def _homeless(texts: list[str], gaps: list[list[nodes.TemplateData]]) -> bool:
    return any(text and not gap for text, gap in zip(texts, gaps, strict=True))


def _pieces(body: list[nodes.Node]) -> Iterator[nodes.TemplateData | None]:
    """Give the texts of a tree in the order of the file, None for whatever divides them."""
    for node in body:
        if isinstance(node, nodes.Output):
            for child in node.nodes:
                yield child if isinstance(child, nodes.TemplateData) else None
        elif isinstance(node, nodes.If):
            for branch in (node.body, *(each.body for each in node.elif_), node.else_):
                yield None
                yield from _pieces(branch)
            yield None


def _marked(texts: list[str]) -> str:
    """Join the texts with a mark at each division: a comment between tags, else a bare word."""
    place, parts = after(Place(), texts[0]), texts[:1]
    for number, text in enumerate(texts[1:]):
        mark = f"\ue000{number}\ue001"
        parts += [f"<!--{mark}-->" if place.where is Where.TEXT else mark, text]
        place = after(after_value(place), text)
    return "".join(parts)


def _skeleton(html: str) -> list[str]:
    """Give the tags and marks of a file in their order, which inlining must not change."""
    bare = _IMPLIED.sub("", html)
    return [match[1] or match[2] or match[3].lower() for match in _TAGS.finditer(bare)]
