"""How German, Spanish, French, Italian, Dutch and Portuguese say how often, when and how long.

The tables are for the eyes of native readers: whoever finds a phrase odd changes it here first.
"""

import re
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.language.languages import locale_chain
from notifier.core.language.words import clock_change, duration, recurrence, time_left, when
from notifier.core.notice import Kind
from notifier.core.times.schedule import Schedule
from notifier.core.values import values
from notifier.core.wording.variables import KINDS
from notifier.samples import sample

# A Friday, three in the afternoon.
START = datetime.fromisoformat("2026-11-27T15:00")


def series(rule: str, start: datetime = START) -> Schedule:
    return Schedule(start=start, time_zone="Europe/Paris", duration=3600, recurrence=rule)


def said(rule: str, language: str) -> str:
    found = recurrence(series(rule), language).replace("\u00a0", " ")
    return found.removesuffix(" (Europe/Paris)")


EVERY_TWO_WEEKS = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR"
EVERY_OTHER_WORKDAYS = "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR"
MONDAYS_AND_WEDNESDAYS = "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270303T140000Z"
WORKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
TWICE_A_DAY = "FREQ=DAILY;BYHOUR=1,15"
EVERY_THREE_DAYS = "FREQ=DAILY;INTERVAL=3"
EVERY_27TH = "FREQ=MONTHLY"
FIRST_AND_LAST = "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1,15,-1"
FIRST_FRIDAY = "FREQ=MONTHLY;BYDAY=1FR"
FIRST_SUNDAY = "FREQ=MONTHLY;BYDAY=1SU,3SA"
LAST_BUT_ONE = "FREQ=MONTHLY;INTERVAL=2;BYDAY=FR;BYSETPOS=-2"
LAST_DAY = "FREQ=MONTHLY;BYMONTHDAY=-1"
LAST_WORKDAY = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
SECOND_MONDAY_OF_APRIL = "FREQ=YEARLY;BYMONTH=4;BYDAY=2MO"
NEW_YEAR = "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1"
EIGHTH = "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=8,11;UNTIL=20301101T000000Z"
IN_SPRING = "FREQ=WEEKLY;BYMONTH=3,4"
IN_AUGUST = "FREQ=WEEKLY;BYMONTH=8"
FRIDAY_THE_13TH = "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"
UNTIL_THE_FIRST = "FREQ=DAILY;UNTIL=20261201"

GERMAN = {
    EVERY_TWO_WEEKS: "alle 2 Wochen am Dienstag und Freitag um 15:00 Uhr",
    EVERY_OTHER_WORKDAYS: "alle 2 Wochen montags bis freitags um 15:00 Uhr",
    MONDAYS_AND_WEDNESDAYS: "jeden Montag und Mittwoch um 15:00 Uhr bis zum 3. März 2027",
    WORKDAYS: "montags bis freitags um 15:00 Uhr",
    TWICE_A_DAY: "täglich um 01:00 und 15:00 Uhr",
    EVERY_THREE_DAYS: "alle 3 Tage um 15:00 Uhr",
    EVERY_27TH: "monatlich am 27. um 15:00 Uhr",
    FIRST_AND_LAST: "alle 3 Monate am 1., am 15. und am letzten Tag um 15:00 Uhr",
    FIRST_FRIDAY: "monatlich am ersten Freitag um 15:00 Uhr",
    FIRST_SUNDAY: "monatlich am ersten Sonntag und am dritten Samstag um 15:00 Uhr",
    LAST_BUT_ONE: "alle 2 Monate am vorletzten Freitag um 15:00 Uhr",
    LAST_DAY: "monatlich am letzten Tag um 15:00 Uhr",
    LAST_WORKDAY: "monatlich am letzten Werktag (Montag bis Freitag) um 15:00 Uhr",
    SECOND_MONDAY_OF_APRIL: "jährlich am zweiten Montag im April um 15:00 Uhr",
    NEW_YEAR: "jährlich am 1. Januar um 15:00 Uhr",
    EIGHTH: "jährlich am 8. Oktober und am 11. Oktober um 15:00 Uhr bis zum 11. Oktober 2030",
    IN_SPRING: "jeden Freitag im März und April um 15:00 Uhr",
    FRIDAY_THE_13TH: "monatlich an bestimmten Tagen um 15:00 Uhr",
}

