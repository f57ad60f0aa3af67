"""Urgency: in which order ready deliveries leave."""

from datetime import datetime, timedelta
from typing import Final

from notifier.core.delivery import Delivery

# How long a mail of each kind may wait behind others without harm. Waiting makes urgent: nothing is
# overtaken for longer than the difference of two entries.
PATIENCE: Final[dict[str, timedelta]] = {
    "reminder": timedelta(0),
    "server_restart": timedelta(0),
    "cancellation": timedelta(minutes=1),
    "reschedule": timedelta(minutes=1),
    "registration": timedelta(minutes=1),
    "missed_call": timedelta(minutes=2),
    "missed_call_unregistered": timedelta(minutes=2),
    "removal": timedelta(minutes=10),
    "invitation": timedelta(minutes=10),
}


# How far ahead of its deadline a mail stands in the queue. A reminder goes as if it had waited for
# this long, less what is left until it is useless: five minutes before the start it overtakes all
# bulk of the last day, a day before it overtakes nothing that has waited. A day, because a queue of
# so many hours is the longest through which reminders shall still find their way; longer, and those
# of tomorrow would hold up a cancellation of today.
AHEAD: Final[dict[str, timedelta]] = {"reminder": timedelta(days=1)}


def urgency(delivery: Delivery) -> datetime:
    """Give the moment by which a delivery wants to be gone; the earlier, the more urgent.

    Never later than its deadline: what becomes useless soon goes soon, a reminder above all.
    """
    wanted = delivery.created + PATIENCE[delivery.kind]
    if delivery.deadline is None:
        return wanted
    return min(wanted, delivery.deadline - AHEAD.get(delivery.kind, timedelta(0)))
