"""What this machine remembers of the ledger, in a file: a Redis that shows less has lost some."""

import os
import tempfile
from pathlib import Path

import msgspec


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Which ledger it was, and the last place of its log that was seen."""

    ledger: str
    last: str


class MarkFile:
    """The file `mark` in the data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Mark | None:
        """Give what is remembered; None if nothing is, or where it cannot be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Mark)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def write(self, mark: Mark) -> None:
        """Remember: whole or not at all, and on the disk."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self._path.parent, prefix=".mark.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(mark) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(self._path)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise
