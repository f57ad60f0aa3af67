"""How Chinese says how often something takes place, in simplified and in traditional characters.

No letters are shipped in the traditional ones; the table is for those who write their own.
"""

from typing import Final

import msgspec

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

PHRASES: Final = Phrases(
    at="{times}",
    until="，至{date}",
    periods={
        Frequency.DAILY: {"each": "每天", "=2": "每两天", "other": "每{n}天"},
        Frequency.WEEKLY: {"each": "每周", "=2": "每两周", "other": "每{n}周"},
        Frequency.MONTHLY: {"each": "每月", "=2": "每两个月", "other": "每{n}个月"},
        Frequency.YEARLY: {"each": "每年", "=2": "每两年", "other": "每{n}年"},
    },
    every="每{days}",
    every_day=DAYS,
    workdays="每周一至周五",
    on_workdays="{every}的周一至周五",
    on_days="{every}的{days}",
    on_weekday=DAYS,
    of_each={Frequency.MONTHLY: "{every}{days}", Frequency.YEARLY: "{every}{days}"},
    on_date="{every}的{days}",
    month_day="{day}日",
    last_day="最后一天",
    year_date="{date}",
    weekday=DAYS,
    last_workday="最后一个工作日（周一至周五）",
    of_month=tuple(f"{month}月" for month in range(1, 13)),
    nth="{ordinal}{weekday}",
    nth_of_month="{month}{ordinal}{weekday}",
    in_months="{months}的{rule}",
    irregular="{every}（日期不固定）",
    ordinals=(
        {1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", 5: "第五个"}
        | {-1: "最后一个", -2: "倒数第二个"},
    ),
    # A full-width bracket brings its own blank; dates that have a time of their own are listed with
    # commas, where '和' would stand between two numbers.
    contractions={"） ": "）", "和自": "，自"},
    clock_changes="因时钟调整，您当地的开始时间将变为：{changes}。",
    from_then="自{date}起 {time}",
)

TRADITIONAL_DAYS: Final = ("週一", "週二", "週三", "週四", "週五", "週六", "週日")

TRADITIONAL: Final = msgspec.structs.replace(
    PHRASES,
    periods={
        Frequency.DAILY: {"each": "每天", "=2": "每兩天", "other": "每{n}天"},
        Frequency.WEEKLY: {"each": "每週", "=2": "每兩週", "other": "每{n}週"},
        Frequency.MONTHLY: {"each": "每月", "=2": "每兩個月", "other": "每{n}個月"},
        Frequency.YEARLY: {"each": "每年", "=2": "每兩年", "other": "每{n}年"},
    },
    every_day=TRADITIONAL_DAYS,
    workdays="每週一至週五",
    on_workdays="{every}的週一至週五",
    on_weekday=TRADITIONAL_DAYS,
    last_day="最後一天",
    weekday=TRADITIONAL_DAYS,
    last_workday="最後一個工作日（週一至週五）",
    irregular="{every}（日期不固定）",
    ordinals=(
        {1: "第一個", 2: "第二個", 3: "第三個", 4: "第四個", 5: "第五個"}
        | {-1: "最後一個", -2: "倒數第二個"},
    ),
    clock_changes="因時鐘調整，您當地的開始時間將變為：{changes}。",
)
