"""A change: what one event turned out to mean for a conference and its list."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from notifier.core.events import Event
from notifier.core.life import Known, Member
from notifier.core.roster import LeftOut


class Verdict(StrEnum):
    """What an event turned out to mean."""

    INVITED = "invited"
    REGISTERED = "registered"
    MOVED = "moved"
    RELAUNCHED = "relaunched"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    SILENT = "silent"
    UNCHANGED = "unchanged"
    STALE = "stale"
    APART = "apart"  # not about the life of a conference: calls, bounces, restarts


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one event changes: the conference before and after, and whom it concerns."""

    event: Event
    now: datetime
    verdict: Verdict
    before: Known | None = None
    after: Known | None = None
    concerned: tuple[Member, ...] = ()
    newcomers: Mapping[str, str] = {}  # those of them who know nothing of it (ListChange.newcomers)
    left_out: tuple[LeftOut, ...] = ()
    rows: tuple[Member, ...] = ()
