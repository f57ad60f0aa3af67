"""First letters: by which of them somebody hears of a conference for the first time."""

from collections.abc import Mapping
from typing import Final

from notifier.core.delivery import Delivery, State
from notifier.core.notice import Kind, Notice, root_of, short_id
from notifier.core.notices import Decision
from notifier.core.planning import delivery_id
from notifier.core.reasons import Reason

# What somebody joins is over, or taken back, by the time that they are named.
_TOO_LATE: Final = frozenset({Reason.ENDED, Reason.CANCELLED})


def first_letters(decision: Decision, newcomers: Mapping[str, str]) -> dict[str, str]:
    """Give the deliveries that are the first word of the conference to their people.

    `newcomers` are the keys of those who know nothing of it, with the event that took them off the
    list before, or ''; each delivery comes with that of the removal, or ''.
    """
    return {
        delivery_id(decision.notice, key): removal_id(event, key) if event else ""
        for key, event in newcomers.items()
    }


def leaves_untold(delivery: Delivery) -> bool:
    """Tell whether the person of a first letter, as planned, knows nothing until told otherwise.

    Either it waits, or it was too late for it. A letter that nobody wants sent (switched off,
    federation) counts as said by others: what follows it is told as usual.
    """
    return delivery.state is State.PENDING or delivery.reason in _TOO_LATE


def removal_id(event: str, key: str) -> str:
    """Give the id of the delivery that told the person with this key of a removal."""
    return short_id(root_of(Kind.REMOVAL, event), key)


def tells_of_a_new_life(notice: Notice) -> bool:
    """Tell whether a notice to everyone is the first word of a life of the conference (R19)."""
    return notice.everyone and notice.kind is Kind.INVITATION
