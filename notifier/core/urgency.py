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


def urgency(delivery: Delivery) -> datetime:
    """Give the moment by which a delivery wants to be gone; the earlier, the more urgent.

    Never later than its deadline: what becomes useless soon goes soon.
    """
    wanted = delivery.created + PATIENCE[delivery.kind]
    return min(wanted, delivery.deadline) if delivery.deadline else wanted
