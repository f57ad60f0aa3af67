"""The journal: how attempts ended, on the local disk, while Redis takes no writes.

One small file for each ending, complete or not there at all. No more of them can pile up than mails
were on their way when Redis went away: without Redis nothing is claimed.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from notifier import log
from notifier.adapters.lasting import own_folder, sync_folder
from notifier.core.delivery import Recipient
from notifier.ports.ledger import Ending

_ENDING: Final = ".json"
_UNREADABLE: Final = ".unreadable"
_decode: Final = msgspec.json.Decoder(Ending).decode


class DiskJournal:
    """Keeps endings in a folder that all processes of this machine share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, ending: Ending) -> None:
        """Write it down; it outlives a crash of this machine. Raises OSError.

        Whom the mail was for stays in the ledger alone.
        """
        own_folder(self._folder)
        path = self._path(ending)
        unfinished = path.with_suffix(".tmp")
        _write_through(unfinished, msgspec.json.encode(_nameless(ending)))
        unfinished.replace(path)
        sync_folder(self._folder)

    def endings(self) -> list[Ending]:
        """Give what is kept, of all processes of this machine."""
        return list(self._read())

    def forget(self, ending: Ending) -> None:
        """Drop what the ledger has."""
        self._path(ending).unlink(missing_ok=True)

    def _read(self) -> Iterator[Ending]:
        for path in self._folder.glob(f"*{_ENDING}"):
            try:
                yield _decode(path.read_bytes())
            except FileNotFoundError:
                continue  # another process was quicker
            except (msgspec.DecodeError, UnicodeDecodeError) as fault:
                log.unreadable_journal(path.name, fault)
                path.rename(path.with_suffix(_UNREADABLE))

    def _path(self, ending: Ending) -> Path:
        return self._folder / f"{ending.before.id}-{ending.before.token}{_ENDING}"


def _nameless(ending: Ending) -> Ending:
    nobody = Recipient(key="", name="")
    return Ending(
        before=msgspec.structs.replace(ending.before, recipient=nobody),
        after=msgspec.structs.replace(ending.after, recipient=nobody),
    )


def _write_through(path: Path, content: bytes) -> None:
    """Write a file that only we may read, down to the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    # A single os.write may take a part of it, where the disk is nearly full, and say nothing.
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
