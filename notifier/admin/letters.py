"""Templates as an administrator sees them: what there is, what is wrong, how a letter looks."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from notifier.adapters.shelf import Shelf
from notifier.core.mime import Draft, as_bytes
from notifier.core.wording.lint import lint
from notifier.core.wording.reading import LAYOUT_FOLDER
from notifier.core.wording.samples import sample_variables
from notifier.core.wording.template import Wording
from notifier.core.wording.variables import KINDS


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One letter in one language: which of its files were changed, and what is wrong with them."""

    kind: str
    language: str
    origin: Literal["shipped", "changed", "added"]
    files: tuple[str, ...]


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a template file that its author should know."""

    language: str
    kind: str
    file: str
    line: int
    message: str
    suggestion: str | None
    breaks: bool


def rows(shelf: Shelf) -> list[Row]:
    """Give one row for each letter and language, and for each layout."""
    letters: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for each in shelf.tree():
        letters.setdefault((each.language, each.kind), []).append((each.file, each.origin))
    return [
        Row(kind=kind, language=language, origin=_origin(files), files=tuple(_own(files)))
        for (language, kind), files in letters.items()
    ]


def languages(shelf: Shelf) -> list[str]:
    """Give the languages that there are letters in."""
    return sorted({each.language for each in shelf.tree() if each.language})


def remarks(shelf: Shelf, *, kind: str | None, language: str | None) -> list[Remark]:
    """Look over letters, all or those that are asked for; the same remark is made once."""
    found: dict[Remark, None] = {}
    for letter in KINDS if kind in {None, LAYOUT_FOLDER} else (kind,):
        for spoken in [language] if language else languages(shelf):
            assert letter is not None  # `kind` is None only in the other branch
            for each in _looked_over(shelf, letter, spoken):
                found[each] = None
    return list(found)


def remarks_on_changes(shelf: Shelf) -> list[Remark]:
    """Look over the letters that the administrator changed; the shipped ones are sound."""
    found: dict[Remark, None] = {}
    for row in rows(shelf):
        if row.origin != "shipped":
            some = remarks(shelf, kind=row.kind, language=row.language or None)
            found.update(dict.fromkeys(some))
    return list(found)


def preview(shelf: Shelf, kind: str, language: str, *, room: bool) -> tuple[Wording, str]:
    """Give a letter filled with samples, and the language that it is really in."""
    template, spoken = shelf.template(kind, [language])
    return template.render(sample_variables(kind, spoken, room=room)), spoken


def as_mail(wording: Wording, language: str) -> bytes:
    """Give the wording as a message that a mail reader opens."""
    draft = Draft(
        headers=(
            ("From", "Example Conferences <conf@example.com>"),
            ("To", "Boris Petit <boris@example.org>"),
            ("Subject", wording.subject),
            ("Content-Language", language),
        ),
        text=wording.text,
        html=wording.html,
        boundary="preview",
    )
    return as_bytes(draft)


def difference(shelf: Shelf, *, kind: str | None, language: str | None) -> str:
    """Give what the administrator changed, as a unified diff."""
    asked = [
        (each.kind, each.language)
        for each in shelf.tree()
        if kind in {None, each.kind} and language in {None, each.language}
    ]
    return "".join(shelf.diff(*pair) for pair in dict.fromkeys(asked))


def _looked_over(shelf: Shelf, kind: str, language: str) -> Iterator[Remark]:
    sources = shelf.sources(kind, language)
    for each in lint(sources, kind, language) if sources else ():
        shared = each.file.startswith(f"{LAYOUT_FOLDER}/")
        yield Remark(
            language=language,
            kind=LAYOUT_FOLDER if shared else kind,
            file=each.file.removeprefix(f"{LAYOUT_FOLDER}/"),
            line=each.line,
            message=each.message,
            suggestion=each.nearest,
            breaks=each.breaks,
        )


def _origin(files: list[tuple[str, str]]) -> Literal["shipped", "changed", "added"]:
    origins = {origin for _file, origin in files}
    if origins == {"shipped"}:
        return "shipped"
    return "added" if origins == {"added"} else "changed"


def _own(files: list[tuple[str, str]]) -> Iterator[str]:
    return (file for file, origin in files if origin != "shipped")
