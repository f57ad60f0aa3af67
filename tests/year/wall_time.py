"""Wall time and series by other people's code: zoneinfo for zones, dateutil for rules.

The files are those of pytz, so that both sides follow the same edition of the laws; who reads them
and what is made of them has nothing in common with the product.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytz
from dateutil.rrule import rrulestr

YEAR: Final = 2027
BEGINNING: Final = datetime(YEAR, 1, 1, tzinfo=UTC)
END: Final = datetime(YEAR + 1, 1, 1, tzinfo=UTC)
# Starts that a reminder of the year can speak of lie at most 30 days behind its end; and a
# fortnight before its beginning there may be one that was missed.
EARLIEST: Final = BEGINNING - timedelta(days=40)
LATEST: Final = END + timedelta(days=32)
ANY_OFFSET: Final = timedelta(days=2)

# Whole and odd offsets; gaps and folds at midnight, at two and at three, of half an hour and of
# two; summer in both halves of the year; laws that were changed last year.
ZONES: Final = (
    "Europe/Paris",
    "Australia/Lord_Howe",
    "Europe/London",
    "Europe/Moscow",
    "Europe/Istanbul",
    "Europe/Chisinau",
    "America/New_York",
    "America/Vancouver",
    "America/Havana",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Asuncion",
    "America/Nuuk",
    "America/Scoresbysund",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Vladivostok",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
)


@cache
def zone(name: str) -> ZoneInfo:
    with pytz.open_resource(name) as file:  # type: ignore[attr-defined]  # its stubs leave it out
        return ZoneInfo.from_file(file, key=name)


@cache
def instant(local: datetime, name: str) -> datetime:
    """The instant of a wall time: fold 0 is the first of two, and the offset before a gap."""
    return local.replace(tzinfo=zone(name), fold=0).astimezone(UTC)


def wall(moment: datetime, name: str) -> datetime:
    """What the clocks of a zone show at an instant."""
    return moment.astimezone(zone(name)).replace(tzinfo=None, fold=0)


@cache
def clock_changes(name: str) -> tuple[datetime, ...]:
    """The instants of the year at which the clocks of a zone are put forward or back."""
    half_hours = [BEGINNING + timedelta(minutes=30 * n) for n in range(2 * 24 * 365)]
    offsets = [each.astimezone(zone(name)).utcoffset() for each in half_hours]
    return tuple(
        moment
        for moment, before, after in zip(half_hours[1:], offsets, offsets[1:], strict=False)
        if before != after
    )


def put_oddly(local: datetime, name: str) -> bool:
    """Tell whether the clocks skip or repeat this wall time."""
    first, second = (local.replace(tzinfo=zone(name), fold=fold) for fold in (0, 1))
    return first.utcoffset() != second.utcoffset()


Plain = dict[str, Any]


def originals(schedule: Plain) -> list[datetime]:
    """The local starts by the rule, whatever was left out or moved, up to the end of the year."""
    start = datetime.fromisoformat(schedule["start"])
    if not schedule.get("recurrence"):
        return [start]
    parts = dict(part.split("=") for part in schedule["recurrence"].split(";"))
    until = parts.pop("UNTIL", None)
    rule = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=start)
    latest = (LATEST + ANY_OFFSET).replace(tzinfo=None)
    found: Iterator[datetime] = takewhile(lambda local: local <= latest, rule)
    return [each for each in found if until is None or _within(each, schedule["time_zone"], until)]


def _within(local: datetime, name: str, until: str) -> bool:
    if until.endswith("Z"):
        return instant(local, name) <= datetime.fromisoformat(until)
    if "T" in until:
        return local <= datetime.fromisoformat(until)
    return local.date() <= datetime.fromisoformat(until).date()


def starts(schedule: Plain) -> frozenset[datetime]:
    """The instants at which a conference begins, as far as the year can be concerned with them."""
    key = (
        schedule["start"],
        schedule["time_zone"],
        schedule.get("recurrence"),
        tuple(schedule.get("exceptions", ())),
        tuple((each["original"], each["start"]) for each in schedule.get("moved", ())),
    )
    if key not in _STARTS:
        _STARTS[key] = frozenset(
            begin
            for local in _locals(schedule)
            if EARLIEST <= (begin := instant(local, schedule["time_zone"])) <= LATEST
        )
    return _STARTS[key]


def _locals(schedule: Plain) -> Iterator[datetime]:
    left_out = {datetime.fromisoformat(each) for each in schedule.get("exceptions", ())}
    moved = {
        datetime.fromisoformat(each["original"]): datetime.fromisoformat(each["start"])
        for each in schedule.get("moved", ())
    }
    for original in originals(schedule):
        if original not in left_out:
            yield moved.get(original, original)


def moved_starts(schedule: Plain) -> frozenset[datetime]:
    """The instants to which single occurrences were moved."""
    locals_ = (datetime.fromisoformat(each["start"]) for each in schedule["moved"])
    return frozenset(instant(each, schedule["time_zone"]) for each in locals_)


_STARTS: dict[object, frozenset[datetime]] = {}
