"""What a language needs to say how often something takes place: one table for each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from notifier.core.recurrence import Frequency

# A number of periods by CLDR plural category ('one', 'few', 'many', 'other'), and 'each' for 1.
Plural = Mapping[str, str]


class Phrases(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one language. Weekdays are from Monday, months from January.

    `whole` has {rule} {at} {until} {zone}; `periods` say {n}; `on_days` joins a period of several
    weeks, `on_date` one of months or years, with {days}. `genders` names for each weekday the row
    of `ordinals` to take.
    """

    whole: str
    at: str
    until: str
    periods: Mapping[Frequency, Plural]
    every_day: tuple[str, ...]
    every: str
    workdays: str
    on_days: str
    on_weekday: tuple[str, ...]
    on_date: str
    month_day: str
    last_day: str
    year_date: str
    nth: str
    nth_of_month: str
    weekday: tuple[str, ...]
    last_workday: str
    of_month: tuple[str, ...]
    in_months: str
    irregular: str
    ordinals: tuple[Mapping[int, str], ...]
    genders: tuple[int, ...] = (0,) * 7


ENGLISH: Final = Phrases(
    whole="{rule} {at}{until} ({zone})",
    at="at {times}",
    until=" until {date}",
    periods={
        Frequency.DAILY: {"each": "every day", "other": "every {n} days"},
        Frequency.WEEKLY: {"each": "every week", "other": "every {n} weeks"},
        Frequency.MONTHLY: {"each": "every month", "other": "every {n} months"},
        Frequency.YEARLY: {"each": "every year", "other": "every {n} years"},
    },
    every="every {days}",
    every_day=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    workdays="every weekday",
    on_days="{every} on {days}",
    on_weekday=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    on_date="{every} on {days}",
    month_day="day {day}",
    last_day="the last day",
    year_date="{date}",
    nth="{ordinal} {weekday}",
    nth_of_month="{ordinal} {weekday} {month}",
    weekday=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    last_workday="the last weekday (Monday to Friday)",
    of_month=(
        *("of January", "of February", "of March", "of April", "of May", "of June"),
        *("of July", "of August", "of September", "of October", "of November", "of December"),
    ),
    in_months="{rule} in {months}",
    irregular="{every}, on dates of their own",
    ordinals=(
        {1: "the first", 2: "the second", 3: "the third", 4: "the fourth", 5: "the fifth"}
        | {-1: "the last", -2: "the second to last"},
    ),
)

FRENCH: Final = Phrases(
    whole="{rule} {at}{until} ({zone})",
    at="à {times}",
    until=" jusqu’au {date}",
    periods={
        Frequency.DAILY: {"each": "tous les jours", "other": "tous les {n} jours"},
        Frequency.WEEKLY: {"each": "toutes les semaines", "other": "toutes les {n} semaines"},
        Frequency.MONTHLY: {"each": "tous les mois", "other": "tous les {n} mois"},
        Frequency.YEARLY: {"each": "tous les ans", "other": "tous les {n} ans"},
    },
    every="tous les {days}",
    every_day=("lundis", "mardis", "mercredis", "jeudis", "vendredis", "samedis", "dimanches"),
    workdays="du lundi au vendredi",
    on_days="{every}, {days}",
    on_weekday=(
        *("le lundi", "le mardi", "le mercredi", "le jeudi"),
        *("le vendredi", "le samedi", "le dimanche"),
    ),
    on_date="{every}, {days}",
    month_day="le {day}",
    last_day="le dernier jour",
    year_date="le {date}",
    nth="{ordinal} {weekday}",
    nth_of_month="{ordinal} {weekday} {month}",
    weekday=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    last_workday="le dernier jour ouvré (du lundi au vendredi)",
    of_month=(
        *("de janvier", "de février", "de mars", "d’avril", "de mai", "de juin"),
        *("de juillet", "d’août", "de septembre", "d’octobre", "de novembre", "de décembre"),
    ),
    in_months="{rule} en {months}",
    irregular="{every}, à des dates particulières",
    ordinals=(
        {1: "le premier", 2: "le deuxième", 3: "le troisième", 4: "le quatrième"}
        | {5: "le cinquième", -1: "le dernier", -2: "l’avant-dernier"},
    ),
)

PHRASES: Final[Mapping[str, Phrases]] = MappingProxyType({"en": ENGLISH, "fr": FRENCH})
