"""The last look: whether a notice is still true for a person, just before it leaves."""

from datetime import datetime
from typing import Final

from notifier.core.life import Known, Member, Phase, Standing, of_its_list
from notifier.core.notice import INVITING, TAKING_BACK, Kind, Notice
from notifier.core.reasons import Reason
from notifier.core.times.changes import same_times
from notifier.core.times.schedule import occurrence_at


def overtaken(
    notice: Notice,
    known: Known | None,
    member: Member | None,
    *,
    now: datetime,
    untold: bool = False,
) -> Reason | None:
    """Say why `notice` is no longer true for this person, or None if it is.

    `known` and `member` are what is remembered now of the conference and of the person's place on
    its list; notices that are not about a conference are always true. `untold` says that nothing
    has reached the person yet in the life of the conference that the notice speaks of.
    """
    if notice.deadline and now >= notice.deadline:
        return _too_late(notice, now)
    if known is None or notice.calendar is None:
        return None
    if untold and notice.kind in TAKING_BACK:
        return Reason.NEVER_TOLD
    return (
        _by_another_life(notice, known, member)
        or _by_the_list(notice, known, member)
        or _by_the_conference(notice, known)
        or _by_other_times(notice, known, member, now)
    )


def _too_late(notice: Notice, now: datetime) -> Reason:
    """Say whether it has begun, or a nearer reminder of the same start is due instead (R16)."""
    ahead = notice.occurrence is not None and now < notice.occurrence.start
    return Reason.NEWER if ahead else Reason.STARTED


def _by_another_life(notice: Notice, known: Known, member: Member | None) -> Reason | None:
    """What was taken back stays taken back; all else belongs to its own life.

    A room that was silently given a time invites nobody again: whoever was to hear of the room
    hears of its time instead.
    """
    assert notice.calendar is not None  # checked by overtaken()
    newer = known.generation > notice.calendar.generation
    stays_true = notice.kind in TAKING_BACK
    if not newer or stays_true or _a_room_with_a_time_by_now(notice, known, member):
        return None
    return Reason.NEWER


def _a_room_with_a_time_by_now(notice: Notice, known: Known, member: Member | None) -> bool:
    invites = notice.kind in INVITING
    same_list = notice.epoch == known.epoch and notice.revision >= known.list_since
    return (
        invites and same_list and not _has_times(notice) and not _told_since(notice, known, member)
    )


def _by_the_list(notice: Notice, known: Known, member: Member | None) -> Reason | None:
    """Removed people hear of nothing else, and of that once; but for an end that came first."""
    if notice.kind is Kind.REMOVAL:
        return _by_what_followed(notice, known, member)
    # Whoever was taken off before the end was never to hear of it; whoever was since has to.
    if member is None or notice.kind is Kind.CANCELLATION:
        return None
    if member.standing is Standing.REMOVED:
        return Reason.REMOVED
    if not of_its_list(member, known):
        return Reason.CANCELLED
    told_in_joining = _joined_anew(notice, member) or _knows_by_now(notice, member)
    return Reason.NEWER if told_in_joining else None


# How those stand who have joined by what such a letter tells of.
_JOINED: Final = {Kind.INVITATION: Standing.INVITED, Kind.REGISTRATION: Standing.REGISTERED}


def _joined_anew(notice: Notice, member: Member) -> bool:
    """Tell whether they left and came back since, or signed up again: they are told of that."""
    to_everyone = notice.everyone or notice.since is not None
    joins = not to_everyone and _JOINED.get(notice.kind) is member.standing
    return joins and member.by != notice.event


def _knows_by_now(notice: Notice, member: Member) -> bool:
    """Tell whether they joined since when these times held already, and are told so."""
    return notice.since is not None and member.told >= notice.since


def _by_what_followed(notice: Notice, known: Known, member: Member | None) -> Reason | None:
    """People who are back are not told that they went, nor of the first time if they went again.

    In the same life, that is: what they know of an earlier one is still to be taken back.
    """
    assert notice.calendar is not None  # checked by overtaken()
    if member is None or known.generation != notice.calendar.generation:
        return None
    last_word = member.standing is Standing.REMOVED and member.by == notice.event
    return None if last_word else Reason.NEWER


def _by_the_conference(notice: Notice, known: Known) -> Reason | None:
    if notice.kind in TAKING_BACK:
        return None
    if known.phase is Phase.CANCELLED:
        return Reason.CANCELLED
    became_room = known.phase is Phase.ROOM and _has_times(notice)
    if became_room:
        return Reason.CANCELLED
    return Reason.ENDED if known.phase is Phase.ENDED else None


def _by_other_times(
    notice: Notice, known: Known, member: Member | None, now: datetime
) -> Reason | None:
    """What names a time must name the present one, where somebody tells the present one.

    A silent change sends nothing in its place, and a letter too few is worse than an old time.
    """
    match notice.kind:
        case Kind.RESCHEDULE if _moved_again(notice, known) or _undone(notice, known, now):
            return Reason.NEWER
        case Kind.INVITATION | Kind.REGISTRATION if _known_already(notice, known, now):
            return Reason.NEWER
        case Kind.RESCHEDULE | Kind.INVITATION | Kind.REGISTRATION:
            told_since = _told_since(notice, known, member)
            return Reason.NEWER if told_since and _names_other_times(notice, known, now) else None
        case Kind.REMINDER:
            return None if _still_takes_place(notice, known) else Reason.NEWER
        case _:
            return None


def _names_other_times(notice: Notice, known: Known, now: datetime) -> bool:
    if notice.conference is None or notice.conference.schedule is None:
        return False
    return not same_times(notice.conference.schedule, known.conference.schedule, now=now)


def _told_since(notice: Notice, known: Known, member: Member | None) -> bool:
    """Tell whether this person is told something newer by another notice.

    A reschedule that moved nothing told nobody, however new it is.
    """
    in_joining = member is not None and member.told > notice.revision
    moved = any(each.revision > notice.revision for each in known.moves)
    cut_off = known.told is None and known.told_revision > notice.revision
    return in_joining or moved or cut_off


def _moved_again(notice: Notice, known: Known) -> bool:
    """Tell whether another move is told of instead, perhaps to the same times as this one."""
    return bool(known.moves) and known.moves[-1].event != notice.event


def _known_already(notice: Notice, known: Known, now: datetime) -> bool:
    """Tell whether an invitation that stands for a move says what its reader knows by now."""
    return notice.previous is not None and _undone(notice, known, now)


def _undone(notice: Notice, known: Known, now: datetime) -> bool:
    """Tell whether a move was undone: it would say "from Friday to Friday"."""
    return same_times(notice.previous, known.conference.schedule, now=now)


def _has_times(notice: Notice) -> bool:
    return notice.conference is not None and notice.conference.schedule is not None


def _still_takes_place(notice: Notice, known: Known) -> bool:
    """Tell whether the occurrence that a reminder speaks of is still in the plan."""
    schedule = known.conference.schedule
    if notice.conference is not None and schedule == notice.conference.schedule:
        return True
    if schedule is None or notice.occurrence is None:
        return False
    return occurrence_at(schedule, notice.occurrence.start) is not None
