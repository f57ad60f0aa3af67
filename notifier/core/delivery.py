"""One delivery: one notice to one person, and the table of how it can go."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

import msgspec

from notifier.core.exclusion import Exclusion
from notifier.core.outcomes import (
    Accepted,
    Deferred,
    Outcome,
    Refused,
    Stopped,
    Unanswered,
    Unreachable,
)
from notifier.core.reasons import Reason


class State(StrEnum):
    """Where a delivery stands.

    PENDING waits for a worker, now or at a later try.
    SENDING is claimed by one worker; nothing of the letter has left.
    IN_DATA has passed the fence: the body may be on the wire.
    UNKNOWN was in data when its worker or its connection went away: it may or may not have arrived.
    SENT, FAILED, SUPERSEDED, EXPIRED and SKIPPED are final.

    Deliberately absent: a state for "handed to Celery". A lost hint changes nothing here.
    """

    PENDING = "pending"
    SENDING = "sending"
    IN_DATA = "in_data"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    SKIPPED = "skipped"


FINAL: Final = frozenset({State.SENT, State.FAILED, State.SUPERSEDED, State.EXPIRED, State.SKIPPED})


class Step(StrEnum):
    """What can happen to a delivery."""

    CLAIM = "claim"
    FENCE = "fence"
    ACCEPT = "accept"  # 2yz after the final dot
    DEFER = "defer"  # 4yz, or the system was at fault: later
    REFUSE = "refuse"  # 5yz, or no time left for another try
    LOSE = "lose"  # no answer, or the worker is gone
    POISON = "poison"  # the third crash without an answer
    OVERTAKE = "overtake"  # cancelled, moved, removed
    EXPIRE = "expire"  # its deadline has passed
    REWRITE = "rewrite"  # what it says has changed since it was written: at once, in other words
    SUPPRESS = "suppress"  # nobody lives at its address, a server said not long ago
    RESEND = "resend"  # a person asks for it again


# The machine. `lose` while SENDING is harmless (nothing left the house); while IN_DATA it is the
# one honest gap. A late answer is a fact and beats a lease that ran out: see `accept` from PENDING
# and UNKNOWN. Nothing leads out of a final state but a person's wish.
STEPS: Final[dict[tuple[State, Step], State]] = {
    (State.PENDING, Step.CLAIM): State.SENDING,
    (State.PENDING, Step.ACCEPT): State.SENT,
    (State.PENDING, Step.OVERTAKE): State.SUPERSEDED,
    (State.PENDING, Step.EXPIRE): State.EXPIRED,
    (State.SENDING, Step.FENCE): State.IN_DATA,
    (State.SENDING, Step.ACCEPT): State.SENT,
    (State.SENDING, Step.DEFER): State.PENDING,
    (State.SENDING, Step.REFUSE): State.FAILED,
    (State.SENDING, Step.LOSE): State.PENDING,
    (State.SENDING, Step.POISON): State.FAILED,
    (State.SENDING, Step.OVERTAKE): State.SUPERSEDED,
    (State.SENDING, Step.EXPIRE): State.EXPIRED,
    (State.SENDING, Step.REWRITE): State.PENDING,
    (State.SENDING, Step.SUPPRESS): State.SKIPPED,
    (State.IN_DATA, Step.ACCEPT): State.SENT,
    (State.IN_DATA, Step.DEFER): State.PENDING,
    (State.IN_DATA, Step.REFUSE): State.FAILED,
    (State.IN_DATA, Step.LOSE): State.UNKNOWN,
    (State.UNKNOWN, Step.CLAIM): State.SENDING,
    (State.UNKNOWN, Step.ACCEPT): State.SENT,
    (State.UNKNOWN, Step.REFUSE): State.FAILED,
    (State.UNKNOWN, Step.OVERTAKE): State.SUPERSEDED,
    (State.UNKNOWN, Step.EXPIRE): State.EXPIRED,
    (State.SENT, Step.RESEND): State.PENDING,
    (State.FAILED, Step.RESEND): State.PENDING,
    (State.SUPERSEDED, Step.RESEND): State.PENDING,
    (State.EXPIRED, Step.RESEND): State.PENDING,
    (State.SKIPPED, Step.RESEND): State.PENDING,
    (State.UNKNOWN, Step.RESEND): State.PENDING,
}


def step(state: State, taken: Step) -> State | None:
    """Give the next state, or None where this step cannot happen."""
    return STEPS.get((state, taken))


class Recipient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The person of one delivery, complete: nobody looks up later what to say to whom."""

    key: str
    name: str
    address: str = ""
    language: str = ""
    time_zone: str = ""
    unique_link: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the ledger."""

    id: str
    notice: str
    kind: str
    recipient: Recipient
    state: State
    created: datetime
    updated: datetime
    conference: str | None = None
    reason: str = ""
    excluded: Exclusion | None = None  # by whom, where the reason is federation
    attempts: int = 0
    crashes: int = 0
    doubts: int = 0  # how often the answer never came: counted for ever
    repeats: int = 0  # how often a person asked again for what had been accepted
    former_lives: int = 0  # of its conference, before the one that it speaks of
    not_before: datetime | None = None
    deadline: datetime | None = None
    token: str = ""


def may_have_arrived(delivery: Delivery) -> bool:
    """Tell whether somebody may have its mail: then it goes again as the very same (P3)."""
    return delivery.doubts > 0 or delivery.repeats > 0


# Crashes without an SMTP answer before a letter counts as poison.
POISON_AFTER: Final = 3

# First waits between tries; afterwards the last one again and again. RFC 5321 §4.5.4.1 asks for
# half an hour between tries at a remote host; our host is the operator's own submission server.
RETRY_MINUTES: Final = (1, 5, 15, 30, 60, 120, 240)

# RFC 5321 §4.5.4.1: give up after four to five days.
HORIZON: Final = timedelta(days=4)


def retry_delay(attempts: int, jitter: float) -> timedelta:
    """Give how long to wait after `attempts` tries; `jitter` in [-1, 1] moves it by up to 20 %."""
    minutes = RETRY_MINUTES[min(attempts, len(RETRY_MINUTES)) - 1] if attempts else RETRY_MINUTES[0]
    return timedelta(minutes=minutes * (1 + 0.2 * jitter))


# What becomes of a mail that may have arrived: sent once more, or left to a person.
OnUnknown = Literal["resend", "hold"]


def advance(
    delivery: Delivery,
    outcome: Outcome,
    *,
    now: datetime,
    jitter: float,
    on_unknown: OnUnknown = "resend",
) -> Delivery:
    """Give the delivery after an attempt came to `outcome`; unchanged if that cannot happen."""
    attempts = delivery.attempts + 1
    match outcome:
        case Accepted(reply):
            return _moved(delivery, Step.ACCEPT, now=now, reason=reply)
        case Deferred(reply, wait):
            return _deferred(delivery, reply, wait, now=now, jitter=jitter)
        case Refused(reply):
            return _moved(delivery, Step.REFUSE, now=now, reason=reply, attempts=attempts)
        case Unanswered(detail):
            return _lost(delivery, detail, now=now, on_unknown=on_unknown)
        case Unreachable(detail):
            return _moved(
                delivery,
                Step.DEFER,
                now=now,
                reason=detail,
                crashes=0,  # its worker lived to tell
                not_before=now + timedelta(seconds=UNREACHABLE_SECONDS * (1 + 0.2 * jitter)),
            )
        case Stopped(reason):
            taken = _STOPS.get(reason.partition(":")[0], Step.OVERTAKE)
            return _moved(delivery, taken, now=now, reason=reason)


# What stops a letter, by the first word of its reason, where it has not simply been overtaken.
_STOPS: Final[dict[str, Step]] = {
    Reason.STARTED: Step.EXPIRE,
    Reason.CLOCK: Step.DEFER,  # whoever can trust a clock will tell whether it is too late
    Reason.SUPPRESSED: Step.SUPPRESS,
    Reason.REWORDED: Step.REWRITE,
}

# The road is closed for everybody; its pool tells us at once when it opens again.
UNREACHABLE_SECONDS: Final = 15


def lease_over(delivery: Delivery, *, now: datetime, on_unknown: OnUnknown = "resend") -> Delivery:
    """Give the delivery whose worker was not heard of again within its lease."""
    crashes = delivery.crashes + 1
    if delivery.state is State.SENDING and crashes >= POISON_AFTER:
        return _moved(delivery, Step.POISON, now=now, reason=Reason.POISON, crashes=crashes)
    return _lost(delivery, "its worker was not heard of again", now=now, on_unknown=on_unknown)


def _deferred(
    delivery: Delivery, reply: str, wait: int | None, *, now: datetime, jitter: float
) -> Delivery:
    """Try again later, unless later is too late."""
    attempts = delivery.attempts + 1
    pause = retry_delay(attempts, jitter)
    later = now + max(pause, timedelta(seconds=wait or 0))
    if later >= last_moment(delivery):
        given_up = f"{Reason.GONE}: {reply}"
        return _moved(delivery, Step.REFUSE, now=now, reason=given_up, attempts=attempts)
    return _moved(
        delivery,
        Step.DEFER,
        now=now,
        reason=reply,
        attempts=attempts,
        crashes=0,  # the server answered, so the letter is not what kills its workers
        not_before=later,
    )


def last_moment(delivery: Delivery) -> datetime:
    """Give when trying ends: the deadline, or four days after it was planned."""
    horizon = delivery.created + HORIZON
    return min(delivery.deadline, horizon) if delivery.deadline else horizon


# A server that took the body and said nothing gets this long before it is sent once more: as long
# as RFC 5321 §4.5.3.2.6 lets it think about the final dot, and half as much again.
DOUBT: Final = timedelta(minutes=15)


def _lost(delivery: Delivery, detail: str, *, now: datetime, on_unknown: OnUnknown) -> Delivery:
    """Nobody knows: before the fence nothing has left; behind it, it is sent once more (P3).

    A second doubt, or the first where the administrator says `hold`, stays UNKNOWN without a next
    try: a person decides.
    """
    if delivery.state is not State.IN_DATA:
        return _moved(delivery, Step.LOSE, now=now, reason=detail, crashes=delivery.crashes + 1)
    again = on_unknown == "resend" and delivery.doubts == 0
    return _moved(
        delivery,
        Step.LOSE,
        now=now,
        reason=detail,
        doubts=delivery.doubts + 1,
        not_before=now + DOUBT if again else None,
    )


def _moved(delivery: Delivery, taken: Step, *, now: datetime, **changes: object) -> Delivery:
    state = step(delivery.state, taken)
    if state is None:
        return delivery
    return msgspec.structs.replace(delivery, state=state, updated=now, **changes)
