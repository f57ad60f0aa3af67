"""Reading the files of one template into trees whose values are safe where they stand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec
from jinja2 import nodes

from notifier.core.language.languages import direction
from notifier.core.wording.placing import make_safe, set_apart
from notifier.core.wording.syntax import Finding, TemplateFault, parse
from notifier.core.wording.variables import ALL_NAMES, VARIABLES

# What a layout calls the letter itself.
CONTENT: Final = "content"
SUBJECT: Final = "subject"

LAYOUT_FOLDER: Final = "_layout"
WORDS_FILE: Final = f"{LAYOUT_FOLDER}/words.txt"

# What reading the files of one letter may cost, each piece as often as it is printed: 500 for a
# file, 2 for a character, 100 for a mark; that is as many microseconds or so. Ours cost 150,000.
EFFORT_LIMIT: Final = 2_000_000

_COMMAS: Final = dict.fromkeys(("ar", "fa", "ur"), "، ") | {"ja": "、", "zh": "，"}
_SIDES: Final = {"ltr": ("left", "right"), "rtl": ("right", "left")}


# What stands for a name in a file; read anew for each place, because trees are changed later.
Pieces: TypeAlias = Mapping[str, Callable[[], Sequence[nodes.Node]]]


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one kind in one language, as text.

    `partials_*` are the further files of `_layout` by their names without ending, and `words` the
    short texts which the layout prints by name. Without `text`, it is made from the HTML.
    """

    subject: str
    html: str
    text: str | None = None
    layout_html: str
    layout_text: str
    partials_html: dict[str, str] = {}
    partials_text: dict[str, str] = {}
    words: dict[str, str] = {}


def constants(kind: str, language: str) -> dict[str, str]:
    """Give what a layout needs to know of a letter.

    `kind`, `lang`, `dir`, `start` and `end` (sides of the page), and `comma`, with its blank.
    """
    way = direction(language)
    start, end = _SIDES[way]
    comma = _COMMAS.get(language.split("-", maxsplit=1)[0], ", ")
    sides = {"dir": way, "start": start, "end": end}
    return {"kind": kind, "lang": language, "comma": comma, **sides}


