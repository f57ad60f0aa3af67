"""The shelf: template files on disk, the administrator's before the shipped, used once saved."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from notifier.adapters.gathering import Gathering, folders, prints
from notifier.adapters.overrides import Overrides, Shelved
from notifier.adapters.template_files import (
    Print,
    fingerprint,
    half_written,
    language_folders,
    missing,
    plain,
)
from notifier.core.language.languages import LAST_RESORT
from notifier.core.wording.reading import LAYOUT_FOLDER, Sources
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.template import Template, compile_template
from notifier.core.wording.variables import KINDS

# Two saves within one tick of the file system look the same, and an editor may not be through with
# one, so what was written this recently is read once more the next time (nanoseconds; ticks are
# 10 ms at most on ext4, xfs and btrfs).
_UNSETTLED_NS: Final = 100_000_000

# Looking at some thirty files takes 0.06 ms, which is half of what a letter costs; nobody saves a
# file and waits for a letter within this time (nanoseconds).
GLANCE_NS: Final = 20_000_000

_Asked = tuple[str, str]  # the kind of a letter and a language


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A template file that is not used, why, and what letters are made from instead."""

    kind: str
    language: str
    path: Path
    line: int
    message: str
    suggestion: str | None
    used: Literal["last good", "shipped", "next language"]


class _Kept(msgspec.Struct, kw_only=True):
    """A compiled letter, with the prints of every file and folder that it depends on."""

    template: Template | None
    sources: Sources | None
    watched: dict[Path, Print]
    settled: bool
    faults: tuple[Fault, ...]


