"""Looking over template files: what breaks them, what is never read, and what mends itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from notifier.adapters.gathering import Gathering
from notifier.adapters.shelf import Shelf
from notifier.adapters.strays import strays
from notifier.adapters.template_files import (
    FILE_LIMIT,
    UTF16,
    ensure_inside,
    is_folder,
    language_folders,
    plain,
    read,
    write,
)
from notifier.core.language.languages import LAST_RESORT
from notifier.core.wording.lint import lint, lint_words, straightened
from notifier.core.wording.reading import LAYOUT_FOLDER, WORDS_FILE, read_words
from notifier.core.wording.syntax import Finding, TemplateFault
from notifier.core.wording.variables import KINDS

_BOM: Final = b"\xef\xbb\xbf"
_MISSING: Final = "is not there, so readers of this language get the letter in another"


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a template file that its author should know; line 0 is the whole file."""

    language: str
    kind: str
    file: str
    line: int
    message: str
    suggestion: str | None
    breaks: bool


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was written anew, and what was done to it."""

    path: str
    done: tuple[str, ...]


def remarks(shelf: Shelf, *, kind: str | None, language: str | None) -> list[Remark]:
    """Look over the letters that are asked for; the same remark is made once.

    If none are, over those in which the administrator's files play a part: the shipped ones are
    held to this by their tests. Without a tree of the administrator's, over all.
    """
    if kind is None and language is None and shelf.overrides.root:
        return remarks_on_changes(shelf)
    found: dict[Remark, None] = {}
    for letter in KINDS if kind in {None, LAYOUT_FOLDER} else (kind,):
        for spoken in [language] if language else languages(shelf):
            assert letter is not None  # `kind` is None only in the other branch
            found |= dict.fromkeys(_looked_over(shelf, letter, spoken))
    if kind is None:
        found |= dict.fromkeys(_never_read(shelf, language))
        found |= dict.fromkeys(_of_language(_untranslated(shelf), language))
    return [each for each in found if kind != LAYOUT_FOLDER or each.kind == kind]


def _of_language(found: Iterator[Remark], language: str | None) -> Iterator[Remark]:
    return (each for each in found if not language or plain(each.language) == plain(language))


def remarks_on_changes(shelf: Shelf) -> list[Remark]:
    """Look over the letters that the administrator changed; the shipped ones are sound."""
    found: dict[Remark, None] = {}
    changed = {(each.kind, each.language) for each in shelf.tree() if each.origin != "shipped"}
    for kind, language in sorted(changed):
        found |= dict.fromkeys(remarks(shelf, kind=kind, language=language or LAST_RESORT))
    found |= dict.fromkeys(_never_read(shelf, None))
    found |= dict.fromkeys(_untranslated(shelf))
    return list(found)


def languages(shelf: Shelf) -> list[str]:
    """Give the languages that there are letters in."""
    return sorted({each.language for each in shelf.tree() if each.language})


def mend(shelf: Shelf, *, kind: str | None, language: str | None) -> list[Mended]:
    """Straighten look-alike letters and take byte order marks out of the administrator's files.

    What cannot be read is left as it is. Raises OSError, and TemplateFault where a file leads out
    of the tree.
    """
    mended = []
    for each in shelf.tree():
        ours = each.origin != "shipped" and each.is_of(kind, language)
        if shelf.overrides.root and ours:
            done = _mended(each.path, shelf.overrides.root)
            mended += [Mended(path=str(each.path), done=done)] if done else []
    return mended


def _looked_over(shelf: Shelf, kind: str, language: str) -> Iterator[Remark]:
    gathered = shelf.gathered(kind, language)
    sources = gathered.sources()
    for path, fault in gathered.faults.items():
        yield _remark(shelf, path, fault.finding)
    for path in gathered.texts:
        yield from _encoding(shelf, path)
    if sources is None:
        yield from _incomplete(shelf, kind, language)
        return
    for each in lint(sources, kind, language):
        yield _remark(shelf, _place(gathered, each), each)
    for path, text in gathered.texts.items():
        if path.name == Path(WORDS_FILE).name:
            yield from (_remark(shelf, path, each) for each in lint_words(text))


def _place(gathered: Gathering, finding: Finding) -> Path:
    found = gathered.paths.get(finding.file)
    return found or next(iter(gathered.texts))


def _incomplete(shelf: Shelf, kind: str, language: str) -> Iterator[Remark]:
    """A letter that the administrator began in a language that has none."""
    ours = [
        each
        for each in shelf.tree()
        if (plain(each.language), each.kind) == (plain(language), kind)
    ]
    there = {each.file for each in ours}
    for file in ("subject.txt", "body.html"):
        if ours and file not in there:
            found = Finding(file=file, line=0, message=f"`{file}` {_MISSING}", breaks=False)
            yield _remark(shelf, ours[0].path.with_name(file), found)


def _encoding(shelf: Shelf, path: Path) -> Iterator[Remark]:
    with path.open("rb") as file:
        begins = file.read(len(_BOM))
    if begins.startswith((_BOM, *UTF16)):
        name = "UTF-16" if begins.startswith(UTF16) else "a byte order mark"
        said = f"the file begins with {name}; `templates lint --fix` saves it as plain UTF-8"
        yield _remark(shelf, path, Finding(file=path.name, line=1, message=said, breaks=False))


def _remark(shelf: Shelf, path: Path, finding: Finding) -> Remark:
    language, kind = _folders(shelf, path)
    return Remark(
        language=language,
        kind=kind,
        file=path.name,
        line=finding.line,
        message=finding.message,
        suggestion=finding.nearest,
        breaks=finding.breaks,
    )


def _folders(shelf: Shelf, path: Path) -> tuple[str, str]:
    """Give language ("" for all) and kind of a file of either tree."""
    own = shelf.overrides.root
    root = own if own and path.is_relative_to(own) else shelf.overrides.shipped
    *spoken, kind = path.relative_to(root).parts[:-1]
    return "/".join(spoken).replace("_", "-"), kind


def _never_read(shelf: Shelf, language: str | None) -> Iterator[Remark]:
    """Name what lies in the tree in vain; of one language, if it is asked for."""
    root = shelf.overrides.root
    if root is None:
        return
    asked = plain(language) if language else None
    for each in strays(root, shelf.overrides.shipped):
        *folders, name = each.path.relative_to(root).parts
        spoken = folders[0] if folders else ""
        if asked is None or asked in {plain(spoken), plain(name)}:
            yield Remark(
                language=spoken,
                kind=folders[1] if len(folders) > 1 else "",
                file=name,
                line=0,
                message=each.message,
                suggestion=each.nearest,
                breaks=False,
            )


def _untranslated(shelf: Shelf) -> Iterator[Remark]:
    """Name the words that are English in letters of a language that is not shipped."""
    root, shipped = shelf.overrides.root, language_folders(shelf.overrides.shipped)
    english = _words(shipped[LAST_RESORT])
    for name, folder in (language_folders(root) if root else {}).items():
        letters = any(is_folder(folder / kind) for kind in KINDS)
        left = sorted(english - _words(folder))
        if letters and left and name not in shipped and name.split("_")[0] not in shipped:
            some = ", ".join(f"`{each}`" for each in left[:3]) + (" …" if len(left) > 3 else "")
            said = f"{len(left)} words of the layout are English in these letters: {some}"
            found = Finding(file=WORDS_FILE, line=0, message=said, breaks=False)
            yield _remark(shelf, folder / WORDS_FILE, found)


def _words(folder: Path) -> frozenset[str]:
    try:
        return frozenset(read_words(read(folder / WORDS_FILE)))
    except TemplateFault:
        return frozenset()


def _mended(path: Path, root: Path) -> tuple[str, ...]:
    ensure_inside(path, root)
    if not path.is_file() or path.stat().st_size > FILE_LIMIT:
        return ()
    before = path.read_bytes()
    try:
        text = before.decode("utf-16" if before.startswith(UTF16) else "utf-8-sig")
    except UnicodeDecodeError:
        return ()
    straight = straightened(text)
    done = []
    if before != text.encode():
        done.append("saved as UTF-8 without a byte order mark")
    if straight != text:
        done.append("look-alike letters straightened")
    if done:
        # A link inside the tree stays a link.
        write(path.resolve(), straight.encode())
    return tuple(done)
