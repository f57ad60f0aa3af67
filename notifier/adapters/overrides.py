"""The administrator's templates beside the shipped ones: what was changed, and taking it back."""

import shutil
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Final, Literal

import msgspec

from notifier.adapters.template_files import (
    LETTER_FILES,
    ensure_inside,
    language_folders,
    layout_files,
    plain,
    read,
)
from notifier.core.wording.reading import LAYOUT_FOLDER
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.variables import KINDS

# Inside the administrator's tree; holds what the last restoring took away.
BACKUP_FOLDER: Final = ".backup"


# Language (plain, "" for all), kind or `_layout`, file name.
_Key = tuple[str, str, str]


class Shelved(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One template file and whose it is; the layout for all languages has the language ``""``."""

    language: str
    kind: str
    file: str
    origin: Literal["shipped", "changed", "added"]
    path: Path


class Overrides:
    """The administrator's tree, which holds only what was changed, beside the shipped one."""

    def __init__(self, shipped: Path, override: Path | None) -> None:
        self._shipped = shipped
        self._override = override

    def tree(self) -> list[Shelved]:
        """Give every template file in use, the administrator's in place of the shipped ones."""
        shipped = _files(self._shipped)
        own = _files(self._override) if self._override else {}
        return sorted(
            _shelved(key, path, own=key in own, shipped=key in shipped)
            for key, path in (shipped | own).items()
        )

    def diff(self, kind: str, language: str) -> str:
        """Give what was changed in the files of `kind`, or of `_layout`, as a unified diff."""
        shipped = _files(self._shipped)
        own = _files(self._override) if self._override else {}
        keys = sorted(key for key in own if key[:2] == (plain(language), kind))
        return "".join(_difference(shipped.get(key), own[key], self._override) for key in keys)

    def restore(self, kind: str | None = None, *, language: str | None = None) -> list[Path]:
        """Move changed files into the backup, so that the shipped ones are used again (R33).

        Raises TemplateFault where a folder leads out of the tree: nothing elsewhere is touched.

        Without `kind` it is all of the language's letters and every layout, without `language` all
        languages. A language that is not shipped is only taken away when it is named.
        """
        if self._override is None:
            return []
        taken = []
        for key, path in _files(self._override).items():
            if self._asked_for(key, kind, language):
                taken.append(path)
                self._take(path, self._override)
        return sorted(taken)

    def _asked_for(self, key: _Key, kind: str | None, language: str | None) -> bool:
        spoken, own_kind, _ = key
        if language is None:
            fits = not spoken or spoken in language_folders(self._shipped)
        else:
            fits = spoken == plain(language) or (kind is None and not spoken)
        return fits and kind in {None, own_kind}

    def _take(self, path: Path, override: Path) -> None:
        backup = override / BACKUP_FOLDER / path.relative_to(override)
        for folder in (path.parent, backup.parent):
            ensure_inside(folder, override)
        backup.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, backup)


def _files(root: Path) -> dict[_Key, Path]:
    found = {("", LAYOUT_FOLDER, path.name): path for path in layout_files(root / LAYOUT_FOLDER)}
    for language, folder in language_folders(root).items():
        found |= {(language, kind, path.name): path for kind, path in _of_language(folder)}
    return found


def _of_language(folder: Path) -> Iterator[tuple[str, Path]]:
    for kind in KINDS:
        paths = (folder / kind / name for name in LETTER_FILES)
        yield from ((kind, path) for path in paths if path.exists())
    yield from ((LAYOUT_FOLDER, path) for path in layout_files(folder / LAYOUT_FOLDER))


def _shelved(key: _Key, path: Path, *, own: bool, shipped: bool) -> Shelved:
    origin: Literal["shipped", "changed", "added"] = "shipped"
    if own:
        origin = "changed" if shipped else "added"
    language, kind, file = key
    return Shelved(language=language, kind=kind, file=file, origin=origin, path=path)


def _difference(shipped: Path | None, own: Path, root: Path | None) -> str:
    before = _lines(shipped, None) if shipped else []
    lines = unified_diff(before, _lines(own, root), str(shipped or "/dev/null"), str(own))
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _lines(path: Path, root: Path | None) -> list[str]:
    try:
        if root:
            ensure_inside(path, root)
        return read(path).splitlines(keepends=True)
    except TemplateFault as fault:
        return [f"({fault.message})\n"]
