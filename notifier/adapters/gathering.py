"""Gathering the files of one letter: for each, the administrator's before the shipped one."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from notifier.adapters.template_files import (
    Print,
    decode,
    ensure_inside,
    entries,
    fingerprint,
    language_folders,
    layout_files,
    missing,
    plain,
    read_bytes,
)
from notifier.core.language.languages import LAST_RESORT
from notifier.core.wording.reading import LAYOUT_FOLDER, WORDS_FILE, Sources, sound_words
from notifier.core.wording.syntax import Finding, TemplateFault

_WORDS: Final = "words.txt"
_NOT_PARTIALS: Final = frozenset({"base.html", "base.txt", _WORDS})


class Folders(msgspec.Struct, frozen=True, kw_only=True):
    """The folders of one letter in the order in which its files are looked for.

    `own` are those of `letter` that are the language's, and not of one that it is a variety of.
    """

    language: str
    roots: tuple[Path, ...]
    own: tuple[Path, ...]
    letter: tuple[Path, ...]
    layout: tuple[Path, ...]
    words: tuple[Path, ...]


def folders(roots: Sequence[Path], kind: str, language: str) -> Folders:
    """Give the folders of `kind` in `language`; a layout may lie beside the languages, for all.

    What `de-AT` lacks comes from `de`: it is read by the same people. Nothing comes from another
    language, or a letter would begin in one and end in the next.
    """
    by_language = [language_folders(root) for root in roots]
    own = _of(by_language, plain(language))
    wider = [folder for each in _wider(plain(language)) for folder in _of(by_language, each)]
    last = _of(by_language, LAST_RESORT)
    layout = _layouts(roots, own, wider)
    return Folders(
        language=own[-1].name if own else language,
        roots=tuple(roots),
        own=tuple(folder / kind for folder in own),
        letter=tuple(folder / kind for folder in (*own, *wider)),
        layout=layout,
        words=(*layout, *(folder / LAYOUT_FOLDER for folder in last)),
    )


def _of(by_language: Sequence[Mapping[str, Path]], language: str) -> list[Path]:
    return [each[language] for each in by_language if language in each]


def _wider(language: str) -> Iterator[str]:
    """Give the languages that a plain name is a variety of: zh_hans and zh of zh_hans_cn."""
    while "_" in language:
        language = language.rpartition("_")[0]
        yield language


def _layouts(roots: Sequence[Path], own: Sequence[Path], wider: Sequence[Path]) -> tuple[Path, ...]:
    """Give the layouts: the administrator's for all languages goes before a shipped one for one."""
    *changed, shipped = roots
    nearest = [folder for root in changed for folder in own if folder.parent == root]
    farther = [folder for folder in own if folder not in nearest]
    found = (*nearest, *changed, *farther, *wider, shipped)
    return tuple(folder / LAYOUT_FOLDER for folder in found)


def prints(where: Folders) -> dict[Path, Print]:
    """Give the prints of everything that the letter depends on, or would if it were there."""
    watched = {root: fingerprint(root) for root in where.roots}
    for folder in (*where.letter, *where.words):
        watched[folder] = fingerprint(folder)
        watched |= {each: fingerprint(each) for each in entries(folder)}
    return watched


class Gathering:
    """The files of one letter. `known_good` are texts to use instead of those which are broken.

    `being_saved` tells of a file, and of what was read of it, whether an editor may be at it.
    """

    def __init__(
        self,
        where: Folders,
        known_good: Mapping[Path, str],
        being_saved: Callable[[Path, bytes], bool] = lambda _path, _content: False,
    ) -> None:
        self.faults: dict[Path, TemplateFault] = {}
        # By the name that faults use, such as `_layout/base.html`.
        self.paths: dict[str, Path] = {}
        self.texts: dict[Path, str] = {}
        # Nobody is told of these: in a moment they are whole.
        self.unfinished: set[Path] = set()
        self._where = where
        self._known_good = known_good
        self._being_saved = being_saved
        self._hopeless: set[Path] = set()

    def sources(self) -> Sources | None:
        """Give the texts as far as they are sound, or None when the letter is not there."""
        self.paths.clear()
        self.texts.clear()
        subject, html, text = map(self._letter, ("subject.txt", "body.html", "body.txt"))
        layout_html, layout_text = map(self._layout, ("base.html", "base.txt"))
        if subject is None or html is None or layout_html is None or layout_text is None:
            return None
        if not any(path.parent in self._where.own for path in self.texts):
            return None
        partials_html, partials_text = map(dict, map(self._partials, (".html", ".txt")))
        return Sources(
            subject=subject,
            html=html,
            text=text,
            layout_html=layout_html,
            layout_text=layout_text,
            partials_html=partials_html,
            partials_text=partials_text,
            words=self._words({*partials_html, *partials_text}),
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
            text = self._text(path, str)
            if text is not None:
                self.paths[called] = path
                self.texts[path] = text
                return text
        return None

    def _text(self, path: Path, check: Callable[[str], str]) -> str | None:
        """Give the text of a file, its last good one while it is broken, or None."""
        if path in self._hopeless or missing(path):
            return None
        if path not in self.faults:
            try:
                self._keep_inside(path)
                content = read_bytes(path)
                self._keep_whole(path, content)
                return check(decode(path, content))
            except TemplateFault as fault:
                self.faults[path] = fault
        return self._known_good.get(path)

    def _keep_inside(self, path: Path) -> None:
        """Refuse links out of the administrator's tree; the shipped one, the last, may be links."""
        for root in self._where.roots[:-1]:
            if path.is_relative_to(root):
                ensure_inside(path, root)

    def _keep_whole(self, path: Path, content: bytes) -> None:
        """Refuse a file in which an editor may have got no further than half."""
        if self._being_saved(path, content):
            self.unfinished.add(path)
            said = "the file is only half there; an editor may be saving it"
            raise TemplateFault(Finding(file=path.name, line=1, message=said))

    def _partials(self, ending: str) -> Iterator[tuple[str, str]]:
        found = {path.name for folder in self._where.layout for path in layout_files(folder)}
        for name in sorted(found - _NOT_PARTIALS):
            text = self._layout(name) if name.endswith(ending) else None
            if text is not None:
                yield name.removesuffix(ending), text

    def _words(self, taken: Container[str]) -> dict[str, str]:
        """Give the words of all folders together: each word may be changed by itself.

        A name in `taken` is that of a file of the layout.
        """
        words: dict[str, str] = {}
        for path in (folder / _WORDS for folder in reversed(self._where.words)):
            text = self._text(path, partial(_sound_words, taken=taken))
            if text is not None:
                words |= sound_words(text)
                self.texts[path] = text
                self.paths[WORDS_FILE] = path
        return words


def _sound_words(text: str, *, taken: Container[str]) -> str:
    """Check `words.txt`, each word by itself, so that no other file is blamed for it."""
    for name in sound_words(text):
        if name in taken:
            said = f"`{name}` is already the name of a file in `{LAYOUT_FOLDER}`"
            raise TemplateFault(Finding(file=WORDS_FILE, line=1, message=said))
    return text
