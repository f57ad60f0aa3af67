"""Deciding: what a change makes us tell, and to whom; one rule for each kind."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from notifier.core.admission import exclusion_of
from notifier.core.change import Change, Verdict
from notifier.core.events import (
    CallMissed,
    Conference,
    Event,
    PeopleInvited,
    PeopleRemoved,
    PersonRegistered,
    ServerRestarted,
)
from notifier.core.life import Known, Phase, plan_of
from notifier.core.notice import Kind, Notice, calendar_of, last_use, root_of, short_id
from notifier.core.people import Person, is_unregistered
from notifier.core.reasons import Reason
from notifier.core.roster import LeftOut
from notifier.core.settings import Settings
from notifier.core.times.schedule import Schedule


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A notice and the people it names; a notice to everyone names nobody."""

    notice: Notice
    people: tuple[Person, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    without_entry: frozenset[str] = frozenset()  # keys of people who never had the calendar entry


def decide(change: Change, settings: Settings) -> list[Decision]:
    """Give what `change` makes us tell, and to whom."""
    match change.event.what:
        case CallMissed() as call:
            return [_missed_call(change, call, settings)]
        case ServerRestarted() as restart:
            return [_server_restart(change, restart, settings)]
        case _:
            rule = _RULES.get(change.verdict)
            decision = rule(change, settings) if rule else _unheard(change)
            decisions = [decision] if decision else []
            return [*decisions, _parting(change, settings)] if change.parted else decisions


def _missed_call(change: Change, call: CallMissed, settings: Settings) -> Decision:
    """Somebody was called, or a conference called them, and they were offline (R1–R6)."""
    unregistered = is_unregistered(call.recipient)
    kind = Kind.MISSED_CALL_UNREGISTERED if unregistered else Kind.MISSED_CALL
    skip = None if settings.notifications.missed_calls else Reason.SWITCHED_OFF
    notice = _notice(change, kind, skip=skip, call=call, conference=call.conference)
    return Decision(notice=_unless_excluded(notice, settings), people=(call.recipient,))


def _server_restart(change: Change, restart: ServerRestarted, settings: Settings) -> Decision:
    """The administrator hears of restarts by internal errors, once per incident (R26)."""
    administrator = settings.administrator
    skip = None
    if restart.reason == "planned":
        skip = Reason.PLANNED_RESTART
    elif not administrator.notify_on_restart:
        skip = Reason.SWITCHED_OFF
    # Two reasons, two stories: a planned restart that reuses the word hides no fault.
    word = restart.incident
    incident = "\0".join((change.event.source, restart.reason, word)) if word else None
    notice = _notice(change, Kind.SERVER_RESTART, skip=skip, restart=restart, root=incident)
    person = Person(id="administrator", name=administrator.name or None)
    if not administrator.email:
        return Decision(notice=notice, left_out=(LeftOut(person, skip or Reason.NOBODY_ASKED),))
    language = settings.server.language
    person = msgspec.structs.replace(person, email=administrator.email, language=language)
    return Decision(notice=notice, people=(person,))


def _invitation(change: Change, settings: Settings) -> Decision:
    """The people added (R8, R9)."""
    assert change.after is not None
    switched_on = invites(change.after.conference, settings)
    return _to_concerned(change, Kind.INVITATION, switched_on, settings)


def invites(conference: Conference, settings: Settings) -> bool:
    """Tell whether invitations are sent; a conference can override the server's choice (R7)."""
    own = conference.notifications
    if own and own.invitations is not None:
        return own.invitations
    return settings.notifications.invitations


def _registration(change: Change, settings: Settings) -> Decision:
    """The one person who signed up (R10)."""
    return _to_concerned(change, Kind.REGISTRATION, settings.notifications.registrations, settings)


def _removal(change: Change, settings: Settings) -> Decision:
    """The people taken off the list, in any mode (R23)."""
    return _to_concerned(change, Kind.REMOVAL, settings.notifications.removals, settings)


def _reschedule(change: Change, settings: Settings) -> Decision:
    """Everybody on the list who was told other times (R17, R18)."""
    assert change.before is not None
    return _to_everyone(
        change,
        Kind.RESCHEDULE,
        settings.notifications.reschedules,
        settings,
        previous=_known_to_people(change.before, settings, now=change.now),
        since=change.after.since if change.after else None,
    )


def _known_to_people(before: Known, settings: Settings, *, now: datetime) -> Schedule | None:
    """Give the times that people know: a move that has not settled yet has reached nobody."""
    wait = timedelta(seconds=settings.notifications.settle_seconds)
    times = before.told
    for move in reversed(before.moves):
        if now >= move.at + wait:
            break
        times = move.previous
    return times


def _relaunch(change: Change, settings: Settings) -> Decision:
    """One that had ended, or was a room, and gets a start again: an invitation (R19)."""
    assert change.before is not None
    assert change.after is not None
    found_again = change.after.list_since < change.before.list_since
    return _to_everyone(
        change,
        Kind.INVITATION,
        invites(change.after.conference, settings),
        settings,
        since=change.before.list_since if found_again else change.after.since,
    )


def _cancellation(change: Change, settings: Settings) -> Decision:
    """Everybody on the list, with the times that will not be (R21, R22)."""
    assert change.before is not None
    assert change.after is not None
    cut_short = change.after.phase is Phase.PLANNED
    gone = msgspec.structs.replace(
        change.after.conference,
        launch="scheduled",
        schedule=change.before.told if cut_short else plan_of(change.before),
    )
    # Whoever came when it was off already, to the room that it became, was never told of the plan.
    # Of a plan of this very revision everybody was.
    newer = change.before.conference.revision < change.after.gone_revision
    told_apart = newer or change.before.phase is Phase.ROOM
    return _to_everyone(
        change,
        Kind.CANCELLATION,
        settings.notifications.cancellations,
        settings,
        conference=gone,
        since=change.after.gone_revision if told_apart else None,
    )


def _parting(change: Change, settings: Settings) -> Decision:
    """Everybody on a list that was lost before they were told that it was brought back."""
    assert change.before is not None
    assert change.after is not None
    after = msgspec.structs.replace(change.after, list_since=change.before.list_since)
    gone = msgspec.structs.replace(change.before.conference, schedule=plan_of(change.before))
    return _to_everyone(
        msgspec.structs.replace(change, after=after),
        Kind.CANCELLATION,
        settings.notifications.cancellations,
        settings,
        conference=gone,
    )


_RULES: Final[dict[Verdict, Callable[[Change, Settings], Decision]]] = {
    Verdict.INVITED: _invitation,
    Verdict.REGISTERED: _registration,
    Verdict.REMOVED: _removal,
    Verdict.MOVED: _reschedule,
    Verdict.RELAUNCHED: _relaunch,
    Verdict.CANCELLED: _cancellation,
}


def _unheard(change: Change) -> Decision | None:
    """People whom an event names in vain are recorded under the kind they waited for (R27)."""
    match change.event.what:
        case PeopleInvited():
            kind = Kind.INVITATION
        case PersonRegistered():
            kind = Kind.REGISTRATION
        case PeopleRemoved():
            kind = Kind.REMOVAL
        case _:
            return None
    notice = _notice(change, kind, conference=_said(change))
    return Decision(notice=notice, left_out=change.left_out)


def _to_concerned(change: Change, kind: Kind, switched_on: bool, settings: Settings) -> Decision:
    conference = _said(change)
    skip = None if switched_on else Reason.SWITCHED_OFF
    notice = _notice(change, kind, skip=skip, conference=conference)
    return Decision(
        notice=_unless_excluded(notice, settings),
        people=tuple(each.person for each in change.concerned),
        left_out=change.left_out,
        without_entry=frozenset(each.key for each in change.concerned if each.without_entry),
    )


def _to_everyone(
    change: Change,
    kind: Kind,
    switched_on: bool,
    settings: Settings,
    *,
    conference: Conference | None = None,
    previous: Schedule | None = None,
    since: int | None = None,
) -> Decision:
    told = conference or _said(change)
    skip = None if switched_on else Reason.SWITCHED_OFF
    notice = _notice(change, kind, skip=skip, conference=told, previous=previous, since=since)
    notice = _unless_excluded(notice, settings)
    return Decision(notice=msgspec.structs.replace(notice, everyone=True))


def _notice(
    change: Change,
    kind: Kind,
    *,
    skip: Reason | None = None,
    conference: Conference | None = None,
    previous: Schedule | None = None,
    since: int | None = None,
    call: CallMissed | None = None,
    restart: ServerRestarted | None = None,
    root: str | None = None,
) -> Notice:
    """Give the notice that this change makes; its content is that of the newest revision."""
    root = root_of(kind, root or change.event.key)
    revision = change.after.conference.revision if change.after else 0
    return Notice(
        id=short_id(root, str(revision)),
        root=root,
        kind=kind,
        event=change.event.key,
        created=change.now,
        revision=revision,
        conference=conference,
        calendar=calendar_of(change.after) if change.after else None,
        previous=previous,
        call=call,
        restart=restart,
        deadline=_last_use(conference, change.event),
        epoch=change.after.epoch if change.after else 0,
        list_since=change.after.list_since if change.after else 0,
        since=since,
        skip=skip,
        traceparent=change.event.traceparent,
    )


def _last_use(conference: Conference | None, event: Event) -> datetime | None:
    """Give when the notice becomes useless; a call that was missed is told whatever follows."""
    if conference is None or isinstance(event.what, CallMissed):
        return None
    return last_use(conference)


def _said(change: Change) -> Conference | None:
    return change.after.conference if change.after else change.event.conference


def _unless_excluded(notice: Notice, settings: Settings) -> Notice:
    """Give the notice, skipped where its caller or its owner may not take part (R45)."""
    excluded = None if notice.skip else exclusion_of(notice, settings)
    if excluded is None:
        return notice
    return msgspec.structs.replace(notice, skip=Reason.FEDERATION, excluded=excluded)
