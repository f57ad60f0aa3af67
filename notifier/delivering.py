"""Delivering: one claimed delivery, from the last look to the record of how it went."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from notifier import crash_points, log
from notifier.batching import Batches
from notifier.core.delivery import Delivery, State, advance
from notifier.core.language.languages import locale_chain
from notifier.core.mail_servers import Smtp
from notifier.core.notice import Notice
from notifier.core.outcomes import Accepted, Outcome, Refused, Stopped, Unreachable
from notifier.core.overtaken import overtaken
from notifier.core.press.press import Press
from notifier.core.reasons import Reason
from notifier.core.restating import says_the_same
from notifier.core.settings import Settings
from notifier.core.suppression import after_refusal
from notifier.crash_points import Point
from notifier.ports.clocks import Clocks
from notifier.ports.ledger import Ledger, LedgerAway
from notifier.ports.mail import Letter, Mailer, Shelf
from notifier.recording import PATIENCE_SECONDS, Recorder
from notifier.remembering import SLICE, Claimed


class Courier:
    """Takes claimed deliveries to the mail server and writes down what came of it."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        recorder: Recorder,
        shelf: Shelf,
        make_mailer: Callable[[Smtp], Mailer],
        clocks: Clocks,
    ) -> None:
        self._ledger = ledger
        self._recorder = recorder
        self._shelf = shelf
        self._press = Press()
        self._make_mailer = make_mailer
        self._clocks = clocks
        self._fences: Batches[Claimed, str] = Batches(
            ledger.fence, most=SLICE, patience_seconds=PATIENCE_SECONDS
        )
        self._turns: Batches[int, float] = Batches(self._take_turns, most=SLICE)
        self._mailer: Mailer | None = None
        self._smtp: Smtp | None = None

    async def deliver(self, claimed: Claimed, settings: Settings) -> None:
        """Send one letter, if it is still true, and record the outcome.

        A fault of ours leaves the claim to its lease: three such crashes make it poison.
        """
        try:
            journey = _Journey(claimed, self._ledger, self._fences, self._clocks)
            crash_points.at(Point.CLAIMED, claimed.delivery.id)
            outcome = await self._travel(journey, settings)
            crash_points.at(Point.ANSWERED, claimed.delivery.id)
            await self._record(journey, outcome, settings)
            crash_points.at(Point.RECORDED, claimed.delivery.id)
        except Exception as fault:  # noqa: BLE001 -- the loop that owns the deliveries
            log.failed_to_deliver(claimed.delivery, fault)

    async def close(self) -> None:
        """Leave the mail server."""
        if self._mailer:
            await self._mailer.close()

    async def _travel(self, journey: "_Journey", settings: Settings) -> Outcome:
        """Send, unless the ledger cannot be asked: without its leave nothing leaves."""
        try:
            return await self._send(journey, settings)
        except LedgerAway as away:
            return Unreachable(f"the ledger did not answer before the letter left: {away}")

    async def _send(self, journey: "_Journey", settings: Settings) -> Outcome:
        reason = journey.overtaken()
        if reason:
            return Stopped(reason)
        letter = self._written(journey, settings)
        if not isinstance(letter, Letter):
            return letter
        crash_points.at(Point.COMPOSED, journey.delivery.id)
        if settings.smtp.rate:
            await asyncio.sleep(await self._turns.ask(settings.smtp.rate))
        mailer = await self._mailer_for(settings.smtp)
        return await mailer.send(letter, journey.fence)

    def _written(self, journey: "_Journey", settings: Settings) -> Letter | Unreachable | Refused:
        """Write the letter; one that cannot be written now will not be written by trying again.

        Where the templates themselves are out of reach, every letter waits until they are back.
        """
        delivery, notice = journey.delivery, journey.as_told
        languages = locale_chain(delivery.recipient.language, settings.server.language)
        try:
            template, _language = self._shelf.template(notice.kind, languages)
            content = self._press.written(
                notice, delivery, template, settings, now=self._clocks.now()
            )
        except OSError as fault:
            log.failed_to_render(delivery, fault)
            return Unreachable(f"{Reason.RENDER}: no templates: {type(fault).__name__}")
        except Exception as fault:  # noqa: BLE001 -- whatever it is, it is this letter's alone
            log.failed_to_render(delivery, fault)
            return Refused(f"{Reason.RENDER}: {type(fault).__name__}")
        return Letter(
            sender=settings.smtp.sender_address,
            recipient=delivery.recipient.address,
            content=content,
        )

    async def _take_turns(self, rates: Sequence[int]) -> Sequence[float]:
        """Take a turn for each; the last one asks at the newest rate."""
        return await self._ledger.turn(rates[-1], len(rates))

    async def _record(self, journey: "_Journey", outcome: Outcome, settings: Settings) -> None:
        before = journey.delivery
        after = advance(
            before,
            outcome,
            now=self._clocks.now(),
            jitter=random.uniform(-1, 1),
            on_unknown=settings.ledger.on_unknown,
        )
        await self._recorder.record(before, after)
        if isinstance(outcome, Accepted):
            log.accepted(after, outcome.reply, journey.claimed.notice)
        else:
            log.not_accepted(after, after.reason)
        await self._suppress(after, outcome)

    async def _suppress(self, after: Delivery, outcome: Outcome) -> None:
        """Keep mail from an address where nobody lives; or the next one is tried."""
        found = after_refusal(after, outcome)
        if found:
            with suppress(LedgerAway):
                await self._ledger.suppress(found)
                log.suppressed(after, found)

    async def _mailer_for(self, smtp: Smtp) -> Mailer:
        """Give the mailer for these settings; a new revision closes the old one's connections."""
        if self._mailer is None or smtp != self._smtp:
            old, self._mailer = self._mailer, self._make_mailer(smtp)
            self._smtp = smtp
            if old:
                await old.close()
        return self._mailer