def read_words(source: str) -> dict[str, str]:
    """Read `words.txt`: one `name = text` a line, `#` before remarks. Raises TemplateFault."""
    words: dict[str, str] = {}
    for number, line in enumerate(source.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        # Not `strip()`: French colons have a hard blank before them, which is part of the word.
        name, equals, text = (part.strip(" \t") for part in line.partition("="))
        if not equals or not name.isidentifier() or name in ALL_NAMES:
            said = "a line here reads `name = text`, and the name is not that of a %variable"
            raise TemplateFault(Finding(file=WORDS_FILE, line=number, message=said))
        words[name] = text
    return words


@lru_cache(maxsize=256)
def sound_words(source: str) -> Mapping[str, str]:
    """Read `words.txt` as `read_words` does, and each of its words as the layout would print it.

    Raises TemplateFault with the line of the first word that cannot be printed.
    """
    words = read_words(source)
    for name, text in words.items():
        try:
            parse(text, file=WORDS_FILE, names=ALL_NAMES, words=frozenset(), html=False)
        except TemplateFault as fault:
            line = _line_of(name, source)
            raise TemplateFault(msgspec.structs.replace(fault.finding, line=line)) from fault
    return MappingProxyType(words)


def _line_of(word: str, source: str) -> int:
    """Give the line of the last `word = …`, which is the one that counts."""
    lines = [line.partition("=")[0].strip() for line in source.splitlines()]
    return len(lines) - lines[::-1].index(word)


class Reader:
    """Reads the files of one template; each finding goes to `report`, which may raise."""

    def __init__(
        self, sources: Sources, kind: str, language: str, report: Callable[[Finding], None]
    ) -> None:
        self._sources = sources
        self._known = VARIABLES[kind]
        self._constants = constants(kind, language)
        self._report = report
        self._effort = 0
        for name in sorted(sources.words.keys() & {*sources.partials_html, *sources.partials_text}):
            said = f"`{name}` is already the name of a file in `{LAYOUT_FOLDER}`"
            report(Finding(file=WORDS_FILE, line=1, message=said))
        for name in sorted(sources.words.keys() & {CONTENT, SUBJECT, *self._constants}):
            said = f"`{name}` is already what every layout prints by this name"
            report(Finding(file=WORDS_FILE, line=1, message=said))

    def subject(self) -> nodes.Template:
        return self._plain(self._sources.subject, "subject.txt", self._known)

    def html_body(self) -> nodes.Template:
        return self._html(
            self._sources.html, "body.html", self._known, *self._sources.partials_html
        )

    def html_layout(self) -> nodes.Template:
        file = f"{LAYOUT_FOLDER}/base.html"
        pieces = (CONTENT, *self._sources.partials_html)
        return self._html(self._sources.layout_html, file, ALL_NAMES, *pieces)

    def html_partial(self, name: str) -> nodes.Template:
        file = f"{LAYOUT_FOLDER}/{name}.html"
        return self._html(self._sources.partials_html[name], file, ALL_NAMES)

    def text_body(self) -> nodes.Template:
        return self._plain(
            self._sources.text or "", "body.txt", self._known, *self._sources.partials_text
        )

    def text_layout(self) -> nodes.Template:
        file = f"{LAYOUT_FOLDER}/base.txt"
        pieces = (CONTENT, *self._sources.partials_text)
        return self._plain(self._sources.layout_text, file, ALL_NAMES, *pieces)

    def text_partial(self, name: str) -> nodes.Template:
        file = f"{LAYOUT_FOLDER}/{name}.txt"
        return self._plain(self._sources.partials_text[name], file, ALL_NAMES)

    def _plain(self, source: str, file: str, known: frozenset[str], *pieces: str) -> nodes.Template:
        words = frozenset({*pieces, *self._sources.words, *self._constants})
        self._check_presence(source, file)
        tree = self._parse(source, file=file, names=known, words=words, html=False)
        self._check_letter(tree, file, pieces)
        put_in(tree, {name: self._word(name, html=False) for name in words - {*pieces}})
        self._check_whole(tree, file, words)
        set_apart(tree, direction=self._constants["dir"])
        return tree

    def _html(self, source: str, file: str, known: frozenset[str], *pieces: str) -> nodes.Template:
        later = frozenset(pieces)
        words = frozenset({SUBJECT, *self._sources.words, *self._constants})
        self._check_presence(source, file)
        tree = self._parse(source, file=file, names=known, words=words | later, html=True)
        self._check_letter(tree, file, pieces)
        put_in(tree, {name: self._word(name, html=True) for name in words})
        self._check_whole(tree, file, words | later)
        for finding in make_safe(tree, file=file, pieces=later):
            self._report(finding)
        return tree

    def _word(self, name: str, *, html: bool) -> Callable[[], Sequence[nodes.Node]]:
        """Give what reads the word `name`."""

        def read() -> Sequence[nodes.Node]:
            if name == SUBJECT:
                return self._title()
            text = (self._constants | self._sources.words)[name]
            names, words = ALL_NAMES, frozenset[str]()
            tree = self._parse(text, file=WORDS_FILE, names=names, words=words, html=html)
            return _escaped(tree).body if html else tree.body

        return read

    def _title(self) -> Sequence[nodes.Node]:
        """Read the subject for HTML, with the words that it prints in turn."""
        source = self._sources.subject
        words = frozenset({*self._sources.words, *self._constants})
        names = self._known
        tree = _escaped(
            self._parse(source, file="subject.txt", names=names, words=words, html=True)
        )
        put_in(tree, {name: self._word(name, html=True) for name in words})
        return tree.body

    def _parse(
        self, source: str, *, file: str, names: frozenset[str], words: frozenset[str], html: bool
    ) -> nodes.Template:
        """Read one text, and raise TemplateFault where a file prints others without end."""
        tree = parse(source, file=file, names=names, words=words, html=html)
        self._effort += 500 + 2 * len(source) + 100 * (source.count("{") + source.count("%"))
        if self._effort > EFFORT_LIMIT:
            said = "the files of this letter print each other too often"
            raise TemplateFault(Finding(file=file, line=1, message=said))
        return tree

    def _check_presence(self, source: str, file: str) -> None:
        """Refuse an empty file, which is one that is being written."""
        if not source.strip():
            self._report(Finding(file=file, line=1, message="the file is empty"))

    def _check_letter(self, tree: nodes.Template, file: str, pieces: Sequence[str]) -> None:
        """Refuse a layout that does not print its letter."""
        printed = {name.name for name in tree.find_all(nodes.Name)}
        if CONTENT in pieces and CONTENT not in printed:
            said = "a layout must print the letter, `{{ content }}`"
            self._report(Finding(file=file, line=1, message=said))

    def _check_whole(self, tree: nodes.Template, file: str, pieces: frozenset[str]) -> None:
        """Refuse pieces inside conditions and filters, where only values have a meaning."""
        printed = {id(child) for output in tree.find_all(nodes.Output) for child in output.nodes}
        for name in tree.find_all(nodes.Name):
            if name.name in pieces - {*self._constants} and id(name) not in printed:
                said = f"`{name.name}` is not a value; it can only be printed, alone"
                self._report(Finding(file=file, line=name.lineno, message=said))


def _escaped(tree: nodes.Template) -> nodes.Template:
    """Escape the texts of a plain file, which are read as HTML now, in attributes as well."""
    for text in tree.find_all(nodes.TemplateData):
        text.data = escape(text.data)
    return tree


def put_in(tree: nodes.Template, pieces: Pieces) -> None:
    """Replace each `{{ name }}` of `pieces` in `tree` by what the piece reads as."""
    tree.body = list(_with_pieces(tree.body, pieces))


def _with_pieces(body: Sequence[nodes.Node], pieces: Pieces) -> Iterator[nodes.Node]:
    for node in body:
        if isinstance(node, nodes.If):
            for branch in (node, *node.elif_):
                branch.body = list(_with_pieces(branch.body, pieces))
            node.else_ = list(_with_pieces(node.else_, pieces))
            yield node
        elif isinstance(node, nodes.Output):
            yield from _opened(node, pieces)
        else:
            yield node


def _opened(output: nodes.Output, pieces: Pieces) -> Iterator[nodes.Node]:
    kept: list[nodes.Expr] = []
    wide = False
    for child in output.nodes:
        if isinstance(child, nodes.Name) and child.name in pieces:
            piece = pieces[child.name]()
            yield nodes.Output(kept, lineno=output.lineno)
            yield from piece
            kept, wide = [], _ends_wide(piece)
        else:
            kept.append(_without_blank(child) if wide else child)
            wide = False
    yield nodes.Output(kept, lineno=output.lineno)


def _ends_wide(piece: Sequence[nodes.Node]) -> bool:
    """Tell whether a piece ends with a full-width colon, which brings its own blank."""
    last = piece[-1].nodes[-1:] if piece and isinstance(piece[-1], nodes.Output) else []
    return any(isinstance(node, nodes.TemplateData) and node.data.endswith("：") for node in last)


def _without_blank(child: nodes.Expr) -> nodes.Expr:
    if isinstance(child, nodes.TemplateData):
        child.data = child.data.removeprefix(" ")
    return child
