"""How Japanese says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日")

PHRASES: Final = Phrases(
    at="{times}",
    until="、{date}まで",
    periods={
        Frequency.DAILY: {"each": "毎日", "other": "{n} 日ごと"},
        Frequency.WEEKLY: {"each": "毎週", "=2": "隔週", "other": "{n} 週間ごと"},
        Frequency.MONTHLY: {"each": "毎月", "=2": "隔月", "other": "{n} か月ごと"},
        Frequency.YEARLY: {"each": "毎年", "other": "{n} 年ごと"},
    },
    every="毎週{days}",
    every_day=DAYS,
    workdays="毎週月曜日～金曜日",
    on_workdays="{every}の月曜日～金曜日",
    on_days="{every}の{days}",
    on_weekday=DAYS,
    of_each={Frequency.MONTHLY: "{every}{days}", Frequency.YEARLY: "{every}{days}"},
    on_date="{every}の{days}",
    month_day="{day}日",
    last_day="末日",
    year_date="{date}",
    weekday=DAYS,
    last_workday="最終平日（月曜日～金曜日）",
    of_month=tuple(f"{month}月" for month in range(1, 13)),
    nth="{ordinal}{weekday}",
    nth_of_month="{month}の{ordinal}{weekday}",
    in_months="{rule}（{months}）",
    irregular="{every}（日程は不定期）",
    ordinals=(
        {1: "第1", 2: "第2", 3: "第3", 4: "第4", 5: "第5"} | {-1: "最終", -2: "最後から2番目の"},
    ),
    # A full-width bracket brings its own blank.
    contractions={"） ": "）"},
    clock_changes="時刻の切り替えに伴い、お客様の地域での開始時刻は{changes}となります。",
    from_then="{date}から{time}",
)
