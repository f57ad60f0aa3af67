"""Bounces: what a mail that came back says of its address, and of the delivery that it was."""

from datetime import datetime

import msgspec

from notifier.core.cleaning import clean_line
from notifier.core.events import RecipientBounced
from notifier.core.letters import delivery_of
from notifier.core.settings import Settings
from notifier.core.suppression import REASON_LIMIT, Suppression, suppression


class Bounce(msgspec.Struct, frozen=True, kw_only=True):
    """What a bounce makes us write: an entry of the list, a word at the delivery, or neither.

    The delivery stays sent: that the server took it was true, and a state is final only once.
    """

    suppression: Suppression | None = None
    delivery: str = ""  # the one that came back, as far as the event names one of ours
    reason: str = ""


def bounce_of(what: RecipientBounced, settings: Settings, *, now: datetime) -> Bounce:
    """Give what a bounce means; a message of somebody else's still says who lives where."""
    delivery = delivery_of(what.message_id or "", settings) or ""
    said = f"bounced {what.status}: {what.details or ''}".rstrip(": ")
    reason = clean_line(said, REASON_LIMIT)
    return Bounce(
        suppression=suppression(
            what.address, what.status, reason=reason, now=now, delivery=delivery
        ),
        delivery=delivery,
        reason=reason,
    )
