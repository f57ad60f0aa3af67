"""What lies in the administrator's tree and is never read: mistyped names, and misplaced files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from notifier.adapters.template_files import (
    LETTER_FILES,
    entries,
    is_folder,
    language_folders,
    layout_files,
    plain,
)
from notifier.core.language.languages import LAST_RESORT, locale_chain
from notifier.core.wording.reading import LAYOUT_FOLDER
from notifier.core.wording.variables import ALL_NAMES, KINDS, nearest

# Traces of editors and packages, and what file systems and Kubernetes put into a folder.
_TRACES: Final = re.compile(
    r"\..*|#.*|.*~|\d+|lost\+found|.*\.(?:bak|old|orig|rej|save|swo|swp|tmp|dpkg-\w+|rpm\w+)",
    re.IGNORECASE,
)
# Notes that administrators leave for each other.
_NOTES: Final = re.compile(r"(?:readme|notes?|changelog|license)\b.*", re.IGNORECASE)


class Stray(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is never read, why, and the name that was probably meant."""

    path: Path
    message: str
    nearest: str | None = None


def strays(root: Path, shipped: Path) -> Iterator[Stray]:
    """Give whatever in the tree at `root` will never be read, and was probably meant to be."""
    known = [each.name for each in language_folders(shipped).values()]
    read = {folder.name for folder in language_folders(root).values()}
    for path in _meant(root):
        if path.name == LAYOUT_FOLDER:
            yield from _in_layout(path)
        elif not is_folder(path):
            yield from _misplaced_file(path)
        elif path.name in KINDS:
            said = f"a kind of letter lies in the folder of its language, such as {known[0]}"
            yield Stray(path=path, message=said)
        elif not is_language(path.name):
            close = nearest(path.name, known)
            yield Stray(path=path, message=f"`{path.name}` is no language", nearest=close)
        elif path.name not in read:
            said = f"`{path.name}` is here twice in two spellings; only one is read"
            yield Stray(path=path, message=said)
        else:
            yield from _in_language(path)


def is_language(name: str) -> bool:
    """Tell whether some reader's language leads to a folder of this name."""
    return plain(name) in map(plain, locale_chain(name, LAST_RESORT))


def _meant(folder: Path) -> Iterator[Path]:
    """Give the entries of a folder that a person put there on purpose."""
    for path in entries(folder):
        if not _TRACES.fullmatch(path.name) and not _NOTES.fullmatch(path.name):
            yield path


def _misplaced_file(path: Path) -> Iterator[Stray]:
    if path.name in LETTER_FILES:
        said = "a file of a letter lies in a folder such as en/invitation"
        yield Stray(path=path, message=said)


def _in_language(folder: Path) -> Iterator[Stray]:
    folders = (*KINDS, LAYOUT_FOLDER)
    for path in _meant(folder):
        if path.name == LAYOUT_FOLDER:
            yield from _in_layout(path)
        elif not is_folder(path):
            yield from _misplaced_file(path)
        elif path.name in KINDS:
            yield from _in_kind(path)
        else:
            close = nearest(path.name, folders)
            yield Stray(path=path, message=f"`{path.name}` is no kind of letter", nearest=close)


def _in_kind(folder: Path) -> Iterator[Stray]:
    for path in _meant(folder):
        if path.name not in LETTER_FILES:
            said = f"`{path.name}` is not read; a letter has {', '.join(LETTER_FILES)}"
            yield Stray(path=path, message=said, nearest=nearest(path.name, LETTER_FILES))


def _in_layout(folder: Path) -> Iterator[Stray]:
    if not is_folder(folder):
        yield Stray(path=folder, message=f"`{LAYOUT_FOLDER}` is not a folder")
    used = layout_files(folder)
    for path in _meant(folder):
        if path.stem in ALL_NAMES:
            said = f"`{path.stem}` is a variable; a file of that name is never printed"
            yield Stray(path=path, message=said)
        elif path not in used:
            said = f"`{path.name}` is not read; names here are like legal.html and legal.txt"
            yield Stray(path=path, message=said)
