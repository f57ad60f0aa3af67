"""The administrator's templates beside the shipped ones: what was changed, and taking it back."""

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Final, Literal

import msgspec

from notifier.adapters.backups import put_away
from notifier.adapters.bases import OUTDATED, Bases, Standing
from notifier.adapters.template_files import (
    LETTER_FILES,
    ensure_inside,
    language_folders,
    layout_files,
    missing,
    plain,
    read,
    write,
)
from notifier.core.language.languages import LAST_RESORT, locale_chain
from notifier.core.wording.reading import LAYOUT_FOLDER
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.variables import KINDS

# Language (plain, "" for all), kind or `_layout`, file name.
_Key = tuple[str, str, str]

# The other side of a difference where there is no file.
_NOTHING: Final = "/dev/null"


class Shelved(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One template file and whose it is; the layout for all languages has the language ``""``.

    A language is a tag (BCP 47).

    `base` says whether what is shipped in its place changed since it was made.
    """

    language: str
    kind: str
    file: str
    origin: Literal["shipped", "changed", "added"]
    path: Path
    base: Standing = "none"

    @property
    def outdated(self) -> bool:
        return self.base in OUTDATED

    def is_of(self, kind: str | None, language: str | None) -> bool:
        """Tell whether it is of this kind and language; None is any."""
        spoken = language is None or plain(language) == plain(self.language)
        return spoken and kind in {None, self.kind}


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One of the administrator's files: what is different in it, and what changed under it.

    Both are unified diffs: from what is shipped now to the file, and from what was shipped when it
    was made to what is shipped now. The second is empty where nothing changed, or nobody knows.
    """

    language: str
    kind: str
    file: str
    base: Standing
    yours: str
    underneath: str


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the administrator may edit now; `new` if it was copied for that."""

    path: Path
    new: bool


class Overrides:
    """The administrator's tree, which holds only what was changed, beside the shipped one."""

    def __init__(self, shipped: Path, override: Path | None) -> None:
        self.root = override
        self.shipped = shipped
        self._bases = Bases(override) if override else None

    def tree(self) -> list[Shelved]:
        """Give every template file in use, the administrator's in place of the shipped ones."""
        shipped, own, tags = _files(self.shipped), self._own(), self._tags()
        found = []
        for key, path in (shipped | own).items():
            language, kind, file = key
            found.append(
                Shelved(
                    language=tags.get(language, language),
                    kind=kind,
                    file=file,
                    origin=_origin(own=key in own, shipped=key in shipped),
                    path=path,
                    base=self._base(path, shipped.get(key)) if key in own else "same",
                )
            )
        return sorted(found)

    def diff(self, kind: str, language: str) -> str:
        """Give what was changed in the files of `kind`, or of `_layout`, as a unified diff."""
        return "".join(each.yours for each in self.compared(kind, language))

    def compared(self, kind: str, language: str) -> list[Compared]:
        """Give both differences of each file of `kind`, or of `_layout`, that was changed."""
        shipped, own = _files(self.shipped), self._own()
        keys = sorted(key for key in own if key[:2] == (plain(language), kind))
        return [self._compared(key, own[key], shipped.get(key)) for key in keys]

    def restore(self, kind: str | None = None, *, language: str | None = None) -> list[Path]:
        """Move changed files into the backup, so that the shipped ones are used again (R33).

        Without `kind` it is all of the language's letters and every layout, without `language` all
        languages. A language that is not shipped is only taken away when it is named.

        Raises TemplateFault where a folder leads out of the tree: nothing elsewhere is touched.
        """
        taken = []
        for key, path in self._own().items():
            if self.root and self._bases and self._asked_for(key, kind, language):
                put_away(path, self.root)
                self._bases.forget(path)
                taken.append(path)
        return sorted(taken)

    def begin(self, kind: str, language: str, files: tuple[str, ...]) -> list[Begun]:
        """Copy shipped files of `kind` (or of `_layout`) to where they can be edited.

        What is already there stays as it is. A language that is not shipped begins with the text
        that its readers get so far. Raises OSError, and TemplateFault where a folder leads out.
        """
        assert self.root is not None  # asked by the caller
        folder = self._folder(language, kind)
        return [self._begun(folder / file, (plain(language), kind, file)) for file in files]

    def shippable(self, kind: str, language: str) -> tuple[str, ...]:
        """Give the names of the files that `begin` can copy."""
        if kind != LAYOUT_FOLDER:
            return LETTER_FILES
        layout = {file for spoken, each, file in _files(self.shipped) if each == kind if not spoken}
        words = {file for spoken, each, file in _files(self.shipped) if each == kind if spoken}
        return tuple(sorted(words | layout if language else layout))

    def accept(self, kind: str | None, language: str | None) -> list[Path]:
        """Take what is shipped now as the base of the files that are asked for; give those."""
        shipped, own = _files(self.shipped), self._own()
        outdated = set(self.outdated(kind, language))
        return sorted(
            path
            for key, path in own.items()
            if path in outdated and self._rebased(key, path, shipped)
        )

    def outdated(self, kind: str | None, language: str | None) -> list[Path]:
        """Give the files that are asked for under which what is shipped has changed."""
        return [each.path for each in self.tree() if each.outdated and each.is_of(kind, language)]

    def note(self) -> bool:
        """Keep what is shipped now as the base of each file that somebody copied by hand.

        False where that cannot be kept, because the tree is read-only.
        """
        shipped, kept = _files(self.shipped), True
        for key, path in self._own().items():
            if self._bases and key in shipped:
                kept = self._bases.remember(path, shipped[key]) and kept
        if self._bases:
            self._bases.forget_orphans()
        return kept

    def note_one(self, path: Path) -> None:
        """Do the same for one file, for a process that has just read it."""
        ours = self.root and path.is_relative_to(self.root)
        if self._bases and self.root and ours and not self._bases.has(path):
            *spoken, kind, file = path.relative_to(self.root).parts
            shipped = _files(self.shipped).get((plain("".join(spoken)), kind, file))
            if shipped:
                self._bases.remember(path, shipped)

    def _tags(self) -> dict[str, str]:
        """Give the tag (BCP 47) of each language, as its folder spells it, by the plain name."""
        roots = (self.root, self.shipped) if self.root else (self.shipped,)
        folders = [each for root in roots for each in language_folders(root).items()]
        return {name: folder.name.replace("_", "-") for name, folder in folders}

    def _own(self) -> dict[_Key, Path]:
        return _files(self.root) if self.root else {}

    def _base(self, own: Path, shipped: Path | None) -> Standing:
        assert self._bases is not None  # there is an override
        return self._bases.of(own, shipped).standing

    def _rebased(self, key: _Key, path: Path, shipped: dict[_Key, Path]) -> bool:
        assert self._bases is not None  # asked by the caller
        if key in shipped:
            return self._bases.remember(path, shipped[key], anew=True)
        self._bases.forget(path)
        return True

    def _compared(self, key: _Key, own: Path, shipped: Path | None) -> Compared:
        assert self._bases is not None  # there is an override
        language, kind, file = key
        base = self._bases.of(own, shipped)
        now = _lines(shipped, None)
        underneath = ""
        if base.standing in OUTDATED:
            then = (base.text or "").splitlines(keepends=True)
            underneath = _difference(then, now, f"{own} (shipped then)", f"{own} (shipped now)")
        return Compared(
            language=self._tags().get(language, language),
            kind=kind,
            file=file,
            base=base.standing,
            yours=_difference(now, _lines(own, self.root), str(shipped or _NOTHING), str(own)),
            underneath=underneath,
        )

    def _asked_for(self, key: _Key, kind: str | None, language: str | None) -> bool:
        spoken, own_kind, _ = key
        if language is None:
            fits = not spoken or spoken in language_folders(self.shipped)
        else:
            fits = spoken == plain(language) or (kind is None and not spoken)
        return fits and kind in {None, own_kind}

    def _folder(self, language: str, kind: str) -> Path:
        """Give the folder of `kind`, its language spelt as it is already."""
        assert self.root is not None  # asked by the caller
        if not language:
            return self.root / kind
        known = language_folders(self.shipped) | language_folders(self.root)
        found = known.get(plain(language))
        return self.root / (found.name if found else language.replace("_", "-")) / kind

    def _begun(self, path: Path, key: _Key) -> Begun:
        assert self.root is not None  # asked by the caller
        assert self._bases is not None
        ensure_inside(path.parent, self.root)
        new = missing(path)
        shipped = _files(self.shipped)
        if new:
            write(path, read(_pattern(shipped, key)).encode())
        else:
            path.lstat()  # In a folder that is closed to us, nobody knows whether it is there.
        if key in shipped:
            self._bases.remember(path, shipped[key], anew=new)
        return Begun(path=path, new=new)


def _pattern(shipped: dict[_Key, Path], key: _Key) -> Path:
    """Give the shipped file that an override begins with: what its readers get so far."""
    language, kind, file = key
    chain = (language, *map(plain, locale_chain(language, LAST_RESORT)), "")
    return next(shipped[each, kind, file] for each in chain if (each, kind, file) in shipped)


def _files(root: Path) -> dict[_Key, Path]:
    found = {("", LAYOUT_FOLDER, path.name): path for path in layout_files(root / LAYOUT_FOLDER)}
    for language, folder in language_folders(root).items():
        found |= {(language, kind, path.name): path for kind, path in _of_language(folder)}
    return found


def _of_language(folder: Path) -> Iterator[tuple[str, Path]]:
    for kind in KINDS:
        paths = (folder / kind / name for name in LETTER_FILES)
        yield from ((kind, path) for path in paths if not missing(path))
    yield from ((LAYOUT_FOLDER, path) for path in layout_files(folder / LAYOUT_FOLDER))


def _origin(*, own: bool, shipped: bool) -> Literal["shipped", "changed", "added"]:
    if not own:
        return "shipped"
    return "changed" if shipped else "added"


def _difference(before: list[str], after: list[str], was: str, now: str) -> str:
    lines = unified_diff(before, after, was, now)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _lines(path: Path | None, root: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        if root:
            ensure_inside(path, root)
        return read(path).splitlines(keepends=True)
    except TemplateFault as fault:
        return [f"({fault.message})\n"]
