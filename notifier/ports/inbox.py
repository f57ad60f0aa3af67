"""What the service asks of the way in: the stream of events."""

from collections.abc import Mapping
from typing import Protocol

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """One entry of the stream: its id and its raw fields."""

    id: str
    fields: Mapping[bytes, bytes]


class Inbox(Protocol):
    """The stream of events."""

    async def read(self, *, limit: int, block_seconds: float) -> list[Entry]:
        """Give at most so many new entries; wait up to `block_seconds` for the first."""
        ...

    async def take_over(self, *, limit: int) -> list[Entry]:
        """Give entries that a dead or stuck listener left unacknowledged; suspects one by one."""
        ...

    async def trim(self, *, now: float) -> int:
        """Drop entries that were acknowledged long before `now` (unix seconds); give how many."""
        ...

    async def let_go(self, *, limit: int) -> int:
        """Let entries be left behind that are held since a time to come; give how many."""
        ...

    async def reject(self, entry: Entry, *, reason: str, path: str) -> None:
        """Bury an entry that is not an event, bytes and all, and acknowledge it."""
        ...
