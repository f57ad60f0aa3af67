"""Shifts: a worker that is awake claims more while its letters leave, so that no line ever waits.

A hint wakes it, and names what it claims first. What is most urgent comes next, straight from the
queue, as letters leave: nobody has to be woken for it, and it stands behind no batch.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Final

from notifier.core.mail_servers import Smtp
from notifier.core.settings import Settings
from notifier.delivering import Courier
from notifier.hinting import HINT_SIZE
from notifier.ports.ledger import Ledger, LedgerAway
from notifier.remembering import SLICE, Claimed

# How long a worker goes on claiming before others get their turn: ticks, and hints that wait
# (seconds). Where a letter keeps it for as long again, it claims more meanwhile, and so on.
SHIFT_SECONDS: Final = 1.0
# What is held leaves within so long, at the pace of this worker: so long can it hold up what is
# more urgent, and so much is suspect if it crashes. A claim takes a tenth of it (seconds).
HELD_SECONDS: Final = 0.25
# On each line is one letter, and one waits for it; these are being written, or being recorded.
SPARE_HANDS: Final = 20
# A pace is not told from less (seconds).
GLANCE_SECONDS: Final = 0.05
# A third of the shortest lease: two calls may fail before it is over.
RENEW_SECONDS: Final = 20.0


class Shifts:
    """The shifts of one worker, one after the other: each expects the pace of the one before."""

    def __init__(
        self, *, ledger: Ledger, courier: Courier, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._ledger = ledger
        self._courier = courier
        self._steady = steady
        self._pace = 0.0

    async def work(self, ids: Sequence[str], settings: Settings) -> int:
        """Deliver what can be claimed of these, and what else is ready meanwhile; give how many."""
        shift = _Shift(self._ledger, self._courier, settings, self._steady, pace=self._pace)
        await shift.work(ids)
        self._pace = shift.pace
        return shift.left


class _Shift:
    """What a worker holds at this moment, and how fast it leaves."""

    def __init__(
        self,
        ledger: Ledger,
        courier: Courier,
        settings: Settings,
        steady: Callable[[], float],
        *,
        pace: float,
    ) -> None:
        self.pace = pace  # letters a second
        self._ledger = ledger
        self._courier = courier
        self._settings = settings
        self._steady = steady
        self._lines = _lines(settings.smtp)
        self._began = self._renewed = steady()
        self._held: dict[int, Claimed] = {}  # by their identity: an id may be claimed again
        self._waiting: deque[Claimed] = deque()  # those of them that no hand has taken up
        self._hands: set[asyncio.Task[None]] = set()
        self.left = 0
        self._dry = False  # the queue was empty when it was looked at last
        self._alone = False
        self._stirred = asyncio.Event()
        self._fault: BaseException | None = None

    async def work(self, ids: Sequence[str]) -> None:
        """Claim, let leave and claim again, until nothing is ready or the shift is over.

        Where the ledger lets us down, what is held leaves all the same before that is told.
        """
        try:
            await self._go_on(ids)
        except Exception:
            await asyncio.gather(*self._hands, return_exceptions=True)
            raise

    async def _go_on(self, ids: Sequence[str]) -> None:
        await self._claim(ids)
        while self._held:
            if self._claims and self._wants_more:
                await self._claim(())
                continue
            await self._something_happens()
            if not self._claims:
                self._dry = False
            elif not self._held:
                # A queue that was empty is looked at once more when everything has left.
                await self._claim(())

    async def _claim(self, ids: Sequence[str]) -> None:
        """Claim these and more, and give them to hands that are free."""
        smtp = self._settings.smtp
        more = max(0, min(SLICE, self._room) - len(ids))
        claims = await self._ledger.claim(
            ids, more=more, roads=1 + len(smtp.backup), rate=smtp.rate
        )
        hinted = frozenset(ids)
        self._dry = sum(each.delivery.id not in hinted for each in claims) < more
        # What a worker died with travels alone, so that no other dies with it.
        self._alone = any(each.delivery.crashes for each in claims)
        self._held.update((id(each), each) for each in claims)
        self._waiting.extend(claims)
        while len(self._hands) < min(2 * self._lines + SPARE_HANDS, len(self._held)):
            hand = asyncio.create_task(self._deliver())
            self._hands.add(hand)
            hand.add_done_callback(self._rest)

    async def _deliver(self) -> None:
        """Take up one claim after the other."""
        while self._waiting:
            claimed = self._waiting.popleft()
            await self._courier.deliver(claimed, self._settings)
            del self._held[id(claimed)]
            self.left += 1
            if not self._held or self._wants_more:
                self._stirred.set()

    def _rest(self, hand: "asyncio.Task[None]") -> None:
        """A hand has found nothing to take up, or was stopped by what a courier does not catch."""
        self._hands.discard(hand)
        if not hand.cancelled() and hand.exception():
            self._fault = hand.exception()
            self._stirred.set()

    async def _something_happens(self) -> None:
        """Wait until there is room, or nothing is left; at most for as long as a shift."""
        alarm = asyncio.get_running_loop().call_later(SHIFT_SECONDS, self._stirred.set)
        try:
            await self._stirred.wait()
        finally:
            alarm.cancel()
        self._stirred.clear()
        if self._fault:
            raise self._fault
        if self._steady() - self._renewed >= RENEW_SECONDS:
            await self._renew()

    async def _renew(self) -> None:
        """Keep claims alive while a slow server makes their letters wait."""
        self._renewed = self._steady()
        by_token = sorted(self._held.values(), key=_token)
        for _own, claims in groupby(by_token, key=_token):
            # A ledger that is away for longer than the leases frees them itself.
            with suppress(LedgerAway):
                await self._ledger.renew(list(claims))

    @property
    def _claims(self) -> bool:
        """Whether more may be claimed: for a second, and where a letter lingers, once in a while.

        Then nobody else gets a turn before it has left, and the other lines may as well be used.
        """
        seconds = self._steady() - self._began
        return not self._alone and seconds // SHIFT_SECONDS % 2 == 0

    @property
    def _wants_more(self) -> bool:
        """Whether there is room for as many as make a claim worth its while."""
        return not self._dry and self._room >= min(SLICE, self._most // 4)

    @property
    def _room(self) -> int:
        return self._most - len(self._held)

    @property
    def _most(self) -> int:
        """How many may be held: what a hint brings, and what keeps every line busy, or more."""
        seconds = self._steady() - self._began
        if seconds >= GLANCE_SECONDS:
            self.pace = self.left / seconds
        hands = 2 * self._lines + SPARE_HANDS
        return max(HINT_SIZE, hands, int(self.pace * HELD_SECONDS))


def _lines(smtp: Smtp) -> int:
    """Give how many connections a worker has to a mail server, whichever it is."""
    return max(each.connections for each in (smtp, *smtp.backup))


def _token(claimed: Claimed) -> str:
    return claimed.delivery.token
