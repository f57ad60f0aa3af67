"""node-ical, which home automation and many a script read calendars with."""

from collections.abc import Iterable
from datetime import datetime

from tests.judges.moments import moments
from tests.judges.node import NODE


def findings(content: bytes) -> list[str]:
    """Give why node-ical cannot read a calendar, or what it makes of it that nobody can mean."""
    return list(NODE.about(content, "node-ical findings"))


def starts(content: bytes) -> list[datetime]:
    return moments(NODE.about(content, "node-ical starts"))


def offsets(zone: str, at: Iterable[datetime]) -> list[float]:
    """Give the offsets of a zone (seconds) by Node's own tables, by which it expands."""
    seconds = [each.timestamp() for each in at]
    return list(NODE.ask({"ask": "offsets", "zone": zone, "moments": seconds}))
