"""Planning: a notice and a person become a delivery, or a skip with its reason (R3, R27, R30)."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from notifier.core.admission import exclusion_of
from notifier.core.beginnings import began
from notifier.core.delivery import Delivery, Recipient, State
from notifier.core.doubles import each_once
from notifier.core.entries import has_entry
from notifier.core.life import Former, Known, Member, Standing, on_list
from notifier.core.notice import (
    INVITING,
    TAKING_BACK,
    Kind,
    Notice,
    former_lives,
    invitation_id,
    invitation_root,
    short_id,
    without_entry,
)
from notifier.core.notices import Decision, invites
from notifier.core.people import (
    BadAddress,
    Person,
    display_name,
    mailbox,
    parse_address,
    person_key,
)
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from notifier.core.times.zones import known_zone


def planned(decision: Decision, settings: Settings) -> Iterator[Delivery]:
    """Give one delivery for each person that a decision names."""
    for person in decision.people:
        bare = person_key(person) in decision.without_entry
        yield plan(_letter(decision.notice, bare=bare), person, settings)
    for each in decision.left_out:
        yield plan(decision.notice, each.person, settings, skip=each.reason)


def notices_of(decision: Decision) -> Iterator[Notice]:
    """Give what is told by a decision, in each of its forms."""
    yield decision.notice
    if decision.without_entry:
        yield without_entry(decision.notice)


def forms(notice: Notice, settings: Settings) -> list[Notice]:
    """Give the forms, other than its own, in which a notice to everyone may reach somebody."""
    others = [*as_invitations(notice, settings).values()]
    return [*others, without_entry(notice)] if notice.kind in TAKING_BACK else others


def _letter(notice: Notice, *, bare: bool) -> Notice:
    return without_entry(notice) if bare else notice


def planned_for_list(
    notice: Notice,
    members: Iterable[Member],
    known: Known,
    settings: Settings,
    *,
    untold: Container[str] = (),
    now: datetime | None = None,
) -> Iterator[Delivery]:
    """Give one delivery for each member whom a notice to everyone concerns.

    Members whose keys are `untold` know nothing of the conference yet: of a move they hear by an
    invitation to the new times. Of those who are named by ID and by address, the second is recorded
    and not told (`doubles`). What has settled by `now` leaves at once.
    """
    letters = as_invitations(notice, settings)
    concerned = [each for each in members if concerns(notice, each, known)]
    for member, reason in _each_once(notice, concerned, untold, settings):
        first = member.key in untold and reason is None
        letter = letters.get(member.standing, notice) if first else notice
        letter = _letter(letter, bare=_holds_nothing(notice, member, known))
        yield plan(letter, member.person, settings, skip=reason, now=now)


def _holds_nothing(notice: Notice, member: Member, known: Known) -> bool:
    """Tell whether this person's calendar holds nothing that `notice` could take back.

    What is remembered is of the present life: of an earlier one they count as having it.
    """
    its_life = notice.calendar is not None and notice.calendar.generation == known.generation
    return notice.kind is Kind.CANCELLATION and its_life and not has_entry(member, known)


def _each_once(
    notice: Notice, concerned: Sequence[Member], untold: Container[str], settings: Settings
) -> Iterator[tuple[Member, Reason | None]]:
    """Give each person once; what is taken back, under each name by which they may know of it.

    Under the other they will be found never to have been told.
    """

    def kept_out(person: Person) -> object:
        return exclusion_of(notice, settings, recipient=person)

    if notice.kind not in TAKING_BACK:
        yield from each_once(concerned, kept_out=kept_out)
        return
    yield from ((each, None) for each in concerned if each.key in untold)
    others = [each for each in concerned if each.key not in untold]
    yield from each_once(others, kept_out=kept_out)


def as_invitations(notice: Notice, settings: Settings) -> dict[Standing, Notice]:
    """Give a reschedule as those hear of it who were told nothing yet, by their standing.

    Nothing where that kind is switched off: they count as told by others, and hear of the move.
    """
    if notice.kind is not Kind.RESCHEDULE or notice.skip or notice.conference is None:
        return {}
    kinds = {
        Standing.INVITED: (Kind.INVITATION, invites(notice.conference, settings)),
        Standing.REGISTERED: (Kind.REGISTRATION, settings.notifications.registrations),
    }
    return {
        standing: _as_invitation(notice, kind) for standing, (kind, sent) in kinds.items() if sent
    }


def told_otherwise(notice: Notice, delivery: Delivery) -> frozenset[str]:
    """Give the other deliveries by which the person of `delivery` may hear what `notice` tells.

    Whom a move is told of by an invitation is untold only until that has left: a walk that comes
    upon them a second time would tell them of the move as well.
    """
    if notice.kind is not Kind.RESCHEDULE:
        return frozenset()
    roots = (notice.root, *(invitation_root(notice.root, kind) for kind in INVITING))
    return frozenset(short_id(each, delivery.recipient.key) for each in roots) - {delivery.id}


def _as_invitation(notice: Notice, kind: Kind) -> Notice:
    return msgspec.structs.replace(
        notice,
        id=invitation_id(notice, kind),
        root=invitation_root(notice.root, kind),
        kind=kind,
        previous=None,
        everyone=False,
    )


def concerns(notice: Notice, member: Member, known: Known) -> bool:
    """Tell whether a notice to everyone is for this member.

    People who joined when the new times already held know them and hear nothing (R9). What begins
    or ends a life is for its own list, also where the next one has begun: an invitation that is
    overtaken by then tells at least that they were told nothing.
    """
    if notice.kind is Kind.CANCELLATION and _was_concerned(notice, member, known):
        return True
    if member.standing is Standing.REMOVED or not _of_its_list(notice, member, known):
        return False
    if notice.since is not None and member.told >= notice.since:
        return False
    return notice.kind in (Kind.INVITATION, Kind.CANCELLATION) or on_list(member, known)


def _was_concerned(notice: Notice, member: Member, known: Known) -> bool:
    """Tell whether they were on the list of what was cancelled, and left it since.

    What their calendars hold of it stays there unless it is taken back (calendar §1.1).
    """
    return any(
        _of_its_list(notice, each, known)
        and notice.revision <= each.seen
        and (notice.since is None or each.told < notice.since)
        for each in member.former
    )


def _of_its_list(notice: Notice, row: Member | Former, known: Known) -> bool:
    """Tell whether this row belongs to the list that a notice was for: the next may have begun."""
    ends = began(known.turnings, after=notice.list_since)
    within = notice.list_since <= row.revision and (ends is None or row.revision < ends)
    return within and row.epoch == notice.epoch


def plan(
    notice: Notice,
    person: Person,
    settings: Settings,
    *,
    skip: Reason | None = None,
    now: datetime | None = None,
) -> Delivery:
    """Give the delivery of `notice` to `person`; its id comes from these two: it is made once."""
    recipient, fault = _recipient(person, settings)
    skip = skip or notice.skip
    excluded = None
    if skip in (None, Reason.FEDERATION):
        # A reminder is nobody's event: its owner's server is judged here as well (R45).
        excluded = notice.excluded or exclusion_of(notice, settings, recipient=person)
    reason = skip or (Reason.FEDERATION if excluded else fault)
    return Delivery(
        id=delivery_id(notice, recipient.key),
        notice=notice.id,
        kind=notice.kind,
        conference=notice.conference.id if notice.conference else None,
        recipient=recipient,
        state=_first_state(reason),
        reason=reason or "",
        excluded=excluded,
        created=notice.created,
        updated=notice.created,
        deadline=notice.deadline,
        not_before=_settled(notice, settings, now),
        former_lives=former_lives(notice),
    )


def _settled(notice: Notice, settings: Settings, now: datetime | None) -> datetime | None:
    """Give when a move or a removal may leave; what is settled, and all else, leaves at once."""
    wait = settings.notifications.settle_seconds
    if not wait or notice.kind not in (Kind.RESCHEDULE, Kind.REMOVAL):
        return None
    settled = notice.created + timedelta(seconds=wait)
    return None if now and settled <= now else settled


def delivery_id(notice: Notice, key: str) -> str:
    """Give the id of the delivery of what happened to the person with this key."""
    return short_id(notice.root, key)


def _first_state(reason: Reason | None) -> State:
    return State.PENDING if reason is None else _FIRST_STATES.get(reason, State.SKIPPED)


# What stands against a delivery from the start makes it skipped, but for these.
_FIRST_STATES: Final = {
    Reason.BAD_ADDRESS: State.FAILED,
    Reason.STARTED: State.EXPIRED,  # a reminder that nobody looked for in time
}


def _recipient(person: Person, settings: Settings) -> tuple[Recipient, Reason | None]:
    """Give the person with address, language and zone settled, and what stands against it."""
    address, fault = _address(person, settings)
    zone = person.time_zone or ""
    recipient = Recipient(
        key=person_key(person),
        name=display_name(person),
        address=address,
        language=person.language or "",
        time_zone=zone if known_zone(zone) else "",
        unique_link=person.unique_link or "",
    )
    return recipient, fault


def _address(person: Person, settings: Settings) -> tuple[str, Reason | None]:
    try:
        found = mailbox(person)
    except BadAddress:
        return "", Reason.BAD_ADDRESS
    if found is None:
        return "", Reason.NO_MAILBOX
    # The mailbox that sends is the server's own; mail to itself would loop (R30).
    sender = settings.smtp.sender_address
    if sender and found.address.lower() == _as_sent(sender):
        return found.address, Reason.OWN_ADDRESS
    return found.address, None


@lru_cache(maxsize=8)
def _as_sent(sender: str) -> str:
    """Give the sender's address as recipients' addresses are compared: A-labels, lower case."""
    return parse_address(sender).lower()
