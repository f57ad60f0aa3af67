"""Claims as claim.lua gives them: deliveries, with what is true of each at this moment."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from notifier import log
from notifier.adapters import keys
from notifier.adapters.beliefs import with_belief
from notifier.adapters.kept_notices import notice_from
from notifier.adapters.road_states import RedisRoads
from notifier.adapters.rows import delivery_from, pairs
from notifier.adapters.sent_entries import with_sent_entries
from notifier.adapters.suppressions import RedisSuppressions
from notifier.adapters.untold_marks import mark_of
from notifier.core.delivery import Delivery, may_have_arrived
from notifier.core.erasure import erased
from notifier.core.life import Known, Member
from notifier.core.notice import Notice
from notifier.core.reasons import Reason
from notifier.core.restating import as_it_stands
from notifier.core.suppression import Suppression, why_not
from notifier.remembering import FIRST_ETAG, Claimed

# Up to so many people whom nothing has reached are named with their conference; among more it is
# asked for those who matter, in one more round trip that a large batch shares.
FEW_UNTOLD: Final = 16
# Conferences and notices that a worker meets again and again while one event leaves; a few kB each.
KEPT: Final = 256

# What of memory, or of a row, cannot be read.
_ILLEGIBLE: Final = (LookupError, TypeError, ValueError, msgspec.DecodeError)

_known: Final = msgspec.json.Decoder(Known)
_member: Final = msgspec.json.Decoder(Member)


def claimed_in(answer: Sequence[Any]) -> Sequence[Any]:
    """Give the rows that an answer of claim.lua holds: none while the ledger is closed."""
    return answer[2] if answer else ()


async def claims_of(
    client: Any,
    answer: Sequence[Any],
    *,
    suppressions: RedisSuppressions | None,
    roads: RedisRoads | None,
) -> list[Claimed]:
    """Give the claims that claim.lua answers with; leave out what cannot be read, alone."""
    if not answer:
        return []
    breakers, suppressed, rows, notice_ids, texts, truths = answer
    if roads:
        roads.read(pairs(breakers))
    read = [(_delivery(name, flat), place) for name, flat, place in rows]
    found = [(each, place) for each, place in read if each]
    notices = dict(zip((each.decode() for each in notice_ids), texts, strict=True))
    conferences = {each[0].decode(): _Conference(each) for each in truths}
    held = suppressions if suppressed else None
    untold, standing = await _asked(client, [each for each, _ in found], conferences, held)
    claims = (
        _claimed(
            each,
            notices.get(each.notice),
            conferences.get(each.conference or "", _NONE),
            place,
            standing,
            untold=mark_of(each) in untold.get(each.conference or "", ()),
        )
        for each, place in found
    )
    believed = await with_belief(client, [each for each in claims if each])
    return await with_sent_entries(client, believed)


class _Conference:
    """What claim.lua says of one conference."""

    def __init__(self, answer: Sequence[Any]) -> None:
        self.fault = "" if len(answer) > 2 else str(answer[1])
        known, version, etag, rows, untold = answer[1:] if not self.fault else (None,) * 5
        self.known: bytes | None = known
        self.version = int(version or 0)
        self.etag = etag.decode() if etag else FIRST_ETAG
        self.rows: Sequence[bytes | None] = rows or (None,)
        # None where there are too many to say.
        self.untold = None if untold == b"" else frozenset(map(int, untold or ()))


_NONE: Final = _Conference([b"", None, None, None, None, None])


def _delivery(name: bytes, flat: list[bytes]) -> Delivery | None:
    delivery_id = name.decode()
    try:
        return delivery_from(delivery_id, pairs(flat))
    except _ILLEGIBLE as fault:
        log.unreadable_memory(delivery_id, str(fault))
        return None


async def _asked(
    client: Any,
    found: Sequence[Delivery],
    conferences: Mapping[str, _Conference],
    suppressions: RedisSuppressions | None,
) -> tuple[Mapping[str, frozenset[int]], Mapping[str, Suppression]]:
    """Give who is untold, by conference, and who gets no mail; asks only if somebody might be."""
    untold = {name: each.untold for name, each in conferences.items() if each.untold is not None}
    marks: dict[str, list[Any]] = {}
    for delivery in found:
        name = delivery.conference or ""
        if name in conferences and name not in untold:
            marks.setdefault(name, []).append(mark_of(delivery))
    if not marks and suppressions is None:
        return untold, {}
    held = _standing(suppressions, [each.recipient.address for each in found])
    # What is asked in one moment travels together.
    standing, *answers = await asyncio.gather(
        held, *(client.smismember(keys.untold(name), asked) for name, asked in marks.items())
    )
    for (name, asked), answer in zip(marks.items(), answers, strict=True):
        within = zip(asked, answer, strict=True)
        untold[name] = frozenset(mark for mark, is_in in within if is_in)
    return untold, standing


async def _standing(
    suppressions: RedisSuppressions | None, addresses: Sequence[str]
) -> Mapping[str, Suppression]:
    return await suppressions.of(addresses) if suppressions else {}


def _claimed(
    delivery: Delivery,
    text: bytes | None,
    conference: _Conference,
    place: int,
    held: Mapping[str, Suppression],
    *,
    untold: bool,
) -> Claimed | None:
    notice = notice_from(delivery.notice, text) if text else None
    if notice is None:
        return None
    try:
        if conference.fault:
            raise ValueError(conference.fault)
        known = _known_from(conference.known) if conference.known else None
        row = conference.rows[place]
        member = _member.decode(row) if row else None
        again = may_have_arrived(delivery)
        judged, said = (notice, notice) if again else _told(_Same(notice), _Same(known))
    except _ILLEGIBLE as fault:
        log.unreadable_memory(delivery.id, str(fault))
        return None
    if delivery.deadline != said.deadline:
        # A conference that takes place later than was decided can be told of for longer.
        delivery = msgspec.structs.replace(delivery, deadline=said.deadline)
    suppressed = held.get(delivery.recipient.address)
    return Claimed(
        delivery=delivery,
        notice=judged,
        as_told=said,
        known=known,
        member=member,
        version=conference.version,
        etag=conference.etag,
        untold=untold,
        stop=why_not(suppressed) if suppressed else _if_erased(delivery),
    )


@lru_cache(KEPT)
def _known_from(text: bytes) -> Known:
    """Decode what is known of a conference; the same bytes are one object."""
    return _known.decode(text)


class _Same:
    """Compares a value by its identity: it is shared, and comparing it would cost more."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value


@lru_cache(KEPT)
def _told(notice: _Same, known: _Same) -> tuple[Notice, Notice]:
    """Give a notice with the deadline that holds by now, and as a letter written now tells it.

    The same pair gives the same two objects: letters are written by the notice they are of.
    """
    decided: Notice = notice.value
    said = as_it_stands(decided, known.value)
    if said.deadline == decided.deadline:
        return decided, said
    return msgspec.structs.replace(decided, deadline=said.deadline), said


def _if_erased(delivery: Delivery) -> str:
    """A mail that was behind the fence when its person was erased is not sent once more."""
    return Reason.ERASED if erased(delivery.recipient.key) else ""
