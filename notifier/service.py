"""The notifier: hear, spread, remind, deliver, sweep; each is one line of steps in turn."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from notifier import crash_points, log
from notifier.auditing import Auditor
from notifier.core.delivery import lease_over
from notifier.core.events import Event, Rejected, parse_entry
from notifier.core.settings import Settings
from notifier.crash_points import Point
from notifier.delivering import Courier
from notifier.hearing import Heard, after, listen, wanted
from notifier.hinting import bundled
from notifier.portions import by_weight, in_trips
from notifier.ports.clocks import Agenda, Clocks, Moment
from notifier.ports.due_index import AuditWalk, DueIndex
from notifier.ports.inbox import Entry, Inbox
from notifier.ports.ledger import Hint, Ledger, Wake
from notifier.ports.mail import Roads
from notifier.ports.memory import Memory, SettingsStore
from notifier.recording import Recorder
from notifier.remembering import Commitment, Remembered
from notifier.shifts import Shifts
from notifier.spreading import Spreader
from notifier.timekeeping import Timekeeper

SWEEP_BATCH: Final = 500
# Goes in which one sweep makes ready what waited for its time: twenty thousand mails, far more than
# leave until the next sweep, and fifty milliseconds in which nobody is hinted at anything.
WAKING_GOES: Final = 40

Read = tuple[Entry, Event]


class Notifier:
    """Puts the steps in a row; knows no Redis, no SMTP and no Celery."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        memory: Memory,
        index: DueIndex,
        walk: AuditWalk,
        ledger: Ledger,
        settings: SettingsStore,
        courier: Courier,
        recorder: Recorder,
        roads: Roads,
        wake: Wake,
        clocks: Clocks,
        agenda: Agenda,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox = inbox
        self._memory = memory
        self._ledger = ledger
        self._settings = settings
        self._shifts = Shifts(ledger=ledger, courier=courier, steady=steady)
        self._recorder = recorder
        self._roads = roads
        self._wake = wake
        self._clocks = clocks
        self._agenda = agenda
        self._spreader = Spreader(memory=memory, settings=settings, clocks=clocks)
        self._timekeeper = Timekeeper(memory=memory, index=index, settings=settings)
        self._auditor = Auditor(memory=memory, walk=walk, settings=settings, steady=steady)

    async def hear(self, entries: Sequence[Entry]) -> None:
        """Apply stream entries, and hint workers at what is owed because of them.

        What is not an event is buried, and the rest goes on (P1).

        An event whose conference moved on meanwhile, or the settings, is applied once more to what
        stands now.
        """
        await self._clocks.moment()
        for batch in by_weight(entries):
            waiting = [read for entry in batch if (read := await self._read(entry))]
            settings = await self._settings.lately()
            while waiting:
                waiting = await self._apply(waiting, *settings)
                settings = await self._settings.in_force() if waiting else settings

    async def spread(self) -> int:
        """Plan one more slice of every notice to everyone; give how many there were."""
        return await self._spreader.spread()

    async def remind(self, *, now: datetime) -> int:
        """Plan the reminders that are due; give how many conferences were looked at."""
        return await self._timekeeper.remind(now=now)

    async def audit(self) -> bool:
        """Compare a page of conferences with the due index if it is time; tell whether one was.

        Not while a clock has jumped: it would take moments for past that are not.
        """
        moment = await self._clocks.moment()
        return moment is not None and await self._auditor.stroll(now=moment.own)

    async def deliver(self, ids: Sequence[str], *, under: int | None = None) -> None:
        """Send the deliveries that can be claimed, and what else is ready; hint at the rest.

        `under` is the revision of the settings that was in force a moment ago, if that is known.
        """
        settings = await self._settings.current(revision=under)
        await self._recorder.settle()
        # Whoever only delivers looks at the clocks nowhere else.
        await self._clocks.moment()
        delivered = await self._shifts.work(ids, settings)
        # What a worker that came for it has left is for nobody at the door: it wants a hint.
        await self._hint(settings, ring=delivered > 0)

    async def dispatch(self) -> int:
        """Hint workers at what is ready, the most urgent first; give how many were hinted at."""
        return await self._hint(await self._settings.current())

    async def _hint(self, settings: Settings, *, ring: bool = True) -> int:
        smtp = settings.smtp
        taken = await self._ledger.take(
            limit=SWEEP_BATCH, roads=1 + len(smtp.backup), rate=smtp.rate, ring=ring
        )
        self._wake_for(taken)
        return len(taken)

    def _wake_for(self, taken: Sequence[Hint]) -> None:
        if taken:
            crash_points.at(Point.TAKEN)
        for kind, ids in bundled(taken):
            self._wake.deliver(kind, ids)
            crash_points.at(Point.HINTED)

    async def sweep(self) -> None:
        """Find what no hint reached and what no worker finished, and set it going again (P7).

        While a clock cannot be trusted, nothing is over: its worker may be alive.
        """
        await self._recorder.settle()
        await self._roads.look_after()
        settings = await self._settings.current()
        moment = await self._clocks.moment()
        if moment:
            await self._free(moment, settings)
            await self._wake_later(moment)
        await self._hint(settings, ring=False)  # nobody may have heard the bell

    async def _wake_later(self, moment: Moment) -> None:
        """Make ready whatever has waited until now: a long list settles all at once."""
        for _go in range(WAKING_GOES):
            if await self._ledger.wake_later(limit=SWEEP_BATCH, now=moment.redis) < SWEEP_BATCH:
                break

    async def _free(self, moment: Moment, settings: Settings) -> None:
        """Free what is held by workers that were not heard of again."""
        for delivery in await self._ledger.overdue(limit=SWEEP_BATCH, now=moment.redis):
            freed = lease_over(delivery, now=moment.own, on_unknown=settings.ledger.on_unknown)
            crash_points.at(Point.LEASE_OVER, delivery.id)
            if await self._ledger.release(delivery, freed):
                log.lease_over(freed)

    async def tidy(self) -> None:
        """Drop what nobody needs any more: old entries, old ids of events, old suppressions.

        By a clock that is ahead nothing is old: an event that is forgotten too soon is heard twice.
        """
        moment = await self._clocks.moment()
        if moment:
            await self._inbox.let_go(limit=SWEEP_BATCH)
            await self._inbox.trim(now=moment.redis)
            await self._memory.forget_events(now=moment.redis)
            await self._ledger.forget_suppressed(now=moment.redis)

    async def tick(self) -> None:
        """Look at the clock once: due reminders, lost hints, a new index. Any number may tick.

        A clock that has jumped reminds nobody: tomorrow's reminders would leave today (P5).
        Where nothing is to be done, which is most of the time, it asks no more than that.
        """
        await self._recorder.settle()  # the local disk is on no agenda
        moment = await self._clocks.moment()
        if moment and await self._agenda.empty(moment):
            return
        if moment:
            await self._timekeeper.tick(now=moment.own, between=self.dispatch)
        await self.spread()
        await self.sweep()
        # What is due may have taken its time.
        moment = await self._clocks.moment()
        if moment:
            await self._auditor.hurry(now=moment.own)

    async def _read(self, entry: Entry) -> Read | None:
        try:
            return entry, parse_entry(entry.fields)
        except Rejected as fault:
            await self._inbox.reject(entry, reason=fault.reason, path=fault.path)
            log.rejected(entry.id, fault)
            return None

    async def _apply(self, reads: Sequence[Read], revision: int, settings: Settings) -> list[Read]:
        """Apply events in their order; give those that met a conflict."""
        remembered = await self._memory.recall(wanted(event for _entry, event in reads))
        heard = list(self._listen(reads, remembered, settings))
        steps = (step for each in heard for step in each.commitments)
        answers = iter(await self._write(steps, revision, settings))
        again: list[Read] = []
        for each in heard:
            own = [next(answers) for _step in each.commitments]
            if "failed" in own:
                continue  # told already; it stays unacknowledged, and is buried after some tries
            if "conflict" in own:
                again.append((each.entry, each.event))
            elif own[-1] == "applied":
                log.heard(each.event, each.change.verdict, each.deliveries)
                if each.behind:
                    log.behind(each.event)
            else:
                log.heard_again(each.event, own[-1])
        return again

    async def _write(
        self, steps: Iterable[Commitment], revision: int, settings: Settings
    ) -> list[str]:
        """Write what events mean, and wake workers as soon as the first of it stands.

        Not where something is to be spread yet: a cancellation to everyone leaves before what it
        overtakes.
        """
        smtp = settings.smtp
        answers: list[str] = []
        limit = SWEEP_BATCH
        for trip in in_trips(steps):
            if any(notice.everyone for each in trip for notice in each.notices):
                limit = 0
            crash_points.at(Point.COMMITTING)
            told, taken = await self._memory.commit_and_take(
                trip,
                under=revision,
                limit=limit,
                roads=1 + len(smtp.backup),
                rate=smtp.rate,
            )
            crash_points.at(Point.COMMITTED)
            answers += told
            self._wake_for(taken)
        return answers

    def _listen(
        self, reads: Iterable[Read], remembered: dict[str, Remembered], settings: Settings
    ) -> Iterable[Heard]:
        """Apply each event to what the ones before it leave; a fault of ours stops only its own."""
        now = self._clocks.now()
        for entry, event in reads:
            conference = event.conference.id if event.conference else ""
            standing = remembered.get(conference, Remembered())
            try:
                heard = listen(entry, event, standing, settings, now=now, uid=uuid4().hex)
            except Exception as fault:  # noqa: BLE001 -- the loop that owns the events
                # It stays unacknowledged: taken over later, and buried after some tries.
                log.failed_to_apply(entry.id, fault)
                continue
            remembered[conference] = after(standing, heard)
            yield heard
