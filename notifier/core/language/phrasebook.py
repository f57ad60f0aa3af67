"""How languages say how often something takes place: one table for each, by language code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from notifier.core.language.phrases import Phrases
from notifier.core.times.recurrence import Frequency

ENGLISH_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

ENGLISH: Final = Phrases(
    at="at {times}",
    until=" until {date}",
    periods={
        Frequency.DAILY: {"each": "every day", "other": "every {n} days"},
        Frequency.WEEKLY: {"each": "every week", "other": "every {n} weeks"},
        Frequency.MONTHLY: {"each": "every month", "other": "every {n} months"},
        Frequency.YEARLY: {"each": "every year", "other": "every {n} years"},
    },
    every="every {days}",
    every_day=ENGLISH_DAYS,
    workdays="every weekday",
    on_days="{every} on {days}",
    on_weekday=ENGLISH_DAYS,
    on_date="{every} on {days}",
    month_day="day {day}",
    last_day="the last day",
    year_date="{date}",
    weekday=ENGLISH_DAYS,
    last_workday="the last weekday (Monday to Friday)",
    of_month=(
        *("of January", "of February", "of March", "of April", "of May", "of June"),
        *("of July", "of August", "of September", "of October", "of November", "of December"),
    ),
    in_months="{rule} in {months}",
    irregular="{every}, on dates of their own",
    ordinals=(
        {1: "the first", 2: "the second", 3: "the third", 4: "the fourth", 5: "the fifth"}
        | {-1: "the last", -2: "the second to last"},
    ),
)

FRENCH: Final = Phrases(
    at="à {times}",
    until=" jusqu’au {date}",
    periods={
        Frequency.DAILY: {"each": "tous les jours", "other": "tous les {n} jours"},
        Frequency.WEEKLY: {"each": "toutes les semaines", "other": "toutes les {n} semaines"},
        Frequency.MONTHLY: {"each": "tous les mois", "other": "tous les {n} mois"},
        Frequency.YEARLY: {"each": "tous les ans", "other": "tous les {n} ans"},
    },
    every="tous les {days}",
    every_day=("lundis", "mardis", "mercredis", "jeudis", "vendredis", "samedis", "dimanches"),
    workdays="du lundi au vendredi",
    on_weekday=(
        *("le lundi", "le mardi", "le mercredi", "le jeudi"),
        *("le vendredi", "le samedi", "le dimanche"),
    ),
    month_day="le {day}",
    last_day="le dernier jour",
    year_date="le {date}",
    weekday=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    last_workday="le dernier jour ouvré (du lundi au vendredi)",
    of_month=(
        *("de janvier", "de février", "de mars", "d’avril", "de mai", "de juin"),
        *("de juillet", "d’août", "de septembre", "d’octobre", "de novembre", "de décembre"),
    ),
    in_months="{rule} en {months}",
    irregular="{every}, à des dates particulières",
    ordinals=(
        {1: "le premier", 2: "le deuxième", 3: "le troisième", 4: "le quatrième"}
        | {5: "le cinquième", -1: "le dernier", -2: "l’avant-dernier"},
    ),
)

GERMAN_DAYS: Final = (
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
)

GERMAN: Final = Phrases(
    at="um {times}",
    until=" bis zum {date}",
    periods={
        Frequency.DAILY: {"each": "täglich", "other": "alle {n} Tage"},
        Frequency.WEEKLY: {"each": "wöchentlich", "other": "alle {n} Wochen"},
        Frequency.MONTHLY: {"each": "monatlich", "other": "alle {n} Monate"},
        Frequency.YEARLY: {"each": "jährlich", "other": "alle {n} Jahre"},
    },
    every="jeden {days}",
    every_day=GERMAN_DAYS,
    workdays="montags bis freitags",
    on_days="{every} am {days}",
    on_weekday=GERMAN_DAYS,
    on_date="{every} {days}",
    month_day="am {day}.",
    last_day="am letzten Tag",
    year_date="am {date}",
    weekday=GERMAN_DAYS,
    last_workday="am letzten Werktag (Montag bis Freitag)",
    of_month=(
        *("im Januar", "im Februar", "im März", "im April", "im Mai", "im Juni", "im Juli"),
        *("im August", "im September", "im Oktober", "im November", "im Dezember"),
    ),
    in_months="{rule} im {months}",
    irregular="{every} an besonderen Tagen",
    ordinals=(
        {1: "am ersten", 2: "am zweiten", 3: "am dritten", 4: "am vierten", 5: "am fünften"}
        | {-1: "am letzten", -2: "am vorletzten"},
    ),
)

SPANISH: Final = Phrases(
    at="a las {times}",
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
    irregular="{every}, en fechas determinadas",
    ordinals=(
        {1: "el primer", 2: "el segundo", 3: "el tercer", 4: "el cuarto", 5: "el quinto"}
        | {-1: "el último", -2: "el penúltimo"},
    ),
)

RUSSIAN: Final = Phrases(
    at="в {times}",
    until=" до {date}",
    periods={
        Frequency.DAILY: {"each": "ежедневно", "one": "каждый {n} день"}
        | {"many": "каждые {n} дней", "other": "каждые {n} дня"},
        Frequency.WEEKLY: {"each": "еженедельно", "one": "каждую {n} неделю"}
        | {"many": "каждые {n} недель", "other": "каждые {n} недели"},
        Frequency.MONTHLY: {"each": "ежемесячно", "one": "каждый {n} месяц"}
        | {"many": "каждые {n} месяцев", "other": "каждые {n} месяца"},
        Frequency.YEARLY: {"each": "ежегодно", "one": "каждый {n} год"}
        | {"many": "каждые {n} лет", "other": "каждые {n} года"},
    },
    every="{days}",
    every_day=(
        *("каждый понедельник", "каждый вторник", "каждую среду", "каждый четверг"),
        *("каждую пятницу", "каждую субботу", "каждое воскресенье"),
    ),
    workdays="по будням",
    on_weekday=(
        *("в понедельник", "во вторник", "в среду", "в четверг"),
        *("в пятницу", "в субботу", "в воскресенье"),
    ),
    month_day="{day}-го числа",
    last_day="в последний день месяца",
    year_date="{date}",
    weekday=("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"),
    last_workday="в последний рабочий день (с понедельника по пятницу)",
    of_month=(
        *("января", "февраля", "марта", "апреля", "мая", "июня"),
        *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
    ),
    in_months="{rule}, месяцы: {months}",
    irregular="{every}, по особым датам",
    genders=(0, 0, 1, 0, 1, 1, 2),
    ordinals=(
        {1: "в первый", 2: "во второй", 3: "в третий", 4: "в четвёртый", 5: "в пятый"}
        | {-1: "в последний", -2: "в предпоследний"},
        {1: "в первую", 2: "во вторую", 3: "в третью", 4: "в четвёртую", 5: "в пятую"}
        | {-1: "в последнюю", -2: "в предпоследнюю"},
        {1: "в первое", 2: "во второе", 3: "в третье", 4: "в четвёртое", 5: "в пятое"}
        | {-1: "в последнее", -2: "в предпоследнее"},
    ),
)

PHRASES: Final[Mapping[str, Phrases]] = MappingProxyType(
    {"en": ENGLISH, "fr": FRENCH, "de": GERMAN, "es": SPANISH, "ru": RUSSIAN}
)
