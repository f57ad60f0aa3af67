"""Gathering the files of one letter: for each, the administrator's before the shipped one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from notifier.adapters.template_files import (
    Print,
    ensure_inside,
    entries,
    fingerprint,
    language_folders,
    layout_files,
    plain,
    read,
)
from notifier.core.wording.reading import LAYOUT_FOLDER, WORDS_FILE, Sources, read_words
from notifier.core.wording.syntax import TemplateFault

# Shipped complete: the end of every chain of languages, and of every list of words.
LAST_RESORT: Final = "en"

_WORDS: Final = "words.txt"
_NOT_PARTIALS: Final = frozenset({"base.html", "base.txt", _WORDS})


class Folders(msgspec.Struct, frozen=True, kw_only=True):
    """The folders of one letter in the order in which its files are looked for."""

    language: str
    roots: tuple[Path, ...]
    letter: tuple[Path, ...]
    layout: tuple[Path, ...]
    words: tuple[Path, ...]


def folders(roots: Sequence[Path], kind: str, language: str) -> Folders:
    """Give the folders of `kind` in `language`; a layout may lie beside the languages, for all."""
    name = language
    letter: list[Path] = []
    layout: list[Path] = []
    words: list[Path] = []
    for root in roots:
        by_language = language_folders(root)
        own = by_language.get(plain(language))
        name = own.name if own else name
        letter += [own / kind] if own else []
        layout += [own / LAYOUT_FOLDER] if own else []
        layout.append(root / LAYOUT_FOLDER)
        spoken = by_language.get(LAST_RESORT)
        words += [spoken / LAYOUT_FOLDER] if spoken else []
    return Folders(
        language=name,
        roots=tuple(roots),
        letter=tuple(letter),
        layout=tuple(layout),
        words=(*layout, *words),
    )


def prints(where: Folders) -> dict[Path, Print]:
    """Give the prints of everything that the letter depends on, or would if it were there."""
    watched = {root: fingerprint(root) for root in where.roots}
    for folder in (*where.letter, *where.words):
        watched[folder] = fingerprint(folder)
        watched |= {each: fingerprint(each) for each in entries(folder)}
    return watched


class Gathering:
    """The files of one letter. `known_good` are texts to use instead of those which are broken."""

    def __init__(self, where: Folders, known_good: Mapping[Path, str]) -> None:
        self.faults: dict[Path, TemplateFault] = {}
        # By the name that faults use, such as `_layout/base.html`.
        self.paths: dict[str, Path] = {}
        self.texts: dict[Path, str] = {}
        self._where = where
        self._known_good = known_good
        self._hopeless: set[Path] = set()

    def sources(self) -> Sources | None:
        """Give the texts as far as they are sound, or None when the letter is not there."""
        self.paths.clear()
        self.texts.clear()
        subject, html, text = map(self._letter, ("subject.txt", "body.html", "body.txt"))
        layout_html, layout_text = map(self._layout, ("base.html", "base.txt"))
        if subject is None or html is None or layout_html is None or layout_text is None:
            return None
        return Sources(
            subject=subject,
            html=html,
            text=text,
            layout_html=layout_html,
            layout_text=layout_text,
            partials_html=dict(self._partials(".html")),
            partials_text=dict(self._partials(".txt")),
            words=self._words(),
        )

    def blame(self, fault: TemplateFault) -> bool:
        """Leave out the file that `fault` names; False when there is nothing left to leave out."""
        path = self.paths.get(fault.file)
        if path is None or path in self._hopeless:
            return False
        if path in self.faults or path not in self._known_good:
            self._hopeless.add(path)
        self.faults.setdefault(path, fault)
        return True

    def sound(self) -> dict[Path, str]:
        """Give the texts that were read as they are on disk."""
        return {path: text for path, text in self.texts.items() if path not in self.faults}

    def _letter(self, name: str) -> str | None:
        return self._first(name, name, self._where.letter)

    def _layout(self, name: str) -> str | None:
        return self._first(f"{LAYOUT_FOLDER}/{name}", name, self._where.layout)

    def _first(self, called: str, name: str, among: Iterable[Path]) -> str | None:
        for path in (folder / name for folder in among):
            text = self._text(path, read)
            if text is not None:
                self.paths[called] = path
                self.texts[path] = text
                return text
        return None

    def _text(self, path: Path, reading: Callable[[Path], str]) -> str | None:
        """Give the text of a file, its last good one while it is broken, or None."""
        if path in self._hopeless or fingerprint(path) is None:
            return None
        if path not in self.faults:
            try:
                self._keep_inside(path)
                return reading(path)
            except TemplateFault as fault:
                self.faults[path] = fault
        return self._known_good.get(path)

    def _keep_inside(self, path: Path) -> None:
        """Refuse links out of the administrator's tree; the shipped one, the last, may be links."""
        for root in self._where.roots[:-1]:
            if path.is_relative_to(root):
                ensure_inside(path, root)

    def _partials(self, ending: str) -> Iterator[tuple[str, str]]:
        found = {path.name for folder in self._where.layout for path in layout_files(folder)}
        for name in sorted(found - _NOT_PARTIALS):
            text = self._layout(name) if name.endswith(ending) else None
            if text is not None:
                yield name.removesuffix(ending), text

    def _words(self) -> dict[str, str]:
        """Give the words of all folders together: each word may be changed by itself."""
        words: dict[str, str] = {}
        for path in (folder / _WORDS for folder in reversed(self._where.words)):
            text = self._text(path, _sound_words)
            if text is not None:
                words |= read_words(text)
                self.texts[path] = text
                self.paths[WORDS_FILE] = path
        return words


def _sound_words(path: Path) -> str:
    text = read(path)
    read_words(text)
    return text
