"""Auditing: the walk that compares the due index with what is known, and mends it."""

import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import msgspec

from notifier import log
from notifier.core.indexed import Mend, mended, put_off
from notifier.core.settings import Settings
from notifier.ports.due_index import AuditWalk, Turn
from notifier.ports.memory import Memory, SettingsStore
from notifier.remembering import BEGINNING, Commitment, Remembered

# What one tick may spend on a walk that hurries: half of the time between two, so that neither
# reminders nor lost hints wait for it (seconds).
BUDGET_SECONDS: Final = 0.5
# Conferences that were written between our look and our write are looked at again, so often; then
# the page is left to a later turn.
TRIES: Final = 5
# Of one page; after the loss of the whole index a line for each would bury all others.
MOST_TOLD: Final = 5


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A conference whose entry in the index is not as it ought to be."""

    conference: str
    entry: float | None  # Unix seconds, as the index has it
    mend: Mend
    found: Remembered

    @property
    def was(self) -> str:
        """What the index held, in words."""
        return _moment(self.entry)

    @property
    def ought(self) -> str:
        """What it ought to hold, in words."""
        return _moment(self.mend.due.timestamp() if self.mend.due else None)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of some conferences: how many they are, and which were not as they ought."""

    seen: int
    findings: tuple[Finding, ...]


class Auditor:
    """Walks over all conferences again and again; in a hurry when settings or laws have changed."""

    def __init__(
        self,
        *,
        memory: Memory,
        walk: AuditWalk,
        settings: SettingsStore,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory = memory
        self._walk = walk
        self._settings = settings
        self._steady = steady

    async def hurry(self, *, now: datetime) -> None:
        """Walk for a while if settings or laws have changed (R13)."""
        until = self._steady() + BUDGET_SECONDS
        while await self._step(now=now, hurried_only=True) and self._steady() < until:
            pass

    async def stroll(self, *, now: datetime) -> bool:
        """Look at one page if it is time for one, or if a walk hurries; tell whether one was."""
        return await self._step(now=now, hurried_only=False)

    async def whole(
        self, *, clock: Callable[[], datetime], repair: bool
    ) -> AsyncGenerator[Page, None]:
        """Look at all conferences now, page by page, whoever else walks.

        With `repair` what is found is mended, and only what was mended is told.
        """
        cursor = BEGINNING
        while True:
            conferences, cursor = await self._walk.page(cursor)
            yield Page(
                seen=len(conferences),
                findings=await self._looked(conferences, now=clock(), repair=repair),
            )
            if cursor == BEGINNING:
                return

    async def _looked(
        self, conferences: Sequence[str], *, now: datetime, repair: bool
    ) -> tuple[Finding, ...]:
        # Settings before the question: whoever applies some asks for a walk in the same step.
        revision, settings = await self._settings.in_force()
        catching_up = await self._walk.catching_up()
        findings = await self._compared(conferences, settings, now=now, catching_up=catching_up)
        if repair:
            answers = await self._mend(findings, revision, counter="index_mended")
            return tuple(
                each for each, answer in zip(findings, answers, strict=True) if answer == "applied"
            )
        # What was written between two of our readings looks wrong, but only once.
        again = [each.conference for each in findings]
        return tuple(await self._compared(again, settings, now=now, catching_up=catching_up))

    async def _step(self, *, now: datetime, hurried_only: bool) -> bool:
        """Look at the next page if it is our turn; tell whether it is done.

        The settings are read before the turn is taken. Settings applied since then ask for a walk
        of their own, and our writes meet a conflict: what they add is never taken for lost.
        """
        revision, settings = await self._settings.in_force()
        turn = await self._walk.turn(hurried_only=hurried_only)
        if turn is None:
            return False
        conferences, following = await self._walk.page(turn.cursor)
        mends = await self._page(turn, conferences, revision, settings, now=now)
        if mends is None:
            return False
        return await self._walk.walked(turn, following, seen=len(conferences), mended=mends)

    async def _page(
        self,
        turn: Turn,
        conferences: Sequence[str],
        revision: int,
        settings: Settings,
        *,
        now: datetime,
    ) -> int | None:
        """Mend a page; give how many it were, or None where others wrote again and again."""
        waiting, mends = list(conferences), 0
        counter = "index_renewed" if turn.asked else "index_mended"
        for _try in range(TRIES):
            findings = await self._compared(
                waiting, settings, now=now, catching_up=turn.catching_up
            )
            answers = await self._mend(findings, revision, counter=counter)
            told = list(zip(findings, answers, strict=True))
            mends += _tell(turn, (each for each, answer in told if answer == "applied"))
            waiting = [each.conference for each, answer in told if answer == "conflict"]
            if not waiting:
                return mends
        return None

    async def _compared(
        self, conferences: Iterable[str], settings: Settings, *, now: datetime, catching_up: bool
    ) -> list[Finding]:
        """Give those of these conferences whose entries are not as they ought to be."""
        entries = await self._walk.entries(list(dict.fromkeys(conferences)))
        remembered = await self._memory.recall(dict.fromkeys(entries, ()))
        compared = (
            _finding(each, found, settings, entry=entries[each], now=now, catching_up=catching_up)
            for each, found in remembered.items()
        )
        return [each for each in compared if each]

    async def _mend(self, findings: Sequence[Finding], revision: int, *, counter: str) -> list[str]:
        return await self._memory.commit(
            [_as_written(each, counter) for each in findings], under=revision
        )


def _finding(
    conference: str,
    found: Remembered,
    settings: Settings,
    *,
    entry: float | None,
    now: datetime,
    catching_up: bool,
) -> Finding | None:
    """Compare one conference with its entry; one that makes us stumble is put off, if at all."""
    if found.unreadable:
        return None
    try:
        mend = mended(found.known, settings, entry=entry, now=now, catching_up=catching_up)
    except Exception as fault:  # noqa: BLE001 -- the loop that owns the index
        log.failed_to_remind(conference, fault)
        mend = Mend(due=put_off(now)) if entry is None else None
    if mend is None:
        return None
    return Finding(conference=conference, entry=entry, mend=mend, found=found)


def _as_written(finding: Finding, counter: str) -> Commitment:
    """Give the step that mends; what nobody knows gets no etag, it would be all that is kept."""
    return Commitment(
        conference=finding.conference,
        etag=finding.found.etag,
        next_etag=uuid4().hex if finding.found.known else "",
        known=finding.mend.known,
        reindex=True,
        due=finding.mend.due,
        counter=counter,
    )


def _tell(turn: Turn, mends: Iterable[Finding]) -> int:
    """Give how many were mended, and raise the alarm where nothing has asked for it."""
    told = list(mends)
    if not turn.asked:
        for each in told[:MOST_TOLD]:
            log.index_mended(each.conference, each.was, each.ought)
        if told[MOST_TOLD:]:
            log.index_mended_further(len(told) - MOST_TOLD)
    return len(told)


def _moment(seconds: float | None) -> str:
    """Give a moment in UTC; what a hand has written may lie beyond every calendar."""
    if seconds is None:
        return "none"
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return str(seconds)
