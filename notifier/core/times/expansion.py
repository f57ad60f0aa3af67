"""Expands recurrence rules into naive local starts, at a bounded price.

dateutil expands the same rules, and the tests hold this module to it. It cannot be used itself:
between two matches its iterator cannot be stopped, so FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 keeps a
processor busy for 3.5 seconds; and it always walks from the very first occurrence.
"""

from calendar import isleap
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain

from notifier.core.times.recurrence import LAST_YEAR, Frequency, Rule, refuse

# Days looked at in a row without finding one. The longest honest silence is 29 February, eight
# years of 29 days; a daily rule gives up after eleven years.
PATIENCE = 4_000
# Days looked at in all while counting to COUNT.
COUNTING = 12_000
# By "is it a leap year"; calendar.monthrange also asks for the weekday, which costs twice as much.
MONTH_LENGTHS = (
    (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
    (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
)
LAST_DAY = date(LAST_YEAR, 12, 31).toordinal()


class Expansion:
    """The local starts of a rule that begins at a given wall time.

    Time is cut into periods (a day, week, month or year, every INTERVAL-th one). Each is found by
    its number, so a series of ten years costs no more than one of today.
    """

    def __init__(self, rule: Rule, start: datetime) -> None:
        self.rule = rule
        self.start = start
        self._times = times_of_day(rule, start)
        self._filters = tuple(_filters(rule, start))
        self._months = rule.by_month or _months(rule, start)
        self._counted = self._count() if rule.count else None

    def forward(
        self, earliest: datetime, left_out: frozenset[datetime] = frozenset()
    ) -> Iterator[datetime]:
        """Starts at or after a wall time, in order; ends where the rule does or patience does."""
        index = max(0, self._index(earliest.date()))
        starts = self._walk(index, 1, left_out) if self._counted is None else iter(self._counted)
        return (start for start in starts if start >= earliest and start not in left_out)

    def backward(
        self, latest: datetime, left_out: frozenset[datetime] = frozenset()
    ) -> Iterator[datetime]:
        """Starts at or before a wall time, the latest first."""
        index = self._index(min(latest.date(), date(LAST_YEAR, 12, 31)))
        counted = self._counted
        starts = self._walk(index, -1, left_out) if counted is None else reversed(counted)
        return (start for start in starts if start <= latest and start not in left_out)

    def holds(self, start: datetime) -> bool:
        """Whether a wall time is one of the starts."""
        if self._counted is not None:
            return start in self._counted
        index = self._index(start.date())
        days = (self._days(index) if index >= 0 else None) or []
        if not self.rule.by_set_pos:
            days = [day for day in days if day == start.toordinal()]
        return start in self._starts(days)

    def _walk(self, index: int, step: int, left_out: frozenset[datetime]) -> Iterator[datetime]:
        idle = 0
        while index >= 0 and idle <= PATIENCE:
            days = self._days(index)
            if days is None:
                return
            starts = self._starts(days)
            idle = idle + len(days) if left_out.issuperset(starts) else 0
            yield from starts[::step]
            index += step

    def _count(self) -> tuple[datetime, ...]:
        """All starts of a rule with COUNT: these can only be counted from the first one."""
        assert self.rule.count
        seen = 0
        found: list[datetime] = []
        index = 0
        while len(found) < self.rule.count:
            days = self._days(index)
            if days is None or seen > COUNTING:
                raise refuse(
                    f"COUNT={self.rule.count}",
                    "so many occurrences lie further ahead than is looked; end it with UNTIL",
                )
            found.extend(self._starts(days))
            seen += len(days)
            index += 1
        return tuple(found[: self.rule.count])

    def _starts(self, days: list[int]) -> list[datetime]:
        """The starts of one period, from the candidates for its days."""
        matching = [
            day for day in map(date.fromordinal, days) if all(fits(day) for fits in self._filters)
        ]
        starts = [datetime.combine(day, clock) for day in matching for clock in self._times]
        if self.rule.by_set_pos:
            chosen = {p - 1 if p > 0 else len(starts) + p for p in self.rule.by_set_pos}
            starts = [start for place, start in enumerate(starts) if place in chosen]
        return [start for start in starts if start >= self.start]

    def _index(self, day: date) -> int:
        """The number of the last period that does not begin after a day; negative before all."""
        first = self.start.date()
        match self.rule.frequency:
            case Frequency.DAILY:
                return (day - first).days // self.rule.interval
            case Frequency.WEEKLY:
                return (day.toordinal() - self._week(first)) // (7 * self.rule.interval)
            case Frequency.MONTHLY:
                months = (day.year - first.year) * 12 + day.month - first.month
                return months // self.rule.interval
            case Frequency.YEARLY:
                return (day.year - first.year) // self.rule.interval

    def _days(self, index: int) -> list[int] | None:
        """Ordinals of the days of a period which can match; None past the last year."""
        away = index * self.rule.interval
        first = self.start.date()
        match self.rule.frequency:
            case Frequency.DAILY:
                day = first.toordinal() + away
                return [day] if day <= LAST_DAY else None
            case Frequency.WEEKLY:
                day = self._week(first) + 7 * away
                return list(range(day, day + 7)) if day <= LAST_DAY else None
            case Frequency.MONTHLY:
                year, month = divmod(first.year * 12 + first.month - 1 + away, 12)
                return _month(year, month + 1) if year <= LAST_YEAR else None
            case Frequency.YEARLY:
                return self._year(first.year + away)

    def _year(self, year: int) -> list[int] | None:
        if year > LAST_YEAR:
            return None
        return list(chain.from_iterable(_month(year, month) for month in self._months))

    def _week(self, day: date) -> int:
        return day.toordinal() - (day.weekday() - self.rule.week_start) % 7


def _month(year: int, month: int) -> list[int]:
    first = date(year, month, 1).toordinal()
    return list(range(first, first + MONTH_LENGTHS[isleap(year)][month]))


def _month_length(day: date) -> int:
    return MONTH_LENGTHS[isleap(day.year)][day.month]


def _year_length(day: date) -> int:
    return 365 + isleap(day.year)


def _year_day(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1


def times_of_day(rule: Rule, start: datetime) -> list[time]:
    """The times at which each day of a rule has a start."""
    hours = rule.by_hour or (start.hour,)
    minutes = rule.by_minute or (start.minute,)
    seconds = rule.by_second or (start.second,)
    return [time(h, m, s) for h in hours for m in minutes for s in seconds]


def _months(rule: Rule, start: datetime) -> tuple[int, ...]:
    """The months of a year to look at: that of the start, if the rule names no day at all."""
    silent = not (rule.by_month_day or rule.by_year_day or rule.by_week_no or rule.by_day)
    return (start.month,) if silent else tuple(range(1, 13))


def _filters(rule: Rule, start: datetime) -> Iterator[Callable[[date], bool]]:
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
