"""How a language that has no table says how often something takes place: by names and counts.

An administrator may write letters in any language. CLDR has the names of days and months for all
of them, and a count of weeks, but no 'every': "pondělí a středa, 15:00 – 3. března 2027".
"""

from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal

from babel import Locale
from babel.dates import format_timedelta, get_day_names, get_month_names

from notifier.core.language.phrases import Phrases, Plural
from notifier.core.times.recurrence import Frequency

# One unit in days, as Babel counts it.
UNITS: Final[dict[Frequency, tuple[Literal["day", "week", "month", "year"], int]]] = {
    Frequency.DAILY: ("day", 1),
    Frequency.WEEKLY: ("week", 7),
    Frequency.MONTHLY: ("month", 30),
    Frequency.YEARLY: ("year", 365),
}
# Among these are all categories that a language has for whole numbers of weeks; the first stands
# for what is left.
COUNTS: Final = (100, *range(25, 1, -1))
# format_timedelta rounds up to the next unit from this share of it on; we never want that.
NEVER: Final = 1e9


@lru_cache(maxsize=64)
def bare_phrases(locale: Locale) -> Phrases:
    """Give the phrases that can be made of CLDR's own words for `locale`."""
    named = get_day_names("wide", context="format", locale=locale)
    days = tuple(named[day] for day in range(7))
    months = get_month_names("wide", context="format", locale=locale)
    periods = {frequency: _period(frequency, locale) for frequency in Frequency}
    every_day = {"each": f"{days[0]} – {days[-1]}"}
    return Phrases(
        whole="{rule}, {at}{until} ({zone})",
        at="{times}",
        until=" – {date}",
        periods=periods | {Frequency.DAILY: {**periods[Frequency.DAILY], **every_day}},
        every="{days}",
        every_day=days,
        workdays=f"{days[0]} – {days[4]}",
        on_weekday=days,
        on_days="{every}: {days}",
        on_workdays=f"{{every}}: {days[0]} – {days[4]}",
        on_date="{every}: {days}",
        month_day="{day}.",
        # Nothing says 'last': such a series is told by its period alone.
        last_day="",
        last_workday="",
        year_date="{date}",
        weekday=days,
        of_month=tuple(months[month] for month in range(1, 13)),
        in_months="{rule} ({months})",
        in_month=tuple(months[month] for month in range(1, 13)),
        irregular="{every}",
        ordinals=({nth: f"{nth}." for nth in range(1, 6)},),
        clock_changes="{changes}",
        from_then="{date}: {time}",
    )


def _period(frequency: Frequency, locale: Locale) -> Plural:
    """Give a pattern for each plural category, and for 'each' the words for one."""
    said = {count: _counted(frequency, count, locale) for count in COUNTS}
    patterns = {count: words.replace(str(count), "{n}") for count, words in said.items()}
    forms = {locale.plural_form(count): pattern for count, pattern in patterns.items()}
    return {"other": patterns[COUNTS[0]], **forms, "each": _counted(frequency, 1, locale)}


def _counted(frequency: Frequency, count: int, locale: Locale) -> str:
    unit, days = UNITS[frequency]
    span = timedelta(days=count * days)
    return format_timedelta(span, granularity=unit, threshold=NEVER, locale=locale)
