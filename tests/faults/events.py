"""What publishers say of Anna's review, in one line each, and what came of it."""

from typing import Any

from notifier.core.people import Person
from tests.adapters.desk import Desk
from tests.cast import conference, event

# An event as plain JSON values.
Said = dict[str, Any]


def invitation(*people: Person | Said, revision: int = 1, **changes: Any) -> Said:
    held = conference(revision=revision, **changes)
    return event("conference.invitation", {"conference": held, "participants": list(people)})


def removal(*people: Person, revision: int, **changes: Any) -> Said:
    held = conference(revision=revision, **changes)
    return event("conference.removal", {"conference": held, "participants": list(people)})


def reschedule(revision: int, **changes: Any) -> Said:
    return event("conference.reschedule", {"conference": conference(revision, **changes)})


def update(revision: int, **changes: Any) -> Said:
    return event("conference.update", {"conference": conference(revision, **changes)})


def cancellation(revision: int, **changes: Any) -> Said:
    return event("conference.cancellation", {"conference": conference(revision, **changes)})


async def told(office: Desk) -> list[tuple[str, str]]:
    """Who was sent what, in order: the kind and the first name."""
    rows = [row for row in await office.deliveries() if row.state == "sent"]
    return sorted((row.kind, row.recipient.name.split()[0]) for row in rows)


async def untold(office: Desk) -> list[tuple[str, str, str]]:
    """Who was not: the first name, the state and the reason."""
    rows = [row for row in await office.deliveries() if row.state != "sent"]
    return sorted((row.recipient.name.split()[0], row.state, row.reason) for row in rows)


async def buried(office: Desk) -> list[tuple[bytes, str, str]]:
    """What lies in the stream of the rejected: bytes, reason and path."""
    found = await office.client.xrange("notifier:rejected")
    return [
        (fields[b"event"], fields[b"reason"].decode(), fields[b"path"].decode())
        for _entry, fields in found
    ]


async def unacknowledged(office: Desk) -> int:
    """How many entries were read and not finished."""
    return int((await office.client.xpending("notifier:events", "notifier"))["pending"])
