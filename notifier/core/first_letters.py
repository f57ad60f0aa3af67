"""First letters: by which of them somebody hears of a conference for the first time."""

from collections.abc import Mapping
from typing import Final

import msgspec

from notifier.core.change import Change
from notifier.core.delivery import Delivery, State
from notifier.core.life import relaunch_of
from notifier.core.notice import INVITING, Kind, Notice, root_of, short_id
from notifier.core.notices import Decision
from notifier.core.planning import delivery_id
from notifier.core.reasons import Reason
from notifier.core.roster import LeftOut

# By the time of the first word it was over, or taken back, or they were off the list again.
_TOO_LATE: Final = frozenset({Reason.ENDED, Reason.CANCELLED, Reason.REMOVED})


def first_letters(decision: Decision, newcomers: Mapping[str, str]) -> dict[str, str]:
    """Give the deliveries that are the first word of the conference to their people.

    `newcomers` are the keys of those who know nothing of it, with the event that took them off the
    list before, or ''; each delivery comes with that of the removal, or ''.
    """
    if decision.notice.kind not in INVITING:
        return {}
    return {
        delivery_id(decision.notice, key): removal_id(event, key) if event else ""
        for key, event in newcomers.items()
    }


def overtaken_by_removal(change: Change, removal: Decision) -> Decision:
    """Give the word that a whole list is told again, for those taken off before it came to them.

    Whoever has been told, or is about to be, has that delivery already: it is planned once. The
    others are skipped, and so known to have heard nothing.
    """
    relaunch = relaunch_of(change.after) if change.after else None
    assert relaunch is not None  # without one nobody is taken off as a newcomer
    root = root_of(Kind.INVITATION, relaunch.event)
    notice = msgspec.structs.replace(
        removal.notice,
        id=short_id(root, str(relaunch.revision)),
        root=root,
        kind=Kind.INVITATION,
        event=relaunch.event,
        revision=relaunch.revision,
        skip=Reason.REMOVED,
    )
    people = (each for each in change.concerned if each.key in change.newcomers)
    return Decision(
        notice=notice, left_out=tuple(LeftOut(each.person, Reason.REMOVED) for each in people)
    )


def leaves_untold(delivery: Delivery) -> bool:
    """Tell whether the person of a first letter, as planned, knows nothing until told otherwise.

    Either it waits, or it came too late. A letter that nobody wants sent (switched off,
    federation) counts as said by others: what follows it is told as usual.
    """
    return delivery.state is State.PENDING or delivery.reason in _TOO_LATE


def removal_id(event: str, key: str) -> str:
    """Give the id of the delivery that told the person with this key of a removal."""
    return short_id(root_of(Kind.REMOVAL, event), key)


def tells_of_a_new_life(notice: Notice) -> bool:
    """Tell whether a notice to everyone is the first word of a life of the conference (R19)."""
    return notice.everyone and notice.kind is Kind.INVITATION
