"""Calendar entries that somebody was sent after all, by a letter that waited until there was one.

Whoever was invited to a room has no entry of the plan that it silently became; but an invitation
that had not left by then told them of that plan, with its entry. What takes it back has to as well.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.address_index import indexed
from notifier.adapters.kept_notices import notices_of
from notifier.core.delivery import State, may_have_arrived
from notifier.core.notice import TAKING_BACK, TELLING, Kind, Notice, short_id
from notifier.remembering import Claimed

_LEFT: Final = {each.encode() for each in (State.IN_DATA, State.SENT, State.UNKNOWN)}
_WITH_ENTRIES: Final = TELLING - {Kind.REMINDER}


async def with_sent_entries(client: Any, claims: Sequence[Claimed]) -> list[Claimed]:
    """Give the claims; round trips only for those that take back without an entry."""
    return [await _with_entry(client, each) if _without(each) else each for each in claims]


def _without(claimed: Claimed) -> bool:
    told = claimed.as_told
    bare = told.kind in TAKING_BACK and not told.entry
    return bare and not may_have_arrived(claimed.delivery)


async def _with_entry(client: Any, claimed: Claimed) -> Claimed:
    told = claimed.as_told
    sent = await _sent(client, claimed)
    if not any(_same_life(each, told) and _has_times(each) for each in sent):
        return claimed
    whole = msgspec.structs.replace(told, id=short_id(told.id, "with entry"), entry=True)
    return msgspec.structs.replace(claimed, as_told=whole)


async def _sent(client: Any, claimed: Claimed) -> list[Notice]:
    """Give what has left, or may have, to this person of this conference."""
    address = claimed.delivery.recipient.address
    ids = await indexed(client, address)
    pipeline = client.pipeline(transaction=False)
    for each in ids:
        pipeline.hmget(keys.delivery(each), "to", "conf", "state", "notice")
    conference = (claimed.delivery.conference or "").encode()
    notices = {
        notice.decode()
        for to, conf, state, notice in await pipeline.execute()
        if to and to.decode().lower() == address.lower()
        # None where the row leaves it to the notice to say (`leaning.py`).
        if conf in (conference, None) and state in _LEFT
    }
    found = (await notices_of(client, notices)).values()
    return [each for each in found if each.kind in _WITH_ENTRIES and _about(each) == conference]


def _about(notice: Notice) -> bytes:
    return notice.conference.id.encode() if notice.conference else b""


def _same_life(sent: Notice, told: Notice) -> bool:
    one, other = sent.calendar, told.calendar
    return one is not None and other is not None and one.generation == other.generation


def _has_times(sent: Notice) -> bool:
    return sent.conference is not None and sent.conference.schedule is not None
