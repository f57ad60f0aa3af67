"""icalendar as a reader: what it forgave while it read, and what RFC 5545 wants and is not there.

It writes our calendars too, but what it was told to write it does not look at again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

import icalendar
import recurring_ical_events
from icalendar import Calendar, Component

# Occurrences of an endless series that are enough.
MOST = 60


def findings(content: bytes) -> list[str]:
    try:
        calendar = Calendar.from_ical(content)
        missing = sorted(calendar.get_missing_tzids())
    except (ValueError, KeyError, IndexError) as refused:
        return [str(refused) or type(refused).__name__]
    return [
        *(f"TZID={zone} without its VTIMEZONE" for zone in missing),
        *(each for component in calendar.walk() for each in _of(component)),
    ]


def _of(component: Component) -> Iterator[str]:
    name = component.name
    for field, fault in component.errors:
        yield f"{name}: {fault} in {field}"
    for field in component.required:
        if field not in component:
            yield f"{name}: {field} is missing"
    for field in component.singletons:
        if isinstance(component.get(field), list):
            yield f"{name}: {field} stands several times"


def starts(content: bytes) -> list[datetime]:
    """Give the starts that recurring-ical-events finds."""
    with _by_pytz():
        found = islice(recurring_ical_events.of(Calendar.from_ical(content)).all(), MOST)
        return sorted(each.start.astimezone(UTC) for each in found)


@contextmanager
def _by_pytz() -> Iterator[None]:
    """Read by the zones of pytz: those of the system may be of another year."""
    icalendar.use_pytz()  # type: ignore[no-untyped-call] # forgotten in its hints
    try:
        yield
    finally:
        icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]
