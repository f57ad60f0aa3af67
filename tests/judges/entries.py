"""Calendar entries to be judged, written by the program as it writes those of mails."""

from datetime import UTC, datetime
from typing import Any, Final

from notifier.core.calendars.entries import calendar_bytes
from notifier.core.calendars.telling import CalendarEntry
from notifier.core.times.schedule import Schedule

# Before anything that is planned here.
NOW: Final = datetime(2026, 11, 24, 10, tzinfo=UTC)


def entry(schedule: Schedule, **changes: Any) -> CalendarEntry:
    """Give an invitation of Boris to a conference at these times."""
    plainly: dict[str, Any] = {
        "method": "REQUEST",
        "uid": "0b6f-1@example.com",
        "sequence": 2,
        "dtstamp": NOW,
        "created": NOW,
        "last_modified": NOW,
        "organizer_name": "Anna Keller (Example Conferences)",
        "organizer_address": "conf@example.com",
        "attendee_name": "Boris Petit",
        "attendee_address": "boris@example.org",
        "summary": "Quarterly review",
        "description": "https://conf.example.com/c/1\n\nПриносите числа, 会議, näytä.",
        "url": "https://conf.example.com/c/1",
        "schedule": schedule,
        "now": NOW,
        "prodid": "-//Example//Notifier 1.0//EN",
    }
    return CalendarEntry(**(plainly | changes))


def written(schedule: Schedule, **changes: Any) -> bytes:
    return calendar_bytes(entry(schedule, **changes))
