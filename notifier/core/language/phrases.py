"""The shape of what a language needs to say how often something takes place."""

from collections.abc import Mapping

import msgspec

from notifier.core.times.recurrence import Frequency

# A number of periods by CLDR plural category ('one', 'few', 'many', 'other'), and 'each' for 1; a
# number that has a word of its own by itself, as '=2'.
Plural = Mapping[str, str]


class Phrases(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one language, as patterns. Weekdays are from Monday, months from January.

    Where a tuple of names is asked for, they stand as they do in the pattern that takes them:
    `every_day` in `every`, `on_weekday` in `on_days`, `weekday` and `of_month` in `nth_of_month`.
    `genders` names, for each weekday, the row of `ordinals` to take; those bring their own article,
    and -1 is the last.
    """

    # {times} and {date}; `until` brings the blank before it, or behind it where it comes first.
    at: str
    until: str
    # 'every month', 'every {n} months'.
    periods: Mapping[Frequency, Plural]
    # 'every {days}', each week; 'every weekday' is Monday to Friday.
    every: str
    every_day: tuple[str, ...]
    workdays: str
    # Of several weeks: '{every} on {days}'.
    on_weekday: tuple[str, ...]
    # Of months: 'day {day}', 'the last day'; of years: '{date}', the day with its month.
    month_day: str
    last_day: str
    year_date: str
    weekday: tuple[str, ...]
    last_workday: str
    ordinals: tuple[Mapping[int, str], ...]
    # '{rule} in {months}', months as in `in_month`.
    in_months: str
    # '{every}, on certain dates,': for what would take too many words.
    irregular: str
    # Where the clocks of the reader and of the series change on other days: {changes} are a list of
    # 'at {time} from {date}', as in "The clocks change: for you it starts {changes}."; {at} is the
    # time as `at` says it.
    clock_changes: str
    from_then: str
    genders: tuple[int, ...] = (0,) * 7
    # `at` by the hour of the first time, where it is another: 'a la {times}'.
    at_hour: Mapping[int, str] = {}
    # As they stand in `nth_of_month` and in `in_months`, from January; bare names, where empty.
    of_month: tuple[str, ...] = ()
    in_month: tuple[str, ...] = ()
    # Several days of a month in one phrase, 'on the {days}', each as in `one_of_days`; without it,
    # they are listed as `month_day` says them.
    month_days: str = ""
    one_of_days: str = "{day}"
    # What stands around each of the times of `at`, and around those that begin with one o'clock,
    # which is singular in Spanish and Portuguese; as `hour` where it is left empty.
    hour: str = "{time}"
    hour_one: str = ""
    # Of several weeks, Monday to Friday: '{every}, from Monday to Friday'; all days, where empty.
    on_workdays: str = ""
    # Days of the month that are said otherwise than by `month_day`: 'the 1st'.
    named_days: Mapping[int, str] = {}
    # What stands for `on_date` where the interval is one: '{days} of each month'.
    of_each: Mapping[Frequency, str] = {}
    # Replaced, one after the other, in what has been put together: Italian 'il 8' is "l'8".
    contractions: Mapping[str, str] = {}
    whole: str = "{rule} {at}{until} ({zone})"
    on_days: str = "{every}, {days}"
    on_date: str = "{every}, {days}"
    nth: str = "{ordinal} {weekday}"
    nth_of_month: str = "{ordinal} {weekday} {month}"
