"""The approved letters: of each language the words, of two languages the whole mails."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import language_folders, shipped_root
from notifier.core.mime import Draft, as_bytes
from notifier.core.notice import Kind
from notifier.core.wording.variables import ROOM_KINDS
from notifier.samples import FAR_ZONE, ZONE, Shape, sample

FOLDER: Final = Path(__file__).parent

# One that is read from left to right, one from right to left: mails differ in little else.
WHOLE: Final = ("en", "ar")


def languages() -> list[str]:
    """Give the tags of the shipped languages."""
    return sorted(folder.name for folder in language_folders(shipped_root()).values())


def draft(shelf: Shelf, kind: Kind, language: str, shape: Shape = Shape.ONCE) -> Draft:
    """Give the sample letter; of a series it goes to somebody far away."""
    template, used = shelf.template(kind, [language])
    assert used == language
    zone = FAR_ZONE if shape is Shape.SERIES else ZONE
    return sample(kind, language, shape=shape, zone=zone).letter(template)


def approved() -> Iterator[tuple[Path, bytes]]:
    """Give each file and what should be in it."""
    shelf = Shelf(shipped_root())
    for language in languages():
        yield FOLDER / f"{language}.txt", _words(shelf, language).encode()
    for language in WHOLE:
        for kind in Kind:
            yield FOLDER / f"{kind}.{language}.eml", as_bytes(draft(shelf, kind, language))


def _words(shelf: Shelf, language: str) -> str:
    """Give subject and text of every kind, and of every shape that says something else."""
    parts = []
    for kind in Kind:
        for shape in _shapes(kind):
            letter = draft(shelf, kind, language, shape)
            subject = dict(letter.headers)["Subject"]
            parts.append(f"==== {kind} ({shape}) ====\n\n{subject}\n\n{letter.text}")
    return "\n".join(parts)


def _shapes(kind: Kind) -> list[Shape]:
    shapes = [Shape.ONCE]
    if kind in {Kind.INVITATION, Kind.RESCHEDULE, Kind.CANCELLATION}:
        shapes.append(Shape.SERIES)
    if kind in ROOM_KINDS:
        shapes.append(Shape.ROOM)
    return shapes
