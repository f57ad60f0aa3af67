"""How Ukrainian says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

# 'every 21st day' is said by the ordinal: a bare number would be read as singular or as plural.
PHRASES: Final = Phrases(
    at="о\u00a0{times}",
    # Before a vowel: об одинадцятій.
    at_hour={11: "об\u00a0{times}"},
    until=" до {date} включно",
    periods={
        Frequency.DAILY: {"each": "щодня", "one": "кожен {n}-й день", "few": "кожні {n} дні"}
        | {"other": "кожні {n} днів"},
        Frequency.WEEKLY: {"each": "щотижня", "one": "кожен {n}-й тиждень"}
        | {"few": "кожні {n} тижні", "other": "кожні {n} тижнів"},
        Frequency.MONTHLY: {"each": "щомісяця", "one": "кожен {n}-й місяць"}
        | {"few": "кожні {n} місяці", "other": "кожні {n} місяців"},
        Frequency.YEARLY: {"each": "щороку", "one": "кожен {n}-й рік", "few": "кожні {n} роки"}
        | {"other": "кожні {n} років"},
    },
    every="{days}",
    every_day=(
        *("щопонеділка", "щовівторка", "щосереди", "щочетверга"),
        *("щопʼятниці", "щосуботи", "щонеділі"),
    ),
    workdays="з понеділка до пʼятниці",
    on_days="{every}, у {days}",
    on_weekday=("понеділок", "вівторок", "середу", "четвер", "пʼятницю", "суботу", "неділю"),
    on_workdays="{every}, з понеділка до пʼятниці",
    of_each={Frequency.MONTHLY: "{days} кожного місяця"},
    contractions={" місяця кожного місяця": " кожного місяця"},
    month_day="{day}-го числа",
    month_days="{days} числа",
    one_of_days="{day}-го",
    last_day="останнього дня місяця",
    year_date="{date}",
    # The time of something without a preposition: першої пʼятниці.
    weekday=("понеділка", "вівторка", "середи", "четверга", "пʼятниці", "суботи", "неділі"),
    last_workday="останнього робочого дня (з понеділка до пʼятниці)",
    of_month=(
        *("січня", "лютого", "березня", "квітня", "травня", "червня"),
        *("липня", "серпня", "вересня", "жовтня", "листопада", "грудня"),
    ),
    in_months="{rule} {months}",
    in_month=(
        *("в січні", "в лютому", "в березні", "в квітні", "в травні", "в червні"),
        *("в липні", "в серпні", "у вересні", "в жовтні", "в листопаді", "в грудні"),
    ),
    irregular="{every}, за окремим графіком,",
    genders=(0, 0, 1, 0, 1, 1, 1),
    ordinals=(
        {1: "першого", 2: "другого", 3: "третього", 4: "четвертого", 5: "пʼятого"}
        | {-1: "останнього", -2: "передостаннього"},
        {1: "першої", 2: "другої", 3: "третьої", 4: "четвертої", 5: "пʼятої"}
        | {-1: "останньої", -2: "передостанньої"},
    ),
    clock_changes="Через переведення годинників початок за Вашим часом: {changes}.",
    from_then="{time} (з {date})",
)
