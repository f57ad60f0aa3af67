"""Spreading: a notice to everyone becomes deliveries, one slice of its list at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from notifier import crash_points, log
from notifier.core.delivery import Delivery
from notifier.core.life import Member
from notifier.core.notice import Kind, Notice
from notifier.core.planning import instead, planned_for_list, tells_of_a_new_life
from notifier.core.settings import Settings
from notifier.crash_points import Point
from notifier.ports import Memory, SettingsStore
from notifier.remembering import BEGINNING, Commitment, Remembered, Unreadable

# Notices to everyone that are spread side by side, one slice each in a round.
SPREAD_BATCH: Final = 10


class Spreader:
    """Plans the deliveries of notices to everyone."""

    def __init__(self, *, memory: Memory, settings: SettingsStore) -> None:
        self._memory = memory
        self._settings = settings

    async def spread(self) -> int:
        """Plan one more slice of every notice to everyone; give how many are still unfinished."""
        settings = await self._settings.current()
        spreading = await self._memory.slices(limit=SPREAD_BATCH)
        unfinished = 0
        for notice, cursor in spreading:
            unfinished += await self._spread_slice(notice, cursor, settings)
        return unfinished

    async def _spread_slice(self, notice: Notice, cursor: str, settings: Settings) -> bool:
        """Plan one slice of a notice to everyone; tell whether more is left."""
        assert notice.conference is not None  # only notices about a conference go to everyone
        conference = notice.conference.id
        found = (await self._memory.recall({conference: ()}))[conference]
        try:
            members, following = await self._memory.slice(conference, cursor=cursor)
        except Unreadable as fault:
            found = Remembered(unreadable=str(fault))
        if found.known is None:
            self._memory.pass_over(notice.id, found.unreadable or "nobody knows its conference")
            return False
        untold = await self._untold(notice, members)
        deliveries = tuple(planned_for_list(notice, members, found.known, settings, untold=untold))
        step = Commitment(
            slice_of=notice.id,
            cursor=cursor,
            next_cursor=following,
            notices=tuple(_used(instead(notice, settings).values(), deliveries)),
            deliveries=deliveries,
            first_letters={each.id: "" for each in deliveries if tells_of_a_new_life(notice)},
        )
        [answer] = await self._memory.commit([step])
        crash_points.at(Point.SPREAD)
        if answer == "applied":
            log.spread(notice, len(deliveries))
        return following != BEGINNING

    async def _untold(self, notice: Notice, members: Sequence[Member]) -> frozenset[str]:
        """Give the keys of those members to whom a move would be the first word."""
        assert notice.conference is not None  # as above
        if notice.kind is not Kind.RESCHEDULE or notice.calendar is None:
            return frozenset()
        return await self._memory.untold(
            notice.conference.id,
            [each.key for each in members],
            former_lives=notice.calendar.generation - 1,
        )


def _used(notices: Iterable[Notice], deliveries: Iterable[Delivery]) -> Iterator[Notice]:
    ids = {each.notice for each in deliveries}
    return (each for each in notices if each.id in ids)
