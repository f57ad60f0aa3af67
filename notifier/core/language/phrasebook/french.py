"""How French says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

PHRASES: Final = Phrases(
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
    on_weekday=(
        *("le lundi", "le mardi", "le mercredi", "le jeudi"),
        *("le vendredi", "le samedi", "le dimanche"),
    ),
    on_workdays="{every}, du lundi au vendredi",
    of_each={Frequency.MONTHLY: "{days} de chaque mois"},
    month_day="le {day}",
    named_days={1: "le 1er"},
    last_day="le dernier jour",
    year_date="le {date}",
    weekday=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    last_workday="le dernier jour ouvré (du lundi au vendredi)",
    of_month=(
        *("de janvier", "de février", "de mars", "d’avril", "de mai", "de juin"),
        *("de juillet", "d’août", "de septembre", "d’octobre", "de novembre", "de décembre"),
    ),
    in_months="{rule} en {months}",
    irregular="{every}, à des dates particulières,",
    ordinals=(
        {1: "le premier", 2: "le deuxième", 3: "le troisième", 4: "le quatrième"}
        | {5: "le cinquième", -1: "le dernier", -2: "l’avant-dernier"},
    ),
    clock_changes="Avec le changement d’heure, la conférence commence pour vous {changes}.",
    from_then="à {time} à partir du {date}",
)
