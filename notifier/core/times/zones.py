"""Turns wall time into UTC and back, by the one time zone database of this process."""

from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

import pytz
from pytz.exceptions import AmbiguousTimeError, NonExistentTimeError

# Which edition of the laws about time this process follows.
EDITION: Final = str(pytz.OLSON_VERSION)  # type: ignore[attr-defined]  # its stubs leave it out


def known_zone(name: str) -> bool:
    """Whether this is an IANA zone name in its usual spelling."""
    return name in pytz.all_timezones_set


def nearest_zone(name: str) -> str:
    """A zone that somebody who wrote this may have meant, else an example."""
    spellings = {zone.lower(): zone for zone in pytz.all_timezones}
    near = get_close_matches(name[:64].lower(), spellings, n=1)
    return spellings[near[0]] if near else "Europe/Paris"


# The same starts are asked for again at every event of a conference, and pytz takes 35 µs for one.
@lru_cache(maxsize=16_384)
def to_utc(local: datetime, zone: str) -> datetime:
    """The instant of a naive wall time: the one place where a gap or a fold is decided.

    A wall time that comes twice means the first (RFC 5545, 3.3.5). One that never comes is read
    with the offset before the gap; 3.3.10 would rather ignore it, but the conference is held.
    """
    tz = pytz.timezone(zone)
    try:
        return tz.localize(local, is_dst=None).astimezone(UTC)
    except AmbiguousTimeError:
        return min(tz.localize(local, is_dst=dst).astimezone(UTC) for dst in (True, False))
    except NonExistentTimeError:
        # pytz looks six hours back for is_dst=False, which is the offset before the gap.
        return tz.localize(local, is_dst=False).astimezone(UTC)


# A letter asks for the same moment in the same zone three times.
@lru_cache(maxsize=4096)
def to_local(instant: datetime, zone: str) -> datetime:
    """The aware local time of an aware instant; drop `tzinfo` for the wall time."""
    return instant.astimezone(pytz.timezone(zone))