class Shelf:
    """Gives templates: a file that is saved is used by the next letter, a broken one never."""

    def __init__(
        self,
        shipped: Path,
        override: Path | None = None,
        *,
        report: Callable[[Fault], None] = lambda _fault: None,
        glance_ns: int = GLANCE_NS,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Take the shipped tree and the administrator's; `report` hears of each fault once.

        Files are looked at again once `glance_ns` nanoseconds have passed.
        """
        if LAST_RESORT not in language_folders(shipped):
            raise FileNotFoundError(f"no templates in {shipped}: no folder `{LAST_RESORT}`")
        self._roots = (override, shipped) if override else (shipped,)
        self.overrides = Overrides(shipped, override)
        self._report = report
        self._glance_ns = glance_ns
        self._now_ns = now_ns
        self._kept: dict[_Asked, _Kept] = {}
        # What this glance has shown so far: languages share most of their files, and hardly anybody
        # writes in all that people read.
        self._glanced_ns = 0
        self._prints: dict[Path, Print] = {}
        self._given: dict[_Asked, Template | None] = {}
        self._good: dict[Path, str] = {}
        self._reported: dict[Path, set[str]] = {}
        self._languages: frozenset[str] = frozenset()
        self._roots_seen: list[Print] = []

    def template(self, kind: str, languages: Sequence[str]) -> tuple[Template, str]:
        """Give the template of the first of `languages` that has one, and that language."""
        for language in (*languages, LAST_RESORT):
            template = self._current(kind, language)
            if template:
                return template, template.language
        raise FileNotFoundError(f"`{kind}` is missing or broken in {self._roots[-1]}")

    def sources(self, kind: str, language: str) -> Sources | None:
        """Give the files of `kind` as they are on disk now, compiled or not, or None."""
        return self.gathered(kind, language).sources()

    def gathered(self, kind: str, language: str) -> Gathering:
        """Give what gathers the files of `kind` as they are now, without looking at better days."""
        return Gathering(folders(self._roots, kind, language), {})

    def faults_of(self, kind: str, languages: Sequence[str]) -> list[Fault]:
        """Give the files of one letter that are not used, up to the language that it is in."""
        _, used = self.template(kind, languages)
        found: list[Fault] = []
        for language in (*languages, LAST_RESORT):
            kept = self._kept.get((kind, plain(language)))
            found += kept.faults if kept else ()
            if plain(language) == plain(used):
                break
        return found

    def faults(self) -> list[Fault]:
        """Give the files that are not used, after a look at whatever the administrator changed."""
        for kind, language in sorted({*self._changed(), *self._kept}):
            self._current(kind, language)
        found = {fault.path: fault for kept in self._kept.values() for fault in kept.faults}
        return [found[path] for path in sorted(found)]

    def tree(self) -> list[Shelved]:
        """Give every template file in use, and whose it is."""
        return self.overrides.tree()

    def diff(self, kind: str, language: str) -> str:
        """Give what the administrator changed in `kind` (or `_layout`) as a unified diff."""
        return self.overrides.diff(kind, language)

    def restore(self, kind: str | None = None, *, language: str | None = None) -> list[Path]:
        """Take the administrator's files away, keeping one backup; give what was taken (R33)."""
        taken = self.overrides.restore(kind, language=language)
        self._kept.clear()
        self._given.clear()
        return taken

    def _changed(self) -> list[tuple[str, str]]:
        """Give the letters in which a changed file plays a part."""
        letters: list[tuple[str, str]] = []
        for shelved in self.tree():
            if shelved.origin != "shipped":
                kinds = KINDS if shelved.kind == LAYOUT_FOLDER else (shelved.kind,)
                letters += [(kind, shelved.language or LAST_RESORT) for kind in kinds]
        return letters

    def _current(self, kind: str, language: str) -> Template | None:
        """Give the letter as the files are now; compiled anew only if one of them changed."""
        now = self._now_ns()
        if abs(now - self._glanced_ns) >= self._glance_ns:
            self._glanced_ns = now
            self._prints.clear()
            self._given.clear()
        asked = kind, language
        if asked not in self._given:
            self._given[asked] = self._looked_up(kind, plain(language))
        return self._given[asked]

    def _looked_up(self, kind: str, name: str) -> Template | None:
        if name not in self._present():
            self._forget(kind, name)
            return None
        kept = self._kept.get((kind, name))
        if kept is None or not kept.settled or not self._unchanged(kept.watched):
            kept = self._kept[kind, name] = self._load(kind, name, kept)
        return kept.template

    def _unchanged(self, watched: dict[Path, Print]) -> bool:
        return all(self._print(path) == seen for path, seen in watched.items())

    def _print(self, path: Path) -> Print:
        """Give what changes when a file or folder does, as this glance has found it."""
        if path not in self._prints:
            self._prints[path] = fingerprint(path)
        return self._prints[path]

    def _forget(self, kind: str, language: str) -> None:
        """Forget a letter whose language was taken away, and that its faults were told."""
        kept = self._kept.pop((kind, language), None)
        for fault in kept.faults if kept else ():
            self._reported.pop(fault.path, None)

    def _present(self) -> frozenset[str]:
        """Give the languages there are; people's own languages may be anything, even a path."""
        seen = [self._print(root) for root in self._roots]
        if seen != self._roots_seen:
            found = (language_folders(root) for root in self._roots)
            self._languages = frozenset().union(*found)
            self._roots_seen = seen
        return self._languages

    def _load(self, kind: str, language: str, before: _Kept | None) -> _Kept:
        """Read the letter anew; compile it only if what is read is not what was read before."""
        where = folders(self._roots, kind, language)
        watched = prints(where)
        gathering = Gathering(where, self._good, self._being_saved)
        sources = gathering.sources()
        template = before.template if before else None
        if before is None or sources != before.sources:
            template, sources = _compiled(gathering, sources, kind, where.language)
        self._good |= gathering.sound() if template else {}
        for path in gathering.paths.values():
            self.overrides.note_one(path)
        self._forget_removed()
        kept = _Kept(
            template=template,
            sources=sources,
            watched=watched,
            settled=not any(map(self._recent, watched.values())),
            faults=tuple(_faults(gathering, kind, where.language, there=template is not None)),
        )
        self._tell(kept.faults, gathering)
        return kept

    def _forget_removed(self) -> None:
        """Forget the administrator's files that are gone: what is put there later is another."""
        own = f"{self.overrides.root}/"
        ours = [path for path in self._good if str(path).startswith(own)]
        for path in filter(missing, {*ours, *self._reported}):
            self._good.pop(path, None)
            self._reported.pop(path, None)

    def _recent(self, seen: Print) -> bool:
        """Tell whether a file was written just now, by either of its times.

        One that seems to be written in the future settles nothing about the others.
        """
        now = self._now_ns()
        return seen is not None and any(abs(now - at) <= _UNSETTLED_NS for at in seen[:2])

    def _being_saved(self, path: Path, content: bytes) -> bool:
        """Tell whether an editor may be at a file of which `content` was read."""
        seen = fingerprint(path)
        grown = seen is not None and seen[2] != len(content)
        return self._recent(seen) and (grown or half_written(content))

    def _tell(self, faults: Sequence[Fault], gathering: Gathering) -> None:
        """Report each fault once, and again only after the file was sound in between."""
        for path in gathering.sound():
            self._reported.pop(path, None)
        for fault in faults:
            told = self._reported.setdefault(fault.path, set())
            if fault.path not in gathering.unfinished and fault.message not in told:
                told.add(fault.message)
                self._report(fault)


def _compiled(
    gathering: Gathering, sources: Sources | None, kind: str, language: str
) -> tuple[Template | None, Sources | None]:
    """Compile the letter without its broken files; the sources are those that were compiled."""
    while sources:
        try:
            return compile_template(sources, kind, language), sources
        except TemplateFault as fault:
            sources = gathering.sources() if gathering.blame(fault) else None
    return None, None


def _faults(gathering: Gathering, kind: str, language: str, *, there: bool) -> Iterator[Fault]:
    for path, fault in gathering.faults.items():
        used: Literal["last good", "shipped"] = "shipped"
        if path in gathering.texts:
            used = "last good"
        yield Fault(
            kind=kind,
            language=language,
            path=path,
            line=fault.line,
            message=fault.message,
            suggestion=fault.suggestion,
            used=used if there else "next language",
        )
