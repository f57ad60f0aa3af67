"""What the service asks of the ledger, and of what stands in for it while it is away."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from notifier.core.delivery import Delivery
from notifier.core.notice import Kind
from notifier.core.suppression import Suppression
from notifier.remembering import Claimed


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery to wake a worker for."""

    delivery: str
    kind: Kind
    suspect: bool = False  # a worker died with it: it goes alone, so that no other dies with it


class Wake(Protocol):
    """Wakes a worker: carries ids, never addresses (P6)."""

    def deliver(self, kind: Kind, ids: Sequence[str]) -> None:
        """Hint that these deliveries are ready."""
        ...


class LedgerAway(Exception):
    """The ledger does not answer, or takes no writes at the moment; the text says what it said."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended: the delivery as it was claimed, and as it is now."""

    before: Delivery
    after: Delivery


class Ledger(Protocol):
    """Keeps the deliveries; the truth about what is owed and what was paid.

    What a claimed delivery needs (`renew` to `record`) raises LedgerAway. Where many are asked for
    at once, an answer may be an exception: the fault of its own row, which spoils no other, for
    whoever owns that row to raise.
    """

    async def take(
        self, *, limit: int, roads: int = 1, rate: int = 0, ring: bool = False
    ) -> list[Hint]:
        """Give deliveries to hint at, the most urgent first; none while enough are hinted.

        None either while no road to a mail server works, and few of them at a limited rate. With
        `ring` workers that wait for work are told of it, and what they will find is not given.
        """
        ...

    async def claim(
        self, ids: Sequence[str], *, more: int = 0, roads: int = 1, rate: int = 0
    ) -> list[Claimed]:
        """Claim deliveries that are due, and up to `more` of the most urgent that are ready.

        Those of somebody else, or final ones, are left out. `more` are none while no road works,
        few at a limited rate, and never what a worker died with: that travels alone, by its hint.
        """
        ...

    async def renew(self, claims: Sequence[Claimed]) -> int:
        """Say that the worker of these claims is alive; give how many still wait for the fence."""
        ...

    async def look_again(self, claimed: Claimed) -> Claimed:
        """Give the same claim with what is true now."""
        ...

    async def fence(self, claims: Sequence[Claimed]) -> list[str | Exception]:
        """Mark bodies as leaving: `ok`, `lost` (not ours any more) or `changed` (look again)."""
        ...

    async def turn(self, rate: int, number: int = 1) -> list[float]:
        """Take turns among `rate` mails a second over all workers; give the seconds to wait."""
        ...

    async def record(self, endings: Sequence[Ending]) -> list[bool | Exception]:
        """Write how attempts ended, where the claim is still ours; a fact is always written."""
        ...

    async def suppress(self, suppression: Suppression) -> None:
        """Note that nobody lives at an address: it gets no mail for a while."""
        ...

    async def forget_suppressed(self, *, now: float) -> int:
        """Forget addresses that may get mail again at `now` (unix seconds); give how many."""
        ...

    async def overdue(self, *, limit: int, now: float) -> list[Delivery]:
        """Give deliveries whose lease is over at `now` (unix seconds)."""
        ...

    async def release(self, before: Delivery, after: Delivery) -> bool:
        """Write what becomes of an overdue delivery, if it still stands as it was seen."""
        ...

    async def wake_later(self, *, limit: int, now: float) -> int:
        """Make those ready whose time has come, and those whose hint was lost; give how many."""
        ...


class Journal(Protocol):
    """Keeps on the local disk how attempts ended while the ledger takes no writes."""

    def keep(self, ending: Ending) -> None:
        """Write it down; it outlives a crash of this machine. Raises OSError."""
        ...

    def endings(self) -> list[Ending]:
        """Give what is kept, of all processes of this machine."""
        ...

    def forget(self, ending: Ending) -> None:
        """Drop what the ledger has."""
        ...
