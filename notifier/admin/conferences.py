"""One conference as an administrator sees it: how it stands, who is on its list, what comes."""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import Final

import msgspec

from notifier.core.due import effective_offsets
from notifier.core.life import Known, Member, Phase, Standing, of_its_list, on_list
from notifier.core.people import BadAddress, display_name, mailbox
from notifier.core.settings import Settings
from notifier.core.stage import Stage, stage
from notifier.core.times.offsets import offset_text
from notifier.core.times.reminders import reminder_moments
from notifier.core.times.schedule import Occurrence, Schedule, occurrences, running

# How many coming starts are shown, with the reminders of each.
COMING: Final = 5


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the list, and the revision at which they came to stand so."""

    person: str
    name: str
    address: str
    standing: Standing
    revision: int


class Coming(msgspec.Struct, frozen=True):
    """A reminder still to come: when (UTC), and how long before the start."""

    at: datetime
    offset: str


class ConferenceView(msgspec.Struct, frozen=True, kw_only=True):
    """A conference at one moment; `occurrences` are the next starts (UTC).

    `running_until` is when the meeting that is on now ends; `offsets` are those in force: its own,
    else the preset, and none where reminders are off.
    """

    id: str
    name: str
    state: Stage
    running_until: datetime | None
    revision: int
    access: str
    owner: str
    schedule: Schedule | None
    occurrences: tuple[datetime, ...]
    offsets: tuple[str, ...]
    reminders: tuple[Coming, ...]
    list: tuple[Row, ...]
    removed: tuple[Row, ...]
    created: datetime
    changed: datetime


def view(
    known: Known, members: Iterable[Member], settings: Settings, *, now: datetime
) -> ConferenceView:
    """Give how a conference stands at `now` (aware UTC)."""
    present = [each for each in members if of_its_list(each, known)]
    coming = _occurrences(known, now)
    standing = stage(known, at=now)
    return ConferenceView(
        id=known.conference.id,
        name=known.conference.name,
        state=standing,
        running_until=_running_until(known, now) if standing is Stage.RUNNING else None,
        revision=known.conference.revision,
        access=known.conference.access,
        owner=display_name(known.conference.owner),
        schedule=known.conference.schedule,
        occurrences=tuple(each.start for each in coming),
        offsets=tuple(offset_text(each) for each in effective_offsets(known, settings)),
        reminders=tuple(_reminders(known, coming, settings, now)),
        list=tuple(_row(each) for each in present if on_list(each, known)),
        removed=tuple(_row(each) for each in present if not on_list(each, known)),
        created=known.created,
        changed=known.changed,
    )


def _running_until(known: Known, now: datetime) -> datetime | None:
    schedule = known.conference.schedule
    meeting = running(schedule, at=now) if schedule else None
    return meeting.end if meeting else None


def _occurrences(known: Known, now: datetime) -> list[Occurrence]:
    """Give the next starts; what is cancelled or over has none."""
    schedule = known.conference.schedule
    if schedule is None or known.phase is not Phase.PLANNED:
        return []
    return occurrences(schedule, after=now, limit=COMING)


def _reminders(
    known: Known, coming: list[Occurrence], settings: Settings, now: datetime
) -> Iterable[Coming]:
    """Give the reminders of the occurrences that are shown, in order."""
    schedule = known.conference.schedule
    if schedule is None or not coming:
        return
    last = coming[-1].start
    moments = reminder_moments(schedule, effective_offsets(known, settings), after=now)
    # In order of the moment: none that falls after the last start belongs to one that is shown.
    for each in takewhile(lambda reminder: reminder.at < last, moments):
        if each.occurrence.start <= last:
            yield Coming(each.at, offset_text(each.offset))


def _row(member: Member) -> Row:
    return Row(
        person=member.key,
        name=display_name(member.person),
        address=_address(member),
        standing=member.standing,
        revision=member.revision,
    )


def _address(member: Member) -> str:
    try:
        found = mailbox(member.person)
    except BadAddress:
        return ""
    return found.address if found else ""
