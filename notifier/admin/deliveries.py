"""Deliveries as an administrator sees them, and sending one again."""

from datetime import datetime

import msgspec

from notifier.core.admission import exclusion_of
from notifier.core.delivery import Delivery, State, Step, step
from notifier.core.erasure import erased
from notifier.core.exclusion import Exclusion, told_beside
from notifier.core.letters import message_id
from notifier.core.notice import Notice
from notifier.core.people import Person
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from notifier.core.suppression import Suppression
from notifier.core.urgency import PATIENCE


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery; `recipient` is the address, or the person's ID where there is no address."""

    id: str
    kind: str
    conference: str | None
    recipient: str
    state: State
    reason: str
    excluded: Exclusion | None  # whom federation keeps out, where that is the reason
    attempts: int
    message_id: str  # without meaning before a letter was made; then what the mail carries
    updated: datetime
    created: datetime
    name: str
    language: str
    not_before: datetime | None
    deadline: datetime | None
    doubts: int


def shown(delivery: Delivery, settings: Settings) -> Shown:
    """Give a delivery as it is listed."""
    person = delivery.recipient
    return Shown(
        id=delivery.id,
        kind=delivery.kind,
        conference=delivery.conference,
        recipient=person.address or person.key,
        state=delivery.state,
        reason=delivery.reason,
        excluded=delivery.excluded,
        attempts=delivery.attempts,
        message_id=message_id(delivery, settings),
        updated=delivery.updated,
        created=delivery.created,
        name=person.name,
        language=person.language,
        not_before=delivery.not_before,
        deadline=delivery.deadline,
        doubts=delivery.doubts,
    )


def why_not_again(
    delivery: Delivery, suppressed: Suppression | None, *, now: datetime
) -> str | None:
    """Say why a delivery cannot be sent again, or None if it can."""
    if step(delivery.state, Step.RESEND) is None or _never_to_be_sent(delivery):
        return f"it is {delivery.state}{_because(delivery)}, and {_ADVICE[delivery.state]}"
    if delivery.kind not in PATIENCE:
        return "its notice is lost, and with it what it told; publish a new event"
    if delivery.deadline and delivery.deadline <= now:
        return (
            f"what it tells was over at {delivery.deadline:%Y-%m-%d %H:%M} UTC, so nothing would "
            "leave; write to the person instead"
        )
    if erased(delivery.recipient.key):
        return "its person was erased, and nobody knows any more whom it was for"
    return until_cleared(suppressed) if suppressed else None


def why_not_now(delivery: Delivery, notice: Notice | None, settings: Settings) -> str | None:
    """Say what keeps a delivery back that could be sent again: its notice, or federation (R45)."""
    if notice is None:
        return "what it told is not kept any more; publish its event again first"
    excluded = exclusion_of(notice, settings, recipient=Person(id=delivery.recipient.key))
    if excluded:
        return (
            f"somebody in it lives on a server that is not let in by now ({excluded}); change the "
            "lists first: notifier federation show"
        )
    return None


def until_cleared(suppressed: Suppression) -> str:
    """Say that an address gets no mail, for how long, and what to do if somebody lives there."""
    return (
        f"no mail goes to its address until {suppressed.until:%Y-%m-%d}, because a server said "
        f"{suppressed.status} on {suppressed.since:%Y-%m-%d}; if somebody lives there by now, "
        "let mail go there first: notifier suppressions clear ADDRESS"
    )


def _never_to_be_sent(delivery: Delivery) -> bool:
    """Tell whether it failed for what cannot change here; a suppressed address can be mended."""
    if delivery.state is State.FAILED:
        return delivery.reason == Reason.BAD_ADDRESS
    suppressed = delivery.reason.startswith(Reason.SUPPRESSED)
    return delivery.state is State.SKIPPED and not suppressed


def _because(delivery: Delivery) -> str:
    return f" ({told_beside(delivery.reason, delivery.excluded)})" if delivery.reason else ""


_ADVICE = {
    State.PENDING: "leaves by itself; look again later",
    State.SENDING: "is being sent at this moment; look again later",
    State.IN_DATA: "is being sent at this moment; look again later",
    State.FAILED: "no mail can go to its address; have that corrected, and publish a new event",
    State.SKIPPED: "was never to be sent; publish a new event once the reason is gone",
}
