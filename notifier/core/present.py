"""The present: what is true of a conference for one person now, as a notice that says it again."""

from datetime import datetime
from typing import Final

import msgspec

from notifier.core.entries import has_entry
from notifier.core.events import Conference
from notifier.core.life import Known, Member, Phase, Standing, of_its_list, over
from notifier.core.notice import (
    INVITING,
    Kind,
    Notice,
    calendar_of,
    last_use,
    root_of,
    short_id,
)
from notifier.core.notices import invites
from notifier.core.reasons import Reason
from notifier.core.roster import NOTHING
from notifier.core.settings import Settings
from notifier.core.times.schedule import next_occurrence


class Untrue(msgspec.Struct, frozen=True):
    """That there is nothing true to say, and why: a clause about the conference or the person."""

    because: str


def present_notice(
    known: Known,
    member: Member,
    settings: Settings,
    *,
    now: datetime,
    uid: str,
    told_then: Conference | None = None,
) -> Notice | Untrue:
    """Give what is true at `now` (aware UTC) for a person, in a notice of its own.

    On the list: the invitation as it stands. Taken off it, or the conference deleted: that, and
    the CANCEL of what their calendar was sent. Its calendar entry has the UID and SEQUENCE of now
    and a DTSTAMP of its own, so that a calendar takes it as the newest word (calendar §1.1).

    `uid` is never given twice: each is another mail. `told_then` is the conference as a removal
    told of it: whoever was taken off learns of no later change.
    """
    standing = _standing(known, member, now)
    if isinstance(standing, Untrue):
        return standing
    gone = standing is Kind.REMOVAL
    conference = (told_then if gone else None) or known.conference
    root = root_of(standing, f"again\0{uid}")
    return Notice(
        id=short_id(root, str(known.conference.revision)),
        root=root,
        kind=standing,
        event=member.by,  # by the word on which they stand as they do, it is judged as that is
        created=now,
        revision=known.conference.revision,
        conference=conference,
        calendar=calendar_of(known),
        deadline=last_use(conference),
        epoch=known.epoch,
        list_since=known.list_since,
        skip=None if _switched_on(standing, known.conference, settings) else Reason.SWITCHED_OFF,
        entry=standing in INVITING or holds_entry(known, member),
    )


def holds_entry(known: Known, member: Member) -> bool:
    """Tell whether the calendar of somebody, on the list or taken off it, was sent the entry."""
    if member.standing is Standing.REMOVED:
        return not member.without_entry
    return has_entry(member, known)


def once_told(known: Known, member: Member) -> Member:
    """Give the row of somebody on the list who is sent the entry now."""
    return msgspec.structs.replace(member, told=known.conference.revision, without_entry=False)


def _standing(known: Known, member: Member, now: datetime) -> Kind | Untrue:
    """Give the kind of notice that says how things stand for this person."""
    if over(known, at=now):
        return Untrue("it is over")
    if member.standing is Standing.REMOVED:
        return _taken_off(known, member)
    if not of_its_list(member, known):
        return Untrue("the person was on an earlier list of it, and is not on this one")
    if known.phase is Phase.CANCELLED:
        return _deleted(known, now)
    return _JOINED[member.standing]


def _taken_off(known: Known, member: Member) -> Kind | Untrue:
    if member.told == NOTHING:
        return Untrue("the person was never on its list")
    if member.revision < known.born:
        return Untrue("the person was taken off its list before it was planned anew")
    return Kind.REMOVAL


def _deleted(known: Known, now: datetime) -> Kind | Untrue:
    schedule = known.conference.schedule
    if schedule is None:
        return Untrue("it was a room without a time, and its end is told to nobody")
    if next_occurrence(schedule, after=now) is None:
        return Untrue("it was cancelled, and the time that it had is past")
    return Kind.CANCELLATION


_JOINED: Final = {
    Standing.INVITED: Kind.INVITATION,
    Standing.REGISTERED: Kind.REGISTRATION,
}


def _switched_on(kind: Kind, conference: Conference, settings: Settings) -> bool:
    switches = settings.notifications
    sent = {
        Kind.INVITATION: invites(conference, settings),
        Kind.REGISTRATION: switches.registrations,
        Kind.REMOVAL: switches.removals,
        Kind.CANCELLATION: switches.cancellations,
    }
    return sent[kind]
