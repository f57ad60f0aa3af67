"""Recording: how attempts ended goes into the ledger, by way of the local disk if it must."""

import asyncio
from collections.abc import Container, Sequence
from typing import Final

from notifier import crash_points, log
from notifier.batching import Batches
from notifier.core.delivery import Delivery
from notifier.crash_points import Point
from notifier.ports.ledger import Ending, Journal, Ledger, LedgerAway
from notifier.remembering import SLICE

# A ledger that takes longer to answer may never have heard: what happened goes to the disk then,
# while the client goes on asking (seconds).
PATIENCE_SECONDS: Final = 1.0


class Recorder:
    """Sees to it that what a mail server said is not forgotten, whatever becomes of Redis."""

    def __init__(self, ledger: Ledger, journal: Journal) -> None:
        self._ledger = ledger
        self._journal = journal
        self._silences = 0  # batches to which the ledger has given no answer for too long
        self._batches: Batches[Ending, None] = Batches(
            self._write, most=SLICE, patience_seconds=PATIENCE_SECONDS
        )

    async def record(self, before: Delivery, after: Delivery) -> None:
        """Write how an attempt ended; what the ledger does not take waits in the journal.

        Those that end while others are being written are written together.
        """
        await self._batches.ask(Ending(before=before, after=after))

    async def settle(self) -> None:
        """Give the ledger what it missed, before anything is claimed; raise LedgerAway.

        What it will not take stays, and holds up no other: its lease decides.
        """
        for ending in self._journal.endings():
            [answer] = await self._ledger.record([ending])
            if isinstance(answer, LedgerAway):
                raise answer
            if isinstance(answer, Exception):
                log.not_settled(ending.after, answer)
                continue
            self._journal.forget(ending)
            log.settled(ending.after)

    async def _write(self, endings: Sequence[Ending]) -> list[Exception | None]:
        """Write a batch, each of which waits in the journal if the ledger does not take it.

        Who comes while the ledger is silent about others has waited for long enough already.
        """
        kept: set[str] = set()
        silent = False

        def keep() -> None:
            nonlocal silent
            silent = True
            self._silences += 1
            kept.update(each.before.id for each in endings if self._keep(each))

        alarm: asyncio.TimerHandle | None = None
        if self._silences:
            keep()
        else:
            alarm = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, keep)
        try:
            answers = await self._answers(endings)
        finally:
            if alarm:
                alarm.cancel()
            self._silences -= silent
        return self._written(endings, answers, kept=kept)

    async def _answers(self, endings: Sequence[Ending]) -> Sequence[bool | Exception]:
        """Give what the ledger says to each; a ledger that is away says so to all."""
        try:
            return await self._ledger.record(endings)
        except LedgerAway as away:
            return [away] * len(endings)

    def _written(
        self,
        endings: Sequence[Ending],
        answers: Sequence[bool | Exception],
        *,
        kept: Container[str],
    ) -> list[Exception | None]:
        """See to what the ledger has not taken; give the faults that are not its absence."""
        faults: list[Exception | None] = []
        for ending, answer in zip(endings, answers, strict=True):
            on_disk = ending.before.id in kept
            faults.append(None)
            if isinstance(answer, LedgerAway):
                log.not_recorded(ending.after, str(answer))
                if not on_disk:
                    self._keep(ending)
            elif isinstance(answer, Exception):
                faults[-1] = answer
            elif on_disk:
                self._journal.forget(ending)
        return faults

    def _keep(self, ending: Ending) -> bool:
        """Write to the disk; where that cannot be done either, the lease decides."""
        try:
            self._journal.keep(ending)
        except OSError as fault:
            log.not_kept(ending.after, fault)
            return False
        crash_points.at(Point.KEPT, ending.before.id)
        return True
