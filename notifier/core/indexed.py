"""The due index as it ought to be: a consequence of what is known, which an audit can compare.

For every conference the index holds the first moment after the last look at which it has something
to remind of, or nothing. Whatever writes an entry keeps to that, so an audit has nothing to mend,
unless the settings or the laws about time have changed, or an entry was lost.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from notifier.core.due import next_due
from notifier.core.life import Known, last_look
from notifier.core.settings import Settings

# A conference that makes us stumble is looked at again after so long; it stops no other meanwhile.
AGAIN: Final = timedelta(hours=1)
# Clocks that are trusted are a minute off Redis's at most, so two of them two minutes apart: a look
# that is further ahead of us was taken by a clock that was wrong.
AHEAD: Final = timedelta(minutes=2)


class Mend(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written for a conference: its entry, or none, and what is known if it moves."""

    due: datetime | None
    known: Known | None = None


def indexed_due(known: Known, settings: Settings) -> datetime | None:
    """Give the moment that the index is to hold for a conference; it is past where one waits."""
    return next_due(known, settings, after=last_look(known))


def put_off(now: datetime) -> datetime:
    """Give when to look again at a conference that made us stumble.

    Starts and offsets are whole seconds, so no moment of a reminder has a fraction: by it the audit
    knows what was put off.
    """
    return now.replace(microsecond=500_000) + AGAIN


def mended(
    known: Known | None,
    settings: Settings,
    *,
    entry: float | None,
    now: datetime,
    catching_up: bool,
) -> Mend | None:
    """Give what is to be written where the index is not as it ought to be, else None.

    `entry` is what the index holds (Unix seconds). Where settings have changed nothing is caught
    up: what would have been due before they came reminds nobody (R13). Where a law changed, or an
    entry was lost, it is: late, before the start, one reminder (R16).
    """
    if entry is not None and _left_to_the_tick(entry, now):
        return None
    if known is None:
        return None if entry is None else Mend(due=None)
    if last_look(known) > now + AHEAD:
        return _from(now, known, settings)
    following = indexed_due(known, settings)
    if following is not None and following <= now and not catching_up:
        return _from(now, known, settings)
    ought = following.timestamp() if following else None
    return None if ought == entry else Mend(due=following)


def _left_to_the_tick(entry: float, now: datetime) -> bool:
    """Tell whether it is looked at within the hour anyway: it is due, or was put off."""
    if entry <= now.timestamp():
        return True
    return entry <= put_off(now).timestamp() and not entry.is_integer()


def _from(now: datetime, known: Known, settings: Settings) -> Mend:
    """Let the past be past, and remind from now on."""
    looked = msgspec.structs.replace(known, reminded_until=now)
    return Mend(due=indexed_due(looked, settings), known=looked)
