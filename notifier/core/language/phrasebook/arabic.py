"""How Arabic says how often something takes place.

A weekday is `يوم` with its name, so that every ordinal agrees with the masculine `يوم`; numbers of
periods take the dual, the plural from 3 to 10 and the accusative singular from 11 to 99. Months
are CLDR's, because each region has its own: أبريل in Cairo is نيسان in Beirut.
"""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")

PHRASES: Final = Phrases(
    at="الساعة {times}",
    until=" حتى {date}",
    periods={
        Frequency.DAILY: {"each": "كل يوم", "two": "كل يومين"}
        | {"few": "كل {n} أيام", "many": "كل {n} يومًا", "other": "كل {n} يوم"},
        Frequency.WEEKLY: {"each": "كل أسبوع", "two": "كل أسبوعين"}
        | {"few": "كل {n} أسابيع", "many": "كل {n} أسبوعًا", "other": "كل {n} أسبوع"},
        Frequency.MONTHLY: {"each": "كل شهر", "two": "كل شهرين"}
        | {"few": "كل {n} أشهر", "many": "كل {n} شهرًا", "other": "كل {n} شهر"},
        Frequency.YEARLY: {"each": "كل سنة", "two": "كل سنتين"}
        | {"few": "كل {n} سنوات", "other": "كل {n} سنة"},
    },
    every="كل يوم {days}",
    every_day=("اثنين", "ثلاثاء", "أربعاء", "خميس", "جمعة", "سبت", "أحد"),
    workdays="كل يوم من الاثنين إلى الجمعة",
    on_workdays="{every}، من الاثنين إلى الجمعة",
    on_days="{every}، {days}",
    on_weekday=tuple(f"يوم {day}" for day in DAYS),
    on_date="{every}، {days}",
    month_day="في اليوم {day}",
    last_day="في اليوم الأخير",
    year_date="في {date}",
    weekday=DAYS,
    last_workday="في آخر يوم عمل (من الاثنين إلى الجمعة)",
    nth="في يوم {weekday} {ordinal}",
    nth_of_month="في يوم {weekday} {ordinal} من {month}",
    in_months="{rule} في {months}",
    irregular="{every}، في تواريخ محددة",
    ordinals=(
        {1: "الأول", 2: "الثاني", 3: "الثالث", 4: "الرابع", 5: "الخامس"}
        | {-1: "الأخير", -2: "قبل الأخير"},
    ),
    clock_changes="نظرًا إلى تغيير التوقيت، يبدأ الاجتماع لديكم {changes}.",
    from_then="الساعة {time} اعتبارًا من {date}",
)
