"""Recording: how an attempt ended goes into the ledger, by way of the local disk if it must."""

import asyncio
from typing import Final

from notifier import crash_points, log
from notifier.core.delivery import Delivery
from notifier.crash_points import Point
from notifier.ports.ledger import Ending, Journal, Ledger, LedgerAway

# A ledger that takes longer to answer may never have heard: what happened goes to the disk then,
# while the client goes on asking (seconds).
PATIENCE_SECONDS: Final = 1.0


class Recorder:
    """Sees to it that what a mail server said is not forgotten, whatever becomes of Redis."""

    def __init__(self, ledger: Ledger, journal: Journal) -> None:
        self._ledger = ledger
        self._journal = journal

    async def record(self, before: Delivery, after: Delivery) -> None:
        """Write how an attempt ended; what the ledger does not take waits in the journal."""
        ending = Ending(before=before, after=after)
        writing = asyncio.ensure_future(self._write(ending))
        await asyncio.wait({writing}, timeout=PATIENCE_SECONDS)
        kept = not writing.done() and self._keep(ending)
        try:
            await writing
        except LedgerAway as away:
            log.not_recorded(after, str(away))
            if not kept:
                self._keep(ending)
        else:
            if kept:
                self._journal.forget(ending)

    async def settle(self) -> None:
        """Give the ledger what it missed, before anything is claimed; raise LedgerAway.

        What it will not take stays, and holds up no other: its lease decides.
        """
        for ending in self._journal.endings():
            try:
                await self._write(ending)
            except LedgerAway:
                raise
            except Exception as fault:  # noqa: BLE001 -- the loop that owns the journal
                log.not_settled(ending.after, fault)
                continue
            self._journal.forget(ending)
            log.settled(ending.after)

    async def _write(self, ending: Ending) -> None:
        [answer] = await self._ledger.record([ending])
        if isinstance(answer, Exception):
            raise answer

    def _keep(self, ending: Ending) -> bool:
        """Write to the disk; where that cannot be done either, the lease decides."""
        try:
            self._journal.keep(ending)
        except OSError as fault:
            log.not_kept(ending.after, fault)
            return False
        crash_points.at(Point.KEPT, ending.before.id)
        return True
