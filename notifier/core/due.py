"""Reminders: which are due in a window of time, and when a conference's next is (R11–R16)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from notifier.core.life import Known, Phase, last_look
from notifier.core.notice import Kind, Notice, calendar_of, short_id
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from notifier.core.times.offsets import read_offsets
from notifier.core.times.reminders import (
    Reminder,
    due_reminders,
    missed_reminders,
    next_reminder,
)
from notifier.core.times.schedule import occurrence_at

# Reminders that nobody looked for before their start are recorded if that was no longer ago: for so
# long finished deliveries are kept, if nobody says otherwise.
MISSED_LONGEST_AGO: Final = timedelta(days=14)


def effective_offsets(known: Known, settings: Settings) -> tuple[int, ...]:
    """Give the minutes before a start at which this conference reminds.

    Its own offsets, else the preset; nothing where reminders are off (R12, R13).
    """
    if not settings.notifications.reminders or known.phase is not Phase.PLANNED:
        return ()
    own = known.conference.notifications
    if own and own.reminders is not None:
        return read_offsets(own.reminders)
    return read_offsets(settings.reminders.offsets)


def due(known: Known, settings: Settings, *, since: datetime, until: datetime) -> list[Notice]:
    """Give the reminders that fall due after `since` and up to `until` (aware UTC).

    Of one occurrence only the nearest, never after its start (R16).
    """
    schedule = known.conference.schedule
    if schedule is None:
        return []
    offsets = effective_offsets(known, settings)
    return [
        _reminder(known, each, now=until, deadline=_last_use(each, offsets))
        for each in due_reminders(schedule, offsets, since=since, until=until)
    ]


def missed(known: Known, settings: Settings, *, since: datetime, until: datetime) -> list[Notice]:
    """Give what nobody was reminded of before it began, since `since` and up to `until`.

    One notice for each occurrence, of its nearest reminder; it is recorded as expired, never sent.
    """
    schedule = known.conference.schedule
    if schedule is None:
        return []
    offsets = effective_offsets(known, settings)
    begun = missed_reminders(
        schedule, offsets, since=since, until=until, longest_ago=MISSED_LONGEST_AGO
    )
    return [
        msgspec.structs.replace(
            _reminder(known, each, now=until, deadline=each.occurrence.start), skip=Reason.STARTED
        )
        for each in begun
    ]


def owed(known: Known, settings: Settings, *, since: datetime, until: datetime) -> list[Notice]:
    """Give what a look at `until` has to write: what was missed since the last one, what is due."""
    return [
        *missed(known, settings, since=since, until=until),
        *due(known, settings, since=since, until=until),
    ]


def due_before_change(
    before: Known, after: Known, settings: Settings, *, until: datetime
) -> list[Notice]:
    """Give what fell due before a change of the plan was heard, and holds before it and after it.

    Such a change sets `reminded_until`, so nobody looks for these again. What is new in the plan is
    not caught up: the letter that tells of it leaves now.
    """
    if after.reminded_until == before.reminded_until:
        return []
    offsets = effective_offsets(before, settings)
    found = owed(after, settings, since=last_look(before), until=until)
    return [each for each in found if each.offset in offsets and _takes_place(before, each)]


def _takes_place(known: Known, notice: Notice) -> bool:
    """Tell whether the occurrence of a reminder stands in the plan."""
    schedule, occurrence = known.conference.schedule, notice.occurrence
    if schedule is None or occurrence is None:
        return False
    return occurrence_at(schedule, occurrence.start) is not None


def reminds_otherwise(before: Known | None, after: Known) -> bool:
    """Tell whether a change of the conference may move the moment that the index holds.

    Where it cannot, the entry stays as it is.
    """
    return before is None or _plan(before) != _plan(after)


def _plan(known: Known) -> tuple[object, ...]:
    own = known.conference.notifications
    plan = known.conference.schedule, own.reminders if own else None
    return known.phase, known.reminded_until, *plan


def _last_use(reminder: Reminder, offsets: Iterable[int]) -> datetime:
    """Give when the next nearer reminder takes over, else the start: two at once help nobody."""
    nearer = max((each for each in offsets if each < reminder.offset), default=0)
    return reminder.occurrence.start - timedelta(minutes=nearer)


def next_due(known: Known, settings: Settings, *, after: datetime) -> datetime | None:
    """Give the next moment at which this conference has something to remind of, if any."""
    schedule = known.conference.schedule
    if schedule is None:
        return None
    following = next_reminder(schedule, effective_offsets(known, settings), after=after)
    return following.at if following else None


def _reminder(known: Known, reminder: Reminder, *, now: datetime, deadline: datetime) -> Notice:
    start = reminder.occurrence.start.isoformat()
    root = short_id("reminder", known.uid, str(known.generation), start, str(reminder.offset))
    return Notice(
        id=short_id(root, str(known.conference.revision)),
        root=root,
        kind=Kind.REMINDER,
        event="",
        created=now,
        revision=known.conference.revision,
        conference=known.conference,
        calendar=calendar_of(known),
        occurrence=reminder.occurrence,
        offset=reminder.offset,
        deadline=deadline,
        everyone=True,
        epoch=known.epoch,
        list_since=known.list_since,
    )
