"""Reminding: what is due of one conference at a moment, as one step to write."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from notifier import log
from notifier.core.delivery import Delivery
from notifier.core.due import next_due, owed
from notifier.core.indexed import put_off
from notifier.core.life import last_look
from notifier.core.notice import Notice
from notifier.core.planning import planned_for_list
from notifier.core.settings import Settings
from notifier.remembering import SLICE, Commitment, Remembered


def reminding(
    conference: str, found: Remembered, settings: Settings, *, now: datetime, uid: str
) -> Commitment:
    """Give the reminders that fell due since the last look, and when to look again.

    Those of what has begun meanwhile are recorded as expired.

    Where the list is small, everybody's deliveries are part of the step; a longer one is spread
    afterwards. A conference of which nothing is known, or nothing that can be read any more, leaves
    the index: there it would stand before all others for ever. `uid` names the write.
    """
    step = Commitment(conference=conference, etag=found.etag, next_etag=uid, reindex=True)
    known = found.known
    if known is None:
        log.nothing_to_remind_of(conference, found.unreadable)
        return step
    try:
        notices = owed(known, settings, since=last_look(known), until=now)
        following = next_due(known, settings, after=now)
        deliveries = _to_a_small_list(notices, found, settings)
    except Exception as fault:  # noqa: BLE001 -- the loop that owns the reminders
        log.failed_to_remind(conference, fault)
        return msgspec.structs.replace(step, due=put_off(now))
    return msgspec.structs.replace(
        step,
        known=msgspec.structs.replace(known, reminded_until=now),
        due=following,
        notices=tuple(notices),
        deliveries=deliveries or (),
        in_full=deliveries is not None,
    )


def _to_a_small_list(
    notices: Sequence[Notice], found: Remembered, settings: Settings
) -> tuple[Delivery, ...] | None:
    """Give every delivery of these notices, or None where they are too many for one step."""
    if not found.whole or found.known is None or len(notices) * len(found.members) > SLICE:
        return None
    members = found.members.values()
    return tuple(
        delivery
        for notice in notices
        for delivery in planned_for_list(notice, members, found.known, settings)
    )
