"""What the service asks of the due index, and of the walk that compares it with what is known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec


class DueIndex(Protocol):
    """The next moment of every conference that reminds."""

    async def take_due(self, *, until: datetime, limit: int, holder: str) -> list[str]:
        """Give conferences with a reminder due up to `until`; none while another holder is at it.

        Two that work through the same ones meet conflicts and no harm: this saves time, no more.
        """
        ...

    async def leave_due(self, holder: str) -> None:
        """Let another holder go on."""
        ...


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the audit that is ours to look at."""

    cursor: str
    asked: str = ""  # what its walk follows, new settings say; else it looks for what is wrong
    catching_up: bool = True  # moments that have passed are still to be reminded of


class AuditWalk(Protocol):
    """The walk that compares the due index with what is known, shared by all processes."""

    async def turn(self, *, hurried_only: bool) -> Turn | None:
        """Take the next page, if it is anybody's."""
        ...

    async def page(self, cursor: str) -> tuple[list[str], str]:
        """Give some conferences from `cursor` on, and the next cursor (BEGINNING: that was all).

        First come all that are known, then those that stand in the index alone.
        """
        ...

    async def entries(self, conferences: Sequence[str]) -> dict[str, float | None]:
        """Give the moments that are indexed for these conferences (Unix seconds)."""
        ...

    async def walked(self, turn: Turn, following: str, *, seen: int, mended: int) -> bool:
        """Note that a page was looked at; False where somebody else was faster."""
        ...

    async def catching_up(self) -> bool:
        """Tell whether moments that have passed are to be reminded of at this time."""
        ...
