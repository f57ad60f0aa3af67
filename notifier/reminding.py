"""Reminding: what is due of one conference at a moment, as one step to write."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from notifier import log
from notifier.core.due import due, next_due
from notifier.core.settings import Settings
from notifier.remembering import Commitment, Remembered

# A conference that makes us stumble is looked at again after so long; it stops no other meanwhile.
AGAIN: Final = timedelta(hours=1)


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
    try:
        notices = due(known, settings, since=known.reminded_until or known.created, until=now)
        following = next_due(known, settings, after=now)
    except Exception as fault:  # noqa: BLE001 -- the loop that owns the reminders
        log.failed_to_remind(conference, fault)
        return Commitment(
            conference=conference, etag=found.etag, next_etag=uid, reindex=True, due=now + AGAIN
        )
    return Commitment(
        conference=conference,
        etag=found.etag,
        next_etag=uid,
        known=msgspec.structs.replace(known, reminded_until=now),
        reindex=True,
        due=following,
        notices=tuple(notices),
    )


def indexing(
    conference: str, found: Remembered, settings: Settings, *, now: datetime, uid: str
) -> Commitment | None:
    """Give when to look at a conference next, by these settings; None where nothing is known."""
    if found.known is None:
        return None
    try:
        following = next_due(found.known, settings, after=now)
    except Exception as fault:  # noqa: BLE001 -- the loop that owns the reminders
        log.failed_to_remind(conference, fault)
        following = now + AGAIN
    return Commitment(
        conference=conference, etag=found.etag, next_etag=uid, reindex=True, due=following
    )