SPANISH = {
    EVERY_TWO_WEEKS: "cada 2 semanas, el martes y el viernes, a las 15:00",
    EVERY_OTHER_WORKDAYS: "cada 2 semanas, de lunes a viernes, a las 15:00",
    MONDAYS_AND_WEDNESDAYS: "todos los lunes y miércoles a las 15:00 hasta el 3 de marzo de 2027",
    WORKDAYS: "de lunes a viernes a las 15:00",
    TWICE_A_DAY: "todos los días a la 1:00 y a las 15:00",
    EVERY_THREE_DAYS: "cada 3 días a las 15:00",
    EVERY_27TH: "el día 27 de cada mes a las 15:00",
    FIRST_AND_LAST: "cada 3 meses, el día 1, el día 15 y el último día, a las 15:00",
    FIRST_FRIDAY: "el primer viernes de cada mes a las 15:00",
    FIRST_SUNDAY: "el primer domingo y el tercer sábado de cada mes a las 15:00",
    LAST_BUT_ONE: "cada 2 meses, el penúltimo viernes, a las 15:00",
    LAST_DAY: "el último día de cada mes a las 15:00",
    LAST_WORKDAY: "el último día laborable (de lunes a viernes) de cada mes a las 15:00",
    SECOND_MONDAY_OF_APRIL: "el segundo lunes de abril de cada año a las 15:00",
    NEW_YEAR: "el 1 de enero de cada año a las 15:00",
    EIGHTH: "el 8 de octubre y el 11 de octubre de cada año a las 15:00 hasta el 11 de octubre "
    "de 2030",
    IN_SPRING: "todos los viernes en marzo y abril a las 15:00",
    FRIDAY_THE_13TH: "todos los meses, en fechas determinadas, a las 15:00",
}

FRENCH = {
    EVERY_TWO_WEEKS: "toutes les 2 semaines, le mardi et le vendredi à 15:00",
    EVERY_OTHER_WORKDAYS: "toutes les 2 semaines, du lundi au vendredi à 15:00",
    MONDAYS_AND_WEDNESDAYS: "tous les lundis et mercredis à 15:00 jusqu’au 3 mars 2027",
    TWICE_A_DAY: "tous les jours à 01:00 et 15:00",
    EVERY_27TH: "le 27 de chaque mois à 15:00",
    FIRST_AND_LAST: "tous les 3 mois, le 1er, le 15 et le dernier jour à 15:00",
    FIRST_FRIDAY: "le premier vendredi de chaque mois à 15:00",
    NEW_YEAR: "tous les ans, le 1er janvier à 15:00",
    SECOND_MONDAY_OF_APRIL: "tous les ans, le deuxième lundi d’avril à 15:00",
    UNTIL_THE_FIRST: "tous les jours à 15:00 jusqu’au 1er décembre 2026",
    FRIDAY_THE_13TH: "tous les mois, à des dates particulières, à 15:00",
}

