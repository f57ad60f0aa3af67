"""What a schedule may hold: every limit, and the sentence that refuses what is beyond it."""

from datetime import datetime, timedelta
from typing import Final

from notifier.core.times.recurrence import LAST_YEAR, read_rule
from notifier.core.times.zones import known_zone, nearest_zone

LONGEST_DURATION: Final = timedelta(days=30)
FIRST_YEAR: Final = 1970
# Single occurrences left out or moved; more than anybody edits by hand.
MOST_EXCEPTIONS: Final = 1_000
MOST_MOVED: Final = 100


def check_wall_time(name: str, moment: datetime) -> None:
    """Refuse what is no local wall time of a year that we reckon with."""
    if moment.tzinfo is not None or moment.microsecond:
        raise ValueError(
            f"`{name}` is {moment.isoformat()}, but only local wall time in whole seconds without "
            "an offset is allowed, such as 2026-11-27T15:00:00; the zone stands in `time_zone`."
        )
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise ValueError(
            f"`{name}` is {moment.isoformat()}, but only years from {FIRST_YEAR} to "
            f"{LAST_YEAR - 1} are allowed."
        )


def check_number(name: str, found: int, most: int) -> None:
    """Refuse more entries than anybody writes by hand."""
    if found > most:
        raise ValueError(f"`{name}` has {found} entries, but at most {most} are allowed.")


def check_duration(seconds: int) -> None:
    """Refuse what lasts no time, or longer than a month (seconds)."""
    longest = int(LONGEST_DURATION.total_seconds())
    if not 0 < seconds <= longest:
        raise ValueError(
            f"`duration` is {seconds}, but only 1 to {longest} seconds (30 days) are allowed."
        )


def check_zone(name: str) -> None:
    """Refuse a zone that the database does not know."""
    if not known_zone(name):
        raise ValueError(
            f"`time_zone` is {name[:64]!r}, but only names of the IANA time zone database are "
            f"allowed, such as {nearest_zone(name)!r}."
        )


def check_rule(recurrence: str | None) -> None:
    """Refuse a recurrence rule that cannot be read, if there is one."""
    try:
        _ = recurrence is None or read_rule(recurrence)
    except ValueError as fault:
        raise ValueError(f"`recurrence`: {fault}") from None
