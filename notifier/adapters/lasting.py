"""Files that outlive a crash of the machine, in folders that only their user may read."""

import os
from pathlib import Path


def own_folder(folder: Path) -> None:
    """Make a folder in the data folder, and that too; what lies there is about people."""
    # `mode` is for the last folder only.
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
