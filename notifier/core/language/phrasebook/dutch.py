"""How Dutch says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")

PHRASES: Final = Phrases(
    at="om {times} uur",
    until=" tot en met {date}",
    periods={
        Frequency.DAILY: {"each": "elke dag", "other": "elke {n} dagen"},
        Frequency.WEEKLY: {"each": "elke week", "other": "elke {n} weken"},
        Frequency.MONTHLY: {"each": "elke maand", "other": "elke {n} maanden"},
        Frequency.YEARLY: {"each": "elk jaar", "other": "elke {n} jaar"},
    },
    every="elke {days}",
    every_day=DAYS,
    workdays="van maandag tot en met vrijdag",
    on_days="{every} op {days}",
    on_weekday=DAYS,
    on_workdays="{every} van maandag tot en met vrijdag",
    on_date="{every} {days}",
    of_each={Frequency.MONTHLY: "{days} van elke maand", Frequency.YEARLY: "{every} {days}"},
    month_day="op de {day}e",
    last_day="op de laatste dag",
    year_date="op {date}",
    weekday=DAYS,
    last_workday="op de laatste werkdag (maandag tot en met vrijdag)",
    of_month=(
        *("van januari", "van februari", "van maart", "van april", "van mei", "van juni"),
        *("van juli", "van augustus", "van september"),
        *("van oktober", "van november", "van december"),
    ),
    in_months="{rule} in {months}",
    irregular="{every}, op bepaalde data,",
    ordinals=(
        {1: "op de eerste", 2: "op de tweede", 3: "op de derde", 4: "op de vierde"}
        | {5: "op de vijfde", -1: "op de laatste", -2: "op de voorlaatste"},
    ),
    clock_changes="Door het verzetten van de klok begint de vergadering voor u {changes}.",
    from_then="vanaf {date} om {time} uur",
)
