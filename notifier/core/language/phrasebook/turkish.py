"""How Turkish says how often something takes place.

A suffix after a date or a time depends on how the number is read aloud, so there is none: "saat
15:00". Days and months that are not those of one date are written with small letters.
"""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar")

PHRASES: Final = Phrases(
    # What ends it comes first: "3 Mart 2027 tarihine kadar her pazartesi, saat 15:00".
    whole="{until}{rule}, {at} ({zone})",
    at="saat\u00a0{times}",
    until="{date} tarihine kadar ",
    periods={
        Frequency.DAILY: {"each": "her gün", "other": "{n} günde bir"},
        Frequency.WEEKLY: {"each": "her hafta", "other": "{n} haftada bir"},
        Frequency.MONTHLY: {"each": "her ay", "other": "{n} ayda bir"},
        Frequency.YEARLY: {"each": "her yıl", "other": "{n} yılda bir"},
    },
    every="her {days}",
    every_day=DAYS,
    workdays="hafta içi her gün",
    on_days="{every} {days} günleri",
    on_weekday=DAYS,
    on_workdays="{every}, hafta içi her gün",
    of_each={Frequency.MONTHLY: "her {days}"},
    month_day="ayın {day}. günü",
    month_days="ayın {days} günleri",
    one_of_days="{day}.",
    last_day="ayın son günü",
    year_date="{date}",
    weekday=DAYS,
    last_workday="ayın son iş günü (pazartesi–cuma)",
    of_month=(
        *("ocak ayının", "şubat ayının", "mart ayının", "nisan ayının", "mayıs ayının"),
        *("haziran ayının", "temmuz ayının", "ağustos ayının", "eylül ayının"),
        *("ekim ayının", "kasım ayının", "aralık ayının"),
    ),
    in_months="{months} {rule}",
    in_month=(
        *("ocakta", "şubatta", "martta", "nisanda", "mayısta", "haziranda"),
        *("temmuzda", "ağustosta", "eylülde", "ekimde", "kasımda", "aralıkta"),
    ),
    irregular="{every}, belirlenen tarihlerde",
    ordinals=(
        {1: "ilk", 2: "ikinci", 3: "üçüncü", 4: "dördüncü", 5: "beşinci"}
        | {-1: "son", -2: "sondan ikinci"},
    ),
    nth="ayın {ordinal} {weekday} günü",
    nth_of_month="{month} {ordinal} {weekday} günü",
    clock_changes="Saat değişikliği nedeniyle sizin saatinize göre başlangıç: {changes}.",
    from_then="{date} tarihinden itibaren {time}",
)