ITALIAN = {
    EVERY_TWO_WEEKS: "ogni 2 settimane, il martedì e il venerdì, alle ore 15:00",
    EVERY_OTHER_WORKDAYS: "ogni 2 settimane, dal lunedì al venerdì, alle ore 15:00",
    MONDAYS_AND_WEDNESDAYS: "ogni lunedì e mercoledì alle ore 15:00 fino al 3 marzo 2027",
    WORKDAYS: "dal lunedì al venerdì alle ore 15:00",
    TWICE_A_DAY: "ogni giorno alle ore 01:00 e 15:00",
    EVERY_THREE_DAYS: "ogni 3 giorni alle ore 15:00",
    EVERY_27TH: "il giorno 27 di ogni mese alle ore 15:00",
    FIRST_AND_LAST: "ogni 3 mesi, il primo giorno, il giorno 15 e l’ultimo giorno, alle ore 15:00",
    FIRST_FRIDAY: "il primo venerdì di ogni mese alle ore 15:00",
    FIRST_SUNDAY: "la prima domenica e il terzo sabato di ogni mese alle ore 15:00",
    LAST_BUT_ONE: "ogni 2 mesi, il penultimo venerdì, alle ore 15:00",
    LAST_DAY: "l’ultimo giorno di ogni mese alle ore 15:00",
    LAST_WORKDAY: "l’ultimo giorno feriale (dal lunedì al venerdì) di ogni mese alle ore 15:00",
    SECOND_MONDAY_OF_APRIL: "il secondo lunedì di aprile di ogni anno alle ore 15:00",
    NEW_YEAR: "il 1º gennaio di ogni anno alle ore 15:00",
    EIGHTH: "l’8 ottobre e l’11 ottobre di ogni anno alle ore 15:00 fino all’11 ottobre 2030",
    IN_SPRING: "ogni venerdì a marzo e aprile alle ore 15:00",
    IN_AUGUST: "ogni venerdì ad agosto alle ore 15:00",
    FRIDAY_THE_13TH: "ogni mese, in date stabilite, alle ore 15:00",
    UNTIL_THE_FIRST: "ogni giorno alle ore 15:00 fino al 1º dicembre 2026",
}

DUTCH = {
    EVERY_TWO_WEEKS: "elke 2 weken op dinsdag en vrijdag om 15:00 uur",
    EVERY_OTHER_WORKDAYS: "elke 2 weken van maandag tot en met vrijdag om 15:00 uur",
    MONDAYS_AND_WEDNESDAYS: "elke maandag en woensdag om 15:00 uur tot en met 3 maart 2027",
    WORKDAYS: "van maandag tot en met vrijdag om 15:00 uur",
    TWICE_A_DAY: "elke dag om 01:00 en 15:00 uur",
    EVERY_THREE_DAYS: "elke 3 dagen om 15:00 uur",
    EVERY_27TH: "op de 27e van elke maand om 15:00 uur",
    FIRST_AND_LAST: "elke 3 maanden op de 1e, op de 15e en op de laatste dag om 15:00 uur",
    FIRST_FRIDAY: "op de eerste vrijdag van elke maand om 15:00 uur",
    FIRST_SUNDAY: "op de eerste zondag en op de derde zaterdag van elke maand om 15:00 uur",
    LAST_BUT_ONE: "elke 2 maanden op de voorlaatste vrijdag om 15:00 uur",
    LAST_DAY: "op de laatste dag van elke maand om 15:00 uur",
    LAST_WORKDAY: "op de laatste werkdag (maandag tot en met vrijdag) van elke maand om 15:00 uur",
    SECOND_MONDAY_OF_APRIL: "elk jaar op de tweede maandag van april om 15:00 uur",
    NEW_YEAR: "elk jaar op 1 januari om 15:00 uur",
    EIGHTH: "elk jaar op 8 oktober en op 11 oktober om 15:00 uur tot en met 11 oktober 2030",
    IN_SPRING: "elke vrijdag in maart en april om 15:00 uur",
    FRIDAY_THE_13TH: "elke maand, op bepaalde data, om 15:00 uur",
}

