"""Events as a publisher would write them: conferences, people, and what happens to them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import SyncClient

# What travels to Redis in one go (events).
BATCH = 100

# Whoever publishes begins to count anew; an id that was heard before would not be heard again.
_run = uuid4().hex[:8]
_numbers = count(1)
_languages = ("en", "fr")


def people(number: int) -> list[dict[str, Any]]:
    """Give that many different people."""
    return [
        {
            "id": f"person-{each}@conf.example.com",
            "name": f"Anna Lena Müller {each}" if each % 3 else f"Boris Petit {each}",
            "email": f"person-{each}@example.org",
            "language": _languages[each % 2],
            "time_zone": "Europe/Paris",
        }
        for each in range(number)
    ]


def conference(name: str, *, revision: int = 1, hours: int = 0) -> dict[str, Any]:
    """Give a conference in forty days, moved by `hours`."""
    start = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)
    return {
        "id": name,
        "revision": revision,
        "name": "Quarterly review of everything",
        "description": "What was done, what was not, and what comes next.\nBring your figures.",
        "launch": "scheduled",
        "access": "private",
        "schedule": {
            "start": (start + timedelta(days=40, hours=hours)).isoformat(),
            "time_zone": "Europe/Paris",
            "duration": 5400,
            "recurrence": None,
        },
        "owner": {
            "id": "owner@conf.example.com",
            "name": "Chen Wu",
            "email": "owner@example.org",
            "work_phone": "+33 1 23 45 67 89",
        },
    }


def invitation(to: dict[str, Any], participants: list[dict[str, Any]]) -> bytes:
    """Give the event that invites people."""
    return _event("conference.invitation", {"conference": to, "participants": participants})


def reschedule(to: dict[str, Any]) -> bytes:
    """Give the event that moves a conference."""
    return _event("conference.reschedule", {"conference": to})


def small(number: int, prefix: str) -> list[bytes]:
    """Give events that invite one person each, every one to a conference of its own."""
    return invitations(number, 1, prefix)


def invitations(number: int, each: int, prefix: str) -> list[bytes]:
    """Give events that invite so many people each, no person twice, to as many conferences."""
    invited = people(number * each)
    return [
        invitation(conference(f"{prefix}-{at}"), invited[at * each : (at + 1) * each])
        for at in range(number)
    ]


def publish(client: SyncClient, events: Sequence[bytes]) -> None:
    """XADD events, a hundred in a round trip."""
    for at in range(0, len(events), BATCH):
        pipeline = client.pipeline(transaction=False)
        for event in events[at : at + BATCH]:
            pipeline.xadd(keys.EVENTS, {"event": event})
        pipeline.execute()


def _event(what: str, told: dict[str, Any]) -> bytes:
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": f"event-{_run}-{next(_numbers)}",
            "source": "/bench",
            "type": what,
            "time": datetime.now(UTC).isoformat(),
            "data": told,
        }
    )
