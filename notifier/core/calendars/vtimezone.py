"""Describes a zone for calendars (VTIMEZONE), so that every reader finds the same instants.

`icalendar.add_missing_timezones` will not do: it lists onsets as comma-separated RDATEs, of which
Thunderbird reads the first only and Outlook none, and gives their local times in the wrong offset.
A zone whose rule goes on gets one STANDARD and one DAYLIGHT with a yearly RRULE, made from the
POSIX rule at the end of its TZif file (RFC 8536, 3.3) and compared with the transitions in the
same file. The few that change irregularly get their onsets one by one.
"""

import re
import struct
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Final

import msgspec
import pytz
from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vDDDTypes, vRecur

from notifier.core.times.zones import to_local

# How far a rule is compared with the transitions, and how far single onsets are listed.
YEARS_AHEAD: Final = 10
# Where the transitions in the files of pytz end; from there on it knows no daylight saving time.
LAST_LISTED_YEAR: Final = 2037
WEEKDAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")


class Onset(msgspec.Struct, frozen=True):
    """A moment (UTC) at which a zone goes from one offset to another, and its name from then on."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


class YearlyRule(msgspec.Struct, frozen=True):
    """Mm.w.d/time of a POSIX rule: week 1 to 5 (5: the last) of weekday 0 (Sunday), and seconds."""

    month: int
    week: int
    weekday: int
    seconds: int


class PosixRule(msgspec.Struct, frozen=True):
    """What a zone does every year: its two offsets, and when each of them begins."""

    standard: timedelta
    standard_name: str
    daylight: timedelta
    daylight_name: str
    to_daylight: YearlyRule
    to_standard: YearlyRule


@lru_cache(maxsize=512)
def vtimezone(zone: str, year: int) -> Timezone:
    """The VTIMEZONE for events that begin in a year; its first onsets lie in the year before.

    The result is shared: add it to a calendar, but do not change it.
    """
    onsets = _onsets_between(zone, year - 1, year + YEARS_AHEAD)
    rule = _posix_rule(zone)
    component = Timezone()
    component.add("TZID", zone)
    if rule and onsets and _repeats(rule, onsets, year - 1):
        parts = _by_rule(rule, year - 1)
    else:
        parts = _one_by_one(zone, onsets, year - 1)
    for part in parts:
        component.add_component(part)
    return component


# ---- reading the file of a zone ------------------------------------------------------------


def _file(zone: str) -> bytes:
    with pytz.open_resource(zone) as file:  # type: ignore[attr-defined] # missing in the stubs
        return bytes(file.read())


@lru_cache(maxsize=512)
def _onsets(zone: str) -> tuple[Onset, ...]:
    """All transitions of a zone: the 32-bit block of the file (RFC 8536, 3.2), as pytz reads it."""
    content = _file(zone)
    _, _, _, moments, types, letters = struct.unpack(">6l", content[20:44])
    at = 44
    instants = struct.unpack(f">{moments}l", content[at : at + 4 * moments])
    at += 4 * moments
    kinds = content[at : at + moments]
    at += moments
    offsets = [struct.unpack(">lBB", content[at + 6 * n : at + 6 * n + 6]) for n in range(types)]
    at += 6 * types
    names = content[at : at + letters]
    onsets = []
    before = timedelta(seconds=offsets[0][0])
    for instant, kind in zip(instants, kinds, strict=True):
        seconds, _, name = offsets[kind]
        after = timedelta(seconds=seconds)
        text = names[name : names.index(0, name)].decode("ascii")
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant)
        if after != before:
            onsets.append(Onset(moment, before, after, text))
        before = after
    return tuple(onsets)


def _onsets_between(zone: str, first: int, last: int) -> list[Onset]:
    return [onset for onset in _onsets(zone) if first <= (onset.at + onset.before).year <= last]


NAME: Final = r"(<[^>]+>|[A-Za-z]+)"
OFFSET: Final = r"([+-]?[0-9:]+)"
ONSET: Final = r"M([0-9]+)\.([0-9])\.([0-9])(?:/([+-]?[0-9:]+))?"
POSIX: Final = re.compile(f"{NAME}{OFFSET}{NAME}{OFFSET}?,{ONSET},{ONSET}")


def _posix_rule(zone: str) -> PosixRule | None:
    """The rule in the last line of the file, or None if the offset no longer changes."""
    found = POSIX.fullmatch(_file(zone).split(b"\n")[-2].decode("ascii"))
    if found is None:
        return None
    name, offset, other_name, other_offset, *onsets = found.groups()
    # POSIX counts offsets westwards.
    standard = -timedelta(seconds=_seconds(offset))
    daylight = -timedelta(seconds=_seconds(other_offset)) if other_offset else None
    return PosixRule(
        standard=standard,
        standard_name=name.strip("<>"),
        daylight=standard + timedelta(hours=1) if daylight is None else daylight,
        daylight_name=other_name.strip("<>"),
        to_daylight=_yearly(*onsets[:4]),
        to_standard=_yearly(*onsets[4:]),
    )


def _yearly(month: str, week: str, weekday: str, clock: str | None) -> YearlyRule:
    return YearlyRule(int(month), int(week), int(weekday), _seconds(clock or "2"))


def _seconds(clock: str) -> int:
    """Seconds of '2', '-1', '2:45' or '26'; 2 o'clock is the default of POSIX."""
    hours, minutes, seconds = (*map(int, clock.lstrip("+-").split(":")), 0, 0)[:3]
    return (hours * 3600 + minutes * 60 + seconds) * (-1 if clock.startswith("-") else 1)