PORTUGUESE = {
    EVERY_TWO_WEEKS: "de 2 em 2 semanas, à terça-feira e à sexta-feira, às 15:00",
    EVERY_OTHER_WORKDAYS: "de 2 em 2 semanas, de segunda a sexta-feira, às 15:00",
    MONDAYS_AND_WEDNESDAYS: "todas as segundas e quartas-feiras às 15:00 até 3 de março de 2027",
    "FREQ=WEEKLY;BYDAY=MO,SA,SU": "todas as segundas-feiras, todos os sábados e domingos às 15:00",
    WORKDAYS: "de segunda a sexta-feira às 15:00",
    TWICE_A_DAY: "todos os dias à 01:00 e às 15:00",
    EVERY_THREE_DAYS: "de 3 em 3 dias às 15:00",
    EVERY_27TH: "no dia 27 de cada mês às 15:00",
    FIRST_AND_LAST: "de 3 em 3 meses, no dia 1, no dia 15 e no último dia, às 15:00",
    FIRST_FRIDAY: "na primeira sexta-feira de cada mês às 15:00",
    FIRST_SUNDAY: "no primeiro domingo e no terceiro sábado de cada mês às 15:00",
    LAST_BUT_ONE: "de 2 em 2 meses, na penúltima sexta-feira, às 15:00",
    LAST_DAY: "no último dia de cada mês às 15:00",
    LAST_WORKDAY: "no último dia útil (de segunda a sexta-feira) de cada mês às 15:00",
    SECOND_MONDAY_OF_APRIL: "na segunda segunda-feira de abril de cada ano às 15:00",
    NEW_YEAR: "no dia 1 de janeiro de cada ano às 15:00",
    IN_SPRING: "todas as sextas-feiras em março e abril às 15:00",
    FRIDAY_THE_13TH: "todos os meses, em datas específicas, às 15:00",
}

BRAZILIAN = {
    EVERY_TWO_WEEKS: "a cada 2 semanas, na terça-feira e na sexta-feira, às 15:00",
    EVERY_OTHER_WORKDAYS: "a cada 2 semanas, de segunda a sexta-feira, às 15:00",
    MONDAYS_AND_WEDNESDAYS: "toda segunda e quarta-feira às 15:00 até 3 de março de 2027",
    "FREQ=WEEKLY;BYDAY=MO,SA,SU": "toda segunda-feira, todo sábado e domingo às 15:00",
    EVERY_THREE_DAYS: "a cada 3 dias às 15:00",
    EVERY_27TH: "no dia 27 de cada mês às 15:00",
    FIRST_AND_LAST: "a cada 3 meses, no dia 1º, no dia 15 e no último dia, às 15:00",
    LAST_BUT_ONE: "a cada 2 meses, na penúltima sexta-feira, às 15:00",
    NEW_YEAR: "no dia 1º de janeiro de cada ano às 15:00",
    UNTIL_THE_FIRST: "todos os dias às 15:00 até 1º de dezembro de 2026",
    FRIDAY_THE_13TH: "todo mês, em datas específicas, às 15:00",
}

ENGLISH = {
    EVERY_OTHER_WORKDAYS: "every 2 weeks from Monday to Friday at 3:00 PM",
    EVERY_27TH: "every month on the 27th at 3:00 PM",
    FIRST_AND_LAST: "every 3 months on the 1st, the 15th, and the last day at 3:00 PM",
    LAST_BUT_ONE: "every 2 months on the second-to-last Friday at 3:00 PM",
    FRIDAY_THE_13TH: "every month, on certain dates, at 3:00 PM",
}

TABLES = {
    "de": GERMAN,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "nl": DUTCH,
    "pt": PORTUGUESE,
    "pt-BR": BRAZILIAN,
    "en": ENGLISH,
}
ROWS = [(language, rule) for language, table in TABLES.items() for rule in table]


@pytest.mark.parametrize(("language", "rule"), ROWS)
def test_a_series_is_said_as_a_native_would(language: str, rule: str) -> None:
    assert said(rule, language) == TABLES[language][rule]


