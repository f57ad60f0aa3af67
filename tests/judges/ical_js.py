"""ical.js, the engine of Thunderbird."""

from datetime import datetime

from tests.judges.moments import moments
from tests.judges.node import NODE


def findings(content: bytes) -> list[str]:
    """Give why ical.js cannot read a calendar, or what it makes of it that nobody can mean."""
    return list(NODE.about(content, "ical.js findings"))


def starts(content: bytes) -> list[datetime]:
    return moments(NODE.about(content, "ical.js starts"))
