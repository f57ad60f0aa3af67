"""Which addresses get no more mail for a while: those where a server said that nobody lives."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from notifier.core.cleaning import clean_line
from notifier.core.delivery import Delivery
from notifier.core.outcomes import Outcome, Refused
from notifier.core.people import canonical
from notifier.core.reasons import Reason
from notifier.core.replies import Reply

# Enhanced status (RFC 3463 §3.2) -> how long the address gets no mail. Mailboxes and domains are
# made again, and typing errors in somebody's profile are mended: nothing is for ever.
# Deliberately absent: full mailboxes (5.2.2), policy and spam (5.7.x) and a bare 554. They speak of
# the moment, of the mail or of us, and say nothing about who lives there.
KEPT: Final = {
    "5.1.1": timedelta(days=90),  # no such mailbox
    "5.1.2": timedelta(days=90),  # no such domain
    "5.1.3": timedelta(days=90),  # no such address can be
    "5.1.10": timedelta(days=180),  # the domain says that it takes no mail at all (RFC 7505)
}

# What a person needs of a server's words (characters).
REASON_LIMIT: Final = 200


class Suppression(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address that gets no mail, on whose word, since when and until when."""

    status: str
    since: datetime
    until: datetime
    address: str = ""  # empty once the person was erased
    reason: str = ""
    delivery: str = ""  # the one that told us; empty where a bounce named none of ours


def suppression(
    address: str, status: str, *, reason: str, now: datetime, delivery: str = ""
) -> Suppression | None:
    """Give what follows from `status` for this address; None where it says nothing about it."""
    kept = KEPT.get(status)
    if kept is None:
        return None
    return Suppression(
        address=canonical(address),
        status=status,
        reason=clean_line(reason, REASON_LIMIT),
        since=now,
        until=now + kept,
        delivery=delivery,
    )


def after_refusal(delivery: Delivery, outcome: Outcome) -> Suppression | None:
    """Give what an attempt says about the address: something only if nobody lives there."""
    if not isinstance(outcome, Refused) or not outcome.bad_address:
        return None
    return suppression(
        delivery.recipient.address,
        _status_in(outcome.reply),
        reason=outcome.reply,
        now=delivery.updated,
        delivery=delivery.id,
    )


def _status_in(reply: str) -> str:
    """Give the enhanced status code of a reply as an outcome carries it, or nothing."""
    code, _, text = reply.partition(" ")
    return Reply(int(code), text).enhanced if code.isdecimal() else ""


def why_not(found: Suppression) -> str:
    """Give the reason for which a delivery to this address is skipped."""
    return f"{Reason.SUPPRESSED}: {found.status} since {found.since:%Y-%m-%d}"
