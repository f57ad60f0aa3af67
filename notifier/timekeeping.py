"""Timekeeping: reminders at their moments."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from notifier import crash_points, log
from notifier.crash_points import Point
from notifier.ports.due_index import DueIndex
from notifier.ports.memory import Memory, SettingsStore
from notifier.remembering import Commitment
from notifier.reminding import reminding

# Conferences looked at in one go for due reminders.
DUE_BATCH: Final = 100

# Batches of one tick: some seconds, after which a worker that is the only one sends again.
BATCHES_A_TICK: Final = 50
# Deliveries after which a go is sent to Redis: some megabytes of a pipeline, and the first of them
# leave while the rest is planned.
GO: Final = 1_000


def in_goes(steps: Iterable[Commitment]) -> Iterator[list[Commitment]]:
    """Give the steps in their order, as many at a time as are sent to Redis in one go."""
    go: list[Commitment] = []
    weight = 0
    for step in steps:
        go.append(step)
        weight += len(step.deliveries)
        if weight >= GO:
            yield go
            go, weight = [], 0
    if go:
        yield go


class Timekeeper:
    """Looks at the due index."""

    def __init__(self, *, memory: Memory, index: DueIndex, settings: SettingsStore) -> None:
        self._memory = memory
        self._index = index
        self._settings = settings
        self._holder = uuid4().hex

    async def tick(
        self,
        *,
        now: datetime,
        between: Callable[[], Awaitable[object]],
        batches: int = BATCHES_A_TICK,
    ) -> None:
        """Do what is due at `now`.

        After a long absence `between` is done between two batches, so that the first reminders
        leave while the others are planned; what is left after so many batches is the next tick's.
        """
        for _batch in range(batches):
            if await self.remind(now=now) < DUE_BATCH:
                break
            await between()
        else:
            await self._index.leave_due(self._holder)

    async def remind(self, *, now: datetime) -> int:
        """Plan the reminders that are due; give how many conferences were looked at.

        Reading a window of time from where the last look ended, a pause is caught up; written
        only if the conference has not changed since, a second beat finds nothing (P5). Nor does it
        while a first one works through a long list of them: that saves time, no more.
        """
        conferences = await self._index.take_due(until=now, limit=DUE_BATCH, holder=self._holder)
        if not conferences:
            return 0
        revision, settings = await self._settings.in_force()
        remembered = await self._memory.recall_lists(conferences)
        steps = (
            reminding(conference, found, settings, now=now, uid=uuid4().hex)
            for conference, found in remembered.items()
        )
        for some in in_goes(steps):
            await self._write(some, revision)
        return len(conferences)

    async def _write(self, steps: Sequence[Commitment], revision: int) -> None:
        crash_points.at(Point.DUE_FOUND)
        answers = await self._memory.commit(steps, under=revision)
        for step, answer in zip(steps, answers, strict=True):
            crash_points.at(Point.REMINDED)
            if answer == "applied":
                _tell(step)


def _tell(step: Commitment) -> None:
    """Tell apart what people are reminded of, and for what it was too late."""
    late = {each.id for each in step.notices if each.skip}
    if late:
        log.missed_start(step.conference, len(late))
    if len(step.notices) > len(late):
        reminders = [each for each in step.deliveries if each.notice not in late]
        log.reminded(step.conference, len(step.notices) - len(late), len(reminders))
