"""How Spanish says how often something takes place."""

from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

PHRASES: Final = Phrases(
    at="{times}",
    hour="a las {time}",
    hour_one="a la {time}",
    until=" hasta el {date}",
    periods={
        Frequency.DAILY: {"each": "todos los días", "other": "cada {n} días"},
        Frequency.WEEKLY: {"each": "todas las semanas", "other": "cada {n} semanas"},
        Frequency.MONTHLY: {"each": "todos los meses", "other": "cada {n} meses"},
        Frequency.YEARLY: {"each": "todos los años", "other": "cada {n} años"},
    },
    every="todos los {days}",
    every_day=("lunes", "martes", "miércoles", "jueves", "viernes", "sábados", "domingos"),
    workdays="de lunes a viernes",
    on_weekday=(
        *("el lunes", "el martes", "el miércoles", "el jueves"),
        *("el viernes", "el sábado", "el domingo"),
    ),
    on_days="{every}, {days},",
    on_workdays="{every}, de lunes a viernes,",
    on_date="{every}, {days},",
    of_each={Frequency.MONTHLY: "{days} de cada mes", Frequency.YEARLY: "{days} de cada año"},
    month_day="el día {day}",
    last_day="el último día",
    year_date="el {date}",
    weekday=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    last_workday="el último día laborable (de lunes a viernes)",
    of_month=(
        *("de enero", "de febrero", "de marzo", "de abril", "de mayo", "de junio", "de julio"),
        *("de agosto", "de septiembre", "de octubre", "de noviembre", "de diciembre"),
    ),
    in_months="{rule} en {months}",
    irregular="{every}, en fechas determinadas,",
    ordinals=(
        {1: "el primer", 2: "el segundo", 3: "el tercer", 4: "el cuarto", 5: "el quinto"}
        | {-1: "el último", -2: "el penúltimo"},
    ),
    clock_changes="Debido al cambio de hora, en su horario local empezará {changes}.",
    from_then="{time} a partir del {date}",
)
