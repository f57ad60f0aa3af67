"""Spreading: a notice to everyone becomes deliveries, one slice of its list at a time.

A list is walked twice, for somebody may be on it twice: first the rows with an ID, each beside the
row of its bare address, which is recorded as listed twice; then those bare addresses that are left.

What a slice needs to know is asked at once where it can be: with a busy machine every answer of
Redis has to wait for its turn, and a long list has hundreds of slices.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from notifier import crash_points, log
from notifier.core.delivery import Delivery, State
from notifier.core.doubles import apart_from, bare_keys
from notifier.core.first_letters import tells_of_a_new_life
from notifier.core.life import Known, Member
from notifier.core.notice import Kind, Notice, former_lives, invitation_ids
from notifier.core.people import MAILTO, is_unregistered
from notifier.core.planning import (
    delivery_id,
    forms,
    planned_for_list,
    told_otherwise,
)
from notifier.core.settings import Settings
from notifier.crash_points import Point
from notifier.ports.clocks import Clocks
from notifier.ports.memory import Memory, SettingsStore
from notifier.remembering import BEGINNING, Commitment, Remembered, Unreadable

# Notices to everyone that are spread side by side, one slice each in a round.
SPREAD_BATCH: Final = 10

_NOBODY: Final[frozenset[str]] = frozenset()

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


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Those of a list whose turn it is, what is known of the conference, and the next cursor."""

    members: Sequence[Member]
    known: Known
    next_cursor: str
    untold: frozenset[str]  # the keys of those to whom a move or an end would be the first word
    invited: bool  # somebody has heard of it by an invitation
    in_one: bool  # they are the whole list
    by_id: bool  # the bare addresses among them are those of people of this slice


class Spreader:
    """Plans the deliveries of notices to everyone."""

    def __init__(self, *, memory: Memory, settings: SettingsStore, clocks: Clocks) -> None:
        self._memory = memory
        self._settings = settings
        self._clocks = clocks

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
        deliveries = tuple(
            planned_for_list(
                notice,
                part.members,
                part.known,
                settings,
                untold=part.untold,
                now=self._clocks.now(),
            )
        )
        if not part.in_one:
            if part.by_id:
                deliveries = tuple(each for each in deliveries if not _told_by_address(each))
            deliveries = await self._not_told_otherwise(notice, deliveries, invited=part.invited)
        new_life = tells_of_a_new_life(notice)
        step = Commitment(
            slice_of=notice.id,
            cursor=cursor,
            next_cursor=part.next_cursor,
            notices=tuple(_used(forms(notice, settings), deliveries)),
            deliveries=deliveries,
            first_letters=dict.fromkeys((each.id for each in deliveries), "") if new_life else {},
        )
        [answer] = await self._memory.commit([step])
        crash_points.at(Point.SPREAD)
        if answer == "applied":
            log.spread(notice, len(deliveries))

    async def _part(self, notice: Notice, cursor: str) -> _Part:
        """Give whose turn it is at a cursor; a list of one slice is walked once for both.

        Raises Unreadable where this version of the program cannot tell.
        """
        conference = _conference_of(notice)
        walk = Walk.read(cursor)
        bare = walk.which == _BARE
        rows, following = await self._memory.slice(conference, cursor=walk.place, bare=bare)
        in_one = walk == Walk(_BY_ID, BEGINNING) and following == BEGINNING
        found, untold, invited = await asyncio.gather(
            self._beside(conference, () if in_one or bare else rows),
            self._untold(notice, rows),
            self._memory.stored(() if in_one else invitation_ids(notice)),
        )
        if found.known is None:
            raise Unreadable(found.unreadable or "nobody knows its conference")
        beside = list(found.members.values())
        if beside and not in_one:
            untold |= await self._untold(notice, beside)
        return _Part(
            members=rows if in_one else await self._of_walk(walk, rows, beside, notice),
            known=found.known,
            next_cursor=BEGINNING if in_one else walk.next(following),
            untold=untold,
            invited=bool(invited),
            in_one=in_one,
            by_id=not bare,
        )

    async def _beside(self, conference: str, rows: Sequence[Member]) -> Remembered:
        """Give what is known of the conference, and the rows of bare addresses of these people."""
        keys = {key for each in rows for key in bare_keys(each.person)}
        return (await self._memory.recall({conference: sorted(keys)}))[conference]

    async def _of_walk(
        self, walk: Walk, rows: Sequence[Member], beside: Sequence[Member], notice: Notice
    ) -> list[Member]:
        """Give those rows whose turn it is in this walk.

        By ID, without those whose bare address an older version has told: that is enough. By bare
        address, those of which nothing is recorded.
        """
        if walk.which == _BARE:
            states = await self._states(notice, rows)
            return [each for each in rows if each.key not in states]
        states = await self._states(notice, beside)
        told = [each for each in beside if states.get(each.key, State.SKIPPED) != State.SKIPPED]
        by_id = [each for each in rows if not is_unregistered(each.person)]
        return apart_from([*by_id, *beside], told)

    async def _not_told_otherwise(
        self, notice: Notice, deliveries: Sequence[Delivery], *, invited: bool
    ) -> tuple[Delivery, ...]:
        """Leave out those whose people this walk has met before, when they knew more or less.

        It begins anew where Redis was started again, and may meet somebody twice all the same.
        As long as it has `invited` nobody, only an invitation can be the second word to somebody:
        most lists are spared 30 µs for each of their people.
        """
        others = {
            each.id: told_otherwise(notice, each)
            for each in deliveries
            if invited or each.notice != notice.id
        }
        there = await self._memory.states(sorted(frozenset().union(*others.values())))
        return tuple(each for each in deliveries if others.get(each.id, _NOBODY).isdisjoint(there))

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


def _told_by_address(delivery: Delivery) -> bool:
    """Tell whether a bare address is told: not until every ID that shares it has been looked at.

    An ID that comes later may be who they are; one that federation keeps out is not (R45).
    """
    return delivery.state is State.PENDING and delivery.recipient.key.startswith(MAILTO)


def _conference_of(notice: Notice) -> str:
    assert notice.conference is not None  # only notices about a conference go to everyone
    return notice.conference.id


def _used(notices: Iterable[Notice], deliveries: Iterable[Delivery]) -> Iterator[Notice]:
    ids = {each.notice for each in deliveries}
    return (each for each in notices if each.id in ids)
