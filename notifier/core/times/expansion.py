"""Expands recurrence rules into naive local starts, at a bounded price.

dateutil expands the same rules, and the tests hold this module to it. It cannot be used itself:
between two matches its iterator cannot be stopped, so FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 keeps a
processor busy for 3.5 seconds; and it always walks from the very first occurrence.
"""

from calendar import isleap
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import chain

from notifier.core.times.days import MONTH_LENGTHS, filters
from notifier.core.times.recurrence import LAST_YEAR, Frequency, Rule, refuse

# Days looked at in a row without finding one. The longest honest silence is 29 February, eight
# years of 29 days; what is walked day by day is given up after eleven years.
PATIENCE = 4_000
# Days looked at in all while counting to COUNT.
COUNTING = 12_000
LAST_DAY = date(LAST_YEAR, 12, 31).toordinal()

# What decides which days of a year fit: the weekday of 1 January, and whether the year before
# it, it and the one after it are leap years (weeks reach over the ends of years).
_Shape = tuple[int, bool, bool, bool]


class Expansion:
    """The local starts of a rule that begins at a given wall time.

    Time is cut into periods (a day, week, month or year, every INTERVAL-th one). Each is found by
    its number, so a series of ten years costs no more than one of today.
    """

    def __init__(self, rule: Rule, start: datetime) -> None:
        self.rule = rule
        self.start = start
        self._times = times_of_day(rule, start)
        self._positions = rule.by_set_pos
        if rule.frequency is Frequency.DAILY and rule.by_set_pos:
            # Every day has the same candidates: the choice is made once.
            self._times = [self._times[place] for place in self._places_of(len(self._times))]
            self._positions = ()
        self._filters = tuple(filters(rule, start))
        self._months = rule.by_month or _months(rule, start)
        self._period = _period(rule)
        # Found out once: the days of a year of some shape, the places among so many starts.
        self._patterns: dict[_Shape, tuple[int, ...]] = {}
        self._places: dict[int, list[int]] = {}
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
        if index < 0 or start < self.start:
            return False
        days = self._days(index) or []
        if self._positions:
            return start in self._starts(days)
        day = start.date()
        return start.toordinal() in days and self._fits(day) and start.time() in self._times

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
        matching = self._matching(days)
        if self._positions:
            starts = self._chosen(matching)
        else:
            starts = [datetime.combine(day, clock) for day in matching for clock in self._times]
        return [start for start in starts if start >= self.start]

    def _chosen(self, days: list[date]) -> list[datetime]:
        """The starts at the positions that the rule names; the others are not even made."""
        a_day = len(self._times)
        every = len(days) * a_day
        if every not in self._places:
            self._places[every] = self._places_of(every)
        return [
            datetime.combine(days[place // a_day], self._times[place % a_day])
            for place in self._places[every]
        ]

    def _places_of(self, every: int) -> list[int]:
        """The places, counted from 0, that the rule's positions have among so many candidates."""
        places = {p - 1 if p > 0 else every + p for p in self.rule.by_set_pos}
        return sorted(place for place in places if 0 <= place < every)

    def _matching(self, days: list[int]) -> list[date]:
        """The days of one period that fit.

        Of a year it depends on its shape alone, and there are few: each is looked through once.
        """
        if self._period is not Frequency.YEARLY or not days:
            return [day for day in map(date.fromordinal, days) if self._fits(day)]
        year = date.fromordinal(days[0]).year
        first = date(year, 1, 1)
        shape = (first.weekday(), isleap(year - 1), isleap(year), isleap(year + 1))
        if shape not in self._patterns:
            fitting = (day for day in days if self._fits(date.fromordinal(day)))
            self._patterns[shape] = tuple(day - first.toordinal() for day in fitting)
        return [date.fromordinal(first.toordinal() + each) for each in self._patterns[shape]]

    def _fits(self, day: date) -> bool:
        return all(fits(day) for fits in self._filters)

    def _index(self, day: date) -> int:
        """The number of the last period that does not begin after a day; negative before all."""
        first = self.start.date()
        match self._period:
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
        match self._period:
            case Frequency.DAILY:
                day = first.toordinal() + away
                return [day] if day <= LAST_DAY else None
            case Frequency.WEEKLY:
                day = self._week(first) + 7 * away
                return list(range(day, day + 7)) if day <= LAST_DAY else None
            case Frequency.MONTHLY:
                year, month = divmod(first.year * 12 + first.month - 1 + away, 12)
                if year > LAST_YEAR:
                    return None
                passed_over = self.rule.by_month and month + 1 not in self.rule.by_month
                return [] if passed_over else _month(year, month + 1)
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


def times_of_day(rule: Rule, start: datetime) -> list[time]:
    """The times at which each day of a rule has a start."""
    hours = rule.by_hour or (start.hour,)
    minutes = rule.by_minute or (start.minute,)
    seconds = rule.by_second or (start.second,)
    return [time(h, m, s) for h in hours for m in minutes for s in seconds]


def _period(rule: Rule) -> Frequency:
    """What time is cut into; every day that fits something is looked for by the year."""
    choosy = rule.by_month or rule.by_month_day or rule.by_day
    every_day = rule.frequency is Frequency.DAILY and rule.interval == 1
    return Frequency.YEARLY if every_day and choosy else rule.frequency


def _months(rule: Rule, start: datetime) -> tuple[int, ...]:
    """The months of a year to look at: that of the start, if the rule names no day at all."""
    silent = not (rule.by_month_day or rule.by_year_day or rule.by_week_no or rule.by_day)
    return (start.month,) if silent else tuple(range(1, 13))
