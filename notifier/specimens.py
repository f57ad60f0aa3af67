"""One good event of every type, for readers of the contract and for trying it out."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from notifier.core.events import (
    CallMissed,
    Choices,
    Conference,
    ConferenceCancelled,
    ConferenceEnded,
    ConferenceRescheduled,
    ConferenceUpdated,
    Happening,
    PeopleInvited,
    PeopleRemoved,
    PersonRegistered,
    RecipientBounced,
    ServerRestarted,
)
from notifier.core.people import Person
from notifier.core.times.schedule import Moved, Schedule

_NOW: Final = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

_ANNA: Final = Person(
    id="anna@conf.example.com",
    name="Anna Keller",
    email="anna@example.com",
    language="en",
    time_zone="Europe/Paris",
    mobile_phone="+33 6 12 34 56 78",
)
_BORIS: Final = Person(
    id="boris@conf.example.com",
    name="Boris Petit",
    email="boris@example.org",
    language="fr",
    time_zone="Europe/Paris",
)
_CHEN: Final = Person(id="#mailto:chen@example.net", name="Chen Li")
_DANA: Final = Person(
    email="dana@example.net",
    name="Dana Fox",
    time_zone="America/New_York",
    unique_link="https://conf.example.com/c/5b1fd0c2aa?p=5Yq0vTn2",
)

_ONCE: Final = Schedule(
    start=datetime(2026, 11, 27, 15, 0),  # noqa: DTZ001 - wall times are local by contract
    time_zone="Europe/Paris",
    duration=3600,
)
_WEEKLY: Final = Schedule(
    start=datetime(2026, 11, 30, 9, 0),  # noqa: DTZ001
    time_zone="Europe/Paris",
    duration=1800,
    recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=10",
    exceptions=(datetime(2026, 12, 28, 9, 0),),  # noqa: DTZ001
    moved=(
        Moved(
            original=datetime(2026, 12, 7, 9, 0),  # noqa: DTZ001
            start=datetime(2026, 12, 8, 14, 0),  # noqa: DTZ001
            duration=2700,
        ),
    ),
)

_REVIEW: Final = Conference(
    id="df0a2adebe",
    revision=1,
    name="Quarterly review",
    launch="scheduled",
    description="Numbers of the third quarter, plans for the fourth.",
    schedule=_ONCE,
    owner=_ANNA,
    notifications=Choices(reminders=("1d", "5m")),
    url="https://conf.example.com/c/df0a2adebe",
)
_WEBINAR: Final = Conference(
    id="5b1fd0c2aa",
    revision=4,
    name="Getting started",
    launch="scheduled",
    access="public",
    schedule=_WEEKLY,
    owner=_ANNA,
)


def _review(revision: int, **changes: Any) -> Conference:
    return msgspec.structs.replace(_REVIEW, revision=revision, **changes)


_LATER: Final = msgspec.structs.replace(_ONCE, start=datetime(2026, 12, 1, 10, 30))  # noqa: DTZ001

SPECIMENS: Final[dict[str, Happening]] = {
    "call.missed": CallMissed(caller=_ANNA, recipient=_BORIS, time=_NOW),
    "conference.invitation": PeopleInvited(conference=_REVIEW, participants=(_BORIS, _CHEN)),
    "conference.registration": PersonRegistered(conference=_WEBINAR, participant=_DANA),
    "conference.reschedule": ConferenceRescheduled(conference=_review(2, schedule=_LATER)),
    "conference.cancellation": ConferenceCancelled(
        conference=_review(5, launch="virtual_room", schedule=None)
    ),
    "conference.removal": PeopleRemoved(conference=_review(3), participants=(_CHEN,)),
    "conference.update": ConferenceUpdated(conference=_review(4, name="Quarterly review, Q3")),
    "conference.end": ConferenceEnded(conference=_review(6)),
    "recipient.bounced": RecipientBounced(
        address="chen@example.net",
        status="5.1.1",
        message_id="<5f0c7e@conf.example.com>",
        details="550 5.1.1 no such user",
    ),
    "server.restart": ServerRestarted(
        reason="internal_error",
        time=_NOW,
        incident="2026-11-23/1",
        details="core-eu-1: out of memory in the mixer",
    ),
}


def specimen(word: str) -> dict[str, Any]:
    """Give the event of that type as plain JSON values."""
    what = SPECIMENS[word]
    conference = getattr(what, "conference", None)
    event = {
        "specversion": "1.0",
        "id": f"{word}-1",
        "source": "/core/eu-1",
        "type": word,
        "time": _NOW,
        "subject": conference.id if conference else None,
        "data": what,
    }
    said: dict[str, Any] = _without_null(msgspec.json.decode(msgspec.json.encode(event)))
    return said


def _without_null(value: Any) -> Any:
    """Leave out what says nothing, as a person who writes JSON does."""
    match value:
        case dict():
            return {k: _without_null(each) for k, each in value.items() if each is not None}
        case list():
            return [_without_null(each) for each in value]
        case _:
            return value
