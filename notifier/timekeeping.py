"""Timekeeping: reminders at their moments, and an index of moments that is as it should be."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from notifier import crash_points, log
from notifier.crash_points import Point
from notifier.ports import DueIndex, Memory, SettingsStore
from notifier.remembering import Commitment
from notifier.reminding import indexing, reminding

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
    """Looks at the due index, and keeps it."""

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
        """Do what is due at `now`, and a little of what is not.

        After a long absence `between` is done between two batches, so that the first reminders
        leave while the others are planned; what is left after so many batches is the next tick's.
        """
        for _batch in range(batches):
            if await self.remind(now=now) < DUE_BATCH:
                break
            await between()
        else:
            await self._index.leave_due(self._holder)
        await self.reindex(now=now)

    async def remind(self, *, now: datetime) -> int:
        """Plan the reminders that are due; give how many conferences were looked at.

        Reading a window of time from where the last look ended, a pause is caught up; written
        only if the conference has not changed since, a second beat finds nothing (P5). Nor does it
        while a first one works through a long list of them: that saves time, no more.
        """
        conferences = await self._index.take_due(until=now, limit=DUE_BATCH, holder=self._holder)
        if not conferences:
            return 0
        settings = await self._settings.current()
        remembered = await self._memory.recall_lists(conferences)
        steps = (
            reminding(conference, found, settings, now=now, uid=uuid4().hex)
            for conference, found in remembered.items()
        )
        for some in in_goes(steps):
            await self._write(some)
        return len(conferences)

    async def _write(self, steps: Sequence[Commitment]) -> None:
        crash_points.at(Point.DUE_FOUND)
        for step, answer in zip(steps, await self._memory.commit(steps), strict=True):
            crash_points.at(Point.REMINDED)
            if answer == "applied" and step.notices:
                log.reminded(step.conference, len(step.notices), len(step.deliveries))

    async def reindex(self, *, now: datetime) -> bool:
        """Look at more conferences after settings or zones changed; False if none are left (R13).

        What is due at this moment is left to `remind`, which indexes it as well: the moment after
        now would pass over it.
        """
        cursor = await self._index.reindex_cursor()
        if cursor is None:
            return False
        settings = await self._settings.current()
        waiting = await self._index.due(until=now, limit=DUE_BATCH)
        if len(waiting) == DUE_BATCH:
            return True
        found, following = await self._index.conferences(cursor=cursor)
        remembered = await self._memory.recall(dict.fromkeys(set(found).difference(waiting), ()))
        steps = [
            indexing(conference, each, settings, now=now, uid=uuid4().hex)
            for conference, each in remembered.items()
        ]
        answers = await self._memory.commit([step for step in steps if step])
        if "conflict" not in answers:
            await self._index.reindexed(cursor, following)
        return True
