"""Places in a stream, as Redis names its entries: a millisecond, a hyphen, and a number."""

from datetime import UTC, datetime
from typing import Final

Place = str | bytes

# Before the first entry of any stream.
BEGINNING: Final = "0-0"


def order(place: Place) -> tuple[int, int]:
    """Give what places are compared by."""
    text = place.decode() if isinstance(place, bytes) else place
    milliseconds, _, number = text.partition("-")
    return int(milliseconds), int(number or 0)


def unix_time(place: Place) -> float:
    """Give when something was put at this place (Unix seconds)."""
    return order(place)[0] / 1000


def moment(place: Place) -> datetime:
    """Give the same as a moment in UTC."""
    return datetime.fromtimestamp(unix_time(place), tz=UTC)
