"""The export on this machine's disk: one JSON object a line, one file a day (UTC)."""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from notifier.adapters.lasting import own_folder, sync_folder
from notifier.adapters.places import BEGINNING, moment, order
from notifier.core.delivery import State
from notifier.core.exclusion import Exclusion

# A line is some hundred bytes; the last one is looked for in this much of a file's end, then in
# twice as much, and so on (bytes).
TAIL: Final = 4096


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One outcome: where it stands in the log and since when, and the delivery that came to it.

    `pending` means that a person asked for it again: what it came to before holds no longer.
    Of a person only what a second sending must know is here; nothing of the letter.
    """

    log: str
    at: datetime
    id: str
    state: State
    notice: str = ""
    kind: str = ""
    conference: str = ""
    person: str = ""
    recipient: str = ""
    reason: str = ""
    excluded: Exclusion | None = None
    attempts: int = 0
    doubts: int = 0
    message_id: str = ""
    created: datetime | None = None
    updated: datetime | None = None


_encode: Final = msgspec.json.Encoder().encode
_line: Final = msgspec.json.Decoder(Line)


class ExportFiles:
    """The folder `export`: written at its end by one process at a time, read by anybody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def locked(self, *, wait: bool = False) -> Iterator[bool]:
        """Have the files to ourselves; False if another process has them and we do not `wait`."""
        own_folder(self.folder)
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(handle)

    def place(self) -> str:
        """Give the place in the log of the last line: the cursor is the file itself."""
        for path in reversed(self._paths()):
            last, _end = _last(path)
            if last:
                return last.log
        return BEGINNING

    def append(self, lines: Sequence[Line]) -> None:
        """Write lines and wait for the disk; what a crash left of a line is cut off before.

        Only for who has the lock.
        """
        for day, some in groupby(lines, key=lambda line: line.at.date()):
            self._append(self.folder / f"{day}.jsonl", b"".join(map(_written, some)))

    def lines(self, *, after: str = BEGINNING) -> Iterator[Line]:
        """Give the lines that stand after a place in the log, the oldest first."""
        for path in self._paths():
            if path.stem >= _day(moment(after)):
                yield from (line for line in read(path) if order(line.log) > order(after))

    def erase(self, names: Iterable[str]) -> int:
        """Take people out who are named by address or ID; give how many lines spoke of them.

        What became of their deliveries stays: state, kind and times, without a person.
        """
        folded = {name.lower() for name in names}
        with self.locked(wait=True):
            return sum(_erase(path, folded) for path in self._paths())

    def _append(self, path: Path, written: bytes) -> None:
        path.touch(mode=0o600)
        with path.open("r+b") as file:
            new = file.seek(0, os.SEEK_END) == 0
            file.truncate(_last(path)[1])
            file.seek(0, os.SEEK_END)
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        if new:
            sync_folder(self.folder)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("????-??-??.jsonl"))


def read(path: Path) -> Iterator[Line]:
    """Give the whole lines of one file; a torn last one is left out."""
    with path.open("rb") as file:
        for raw in file:
            line = _read(raw)
            if line:
                yield line


def _day(moment: datetime) -> str:
    """Give the day (UTC), as files are named."""
    return f"{moment:%Y-%m-%d}"


def _written(line: Line) -> bytes:
    return _encode(line) + b"\n"


def _read(raw: bytes) -> Line | None:
    if not raw.endswith(b"\n"):
        return None
    try:
        return _line.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _last(path: Path) -> tuple[Line | None, int]:
    """Give the last whole line, and where it ends: a crash may leave half a line, or zeros."""
    size = path.stat().st_size
    looked = 0
    while looked < size:
        looked = min(size, 2 * looked or TAIL)
        with path.open("rb") as file:
            file.seek(size - looked)
            tail = file.read(looked)
        end = len(tail)
        # The first line of a tail may have lost its head, and is no line then.
        for raw in reversed(tail.splitlines(keepends=True)):
            line = _read(raw)
            if line:
                return line, size - looked + end
            end -= len(raw)
    return None, 0


def _erase(path: Path, names: set[str]) -> int:
    """Write a file anew without these people, beside it and in its place when it is whole."""
    if not any(_names(line, names) for line in read(path)):
        return 0
    draft = path.with_suffix(".draft")
    found = 0
    draft.touch(mode=0o600)
    with path.open("rb") as old, draft.open("wb") as new:
        for raw in old:
            line = _read(raw)
            spoken_of = line is not None and _names(line, names)
            found += spoken_of
            new.write(_written(_without_person(line)) if line and spoken_of else raw)
        new.flush()
        os.fsync(new.fileno())
    draft.replace(path)
    sync_folder(path.parent)
    return found


def _names(line: Line, names: set[str]) -> bool:
    return line.recipient.lower() in names or line.person.lower() in names


def _without_person(line: Line) -> Line:
    # A server's reply often quotes the address.
    return msgspec.structs.replace(line, person="", recipient="", reason="", excluded=None)
