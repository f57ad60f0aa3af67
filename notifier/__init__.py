"""Tells people about their conferences and missed calls by mail.

What a publisher needs stands here by name: `from notifier import Conference, Person, Publisher`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from notifier.core.events import (
        CallMissed,
        Choices,
        Conference,
        ConferenceCancelled,
        ConferenceEnded,
        ConferenceRescheduled,
        ConferenceUpdated,
        Event,
        PeopleInvited,
        PeopleRemoved,
        PersonRegistered,
        RecipientBounced,
        Rejected,
        ServerRestarted,
    )
    from notifier.core.people import Person
    from notifier.core.times.schedule import Moved, Schedule
    from notifier.publisher import AsyncPublisher, NotPublished, Publisher

__all__ = [
    "AsyncPublisher",
    "CallMissed",
    "Choices",
    "Conference",
    "ConferenceCancelled",
    "ConferenceEnded",
    "ConferenceRescheduled",
    "ConferenceUpdated",
    "Event",
    "Moved",
    "NotPublished",
    "PeopleInvited",
    "PeopleRemoved",
    "Person",
    "PersonRegistered",
    "Publisher",
    "RecipientBounced",
    "Rejected",
    "Schedule",
    "ServerRestarted",
]

_HOMES: Final = {
    "AsyncPublisher": "notifier.publisher",
    "NotPublished": "notifier.publisher",
    "Publisher": "notifier.publisher",
    "Moved": "notifier.core.times.schedule",
    "Schedule": "notifier.core.times.schedule",
    "Person": "notifier.core.people",
}


def __getattr__(name: str) -> Any:
    """Load a name at its first use: whoever imports one module of ours loads no other for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "notifier.core.events")), name)