# ---- a rule that goes on -------------------------------------------------------------------


def _repeats(rule: PosixRule, onsets: list[Onset], first: int) -> bool:
    """Whether the rule can be written for calendars and gives exactly these onsets."""
    years = range(first, min(first + YEARS_AHEAD + 1, LAST_LISTED_YEAR) + 1)
    if _month_days(rule.to_daylight) is None or _month_days(rule.to_standard) is None:
        return False
    expected = [onset for year in years for onset in _onsets_of_year(rule, year)]
    return sorted(expected, key=attrgetter("at")) == onsets


def _onsets_of_year(rule: PosixRule, year: int) -> list[Onset]:
    spring = _local_onset(rule.to_daylight, year).replace(tzinfo=UTC) - rule.standard
    autumn = _local_onset(rule.to_standard, year).replace(tzinfo=UTC) - rule.daylight
    return [
        Onset(spring, rule.standard, rule.daylight, rule.daylight_name),
        Onset(autumn, rule.daylight, rule.standard, rule.standard_name),
    ]


def _local_onset(yearly: YearlyRule, year: int) -> datetime:
    """The wall time, by the offset before, at which a yearly rule strikes."""
    first = date(year, yearly.month, 1)
    day = first + timedelta(days=(yearly.weekday - first.isoweekday()) % 7)
    days = [day + timedelta(weeks=n) for n in range(5)]
    in_month = [each for each in days if each.month == yearly.month]
    chosen = in_month[min(yearly.week, len(in_month)) - 1]
    return datetime.combine(chosen, time()) + timedelta(seconds=yearly.seconds)


def _month_days(yearly: YearlyRule) -> list[int] | None:
    """The days of the month on which the rule can strike; None where they leave the month."""
    shift = yearly.seconds // 86400
    length = (date(2027, yearly.month % 12 + 1, 1) - timedelta(days=1)).day
    first = length - 6 if yearly.week == 5 else 7 * yearly.week - 6
    days = [day + shift for day in range(first, first + 7)]
    stays = days[0] >= 1 and days[-1] <= length
    return days if stays and (yearly.month != 2 or yearly.week < 5) else None


def _by_rule(rule: PosixRule, first: int) -> list[TimezoneStandard | TimezoneDaylight]:
    yearlies = (rule.to_daylight, rule.to_standard)
    pairs = zip(_onsets_of_year(rule, first), yearlies, strict=True)
    parts = []
    for onset, yearly in sorted(pairs, key=lambda pair: pair[0].at):
        part = _observance(onset)
        part.add("RRULE", _recurrence(yearly))
        parts.append(part)
    return parts


def _recurrence(yearly: YearlyRule) -> vRecur:
    shift = yearly.seconds // 86400
    weekday = WEEKDAYS[(yearly.weekday + shift) % 7]
    if shift == 0:
        week = -1 if yearly.week == 5 else yearly.week
        return vRecur(FREQ="YEARLY", BYMONTH=yearly.month, BYDAY=f"{week}{weekday}")
    # "The Friday after the fourth Thursday" is the Friday between the 23rd and the 29th.
    days = _month_days(yearly)
    return vRecur(FREQ="YEARLY", BYMONTH=yearly.month, BYMONTHDAY=days, BYDAY=weekday)


# ---- onsets one by one ---------------------------------------------------------------------


def _one_by_one(
    zone: str, onsets: list[Onset], first: int
) -> list[TimezoneStandard | TimezoneDaylight]:
    """The offset at the beginning, then each later onset, alike ones in one part."""
    parts = [_observance(_beginning(zone, first))]
    alike = attrgetter("before", "after", "name")
    for _, group in groupby(sorted(onsets, key=alike), key=alike):
        parts.append(_listed(sorted(group, key=attrgetter("at"))))
    return parts


def _listed(onsets: list[Onset]) -> TimezoneStandard | TimezoneDaylight:
    part = _observance(onsets[0])
    # One property per value, for ical.js reads only the first value of each; and the first onset
    # once more, for beside an RDATE it forgets that DTSTART is one.
    for onset in onsets if len(onsets) > 1 else []:
        part.add("RDATE", vDDDTypes(_wall(onset)))
    return part


def _beginning(zone: str, year: int) -> Onset:
    """A made-up onset on the first of January: libical takes UTC before the first onset."""
    instant = datetime(year, 1, 1, tzinfo=UTC)
    local = to_local(instant, zone)
    offset = local.utcoffset() or timedelta()
    return Onset(instant - offset, offset, offset, local.tzname() or zone)


def _observance(onset: Onset) -> TimezoneStandard | TimezoneDaylight:
    """The later offset of two is daylight saving time, as calendars see it (not so in Dublin)."""
    part = TimezoneDaylight() if onset.after > onset.before else TimezoneStandard()
    part.add("DTSTART", _wall(onset))
    part.add("TZOFFSETFROM", onset.before)
    part.add("TZOFFSETTO", onset.after)
    part.add("TZNAME", onset.name)
    return part


def _wall(onset: Onset) -> datetime:
    """Local time in the offset before, as RFC 5545, 3.6.5 wants it."""
    return (onset.at + onset.before).replace(tzinfo=None)
