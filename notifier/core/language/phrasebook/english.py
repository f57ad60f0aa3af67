"""How English says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

PHRASES: Final = Phrases(
    at="at {times}",
    until=" until {date}",
    periods={
        Frequency.DAILY: {"each": "every day", "other": "every {n} days"},
        Frequency.WEEKLY: {"each": "every week", "other": "every {n} weeks"},
        Frequency.MONTHLY: {"each": "every month", "other": "every {n} months"},
        Frequency.YEARLY: {"each": "every year", "other": "every {n} years"},
    },
    every="every {days}",
    every_day=DAYS,
    workdays="every weekday",
    on_days="{every} on {days}",
    on_weekday=DAYS,
    on_workdays="{every} from Monday to Friday",
    on_date="{every} on {days}",
    month_day="the {day}th",
    named_days={1: "the 1st", 2: "the 2nd", 3: "the 3rd"}
    | {21: "the 21st", 22: "the 22nd", 23: "the 23rd", 31: "the 31st"},
    last_day="the last day",
    year_date="{date}",
    weekday=DAYS,
    last_workday="the last weekday (Monday to Friday)",
    of_month=(
        *("of January", "of February", "of March", "of April", "of May", "of June"),
        *("of July", "of August", "of September", "of October", "of November", "of December"),
    ),
    in_months="{rule} in {months}",
    irregular="{every}, on certain dates,",
    ordinals=(
        {1: "the first", 2: "the second", 3: "the third", 4: "the fourth", 5: "the fifth"}
        | {-1: "the last", -2: "the second-to-last"},
    ),
    clock_changes="The clocks change: for you it starts {changes}.",
    from_then="at {time} from {date}",
)
