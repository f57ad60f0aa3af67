"""Spreading: a notice to everyone becomes deliveries, one slice of its list at a time.

A list is walked twice, for somebody may be on it twice: first the rows with an ID, each beside the
row of its bare address, which is recorded as listed twice; then those bare addresses that are left.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from notifier import crash_points, log
from notifier.core.delivery import Delivery, State
from notifier.core.doubles import apart_from, bare_keys
from notifier.core.first_letters import tells_of_a_new_life
from notifier.core.life import Known, Member
from notifier.core.notice import Kind, Notice, former_lives
from notifier.core.people import is_unregistered
from notifier.core.planning import (
    delivery_id,
    forms,
    planned_for_list,
    told_otherwise,
)
from notifier.core.settings import Settings
from notifier.crash_points import Point
from notifier.ports.memory import Memory, SettingsStore
from notifier.remembering import BEGINNING, Commitment, Remembered, Unreadable

# Notices to everyone that are spread side by side, one slice each in a round.
SPREAD_BATCH: Final = 10

_BY_ID: Final = "by-id"
_BARE: Final = "bare"


class Walk(msgspec.Struct, frozen=True):
    """How far the two walks through a list have come: which of them, and its cursor."""

    which: str
    place: str

    @staticmethod
    def read(cursor: str) -> "Walk":
        """Give the walk of a stored cursor.

        One without a name is of an older version, which walked once: it begins anew, and whoever
        has a delivery gets no other.
        """
        place, _, which = cursor.partition("#")
        return Walk(which, place) if which else Walk(_BY_ID, BEGINNING)

    def next(self, following: str) -> str:
        """Give the cursor to store when its walk goes on at `following` (BEGINNING: it is over)."""
        if following != BEGINNING:
            return f"{following}#{self.which}"
        # The sign behind the number is what an older version tells its process by.
        return f"{BEGINNING}@#{_BARE}" if self.which == _BY_ID else BEGINNING


class _Part(msgspec.Struct, frozen=True):
    """Those of a list whose turn it is, what is known of the conference, and the next cursor."""

    members: Sequence[Member]
    known: Known
    next_cursor: str


class Spreader:
    """Plans the deliveries of notices to everyone."""

    def __init__(self, *, memory: Memory, settings: SettingsStore) -> None:
        self._memory = memory
        self._settings = settings

    async def spread(self) -> int:
        """Plan one more slice of every notice to everyone; give how many there were."""
        spreading = await self._memory.slices(limit=SPREAD_BATCH)
        if not spreading:
            return 0
        settings = await self._settings.current()
        for notice, cursor in spreading:
            await self._spread_slice(notice, cursor, settings)
        return len(spreading)

    async def _spread_slice(self, notice: Notice, cursor: str, settings: Settings) -> None:
        """Plan one slice of a notice to everyone."""
        try:
            part = await self._part(notice, cursor)
        except Unreadable as fault:
            self._memory.pass_over(notice.id, str(fault))
            return
        untold = await self._untold(notice, part.members)
        deliveries = tuple(
            planned_for_list(notice, part.members, part.known, settings, untold=untold)
        )
        if not cursor == part.next_cursor == BEGINNING:
            deliveries = await self._not_told_otherwise(notice, deliveries)
        step = Commitment(
            slice_of=notice.id,
            cursor=cursor,
            next_cursor=part.next_cursor,
            notices=tuple(_used(forms(notice, settings), deliveries)),
            deliveries=deliveries,
            first_letters={each.id: "" for each in deliveries if tells_of_a_new_life(notice)},
        )
        [answer] = await self._memory.commit([step])
        crash_points.at(Point.SPREAD)
        if answer == "applied":
            log.spread(notice, len(deliveries))

    async def _part(self, notice: Notice, cursor: str) -> "_Part":
        """Give whose turn it is at a cursor; a list of one slice is walked once for both.

        Raises Unreadable where this version of the program cannot tell.
        """
        conference = _conference_of(notice)
        walk = Walk.read(cursor)
        rows, following = await self._memory.slice(conference, cursor=walk.place)
        in_one = walk == Walk(_BY_ID, BEGINNING) and following == BEGINNING
        found = await self._beside(conference, () if in_one or walk.which == _BARE else rows)
        if found.known is None:
            raise Unreadable(found.unreadable or "nobody knows its conference")
        if in_one:
            return _Part(rows, found.known, BEGINNING)
        members = await self._of_walk(walk, rows, found, notice)
        return _Part(members, found.known, walk.next(following))

    async def _beside(self, conference: str, rows: Sequence[Member]) -> Remembered:
        """Give what is known of the conference, and the rows of bare addresses of these people."""
        keys = {key for each in rows for key in bare_keys(each.person)}
        return (await self._memory.recall({conference: sorted(keys)}))[conference]

    async def _of_walk(
        self, walk: Walk, rows: Sequence[Member], found: Remembered, notice: Notice
    ) -> list[Member]:
        """Give those rows whose turn it is in this walk.

        By ID, without those whose bare address an older version has told: that is enough. By bare
        address, those of which nothing is recorded.
        """
        bare = [each for each in rows if is_unregistered(each.person)]
        if walk.which == _BARE:
            states = await self._states(notice, bare)
            return [each for each in bare if each.key not in states]
        beside = list(found.members.values())
        states = await self._states(notice, beside)
        told = [each for each in beside if states.get(each.key, State.SKIPPED) != State.SKIPPED]
        by_id = [each for each in rows if not is_unregistered(each.person)]
        return apart_from([*by_id, *beside], told)

    async def _not_told_otherwise(
        self, notice: Notice, deliveries: Sequence[Delivery]
    ) -> tuple[Delivery, ...]:
        """Leave out those whose people this walk has met before, when they knew more or less.

        It begins anew where Redis was started again, and may meet somebody twice all the same.
        """
        others = {each.id: told_otherwise(notice, each) for each in deliveries}
        there = await self._memory.states(sorted(frozenset().union(*others.values())))
        return tuple(each for each in deliveries if others[each.id].isdisjoint(there))

    async def _states(self, notice: Notice, members: Sequence[Member]) -> dict[str, State]:
        """Give how the deliveries of a notice to these people stand, by the keys of the people."""
        ids = {delivery_id(notice, each.key): each.key for each in members}
        found = await self._memory.states(list(ids))
        return {ids[each]: state for each, state in found.items()}

    async def _untold(self, notice: Notice, members: Sequence[Member]) -> frozenset[str]:
        """Give the keys of those members to whom a move or an end would be the first word."""
        if notice.kind not in (Kind.RESCHEDULE, Kind.CANCELLATION):
            return frozenset()
        return await self._memory.untold(
            _conference_of(notice),
            [each.key for each in members],
            former_lives=former_lives(notice),
        )


def _conference_of(notice: Notice) -> str:
    assert notice.conference is not None  # only notices about a conference go to everyone
    return notice.conference.id


def _used(notices: Iterable[Notice], deliveries: Iterable[Delivery]) -> Iterator[Notice]:
    ids = {each.notice for each in deliveries}
    return (each for each in notices if each.id in ids)
