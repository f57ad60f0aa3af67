"""How Portuguese, of Portugal and of Brazil, says how often something takes place."""

from typing import Final

import msgspec

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

# Portugal's own; Brazil's are below, where they differ.
PHRASES: Final = Phrases(
    at="{times}",
    until=" até {date}",
    periods={
        Frequency.DAILY: {"each": "todos os dias", "other": "de {n} em {n} dias"},
        Frequency.WEEKLY: {"each": "todas as semanas", "other": "de {n} em {n} semanas"},
        Frequency.MONTHLY: {"each": "todos os meses", "other": "de {n} em {n} meses"},
        Frequency.YEARLY: {"each": "todos os anos", "other": "de {n} em {n} anos"},
    },
    every="{days}",
    every_day=(
        *("todas as segundas-feiras", "todas as terças-feiras", "todas as quartas-feiras"),
        *("todas as quintas-feiras", "todas as sextas-feiras"),
        *("todos os sábados", "todos os domingos"),
    ),
    workdays="de segunda a sexta-feira",
    on_weekday=(
        *("à segunda-feira", "à terça-feira", "à quarta-feira", "à quinta-feira"),
        *("à sexta-feira", "ao sábado", "ao domingo"),
    ),
    month_day="no dia {day}",
    last_day="no último dia",
    year_date="no dia {date}",
    weekday=(
        *("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira"),
        *("sábado", "domingo"),
    ),
    last_workday="no último dia útil (de segunda a sexta-feira)",
    of_month=(
        *("de janeiro", "de fevereiro", "de março", "de abril", "de maio", "de junho"),
        *("de julho", "de agosto", "de setembro", "de outubro", "de novembro", "de dezembro"),
    ),
    in_months="{rule} em {months}",
    irregular="{every}, em datas específicas,",
    genders=(0, 0, 0, 0, 0, 1, 1),
    ordinals=(
        {1: "na primeira", 2: "na segunda", 3: "na terceira", 4: "na quarta", 5: "na quinta"}
        | {-1: "na última", -2: "na penúltima"},
        {1: "no primeiro", 2: "no segundo", 3: "no terceiro", 4: "no quarto", 5: "no quinto"}
        | {-1: "no último", -2: "no penúltimo"},
    ),
    hour="às {time}",
    hour_one="à {time}",
    on_days="{every}, {days},",
    on_workdays="{every}, de segunda a sexta-feira,",
    on_date="{every}, {days},",
    of_each={Frequency.MONTHLY: "{days} de cada mês", Frequency.YEARLY: "{days} de cada ano"},
    # 'todas as segundas e quartas-feiras': what would be said twice is said at the end.
    contractions={
        "-feiras, todas as ": ", ",
        "-feiras e todas as ": " e ",
        "sábados e todos os ": "sábados e ",
    },
    clock_changes="Devido à mudança da hora, na sua hora local o início será {changes}.",
    from_then="{time} a partir de {date}",
)

BRAZILIAN: Final = msgspec.structs.replace(
    PHRASES,
    periods={
        Frequency.DAILY: {"each": "todos os dias", "other": "a cada {n} dias"},
        Frequency.WEEKLY: {"each": "toda semana", "other": "a cada {n} semanas"},
        Frequency.MONTHLY: {"each": "todo mês", "other": "a cada {n} meses"},
        Frequency.YEARLY: {"each": "todo ano", "other": "a cada {n} anos"},
    },
    every_day=(
        *("toda segunda-feira", "toda terça-feira", "toda quarta-feira"),
        *("toda quinta-feira", "toda sexta-feira", "todo sábado", "todo domingo"),
    ),
    on_weekday=(
        *("na segunda-feira", "na terça-feira", "na quarta-feira", "na quinta-feira"),
        *("na sexta-feira", "no sábado", "no domingo"),
    ),
    named_days={1: "no dia 1º"},
    contractions={
        "-feira, toda ": ", ",
        "-feira e toda ": " e ",
        "sábado e todo ": "sábado e ",
    },
    clock_changes="Devido ao horário de verão, no seu horário local o início será {changes}.",
)