class _Journey:
    """One claim on its way, and how far its letter has come."""

    def __init__(
        self, claimed: Claimed, ledger: Ledger, fences: Batches[Claimed, str], clocks: Clocks
    ) -> None:
        self.claimed = claimed
        self.delivery: Delivery = claimed.delivery
        self.as_told: Notice = claimed.as_told  # what the letter is written from
        self._ledger = ledger
        self._fences = fences
        self._clocks = clocks

    def overtaken(self) -> str | None:
        """Say why the notice is no longer true, if so; or that no clock can tell whether it is."""
        claimed = self.claimed
        deadline = claimed.notice.deadline
        if deadline and self._clocks.doubt(deadline):
            return Reason.CLOCK
        reason = overtaken(
            claimed.notice,
            claimed.known,
            claimed.member,
            now=self._clocks.now(),
            untold=claimed.untold,
        )
        return reason or claimed.stop or None

    async def fence(self) -> str | None:
        """Take the last look before the body leaves: None lets it go."""
        crash_points.at(Point.FENCING, self.delivery.id)
        while True:
            reason = self.overtaken() or self._reworded()
            if reason:
                return reason
            answer = await self._fences.ask(self.claimed)
            if answer == "ok":
                self.delivery = msgspec.structs.replace(self.delivery, state=State.IN_DATA)
                crash_points.at(Point.FENCED, self.delivery.id)
                return None
            if answer == "lost":
                return "the claim was lost"
            self.claimed = await self._ledger.look_again(self.claimed)

    def _reworded(self) -> str | None:
        """Say that the letter has to be written anew, if a reader would see the difference."""
        if not says_the_same(self.as_told, self.claimed.as_told):
            return Reason.REWORDED
        # The fence keeps what the letter was written from, to the byte.
        self.claimed = msgspec.structs.replace(self.claimed, as_told=self.as_told)
        return None
