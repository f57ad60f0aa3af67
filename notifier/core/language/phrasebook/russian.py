"""How Russian says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

DAYS: Final = (
    *("понедельникам", "вторникам", "средам", "четвергам"),
    *("пятницам", "субботам", "воскресеньям"),
)

# 'every 21st day' is said by the ordinal: a bare number would be read as singular or as plural.
PHRASES: Final = Phrases(
    at="в\u00a0{times}",
    until=" до {date} включительно",
    periods={
        Frequency.DAILY: {"each": "ежедневно", "one": "каждый {n}-й день"}
        | {"few": "каждые {n} дня", "other": "каждые {n} дней"},
        Frequency.WEEKLY: {"each": "еженедельно", "one": "каждую {n}-ю неделю"}
        | {"few": "каждые {n} недели", "other": "каждые {n} недель"},
        Frequency.MONTHLY: {"each": "ежемесячно", "one": "каждый {n}-й месяц"}
        | {"few": "каждые {n} месяца", "other": "каждые {n} месяцев"},
        Frequency.YEARLY: {"each": "ежегодно", "one": "каждый {n}-й год"}
        | {"few": "каждые {n} года", "other": "каждые {n} лет"},
    },
    every="по {days}",
    every_day=DAYS,
    workdays="по будням",
    on_days="{every} по {days}",
    on_weekday=DAYS,
    on_workdays="{every} по будням",
    of_each={Frequency.MONTHLY: "{days} каждого месяца"},
    contractions={" месяца каждого месяца": " каждого месяца"},
    month_day="{day}-го числа",
    month_days="{days} числа",
    one_of_days="{day}-го",
    last_day="в последний день месяца",
    year_date="{date}",
    weekday=("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"),
    last_workday="в последний рабочий день (с понедельника по пятницу)",
    of_month=(
        *("января", "февраля", "марта", "апреля", "мая", "июня"),
        *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
    ),
    in_months="{rule} в {months}",
    in_month=(
        *("январе", "феврале", "марте", "апреле", "мае", "июне"),
        *("июле", "августе", "сентябре", "октябре", "ноябре", "декабре"),
    ),
    irregular="{every}, по отдельному графику,",
    genders=(0, 0, 1, 0, 1, 1, 2),
    ordinals=(
        {1: "в первый", 2: "во второй", 3: "в третий", 4: "в четвёртый", 5: "в пятый"}
        | {-1: "в последний", -2: "в предпоследний"},
        {1: "в первую", 2: "во вторую", 3: "в третью", 4: "в четвёртую", 5: "в пятую"}
        | {-1: "в последнюю", -2: "в предпоследнюю"},
        {1: "в первое", 2: "во второе", 3: "в третье", 4: "в четвёртое", 5: "в пятое"}
        | {-1: "в последнее", -2: "в предпоследнее"},
    ),
    clock_changes="Из-за перевода часов начало по Вашему времени: {changes}.",
    from_then="с {date} {at}",
)
