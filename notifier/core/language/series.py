"""Says in words how often a conference takes place; the words themselves are in `phrasebook`."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import product
from typing import Final, Literal

import msgspec
from babel import Locale
from babel.dates import format_time, get_month_names
from babel.lists import format_list

from notifier.core.language.dates import date_words
from notifier.core.language.languages import left_to_right
from notifier.core.language.phrasebook import phrases_of
from notifier.core.language.phrases import Phrases
from notifier.core.times.expansion import times_of_day
from notifier.core.times.recurrence import Frequency, Rule
from notifier.core.times.schedule import Schedule, endless, last_occurrence, rule_of

WORKDAYS: Final = (0, 1, 2, 3, 4)
# More dates than this are no longer a phrase; the rule is then called irregular.
MOST_DATES: Final = 6
A_LEAP_YEAR: Final = 2028
ONE_O_CLOCK: Final = re.compile(r"0?1\D")
# Where a month has another form in a date ("7 декабря") than by itself ("декабрь"). Everywhere else
# the form of dates is asked for: of names by themselves, which are mere references in most of CLDR,
# Babel hands out those of the language that asked first (python-babel/babel#1234).
NOMINATIVES: Final = frozenset({"pl", "ru", "uk"})


def series_words(schedule: Schedule, locale: Locale) -> str:
    """'every Monday at 3:00 PM until March 3, 2027 (Europe/Paris)'; empty for a single conference.

    Names and counts alone, where the language has no table yet: one letter speaks one language.
    """
    rule = rule_of(schedule)
    if rule is None:
        return ""
    speaker = speaker_of(locale)
    said = speaker.phrases.whole.format(
        rule=speaker.rule(rule, schedule.start),
        at=speaker.at(rule, schedule.start),
        until=speaker.until(schedule),
        zone=left_to_right(schedule.time_zone, locale),
    )
    return speaker.contracted(said)


def clock_change_words(starts: Sequence[datetime], locale: Locale) -> str:
    """'The clocks change: for you it starts at 10:00 AM from March 15, 2027', of local starts.

    Dates and times alone, where the language has no table yet; empty for no starts.
    """
    if not starts:
        return ""
    speaker = speaker_of(locale)
    said = speaker.contracted(
        speaker.phrases.clock_changes.format(changes=speaker.from_then(starts))
    )
    # A Russian date ends with a full stop of its own.
    return said.replace("..", ".")


def speaker_of(locale: Locale) -> "Speaker":
    """Give who puts a rule into the words of `locale`."""
    return Speaker(phrases=phrases_of(locale), locale=locale)


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """Puts a rule into the words of one language."""

    phrases: Phrases
    locale: Locale

    def contracted(self, said: str) -> str:
        for apart, together in self.phrases.contractions.items():
            said = said.replace(apart, together)
        return said

    def rule(self, rule: Rule, start: datetime) -> str:
        rule = _by_the_year(rule)
        said = self._dates(rule, start) or self._irregular(rule)
        if not rule.by_month or rule.frequency is Frequency.YEARLY:
            return said
        named = self._all(self._month(month, self.phrases.in_month) for month in rule.by_month)
        return self.phrases.in_months.format(rule=said, months=named)

    def _month(self, month: int, names: Sequence[str]) -> str:
        if names:
            return names[month - 1]
        alone = self.locale.language in NOMINATIVES
        context: Literal["stand-alone", "format"] = "stand-alone" if alone else "format"
        return str(get_month_names("wide", context=context, locale=self.locale)[month])

    def at(self, rule: Rule, start: datetime) -> str:
        return self._at(list(times_of_day(rule, start)))

    def _at(self, times: Sequence[time | datetime]) -> str:
        pattern = self.phrases.at_hour.get(times[0].hour, self.phrases.at)
        return pattern.format(times=self._all(map(self._time, times)))

    def until(self, schedule: Schedule) -> str:
        """The date of the last occurrence, whether COUNT or UNTIL ends the series."""
        last = None if endless(schedule) else last_occurrence(schedule)
        if last is None:
            return ""
        day = date_words(last.local, "long", self.locale)
        return self.phrases.until.format(date=day)

    def from_then(self, starts: Sequence[datetime]) -> str:
        return self._all(
            self.phrases.from_then.format(
                at=self._at([start]),
                time=self._time(start),
                date=date_words(start, "long", self.locale),
            )
            for start in starts
        )

    def _time(self, local: time | datetime) -> str:
        said = format_time(local, "short", locale=self.locale)
        singular = self.phrases.hour_one if ONE_O_CLOCK.match(said) else ""
        return (singular or self.phrases.hour).format(time=said)

    # Each of these answers None for what its language would need too many words to say.

    def _dates(self, rule: Rule, start: datetime) -> str | None:
        match rule.frequency:
            case Frequency.DAILY:
                return self._daily(rule)
            case Frequency.WEEKLY:
                return self._weekly(rule, start)
            case Frequency.MONTHLY:
                return self._monthly(rule, start)
            case Frequency.YEARLY:
                return self._yearly(rule, start)

    def _daily(self, rule: Rule) -> str | None:
        if rule.by_month_day or rule.by_set_pos:
            return None
        if not rule.by_day:
            return self._period(rule)
        return self._weekdays([day for _, day in rule.by_day]) if rule.interval == 1 else None

    def _weekly(self, rule: Rule, start: datetime) -> str | None:
        if rule.by_set_pos:
            return None
        days = [day for _, day in rule.by_day] or [start.weekday()]
        if rule.interval == 1:
            return self._weekdays(days)
        if self.phrases.on_workdays and tuple(days) == WORKDAYS:
            return self.phrases.on_workdays.format(every=self._period(rule))
        named = self._all(self.phrases.on_weekday[day] for day in days)
        return self.phrases.on_days.format(every=self._period(rule), days=named)

    def _weekdays(self, days: list[int]) -> str:
        if len(days) == 7:
            return self.phrases.periods[Frequency.DAILY]["each"]
        if tuple(days) == WORKDAYS:
            return self.phrases.workdays
        named = self._all(self.phrases.every_day[day] for day in days)
        return self.phrases.every.format(days=named)

    def _monthly(self, rule: Rule, start: datetime) -> str | None:
        if rule.by_day and rule.by_month_day:
            return None
        if rule.by_day and not rule.by_set_pos and not any(n for n, _ in rule.by_day):
            days = [day for _, day in rule.by_day]
            return self._weekdays(days) if rule.interval == 1 else None
        dates = self._nths(rule) if rule.by_day else self._month_days(rule, start)
        return self._on_dates(rule, dates)

    def _month_days(self, rule: Rule, start: datetime) -> list[str | None]:
        if rule.by_set_pos:
            return []
        days = sorted(rule.by_month_day or (start.day,), key=_from_the_first)
        if self.phrases.month_days and len(days) > 1 and min(days) > 0:
            return [self._days_of_month(days)]
        return [self._month_day(day) for day in days]

    def _days_of_month(self, days: Sequence[int]) -> str | None:
        if len(days) > MOST_DATES:
            return None
        named = self._all(self.phrases.one_of_days.format(day=day) for day in days)
        return self.phrases.month_days.format(days=named)

    def _month_day(self, day: int) -> str | None:
        if day == -1:
            return self.phrases.last_day
        said = self.phrases.named_days.get(day, self.phrases.month_day)
        return said.format(day=day) if day > 0 else None

    def _nths(self, rule: Rule) -> list[str | None]:
        """'the first Friday'; often written as BYDAY=FR;BYSETPOS=1, so that is read as well."""
        if not rule.by_set_pos:
            entries = sorted(rule.by_day, key=lambda entry: (_from_the_first(entry[0]), entry[1]))
            return [self._nth(ordinal, day) for ordinal, day in entries]
        if len(rule.by_day) == 1 and rule.by_day[0][0] == 0:
            positions = sorted(rule.by_set_pos, key=_from_the_first)
            return [self._nth(position, rule.by_day[0][1]) for position in positions]
        if rule.by_set_pos == (-1,) and rule.by_day == tuple((0, day) for day in WORKDAYS):
            return [self.phrases.last_workday]
        return []

    def _nth(self, ordinal: int, day: int) -> str | None:
        word = self._ordinal(ordinal, day)
        return word and self.phrases.nth.format(ordinal=word, weekday=self.phrases.weekday[day])

    def _nth_of_month(self, ordinal: int, day: int, month: int) -> str | None:
        word = self._ordinal(ordinal, day)
        return word and self.phrases.nth_of_month.format(
            ordinal=word,
            weekday=self.phrases.weekday[day],
            month=self._month(month, self.phrases.of_month),
        )

    def _ordinal(self, ordinal: int, day: int) -> str | None:
        return self.phrases.ordinals[self.phrases.genders[day]].get(ordinal)

    def _yearly(self, rule: Rule, start: datetime) -> str | None:
        if rule.by_week_no or rule.by_year_day or rule.by_set_pos:
            return None
        if not rule.by_day:
            return self._on_dates(rule, self._year_dates(rule, start))
        if rule.by_month_day or not rule.by_month:
            return None
        entries = product(rule.by_month, rule.by_day)
        return self._on_dates(
            rule, [self._nth_of_month(ordinal, day, month) for month, (ordinal, day) in entries]
        )

    def _year_dates(self, rule: Rule, start: datetime) -> list[str | None]:
        if rule.by_month_day and not rule.by_month:
            return []
        entries = product(rule.by_month or (start.month,), rule.by_month_day or (start.day,))
        return [self._year_date(month, day) for month, day in entries]

    def _year_date(self, month: int, day: int) -> str | None:
        try:
            named = date(A_LEAP_YEAR, month, day)
        except ValueError:
            return None
        said = date_words(named, "of_year", self.locale)
        return self.phrases.year_date.format(date=said)

    def _on_dates(self, rule: Rule, dates: list[str | None]) -> str | None:
        said = [each for each in dates if each]
        if not said or len(said) < len(dates) or len(said) > MOST_DATES:
            return None
        alone = self.phrases.of_each.get(rule.frequency) if rule.interval == 1 else None
        pattern = alone or self.phrases.on_date
        return pattern.format(every=self._period(rule), days=self._all(said))

    def _irregular(self, rule: Rule) -> str:
        return self.phrases.irregular.format(every=self._period(rule))

    def _period(self, rule: Rule) -> str:
        forms = self.phrases.periods[rule.frequency]
        if rule.interval == 1:
            return forms["each"]
        category = self.locale.plural_form(rule.interval)
        form = forms.get(f"={rule.interval}") or forms.get(category, forms["other"])
        return form.format(n=rule.interval)

    def _all(self, said: Iterable[str]) -> str:
        return format_list(list(said), locale=self.locale)


def _by_the_year(rule: Rule) -> Rule:
    """Read 'each month, but only in April' as 'each year in April', where both are the same."""
    same = rule.frequency is Frequency.MONTHLY and rule.interval == 1 and not rule.by_set_pos
    plain = all(ordinal for ordinal, _ in rule.by_day) and all(day > 0 for day in rule.by_month_day)
    if not (same and plain and rule.by_month):
        return rule
    return msgspec.structs.replace(rule, frequency=Frequency.YEARLY)


def _from_the_first(number: int) -> tuple[bool, int]:
    """Order what is counted from the end, -1 and -2, behind what is counted from the beginning."""
    return number < 0, number
