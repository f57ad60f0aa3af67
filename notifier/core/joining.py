"""Joining and leaving: what an event about people changes of a conference and its list."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from notifier.core.beginnings import Word
from notifier.core.change import Change, Verdict, conference_of, nobody, said_at
from notifier.core.events import Event
from notifier.core.life import (
    Known,
    Member,
    Phase,
    Standing,
    heard_of,
    knows_no_time,
    over,
    plan_of,
    relaunch_of,
    turned,
)
from notifier.core.people import Person
from notifier.core.reasons import Reason
from notifier.core.roster import ListChange, Members, join, joined_before, leave
from notifier.core.times.schedule import next_occurrence


def joined(
    before: Known | None,
    members: Members,
    event: Event,
    people: Iterable[Person],
    standing: Standing,
    *,
    now: datetime,
    uid: str,
) -> Change:
    """Invite or register: only people who are not on the list yet are concerned (R9)."""
    said = conference_of(event)
    gone = before is not None and said.revision <= before.gone_revision
    if before and gone and _made_anew_before_words_were_kept(before):
        return nobody(before, event, people, Reason.CANCELLED, now=now)
    at = said_at(event, now=now)
    after = heard_of(before, said, at=at, now=now, uid=uid, revives=True, anew=True)
    after = turned(before, after, Word.JOINED, at=said.revision)
    if said.revision < after.list_since:
        # Should its list turn out never to have been lost, they are on it (P4).
        rows = joined_before(after, members, people, standing, revision=said.revision, by=event.key)
        unheard = nobody(before, event, people, Reason.CANCELLED, now=now)
        return msgspec.structs.replace(unheard, after=after, rows=rows)
    list_change = join(
        after,
        members,
        people,
        standing,
        revision=said.revision,
        by=event.key,
        unaware_before=after.since if knows_no_time(after, at=at) else 0,
    )
    if gone and after.phase is not Phase.ENDED:
        # It is a room by now (R22), was cut off, or was deleted and may be back: they are on that
        # list, untold.
        list_change = list_change.without(Reason.CANCELLED, told=after.gone_revision)
    elif over(after, at=now):
        list_change = list_change.without(Reason.ENDED, told=after.gone_revision)
    # Whoever is back needs more than the SEQUENCE of the CANCEL that took them off (calendar 1.3).
    back = any(_was_removed(members, each) for each in list_change.concerned)
    parted = _parted(before, after, at=at)
    after = msgspec.structs.replace(after, sequence=after.sequence + (back or parted))
    verdict = Verdict.INVITED if standing is Standing.INVITED else Verdict.REGISTERED
    change = _listed(before, after, event, verdict, list_change, now=now)
    return msgspec.structs.replace(change, parted=parted)


def _parted(before: Known | None, after: Known, *, at: datetime) -> bool:
    """Tell whether people who were told that it was brought back are off its list for all that.

    It had been made anew by this word, before that return.
    """
    if before is None or after.list_since <= before.list_since:
        return False
    taken_back = plan_of(before)
    return taken_back is not None and next_occurrence(taken_back, after=at) is not None


def _made_anew_before_words_were_kept(known: Known) -> bool:
    """Tell whether only an older version knows when its list began."""
    return known.phase is Phase.PLANNED and known.epoch > 0 and not known.turnings


def _was_removed(members: Members, joining: Member) -> bool:
    row = members.get(joining.key)
    return row is not None and row.standing is Standing.REMOVED


def removed(
    before: Known | None,
    members: Members,
    event: Event,
    people: Iterable[Person],
    *,
    now: datetime,
    uid: str,
) -> Change:
    """Take people off the list (R23)."""
    said = conference_of(event)
    after = heard_of(before, said, at=said_at(event, now=now), now=now, uid=uid)
    list_change = leave(after, members, people, revision=said.revision, by=event.key)
    if before and after.phase is Phase.CANCELLED:
        # It may be brought back, and then they are off its list (P4).
        unheard = nobody(before, event, people, Reason.CANCELLED, now=now)
        return msgspec.structs.replace(unheard, after=after, rows=list_change.rows)
    if over(after, at=now):
        list_change = list_change.without(Reason.ENDED, told=after.gone_revision)
    # Every CANCEL raises SEQUENCE, the one for a single person as well (RFC 5546 §2.1.4).
    after = msgspec.structs.replace(after, sequence=after.sequence + bool(list_change.concerned))
    change = _listed(before, after, event, Verdict.REMOVED, list_change, now=now)
    return msgspec.structs.replace(change, newcomers=_not_reached(after, members, list_change))


def _not_reached(known: Known, members: Members, list_change: ListChange) -> dict[str, str]:
    """Give those taken off who were to hear of this life with everybody, and may not have yet.

    A long list is told slice by slice, and will not come upon them any more.
    """
    relaunch = relaunch_of(known)
    if relaunch is None:
        return {}
    present = (members.get(each.key) for each in list_change.concerned)
    return {each.key: "" for each in present if each and each.told < relaunch.revision}


def _listed(
    before: Known | None,
    after: Known,
    event: Event,
    verdict: Verdict,
    list_change: ListChange,
    *,
    now: datetime,
) -> Change:
    return Change(
        event=event,
        now=now,
        verdict=verdict,
        before=before,
        after=after,
        concerned=list_change.concerned,
        newcomers=list_change.newcomers,
        left_out=list_change.left_out,
        rows=list_change.rows,
    )
