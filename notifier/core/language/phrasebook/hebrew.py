"""How Hebrew says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

MONTHS: Final = (
    *("בינואר", "בפברואר", "במרץ", "באפריל", "במאי", "ביוני"),
    *("ביולי", "באוגוסט", "בספטמבר", "באוקטובר", "בנובמבר", "בדצמבר"),
)
# As in `on_weekday`: a weekday takes its preposition along.
DAYS: Final = (
    *("ביום שני", "ביום שלישי", "ביום רביעי", "ביום חמישי"),
    *("ביום שישי", "בשבת", "ביום ראשון"),
)

PHRASES: Final = Phrases(
    at="בשעה {times}",
    until=" עד {date}",
    periods={
        Frequency.DAILY: {"each": "כל יום", "two": "כל יומיים", "other": "כל {n} ימים"},
        Frequency.WEEKLY: {"each": "כל שבוע", "two": "כל שבועיים", "other": "כל {n} שבועות"},
        Frequency.MONTHLY: {"each": "כל חודש", "two": "כל חודשיים", "other": "כל {n} חודשים"},
        Frequency.YEARLY: {"each": "כל שנה", "two": "כל שנתיים", "other": "כל {n} שנים"},
    },
    every="כל {days}",
    every_day=("יום שני", "יום שלישי", "יום רביעי", "יום חמישי", "יום שישי", "שבת", "יום ראשון"),
    workdays="כל יום מיום שני עד יום שישי",
    on_workdays="{every}, מיום שני עד יום שישי",
    on_weekday=DAYS,
    month_day="ב־{day} בחודש",
    month_days="{days} בחודש",
    one_of_days="ב־{day}",
    last_day="ביום האחרון של החודש",
    year_date="ב־{date}",
    weekday=DAYS,
    last_workday="ביום העבודה האחרון (שני עד שישי)",
    of_month=MONTHS,
    nth="{weekday} {ordinal}",
    nth_of_month="{weekday} {ordinal} {month}",
    in_month=MONTHS,
    in_months="{rule} {months}",
    irregular="{every}, בתאריכים מיוחדים",
    # The Sabbath is feminine, every other day is a `יום`, which is masculine.
    genders=(0, 0, 0, 0, 0, 1, 0),
    ordinals=(
        {1: "הראשון", 2: "השני", 3: "השלישי", 4: "הרביעי", 5: "החמישי"}
        | {-1: "האחרון", -2: "שלפני האחרון"},
        {1: "הראשונה", 2: "השנייה", 3: "השלישית", 4: "הרביעית", 5: "החמישית"}
        | {-1: "האחרונה", -2: "שלפני האחרונה"},
    ),
    # CLDR writes `ו15:00`; a hyphen (maqaf) stands between the letter and a digit.
    contractions={f" ו{digit}": f" ו־{digit}" for digit in range(10)},
    clock_changes="בשל שינוי השעון, הפגישה תתחיל אצלכם {changes}.",
    from_then="בשעה {time} החל מ־{date}",
)
