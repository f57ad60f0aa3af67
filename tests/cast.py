"""The known cast, and builders for what happens to them.

Anna organises, Boris is invited, Chen is a guest by mail address, Dana lives on another server.
A test states only what matters to it: `conference(revision=2, launch="virtual_room")`,
`event("conference.invitation", {"conference": conference(), "participants": [BORIS]})`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

import msgspec

from notifier.core.events import Conference, Event, parse
from notifier.core.people import Person
from notifier.core.times.schedule import Schedule

HOME: Final = "conf.example.com"
ELSEWHERE: Final = "meet.example.net"
SOURCE: Final = "/core/eu-1"

# Monday morning; the conference is on Friday at 15:00 in Paris.
NOW: Final = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
START: Final = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
END: Final = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)

ANNA: Final = Person(
    id=f"anna@{HOME}",
    name="Anna Keller",
    email="anna@example.com",
    language="en",
    time_zone="Europe/Paris",
    mobile_phone="+33 6 12 34 56 78",
    work_phone="+33 1 23 45 67 80",
    sip_number="4711",
)
BORIS: Final = Person(
    id=f"boris@{HOME}",
    name="Boris Petit",
    email="boris@example.org",
    language="fr",
    time_zone="Europe/Paris",
)
CHEN: Final = Person(id="#mailto:chen@example.cn", name="Chen Li")
DANA: Final = Person(
    id=f"dana@{ELSEWHERE}",
    name="Dana Fox",
    email="dana@example.net",
    language="en",
    time_zone="America/New_York",
)

_event_number = count(1)


def person(number: int = 1, **changes: Any) -> Person:
    """One of the many: a user here with an address, no two numbers the same person."""
    plainly = Person(
        id=f"user{number}@{HOME}", name=f"User {number}", email=f"user{number}@example.org"
    )
    return msgspec.structs.replace(plainly, **changes)


def schedule(**changes: Any) -> Schedule:
    """Friday, 27 November 2026, 15:00 to 16:00 in Paris, once."""
    start = START.replace(hour=15, tzinfo=None)
    once = Schedule(start=start, time_zone="Europe/Paris", duration=3600)
    return msgspec.structs.replace(once, **changes)


def conference(revision: int = 1, **changes: Any) -> Conference:
    """Anna's review; a virtual room when `launch` says so."""
    a_room = changes.get("launch") == "virtual_room"
    ours: dict[str, Any] = {
        "id": "df0a2adebe",
        "name": "Quarterly review",
        "launch": "scheduled",
        "owner": ANNA,
        "description": "Numbers of the third quarter.",
        "schedule": None if a_room else schedule(),
    }
    return Conference(revision=revision, **(ours | changes))


def event(
    type_: str, data: Mapping[str, Any] | msgspec.Struct, **attributes: Any
) -> dict[str, Any]:
    """A CloudEvents object as plain JSON values; each has an ID of its own unless one is given."""
    ours = {
        "specversion": "1.0",
        "id": f"event-{next(_event_number)}",
        "source": SOURCE,
        "type": type_,
        "time": "2026-11-23T09:30:00Z",
        "data": plain(data),
    }
    return ours | attributes


def raw(event: Any) -> bytes:
    """The bytes that a publisher puts on the stream."""
    return msgspec.json.encode(event)


def heard(type_: str, data: Mapping[str, Any] | msgspec.Struct, **attributes: Any) -> Event:
    """The same event as the notifier reads it."""
    return parse(raw(event(type_, data, **attributes)))


def plain(value: Any) -> Any:
    """A value as JSON would carry it: dicts, lists, texts."""
    return msgspec.json.decode(msgspec.json.encode(value))


def samples() -> dict[str, dict[str, Any]]:
    """One good event of every type, by type."""
    when = "2026-11-23T09:30:00Z"
    held = conference()
    signed_up = msgspec.structs.replace(BORIS, unique_link=f"https://{HOME}/c/df0a2adebe?p=5Yq0")
    told: dict[str, dict[str, Any]] = {
        "call.missed": {"caller": ANNA, "recipient": BORIS, "time": when},
        "conference.invitation": {"conference": held, "participants": [BORIS, CHEN, DANA]},
        "conference.registration": {"conference": held, "participant": signed_up},
        "conference.reschedule": {"conference": conference(revision=2)},
        "conference.cancellation": {"conference": conference(revision=3)},
        "conference.removal": {"conference": conference(revision=4), "participants": [CHEN]},
        "conference.update": {"conference": conference(revision=5)},
        "conference.end": {"conference": conference(revision=6)},
        "recipient.bounced": {"address": "chen@example.cn", "status": "5.1.1"},
        "server.restart": {"reason": "internal_error", "time": when, "incident": "2026-11-23/1"},
    }
    return {type_: event(type_, data) for type_, data in told.items()}