CLOCK_CHANGES = {
    "de": "Wegen der Zeitumstellung beginnt der Termin bei Ihnen ab dem 19. März 2027 um 10:00 Uhr "
    "und ab dem 2. April 2027 um 09:00 Uhr.",
    "es": "Debido al cambio de hora, en su horario local empezará a las 10:00 a partir del 19 de "
    "marzo de 2027 y a las 9:00 a partir del 2 de abril de 2027.",
    "fr": "Avec le changement d’heure, la conférence commence pour vous à 10:00 à partir du 19 "
    "mars 2027 et à 09:00 à partir du 2 avril 2027.",
    "it": "Per il cambio dell’ora, secondo il Suo orario locale l’inizio sarà alle ore 10:00 a "
    "partire dal 19 marzo 2027 e alle ore 09:00 a partire dal 2 aprile 2027.",
    "nl": "Door het verzetten van de klok begint de vergadering voor u vanaf 19 maart 2027 om "
    "10:00 uur en vanaf 2 april 2027 om 09:00 uur.",
    "pt": "Devido à mudança da hora, na sua hora local o início será às 10:00 a partir de 19 de "
    "março de 2027 e às 09:00 a partir de 2 de abril de 2027.",
    "pt-BR": "Devido ao horário de verão, no seu horário local o início será às 10:00 a partir de "
    "19 de março de 2027 e às 09:00 a partir de 2 de abril de 2027.",
}


@pytest.mark.parametrize(("language", "expected"), CLOCK_CHANGES.items(), ids=CLOCK_CHANGES)
def test_parting_clocks_are_told_as_a_native_would(language: str, expected: str) -> None:
    after = datetime(2026, 12, 1, tzinfo=UTC)

    found = clock_change(series("FREQ=WEEKLY"), language, "America/New_York", after)

    assert found.replace("\u00a0", " ") == expected


# One hour and a half; a day, an hour and a minute.
DURATIONS = {
    "de": ("1 Stunde 30 Minuten", "1 Tag 1 Stunde 1 Minute"),
    "en": ("1 hour 30 minutes", "1 day 1 hour 1 minute"),
    "es": ("1 hora y 30 minutos", "1 día, 1 hora y 1 minuto"),
    "fr": ("1 heure 30 minutes", "1 jour 1 heure 1 minute"),
    "it": ("1 ora e 30 minuti", "1 giorno, 1 ora e 1 minuto"),
    "nl": ("1 uur en 30 minuten", "1 dag, 1 uur en 1 minuut"),
    "pt": ("1 hora e 30 minutos", "1 dia, 1 hora e 1 minuto"),
    "pt-BR": ("1 hora e 30 minutos", "1 dia, 1 hora e 1 minuto"),
}


@pytest.mark.parametrize(("language", "expected"), DURATIONS.items(), ids=DURATIONS)
def test_a_duration_is_listed_as_a_native_would(language: str, expected: tuple[str, str]) -> None:
    found = tuple(duration(seconds, language) for seconds in (5400, 90060))

    assert tuple(each.replace("\u00a0", " ") for each in found) == expected


# Of 1, 60, 90, 1437, 1440 and 2880 minutes.
TIMES_LEFT = {
    "es": "dentro de 1 minuto; dentro de 1 hora; dentro de 90 minutos; "
    "dentro de 23 horas y 57 minutos; dentro de 1 día; dentro de 2 días",
    "de": "in 1 Minute; in 1 Stunde; in 90 Minuten; in 23 Stunden 57 Minuten; in 1 Tag; in 2 Tagen",
    "fr": "dans 1 minute; dans 1 heure; dans 90 minutes; dans 23 heures 57 minutes; dans 1 jour; "
    "dans 2 jours",
    "it": "tra 1 minuto; tra 1 ora; tra 90 minuti; tra 23 ore e 57 minuti; tra 1 giorno; "
    "tra 2 giorni",
    "nl": "over 1 minuut; over 1 uur; over 90 minuten; over 23 uur en 57 minuten; over 1 dag; "
    "over 2 dagen",
    "pt": "em 1 minuto; em 1 hora; em 90 minutos; em 23 horas e 57 minutos; em 1 dia; em 2 dias",
}


