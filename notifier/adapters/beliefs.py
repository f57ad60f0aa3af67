"""What the people of claimed deliveries believe, where moves followed each other closely."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from notifier.adapters import keys
from notifier.core.belief import (
    Fates,
    asked_for,
    believed,
    believing,
    replaced,
    taken_back,
)
from notifier.core.delivery import State, may_have_arrived
from notifier.core.notice import INVITING, TAKING_BACK, Kind
from notifier.core.reasons import Reason
from notifier.core.restating import as_told
from notifier.remembering import Claimed

_LEFT: Final = frozenset({State.IN_DATA.encode(), State.SENT.encode(), State.UNKNOWN.encode()})


async def with_belief(client: Any, claims: Sequence[Claimed]) -> list[Claimed]:
    """Give the claims as their people would read them; a round trip only where moves are recent."""
    asked = [_asked_for(each) for each in claims]
    wanted = sorted({each for ids in asked for each in ids})
    if not wanted:
        return list(claims)
    fates = await _fates(client, wanted)
    return [
        _believed(claimed, fates) if ids else claimed
        for claimed, ids in zip(claims, asked, strict=True)
    ]


def _asked_for(claimed: Claimed) -> list[str]:
    notice, delivery = claimed.notice, claimed.delivery
    tells = notice.kind is Kind.RESCHEDULE or notice.kind in INVITING | TAKING_BACK
    if claimed.known is None or not tells or may_have_arrived(delivery):
        return []
    return asked_for(notice, claimed.known, delivery.recipient.key)


async def _fates(client: Any, ids: Iterable[str]) -> Fates:
    pipeline = client.pipeline(transaction=False)
    for each in ids:
        pipeline.hmget(keys.delivery(each), "state", "doubts")
    found = zip(ids, await pipeline.execute(), strict=True)
    return {each: state in _LEFT or doubts is not None for each, (state, doubts) in found if state}


def _believed(claimed: Claimed, fates: Fates) -> Claimed:
    notice, known, delivery = claimed.notice, claimed.known, claimed.delivery
    assert known is not None  # else nothing was asked for
    key = delivery.recipient.key
    if notice.kind in TAKING_BACK:
        told = taken_back(notice, known, key, fates)
        return msgspec.structs.replace(claimed, as_told=as_told(told, delivery, known))
    if replaced(notice, known, key, fates):
        return msgspec.structs.replace(claimed, stop=claimed.stop or Reason.NEWER)
    previous = believed(notice, known, key, fates)
    if notice.kind is Kind.RESCHEDULE:
        told = believing(notice, previous)
        return msgspec.structs.replace(claimed, notice=told, as_told=as_told(told, delivery, known))
    if claimed.untold:
        return claimed
    # Invited to the new times, and told meanwhile: an invitation that says nothing new stays here.
    judged = msgspec.structs.replace(notice, previous=previous)
    return msgspec.structs.replace(claimed, notice=judged)
