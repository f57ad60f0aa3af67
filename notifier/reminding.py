"""Reminding: what is due of one conference at a moment, as one step to write."""

from datetime import datetime

import msgspec

from notifier import log
from notifier.core.due import due, next_due
from notifier.core.settings import Settings
from notifier.ports import Commitment, Remembered


def reminding(
    conference: str, found: Remembered, settings: Settings, *, now: datetime, uid: str
) -> Commitment:
    """Give the reminders that fell due since the last look, and when to look again.

    A conference of which nothing is known, or nothing that can be read any more, leaves the index:
    there it would stand before all others for ever. `uid` names the write.
    """
    known = found.known
    if known is None:
        log.nothing_to_remind_of(conference, found.unreadable)
        return Commitment(conference=conference, etag=found.etag, next_etag=uid, reindex=True)
    notices = due(known, settings, since=known.reminded_until or known.created, until=now)
    return Commitment(
        conference=conference,
        etag=found.etag,
        next_etag=uid,
        known=msgspec.structs.replace(known, reminded_until=now),
        reindex=True,
        due=next_due(known, settings, after=now),
        notices=tuple(notices),
    )