@pytest.mark.parametrize(("language", "expected"), TIMES_LEFT.items(), ids=TIMES_LEFT)
def test_the_time_left_is_said_as_a_native_would(language: str, expected: str) -> None:
    found = [time_left(minutes, language) for minutes in (1, 60, 90, 1437, 1440, 2880)]

    assert "; ".join(found).replace("\u00a0", " ") == expected


def test_german_days_to_come_are_in_the_dative() -> None:
    assert time_left(2881, "de") == "in 2 Tagen 1 Minute"


def test_a_french_semicolon_keeps_its_blank() -> None:
    found = when(datetime(2026, 12, 7, 14, tzinfo=UTC), "fr", "Europe/Paris", "America/New_York")

    assert "UTC+01:00)\u00a0; 09:00 (America/New_York" in found


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", "mardi 1er décembre 2026, 15:00"),
        ("fr-CA", "mardi 1er décembre 2026, 15 h 00"),
        ("it", "martedì 1º dicembre 2026, 15:00"),
        ("pt-BR", "terça-feira, 1º de dezembro de 2026, 15:00"),
        ("pt", "terça-feira, 1 de dezembro de 2026, 15:00"),
        ("es", "martes, 1 de diciembre de 2026, 15:00"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_where_natives_write_one(
    language: str, expected: str
) -> None:
    found = when(datetime(2026, 12, 1, 14, tzinfo=UTC), language, "Europe/Paris")

    assert found.replace("\u00a0", " ").startswith(f"{expected} (")


def test_january_is_austrian_in_austria() -> None:
    rule = "FREQ=YEARLY;BYMONTH=1;BYDAY=2MO;UNTIL=20300114T140000Z"

    assert said(rule, "de-AT") == (
        "jährlich am zweiten Montag im Jänner um 15:00 Uhr bis zum 14. Jänner 2030"
    )


def test_no_other_day_is_taken_for_the_first() -> None:
    for day in (2, 10, 11, 21, 31):
        found = when(datetime(2021, 1, day, 1, 11, tzinfo=UTC), "fr", "UTC")
        assert "1er" not in found


def test_one_o_clock_is_singular_in_spanish_whatever_the_clock_of_the_country() -> None:
    afternoon = series("FREQ=DAILY", datetime.fromisoformat("2026-11-27T13:00"))

    assert "a la 1:00 p.m." in recurrence(afternoon, "es-MX").replace("\u00a0", " ")
    assert "a las 13:00" in recurrence(afternoon, "es")
    assert "a las 11:00" in recurrence(series("FREQ=DAILY;BYHOUR=11"), "es")


def test_each_month_of_a_year_but_few_is_each_year() -> None:
    monthly = said("FREQ=MONTHLY;BYMONTH=4,8;BYDAY=1MO", "de")

    assert monthly == said("FREQ=YEARLY;BYMONTH=4,8;BYDAY=1MO", "de")
    assert monthly.startswith("jährlich am ersten Montag im April und am ersten Montag im August")


# By the reader's own tag: the folder that the letter comes from, and how the start is written.
COUNTRIES = {
    "de-AT": ("de", "Freitag, 15. Jänner 2027, 15:00 (Europe/Paris, UTC+01:00)"),
    "de-CH": ("de", "Freitag, 15. Januar 2027, 15:00 (Europe/Paris, UTC+01:00)"),
    "nl-BE": ("nl", "vrijdag 15 januari 2027, 15:00 (Europe/Paris, UTC+01:00)"),
    "es-MX": ("es", "viernes, 15 de enero de 2027, 3:00 p.m. (Europe/Paris, UTC+01:00)"),
    "es-419": ("es", "viernes, 15 de enero de 2027, 3:00 p.m. (Europe/Paris, UTC+01:00)"),
    "pt-AO": ("pt", "sexta-feira, 15 de janeiro de 2027, 15:00 (Europe/Paris, UTC+01:00)"),
    "pt-BR": ("pt-BR", "sexta-feira, 15 de janeiro de 2027, 15:00 (Europe/Paris, UTC+01:00)"),
    "fr-CA": ("fr", "vendredi 15 janvier 2027, 15 h 00 (Europe/Paris, UTC+01:00)"),
    "en-GB": ("en", "Friday, 15 January 2027, 15:00 (Europe/Paris, UTC+01:00)"),
    "en-US": ("en", "Friday, January 15, 2027, 3:00 PM (Europe/Paris, UTC+01:00)"),
}


@pytest.mark.parametrize(("tag", "expected"), COUNTRIES.items(), ids=COUNTRIES)
def test_a_country_has_the_letters_of_its_language_and_dates_of_its_own(
    tag: str, expected: tuple[str, str]
) -> None:
    folder, start = expected
    used = next(each for each in locale_chain(tag, "en") if (shipped_root() / each).is_dir())
    made = sample(Kind.INVITATION, tag)
    schedule = Schedule(
        start=datetime.fromisoformat("2027-01-15T15:00"), time_zone="Europe/Paris", duration=3600
    )
    assert made.notice.conference
    notice = replace(made.notice, conference=replace(made.notice.conference, schedule=schedule))

    found = values(notice, made.delivery.recipient, made.settings, language=used, now=made.now)

    assert (used, found["start_time"].replace("\u00a0", " ")) == (folder, start)


def test_portugal_hears_of_time_left_in_its_own_way() -> None:
    assert time_left(15, "pt-PT") == time_left(15, "pt-AO") == "dentro de 15 minutos"
    assert time_left(15, "pt-BR") == "em 15 minutos"


def letters(language: str) -> str:
    files = sorted((shipped_root() / language).rglob("*.*"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize(
    ("language", "marks"),
    [
        ("de", "„“"),
        ("es", "«»"),
        ("fr", "«\u00a0\u00a0»"),
        ("it", "«»"),
        ("nl", "“”"),
        ("pt", "«»"),
        ("pt-BR", "“”"),
    ],
)
def test_names_stand_in_the_quotation_marks_of_the_language(language: str, marks: str) -> None:
    half = len(marks) // 2
    written = letters(language)

    assert f"{marks[:half]}%conf_name{marks[half:]}" in written
    assert set("„“”«»‘") & set(written) == set(marks) - {"\u00a0"}
    assert "'" not in written


# What a native of the one country would never write to a customer, though the other would.
FOREIGN = {
    "pt": [
        "você",
        "aplicativo",
        r"\blink\b",
        "contato",
        "compartilh",
        "planejado",
        "Mudança",
        " teu ",
    ],
    "pt-BR": [
        "consigo",
        "aplicação",
        "ligação",
        "contacto",
        r"\bpartilh",
        "está a funcionar",
        " teu ",
    ],
    "es": ["vosotros", " tu ", "ordenador", "móvil", "celular", "computadora", "vale"],
    "de": ["Du ", " du ", "ß", "dein", "Benutzer"],
    "it": [" tuo ", " tua ", "clicca"],
    "nl": [" je ", " jij ", " jouw ", "gij"],
    "fr": [" tu ", " ton ", "appelé ", "invité "],
}


@pytest.mark.parametrize("language", FOREIGN)
def test_letters_are_polite_and_at_home_in_every_country_that_reads_them(language: str) -> None:
    written = letters(language)

    assert [each for each in FOREIGN[language] if re.search(each, written)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["de", "it"])
def test_a_sentence_goes_on_in_lower_case_after_the_comma_of_a_greeting(
    language: str, kind: str
) -> None:
    template, _ = Shelf(shipped_root()).template(kind, [language])

    greeting, first, *_ = template.render({}).text.split("\n\n")

    assert greeting.endswith(",")
    # The capitals of courtesy stay as they are; of a caller without a name nothing is left.
    assert re.match("(Sie |La |Le | )|[a-zà-ü]", first)
