"""The template files of a folder: which there are, and reading them without trusting them."""

import os
import re
import secrets
import shutil
import stat
from pathlib import Path
from typing import Final

from notifier.core.wording.syntax import Finding, TemplateFault
from notifier.core.wording.variables import ALL_NAMES

LETTER_FILES: Final = ("subject.txt", "body.html", "body.txt")

# A letter is a few kilobytes; a file of megabytes is not one, and reading it would hold up the
# mail (bytes).
FILE_LIMIT: Final = 500_000

# `base.html~`, `.base.html.swp` and the like are traces of editors.
_LAYOUT_FILE: Final = re.compile(r"[a-z][a-z0-9_]*\.(?:html|txt)")

# How a Windows editor begins a file that it writes as UTF-16.
UTF16: Final = (b"\xff\xfe", b"\xfe\xff")

# What tells a file from itself after a change: the times at which its text and its entry were
# written (ns), size (bytes), inode. Programs that copy files set the first back, never the second.
Print = tuple[int, int, int, int] | None

# A file that is saved bit by bit ends at such a boundary until its last piece is there (bytes).
_PIECE: Final = 4096


def shipped_root() -> Path:
    """Give the shipped tree: beside the installed modules, or at the top of a checkout."""
    package = Path(__file__).parents[1]
    beside = package / "templates"
    return beside if beside.is_dir() else package.parent / "templates"


def language_folders(root: Path) -> dict[str, Path]:
    """Give the folder of each language in `root`, by the plain name of the language."""
    folders = (each for each in entries(root) if not each.name.startswith(("_", ".")))
    return {plain(each.name): each for each in folders if is_folder(each)}


def plain(language: str) -> str:
    """Give one spelling for `pt-BR`, `pt_br` and `pt_BR`."""
    return language.replace("-", "_").lower()


def layout_files(folder: Path) -> list[Path]:
    """Give the files of a `_layout` folder; a name that is a %variable's is not one of them."""
    return [
        each
        for each in entries(folder)
        if _LAYOUT_FILE.fullmatch(each.name) and each.stem not in ALL_NAMES
    ]


def entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # Missing, not a folder, or closed to us: nothing to be found.
        return []


def is_folder(path: Path) -> bool:
    """Tell whether `path` is a folder that we can see."""
    try:
        return path.is_dir()
    except OSError:  # It lies in a folder that is closed to us.
        return False


def closed(root: Path) -> str | None:
    """Say why the files of a tree cannot be read, or None where its folder is open to us."""
    try:
        if not stat.S_ISDIR(root.stat().st_mode):
            return "is no folder"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    # Listing a folder is one right, opening what it lists another.
    return None if os.access(root, os.R_OK | os.X_OK) else "cannot be read (Permission denied)"


def fingerprint(path: Path) -> Print:
    """Give what changes when the file or folder does; None where there is nothing to see."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size, seen.st_ino


def missing(path: Path) -> bool:
    """Tell whether there is nothing at `path`, rather than something that cannot be read.

    A link that leads nowhere is something: whoever laid it meant a file.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def half_written(content: bytes) -> bool:
    """Tell whether a text looks as one does while an editor is saving it: empty, or cut."""
    return len(content) % _PIECE == 0 or _cut(content)


def _cut(content: bytes) -> bool:
    """Tell whether the end is within a character."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def ensure_inside(path: Path, root: Path) -> None:
    """Refuse a link out of `root` with a TemplateFault.

    Whoever may write letters there is not meant to read, or move, what else is on this machine.
    """
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:  # RuntimeError: before 3.13.
        raise _fault(path, "is a link that leads in a circle") from error
    if not inside:
        raise _fault(path, "leads out of the folder of the templates; put a copy in its place")


def read(path: Path) -> str:
    """Read a template file; raises TemplateFault with the reason where that cannot be."""
    return decode(path, read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Read a template file as it is; raises TemplateFault where that cannot be."""
    try:
        seen = path.stat()
        if stat.S_ISDIR(seen.st_mode):
            raise _fault(path, "is a folder")
        if not stat.S_ISREG(seen.st_mode):  # Opening a pipe would wait for its other end.
            raise _fault(path, "is not a regular file")
        if seen.st_size > FILE_LIMIT:
            raise _fault(path, f"has {seen.st_size} bytes; {FILE_LIMIT} are allowed")
        return path.read_bytes()
    except FileNotFoundError as error:
        said = "is a link that leads nowhere" if path.is_symlink() else "is not there any more"
        raise _fault(path, said) from error
    except OSError as error:
        raise _fault(path, f"cannot be read: {error.strerror}") from error


def write(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever reads it meanwhile has the old one or the new one, whole.

    A file that is there keeps its rights. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name that no shelf reads, and that nobody can have laid a link under.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        with draft.open("xb") as file:
            file.write(content)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def decode(path: Path, content: bytes) -> str:
    """Give the text of a template file; raises TemplateFault where it is not in UTF-8 or UTF-16."""
    encoding = "utf-16" if content.startswith(UTF16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        raise _fault(path, "is not UTF-8; save it as UTF-8", line) from error
    if "\0" in text:  # UTF-16 that does not say so is UTF-8 as well, letter by letter.
        raise _fault(path, "is UTF-16 without its mark, or no text; save it as UTF-8")
    return text


def _fault(path: Path, said: str, line: int = 1) -> TemplateFault:
    return TemplateFault(Finding(file=path.name, line=line, message=f"the file {said}"))
