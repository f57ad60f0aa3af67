"""Templates: compiled once from the files of a kind and a language, rendered for each person."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import jinja2
import msgspec
from jinja2 import nodes

from notifier.core.cleaning import LINE_LIMIT, clean_line, cut
from notifier.core.wording.escaping import CLEANING, clean_words, common_blanks
from notifier.core.wording.flattening import flatten
from notifier.core.wording.inlining import inline_styles
from notifier.core.wording.reading import CONTENT, Pieces, Reader, Sources, constants, put_in
from notifier.core.wording.stencil import Laid, Stencil, Unfit
from notifier.core.wording.syntax import Finding, TemplateFault, environment, refuse_crowds
from notifier.core.wording.variables import ALL_NAMES, SORTS, Sort

# Gmail clips a mail at 102 kB; what remains is for the values (bytes).
HTML_LIMIT: Final = 90_000

# What Gmail shows of a mail before "Message clipped" (bytes); what it hides stands at the end, and
# there are the links.
WHOLE_LIMIT: Final = 102_000

# How long what people typed may be where all of it together is too long for a mail (characters).
# Links are cut last: a piece of one leads nowhere.
_SHORTER: Final[tuple[Mapping[Sort, int], ...]] = (
    {Sort.PROSE: 4_000, Sort.NAME: 500},
    {Sort.PROSE: 1_000, Sort.NAME: 200},
    {Sort.PROSE: 200, Sort.NAME: 80, Sort.WORDS: 500, Sort.CODE: 500},
)

# RFC 5322 §2.1.1 folds longer lines, and no list of mails shows them (characters).
SUBJECT_LIMIT: Final = 200

# What takes part in a line and cannot be seen alone: joiners, fillers, an empty Braille cell.
_EMPTY: Final = " \u200c\u200d\u034f\u115f\u1160\u2800\u3164\uffa0"

# Words of ours may stand in an isolate, which ends with the last of these (UAX #9, 2.5).
_ISOLATES: Final = ("\u2066", "\u2067", "\u2068")
_POP: Final = "\u2069"

_CLEANED: Final = {name: CLEANING[sort] for name, sort in SORTS.items()}

_BLANK_LINES: Final = re.compile(r"\n{3,}")


class Wording(msgspec.Struct, frozen=True):
    """What one person reads: a subject of one line, the HTML, and the plain text."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A letter of one kind in one language, ready to be filled."""

    kind: str
    language: str
    # The %variables that this letter prints or asks for.
    uses: frozenset[str]
    # Whether its `<style>` could be copied into the tags.
    inlined: bool
    # Those of its %variables that stand in the subject.
    subject_uses: frozenset[str]
    html_stencil: Stencil
    # None where the text is made from the HTML: what it says then is no question of slots.
    text_stencil: Stencil | None
    _subject: jinja2.Template
    _subject_stencil: Stencil
    _html: jinja2.Template
    _text: jinja2.Template | None
    _constants: Mapping[str, str]

    def render(self, variables: Mapping[str, str]) -> Wording:
        """Fill the letter with `variables`, by names without the sign; a missing one is empty."""
        values = self.cleaned(variables, self.uses)
        subject = self.subject(values)
        html, text = self._filled({**self._constants, **values})
        return Wording(
            subject=subject or self.subject_of_last_resort(variables),
            html=html,
            text=tidy(common_blanks(text)),
        )

    def cleaned(self, variables: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
        """Give what the letter prints of these variables; a missing one is empty."""
        return {
            name: _CLEANED[name](value) if (value := variables.get(name)) else "" for name in names
        }

    def subject(self, values: Mapping[str, str]) -> str:
        """Give the subject for cleaned values; empty if nobody would see anything of it."""
        try:
            said = self._subject_stencil.filled(values)
        except Unfit:
            said = self._subject.render(self._constants, **values)
        subject = _one_line(said)
        return subject if subject.strip(_EMPTY) else ""

    def laid_text(self, answers: Sequence[str]) -> Laid:
        """Give the plain text for the answers to its stencil as `render` would tidy it."""
        assert self.text_stencil is not None  # whoever has answers has asked it
        return self.text_stencil.laid(answers, finish=lambda text: tidy(common_blanks(text)))

    def _filled(self, values: dict[str, str]) -> tuple[str, str]:
        """Give the HTML and the text; what is too long to be shown whole is filled with less."""
        html = self._html.render(values)
        for limits in _SHORTER:
            if _fits(html):
                break
            for name in self.uses:
                values[name] = cut(values[name], limits.get(SORTS[name], LINE_LIMIT))
            html = self._html.render(values)
        return html, self._text.render(values) if self._text else flatten(html)

    def subject_of_last_resort(self, variables: Mapping[str, str]) -> str:
        """Give the name of the conference, else of the server, else the kind."""
        names = (clean_line(variables.get(name, "")) for name in ("conf_name", "server_name"))
        said = (_one_line(name) for name in names if name.strip(_EMPTY))
        return next(said, self.kind.replace("_", " ").capitalize())


def compile_template(sources: Sources, kind: str, language: str) -> Template:
    """Compile the files of `kind` in `language`; raises TemplateFault if one of them is unfit.

    A language may be spelt as a folder is, `pt_BR`; the template's own is a tag (BCP 47), `pt-BR`.
    """
    language = language.replace("_", "-")
    reader = Reader(sources, kind, language, _raise)
    try:
        subject = reader.subject()
        html = whole_html(reader, sources)
        inlined = inline_styles(html)
        _refuse_giants(html)
        text = None if sources.text is None else whole_text(reader, sources)
        trees = [tree for tree in (subject, html, text) if tree]
        known = constants(kind, language)
        return Template(
            kind=kind,
            language=language,
            uses=frozenset(_names(trees)) & ALL_NAMES,
            inlined=inlined,
            subject_uses=frozenset(_names([subject])) & ALL_NAMES,
            html_stencil=Stencil(html, known, html=True),
            text_stencil=Stencil(text, known, html=False) if text else None,
            _subject_stencil=Stencil(subject, known, html=False),
            _subject=_made(subject, html=False),
            _html=_made(html, html=True),
            _text=_made(text, html=False) if text else None,
            _constants=known,
        )
    # Python's own compiler speaks up when `{% if %}` is nested too deeply.
    except (RecursionError, SyntaxError) as error:
        finding = Finding(file="body.html", line=1, message="nested too deeply")
        raise TemplateFault(finding) from error


def whole_html(reader: Reader, sources: Sources) -> nodes.Template:
    """Give the layout with the body and the partials in their places."""
    partials = _pieces(reader.html_partial, sources.partials_html)
    whole = reader.html_layout()
    put_in(whole, {**partials, CONTENT: lambda: _filled(reader.html_body(), partials)})
    _refuse_giants(whole)
    refuse_crowds(whole, file="body.html")
    return whole


def whole_text(reader: Reader, sources: Sources) -> nodes.Template:
    """Give the plain layout with the body and the partials in their places."""
    partials = _pieces(reader.text_partial, sources.partials_text)
    whole = reader.text_layout()
    put_in(whole, {**partials, CONTENT: lambda: _filled(reader.text_body(), partials)})
    refuse_crowds(whole, file="body.txt")
    return whole


def _pieces(read: Callable[[str], nodes.Template], names: Iterable[str]) -> Pieces:
    return {name: partial(_read_body, read, name) for name in names}


def _read_body(read: Callable[[str], nodes.Template], name: str) -> Sequence[nodes.Node]:
    return read(name).body


def _filled(tree: nodes.Template, pieces: Pieces) -> Sequence[nodes.Node]:
    put_in(tree, pieces)
    return tree.body


def _raise(finding: Finding) -> None:
    if finding.breaks:
        raise TemplateFault(finding)


def _refuse_giants(tree: nodes.Template) -> None:
    size = sum(len(text.data.encode()) for text in tree.find_all(nodes.TemplateData))
    if size > HTML_LIMIT:
        said = f"the HTML has {size} bytes; mail readers clip it, {HTML_LIMIT} are allowed"
        raise TemplateFault(Finding(file="body.html", line=1, message=said))


def _names(trees: Iterable[nodes.Template]) -> set[str]:
    return {name.name for tree in trees for name in tree.find_all(nodes.Name)}


def _made(tree: nodes.Template, *, html: bool) -> jinja2.Template:
    env = environment(ALL_NAMES, html=html)
    tree.set_environment(env)
    return env.from_string(tree)


def _fits(html: str) -> bool:
    """Tell whether mail readers show all of `html`; no character has more than four bytes."""
    return len(html) * 4 <= WHOLE_LIMIT or len(html.encode("utf-8", "replace")) <= WHOLE_LIMIT


def _one_line(text: str) -> str:
    """Give a subject of one line; what turns the direction in it is closed in it."""
    line = " ".join(common_blanks(clean_words(text)).split())
    shown = cut(line, SUBJECT_LIMIT)
    opened = sum(map(shown.count, _ISOLATES)) - shown.count(_POP)
    return cut(shown, SUBJECT_LIMIT - opened) + _POP * opened if opened > 0 else shown


def tidy(text: str) -> str:
    """Give a plain text without blanks at the ends of lines, one blank line at most."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip("\n") + "\n"
