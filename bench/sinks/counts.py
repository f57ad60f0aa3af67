"""Counts that one process raises and another reads: a page of memory that both have mapped."""

import mmap
from pathlib import Path
from typing import Final, Self

NAMES: Final = ("listening", "mails", "noted", "connections", "open", "most_open")
# One unsigned number of 64 bits for each: written and read by a single instruction each.
SIZE: Final = 8 * len(NAMES)


class Counts:
    """Counts by name, in a file that stays mapped as long as they are asked."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._page = memoryview(mmap.mmap(file.fileno(), SIZE)).cast("Q")

    @classmethod
    def made(cls, path: Path) -> Self:
        """Give counts that are all nought, in a file that is made for them."""
        path.write_bytes(bytes(SIZE))
        return cls(path)

    def __getitem__(self, name: str) -> int:
        return self._page[NAMES.index(name)]

    def raise_by(self, name: str, number: int) -> int:
        """Raise one (or lower it, by a negative number); give what it is then."""
        place = NAMES.index(name)
        risen = self._page[place] + number
        self._page[place] = risen
        return risen
