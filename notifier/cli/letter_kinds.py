"""Naming letters at the command line: their kind and their language, and what was meant instead."""

import typer

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import plain
from notifier.admin import proofreading
from notifier.cli.faults import Failed
from notifier.core.wording.reading import LAYOUT_FOLDER
from notifier.core.wording.variables import KINDS, nearest


def known_kind(kind: str | None) -> str | None:
    """Refuse a kind that there is not, naming the one that was probably meant."""
    folders = (*KINDS, LAYOUT_FOLDER)
    if kind is None or kind in folders:
        return kind
    meant = nearest(kind, folders)
    hint = f"did you mean {meant!r}?" if meant else f"there are {', '.join(folders)}"
    raise typer.BadParameter(f"{kind!r} is no kind of letter; {hint}")


def known_language(shelf: Shelf, language: str | None) -> None:
    """Refuse a language without letters, naming those that have some."""
    known = proofreading.languages(shelf)
    if language is not None and plain(language) not in map(plain, known):
        raise Failed(f"there are no letters in {language!r}; there are some in {', '.join(known)}.")


LANGUAGE = typer.Option(None, help="A language, such as en or fr [default: all].")
KIND = typer.Argument(
    None, help="A kind of letter, or _layout [default: all].", callback=known_kind
)
