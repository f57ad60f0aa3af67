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
        *("щоп’ятниці", "щосуботи", "щонеділі"),
    ),
    workdays="з понеділка до п’ятниці",
    on_days="{every}, у {days}",
    on_weekday=("понеділок", "вівторок", "середу", "четвер", "п’ятницю", "суботу", "неділю"),
    on_date="{every}, {days}",
    month_day="{day}-го числа",
    month_days="{days} числа",
    one_of_days="{day}-го",
    last_day="останнього дня місяця",
    year_date="{date}",
    # The time of something without a preposition: першої п’ятниці.
    weekday=("понеділка", "вівторка", "середи", "четверга", "п’ятниці", "суботи", "неділі"),
    last_workday="останнього робочого дня (з понеділка до п’ятниці)",
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
        {1: "першого", 2: "другого", 3: "третього", 4: "четвертого", 5: "п’ятого"}
        | {-1: "останнього", -2: "передостаннього"},
        {1: "першої", 2: "другої", 3: "третьої", 4: "четвертої", 5: "п’ятої"}
        | {-1: "останньої", -2: "передостанньої"},
    ),
    clock_changes="Через переведення годинників початок за Вашим часом: {changes}.",
    from_then="{time} (з {date})",
)
