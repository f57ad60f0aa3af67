"""How Polish says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

PHRASES: Final = Phrases(
    at="o\u00a0godz.\u00a0{times}",
    until=" do {date} włącznie",
    periods={
        Frequency.DAILY: {"each": "codziennie", "other": "co {n} dni"},
        Frequency.WEEKLY: {"each": "co tydzień", "few": "co {n} tygodnie"}
        | {"other": "co {n} tygodni"},
        Frequency.MONTHLY: {"each": "co miesiąc", "few": "co {n} miesiące"}
        | {"other": "co {n} miesięcy"},
        Frequency.YEARLY: {"each": "co roku", "few": "co {n} lata", "other": "co {n} lat"},
    },
    every="{days}",
    every_day=(
        *("w poniedziałki", "we wtorki", "w środy", "w czwartki"),
        *("w piątki", "w soboty", "w niedziele"),
    ),
    workdays="od poniedziałku do piątku",
    on_days="{every} {days}",
    on_workdays="{every} od poniedziałku do piątku",
    on_weekday=(
        *("w poniedziałek", "we wtorek", "w środę", "w czwartek"),
        *("w piątek", "w sobotę", "w niedzielę"),
    ),
    of_each={Frequency.MONTHLY: "{days} każdego miesiąca"},
    contractions={" miesiąca każdego miesiąca": " każdego miesiąca"},
    month_day="{day}. dnia miesiąca",
    month_days="{days} dnia miesiąca",
    one_of_days="{day}.",
    last_day="ostatniego dnia miesiąca",
    year_date="{date}",
    weekday=("poniedziałek", "wtorek", "środę", "czwartek", "piątek", "sobotę", "niedzielę"),
    last_workday="w ostatni dzień roboczy (od poniedziałku do piątku)",
    of_month=(
        *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
        *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
    ),
    in_months="{rule} {months}",
    in_month=(
        *("w styczniu", "w lutym", "w marcu", "w kwietniu", "w maju", "w czerwcu"),
        *("w lipcu", "w sierpniu", "we wrześniu", "w październiku", "w listopadzie", "w grudniu"),
    ),
    irregular="{every}, w wybranych dniach,",
    genders=(0, 0, 1, 0, 0, 1, 1),
    ordinals=(
        {1: "w pierwszy", 2: "w drugi", 3: "w trzeci", 4: "w czwarty", 5: "w piąty"}
        | {-1: "w ostatni", -2: "w przedostatni"},
        {1: "w pierwszą", 2: "w drugą", 3: "w trzecią", 4: "w czwartą", 5: "w piątą"}
        | {-1: "w ostatnią", -2: "w przedostatnią"},
    ),
    clock_changes="Z powodu zmiany czasu konferencja będzie się u Państwa zaczynać {changes}.",
    from_then="{at} od {date}",
)
