"""Which days a recurrence rule asks for: one test for each of its parts."""

from calendar import isleap
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

from notifier.core.times.recurrence import Frequency, Rule

# By "is it a leap year"; calendar.monthrange also asks for the weekday, which costs twice as much.
MONTH_LENGTHS = (
    (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
    (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
)


def filters(rule: Rule, start: datetime) -> Iterator[Callable[[date], bool]]:
    """What a day of a period has to be; what the rule leaves open is taken from its start."""
    silent = not (rule.by_month_day or rule.by_year_day or rule.by_week_no or rule.by_day)
    if rule.by_month:
        yield _in_month(frozenset(rule.by_month))
    if rule.by_month_day:
        yield _on_month_day(frozenset(rule.by_month_day))
    elif silent and rule.frequency in (Frequency.MONTHLY, Frequency.YEARLY):
        yield _on_month_day(frozenset({start.day}))
    if rule.by_year_day:
        yield _on_year_day(frozenset(rule.by_year_day))
    if rule.by_week_no:
        yield _in_week(frozenset(rule.by_week_no), rule.week_start)
    if rule.by_day:
        yield _on_weekday(rule)
    elif rule.frequency is Frequency.WEEKLY or rule.by_week_no:
        yield _on_plain_weekday(frozenset({start.weekday()}))


def _in_month(months: frozenset[int]) -> Callable[[date], bool]:
    return lambda day: day.month in months


def _on_month_day(wanted: frozenset[int]) -> Callable[[date], bool]:
    if min(wanted) > 0:
        return lambda day: day.day in wanted
    return lambda day: day.day in wanted or day.day - _month_length(day) - 1 in wanted


def _on_year_day(wanted: frozenset[int]) -> Callable[[date], bool]:
    def fits(day: date) -> bool:
        number = _year_day(day)
        return number in wanted or number - _year_length(day) - 1 in wanted

    return fits


def _on_plain_weekday(wanted: frozenset[int]) -> Callable[[date], bool]:
    return lambda day: day.weekday() in wanted


def _on_weekday(rule: Rule) -> Callable[[date], bool]:
    """Every such weekday, or the n-th of the month, or of the year if no month is named."""
    plain = frozenset(weekday for ordinal, weekday in rule.by_day if not ordinal)
    numbered = frozenset(entry for entry in rule.by_day if entry[0])
    if not numbered:
        return _on_plain_weekday(plain)
    of_year = rule.frequency is Frequency.YEARLY and not rule.by_month

    def fits(day: date) -> bool:
        weekday = day.weekday()
        if weekday in plain:
            return True
        number = _year_day(day) if of_year else day.day
        length = _year_length(day) if of_year else _month_length(day)
        from_start, from_end = (number - 1) // 7 + 1, -((length - number) // 7 + 1)
        return (from_start, weekday) in numbered or (from_end, weekday) in numbered

    return fits


def _in_week(wanted: frozenset[int], week_start: int) -> Callable[[date], bool]:
    """Week 1 is the first with four days in the year, counted from WKST."""

    def fits(day: date) -> bool:
        first = day - timedelta(days=(day.weekday() - week_start) % 7)
        year = (first + timedelta(days=3)).year
        number = (first.toordinal() - _week_one(year, week_start)) // 7 + 1
        total = (_week_one(year + 1, week_start) - _week_one(year, week_start)) // 7
        return number in wanted or number - total - 1 in wanted

    return fits


@lru_cache(maxsize=4096)
def _week_one(year: int, week_start: int) -> int:
    fourth = date(year, 1, 4)
    return fourth.toordinal() - (fourth.weekday() - week_start) % 7


def _month_length(day: date) -> int:
    return MONTH_LENGTHS[isleap(day.year)][day.month]


def _year_length(day: date) -> int:
    return 365 + isleap(day.year)


def _year_day(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1
