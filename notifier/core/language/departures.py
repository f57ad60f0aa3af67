"""Says on which days a series is not held as its rule has it: left out, or moved."""

from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final

from babel import Locale
from babel.lists import format_list

from notifier.core.language.dates import date_words, moment_words, zone_label
from notifier.core.language.languages import locale_of
from notifier.core.times.schedule import Schedule, holds, moved_occurrences
from notifier.core.times.zones import to_local, to_utc

# Whoever leaves out more days is better served by the calendar.
MOST: Final = 5
KEPT: Final = 1024
ARROW: Final = {"ltr": "→", "rtl": "←"}


@lru_cache(maxsize=KEPT)
def left_out_days(schedule: Schedule, language: str, zone: str, after: datetime) -> str:
    """'December 28, 2026 and January 4, 2027', of the next days left out later than `after`.

    Dates are those of clocks in `zone`. Empty where there are none, and for a single conference.
    """
    if schedule.recurrence is None:
        return ""
    locale = locale_of(language)
    coming = (
        start
        for local in sorted(set(schedule.exceptions))
        if (start := to_utc(local, schedule.time_zone)) > after and holds(schedule, local)
    )
    days = [_day(start, zone, locale) for start in islice(coming, MOST + 1)]
    return _listed(days, locale)


@lru_cache(maxsize=KEPT)
def moved_days(schedule: Schedule, language: str, zone: str, after: datetime) -> str:
    """'December 21, 2026 → December 22, 2026, 10:00 AM (Europe/Paris, UTC+01:00)'.

    Of those that begin later than `after`, by clocks in `zone`. Empty where there are none.
    """
    if schedule.recurrence is None:
        return ""
    locale = locale_of(language)
    moves = (
        (to_utc(each.original, schedule.time_zone), each.start)
        for each in moved_occurrences(schedule)
    )
    coming = ((was, now) for was, now in moves if now > after and was != now)
    said = [
        f"{_day(was, zone, locale)} {ARROW[locale.text_direction]} {_moment(now, zone, locale)}"
        for was, now in islice(coming, MOST + 1)
    ]
    return "; ".join(_cut(said))


def _day(instant: datetime, zone: str, locale: Locale) -> str:
    return date_words(to_local(instant, zone), "long", locale)


def _moment(instant: datetime, zone: str, locale: Locale) -> str:
    said = moment_words(to_local(instant, zone), "long", locale)
    return f"{said} ({zone_label(instant, zone, locale)})"


def _listed(days: list[str], locale: Locale) -> str:
    return format_list(days, locale=locale) if len(days) <= MOST else ", ".join(_cut(days))


def _cut(said: list[str]) -> list[str]:
    return said if len(said) <= MOST else [*said[:MOST], "…"]
