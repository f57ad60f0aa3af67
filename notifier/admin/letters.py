"""Templates as an administrator sees them: what there is, what was changed, how a letter looks."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from notifier.adapters.overrides import Compared
from notifier.adapters.shelf import Fault, Shelf
from notifier.core.language.languages import LAST_RESORT, locale_chain
from notifier.core.mime import Draft
from notifier.core.notice import Kind
from notifier.core.settings import Settings
from notifier.samples import FAR_ZONE, Shape, hostile, sample


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One letter in one language: which of its files were changed, and under which more changed.

    `outdated` are those whose shipped file is another one since they were made.
    """

    kind: str
    language: str
    origin: Literal["shipped", "changed", "added"]
    files: tuple[str, ...]
    outdated: tuple[str, ...] = ()


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as it would be sent, the language that it is in, and files that are not used."""

    draft: Draft
    language: str
    faults: tuple[Fault, ...]


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A name that a letter may print, without its sign, and what it holds in a sample."""

    name: str
    sample: str


def rows(shelf: Shelf) -> list[Row]:
    """Give one row for each letter and language, and for each layout."""
    letters: dict[tuple[str, str], list[tuple[str, str]]] = {}
    outdated: dict[tuple[str, str], list[str]] = {}
    for each in shelf.tree():
        letters.setdefault((each.language, each.kind), []).append((each.file, each.origin))
        if each.outdated:
            outdated.setdefault((each.language, each.kind), []).append(each.file)
    return [
        Row(
            kind=kind,
            language=language,
            origin=_origin(files),
            files=tuple(_own(files)),
            outdated=tuple(outdated.get((language, kind), ())),
        )
        for (language, kind), files in letters.items()
    ]


def preview(
    shelf: Shelf,
    kind: Kind,
    language: str,
    *,
    shape: Shape,
    zone: str,
    nasty: bool,
    settings: Settings | None,
) -> Preview:
    """Compose a letter of samples for a reader of `language`, as a worker would do it.

    `settings` are those in force, where they are known: they name the server's own language.
    """
    languages = locale_chain(language, settings.server.language if settings else LAST_RESORT)
    template, spoken = shelf.template(kind, languages)
    made = sample(kind, spoken, shape=shape, zone=zone)
    made = hostile(made) if nasty else made
    if settings and settings.smtp.sender_address:
        made = msgspec.structs.replace(made, settings=settings)
    return Preview(
        draft=made.letter(template),
        language=spoken,
        faults=tuple(shelf.faults_of(kind, languages)),
    )


def variables(kind: Kind, language: str) -> list[Variable]:
    """Give what letters of `kind` may print, with samples in `language`, in the order of names.

    The samples are of a series, told to somebody far away, for that has most to say.
    """
    made = sample(kind, language, shape=Shape.SERIES, zone=FAR_ZONE)
    return [Variable(name=name, sample=held) for name, held in sorted(made.variables().items())]


def compared(shelf: Shelf, *, kind: str | None, language: str | None) -> list[Compared]:
    """Give what the administrator changed, and what changed under it, file by file."""
    asked = [
        (each.kind, each.language)
        for each in shelf.tree()
        if each.origin != "shipped" and each.is_of(kind, language)
    ]
    pairs = dict.fromkeys(asked)
    return [each for pair in pairs for each in shelf.overrides.compared(*pair)]


def _origin(files: list[tuple[str, str]]) -> Literal["shipped", "changed", "added"]:
    origins = {origin for _file, origin in files}
    if origins == {"shipped"}:
        return "shipped"
    return "added" if origins == {"added"} else "changed"


def _own(files: list[tuple[str, str]]) -> Iterator[str]:
    return (file for file, origin in files if origin != "shipped")
