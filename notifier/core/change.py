"""A change: what one event turned out to mean for a conference and its list."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from notifier.core.events import Conference, Event
from notifier.core.life import Known, Member
from notifier.core.people import Person
from notifier.core.reasons import Reason
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
    # Those of them who know nothing of it, or who may not when they are taken off (ListChange).
    newcomers: Mapping[str, str] = {}
    left_out: tuple[LeftOut, ...] = ()
    rows: tuple[Member, ...] = ()
    parted: bool = False  # people who were told that it is back are off its list for all that


def said_at(event: Event, *, now: datetime) -> datetime:
    """Give when it happened: an event may have waited, but none comes from the future."""
    return min(event.time, now) if event.time else now


def nobody(
    before: Known | None, event: Event, people: Iterable[Person], reason: Reason, *, now: datetime
) -> Change:
    """Nothing changes, nobody is told, and everybody's reason is recorded (R27)."""
    return Change(
        event=event,
        now=now,
        verdict=Verdict.STALE,
        before=before,
        after=before,
        left_out=tuple(LeftOut(person, reason) for person in people),
    )


def conference_of(event: Event) -> Conference:
    """Give the conference as an event about one tells of it."""
    said = event.conference
    assert said is not None  # apply() sends only conference events here
    return said
