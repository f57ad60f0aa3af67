"""How Italian says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica")

# 'alle ore', because 'alle' would have to be "all'" before 1:00.
PHRASES: Final = Phrases(
    at="alle ore {times}",
    until=" fino al {date}",
    periods={
        Frequency.DAILY: {"each": "ogni giorno", "other": "ogni {n} giorni"},
        Frequency.WEEKLY: {"each": "ogni settimana", "other": "ogni {n} settimane"},
        Frequency.MONTHLY: {"each": "ogni mese", "other": "ogni {n} mesi"},
        Frequency.YEARLY: {"each": "ogni anno", "other": "ogni {n} anni"},
    },
    every="ogni {days}",
    every_day=DAYS,
    workdays="dal lunedì al venerdì",
    on_weekday=(
        *("il lunedì", "il martedì", "il mercoledì", "il giovedì"),
        *("il venerdì", "il sabato", "la domenica"),
    ),
    on_days="{every}, {days},",
    on_workdays="{every}, dal lunedì al venerdì,",
    on_date="{every}, {days},",
    of_each={Frequency.MONTHLY: "{days} di ogni mese", Frequency.YEARLY: "{days} di ogni anno"},
    month_day="il giorno {day}",
    named_days={1: "il primo giorno"},
    last_day="l’ultimo giorno",
    year_date="il {date}",
    weekday=DAYS,
    last_workday="l’ultimo giorno feriale (dal lunedì al venerdì)",
    of_month=(
        *("di gennaio", "di febbraio", "di marzo", "di aprile", "di maggio", "di giugno"),
        *("di luglio", "di agosto", "di settembre", "di ottobre", "di novembre", "di dicembre"),
    ),
    in_months="{rule} a {months}",
    irregular="{every}, in date stabilite,",
    genders=(0, 0, 0, 0, 0, 0, 1),
    ordinals=(
        {1: "il primo", 2: "il secondo", 3: "il terzo", 4: "il quarto", 5: "il quinto"}
        | {-1: "l’ultimo", -2: "il penultimo"},
        {1: "la prima", 2: "la seconda", 3: "la terza", 4: "la quarta", 5: "la quinta"}
        | {-1: "l’ultima", -2: "la penultima"},
    ),
    # The eighth and the eleventh begin with a vowel, and so do two months.
    contractions={"il 8 ": "l’8 ", "il 11 ": "l’11 ", "al 8 ": "all’8 ", "al 11 ": "all’11 "}
    | {" a aprile": " ad aprile", " a agosto": " ad agosto"},
    clock_changes="Per il cambio dell’ora, secondo il Suo orario locale l’inizio sarà {changes}.",
    from_then="alle ore {time} a partire dal {date}",
)
