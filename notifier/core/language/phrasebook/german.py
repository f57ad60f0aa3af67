"""How German says how often something takes place."""

from typing import Final

import msgspec

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = (
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
)

PHRASES: Final = Phrases(
    at="um {times} Uhr",
    until=" bis zum {date}",
    periods={
        Frequency.DAILY: {"each": "täglich", "other": "alle {n} Tage"},
        Frequency.WEEKLY: {"each": "wöchentlich", "other": "alle {n} Wochen"},
        Frequency.MONTHLY: {"each": "monatlich", "other": "alle {n} Monate"},
        Frequency.YEARLY: {"each": "jährlich", "other": "alle {n} Jahre"},
    },
    every="jeden {days}",
    every_day=DAYS,
    workdays="montags bis freitags",
    on_days="{every} am {days}",
    on_weekday=DAYS,
    on_workdays="{every} montags bis freitags",
    on_date="{every} {days}",
    month_day="am {day}.",
    last_day="am letzten Tag",
    year_date="am {date}",
    weekday=DAYS,
    last_workday="am letzten Werktag (Montag bis Freitag)",
    of_month=(
        *("im Januar", "im Februar", "im März", "im April", "im Mai", "im Juni", "im Juli"),
        *("im August", "im September", "im Oktober", "im November", "im Dezember"),
    ),
    in_months="{rule} im {months}",
    irregular="{every} an bestimmten Tagen",
    ordinals=(
        {1: "am ersten", 2: "am zweiten", 3: "am dritten", 4: "am vierten", 5: "am fünften"}
        | {-1: "am letzten", -2: "am vorletzten"},
    ),
    clock_changes="Wegen der Zeitumstellung beginnt der Termin bei Ihnen {changes}.",
    from_then="ab dem {date} um {time} Uhr",
)

# January, as it is in Austrian dates.
AUSTRIAN: Final = msgspec.structs.replace(PHRASES, of_month=("im Jänner", *PHRASES.of_month[1:]))
