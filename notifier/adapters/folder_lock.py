"""The lock on a data folder: one notifier at a time writes the Redis under it."""

import fcntl
import os
import time
from pathlib import Path

# How long a holder that is just stopping may take, and the Redis of one that was killed.
# (A killed process may look alive for a moment: until its parent asks how it ended.)
STOPPING_SECONDS = 2.0
ORPHANED_SECONDS = 10.0


class FolderLockError(Exception):
    """The data folder cannot be taken; the text is one full sentence."""


def take(path: Path) -> int:
    """An open descriptor that holds the lock file at `path`, in which our process id stands now.

    The lock lasts until every copy of the descriptor is closed, in child processes too.
    Raises FolderLockError.
    """
    handle = _opened(path)
    began = time.monotonic()
    while not _taken(handle):
        holder = _holder(path)
        patience = STOPPING_SECONDS if _alive(holder) else ORPHANED_SECONDS
        if time.monotonic() - began > patience:
            os.close(handle)
            raise FolderLockError(
                f"Another notifier (process {holder}) already uses the data folder {path.parent}; "
                "stop it, or name another folder in NOTIFIER_DATA."
            )
        time.sleep(0.05)
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FolderLockError(
            f"The data folder {path.parent} cannot be written ({error.strerror}); "
            "give its user the right to write there, or name another folder in NOTIFIER_DATA."
        ) from error


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> int:
    text = path.read_text().strip()
    return int(text) if text.isdigit() else 0


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process > 0
