"""How Vietnamese says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ Nhật")

PHRASES: Final = Phrases(
    at="lúc\u00a0{times}",
    until=" đến hết ngày {date}",
    periods={
        Frequency.DAILY: {"each": "hằng ngày", "other": "{n} ngày một lần"},
        Frequency.WEEKLY: {"each": "hằng tuần", "other": "{n} tuần một lần"},
        Frequency.MONTHLY: {"each": "hằng tháng", "other": "{n} tháng một lần"},
        Frequency.YEARLY: {"each": "hằng năm", "other": "{n} năm một lần"},
    },
    every="{days} hằng tuần",
    every_day=DAYS,
    workdays="từ thứ Hai đến thứ Sáu hằng tuần",
    on_days="{every}, vào {days}",
    on_weekday=DAYS,
    on_date="{every}, vào {days}",
    on_workdays="{every}, từ thứ Hai đến thứ Sáu",
    of_each={Frequency.MONTHLY: "{days} mỗi tháng"},
    contractions={" tháng mỗi tháng": " mỗi tháng"},
    month_day="ngày {day}",
    last_day="ngày cuối tháng",
    year_date="ngày {date}",
    weekday=DAYS,
    last_workday="ngày làm việc cuối cùng (từ thứ Hai đến thứ Sáu) của tháng",
    of_month=tuple(f"của tháng {month}" for month in range(1, 13)),
    in_months="{rule}, trong {months},",
    in_month=tuple(f"tháng {month}" for month in range(1, 13)),
    irregular="{every}, vào những ngày đã định,",
    # The second Monday would be "thứ Hai thứ hai", so one counts how often it comes.
    ordinals=(
        {1: "đầu tiên", 2: "lần thứ hai", 3: "lần thứ ba", 4: "lần thứ tư", 5: "lần thứ năm"}
        | {-1: "cuối cùng", -2: "áp chót"},
    ),
    nth="{weekday} {ordinal} của tháng",
    nth_of_month="{weekday} {ordinal} {month}",
    clock_changes="Do đồng hồ được chỉnh theo mùa, giờ bắt đầu tại nơi quý vị ở là {changes}.",
    from_then="{time} kể từ ngày {date}",
)
