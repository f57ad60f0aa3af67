"""How Korean says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")

PHRASES: Final = Phrases(
    at="{times}",
    until="{date}까지 ",
    periods={
        Frequency.DAILY: {"each": "매일", "other": "{n}일마다"},
        Frequency.WEEKLY: {"each": "매주", "=2": "격주", "other": "{n}주마다"},
        Frequency.MONTHLY: {"each": "매월", "=2": "격월", "other": "{n}개월마다"},
        Frequency.YEARLY: {"each": "매년", "other": "{n}년마다"},
    },
    every="매주 {days}",
    every_day=DAYS,
    workdays="매주 평일(월요일~금요일)",
    on_workdays="{every} 평일(월요일~금요일)",
    on_days="{every} {days}",
    on_weekday=DAYS,
    on_date="{every} {days}",
    month_day="{day}일",
    last_day="말일",
    year_date="{date}",
    weekday=DAYS,
    last_workday="마지막 평일(월요일~금요일)",
    of_month=tuple(f"{month}월" for month in range(1, 13)),
    in_months="{months} 중 {rule}",
    irregular="{every}(날짜는 비정기)",
    nth_of_month="{month} {ordinal} {weekday}",
    ordinals=(
        {1: "첫 번째", 2: "두 번째", 3: "세 번째", 4: "네 번째", 5: "다섯 번째"}
        | {-1: "마지막", -2: "끝에서 두 번째"},
    ),
    clock_changes="시계 변경에 따라 귀하의 지역에서는 {changes} 시작합니다.",
    from_then="{date}부터 {time}에",
    # Each time has its particle, so that a comma is enough between them.
    contractions={"에 및 ": "에, "},
    whole="{until}{rule} {at} ({zone})",
)
