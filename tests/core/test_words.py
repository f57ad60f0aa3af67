"""Claims about how times, durations and series are said to a reader."""

from datetime import UTC, datetime

import pytest
import pytz
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.language.languages import direction, locale_chain, locale_of, regional
from notifier.core.language.phrasebook import PHRASES
from notifier.core.language.words import (
    Reader,
    clock_change,
    duration,
    end_words,
    recurrence,
    time_left,
    when,
)
from notifier.core.times.schedule import Moved, Schedule

NB = "\u00a0"
LRI, PDI = "\u2066", "\u2069"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def series(start: str, rule: str | None, *, zone: str = "Europe/Paris") -> Schedule:
    return Schedule(
        start=datetime.fromisoformat(start), time_zone=zone, duration=3600, recurrence=rule
    )


# The table of calendar.md §5, for 7 December 2026, 15:00 in Paris.
LANGUAGES = {
    "en": (f"Monday, December 7, 2026, 3:00{NB}PM", "in 15 minutes"),
    "ru": ("понедельник, 7 декабря 2026 г., 15:00", "через 15 минут"),
    "de": ("Montag, 7. Dezember 2026, 15:00", "in 15 Minuten"),
    "fr": ("lundi 7 décembre 2026, 15:00", "dans 15 minutes"),
    "es": ("lunes, 7 de diciembre de 2026, 15:00", "dentro de 15 minutos"),
    "it": ("lunedì 7 dicembre 2026, 15:00", "tra 15 minuti"),
    "pt": ("segunda-feira, 7 de dezembro de 2026, 15:00", "em 15 minutos"),
    "pt-BR": ("segunda-feira, 7 de dezembro de 2026, 15:00", "em 15 minutos"),
    "tr": ("7 Aralık 2026 Pazartesi 15:00", "15 dakika sonra"),
    "pl": ("poniedziałek, 7 grudnia 2026, 15:00", "za 15 minut"),
    "uk": ("понеділок, 7 грудня 2026 р., 15:00", "через 15 хвилин"),
    "kk": ("2026 ж. 7 желтоқсан, дүйсенбі, 15:00", "15 минуттан кейін"),
    "ar": (f"الاثنين، 7 ديسمبر 2026، 3:00{NB}م", "خلال 15 دقيقة"),
    "he": ("יום שני, 7 בדצמבר 2026, 15:00", "בעוד 15 דקות"),
    "fa": ("دوشنبه 7 دسامبر 2026،\u200f 15:00", "15 دقیقه بعد"),
    "zh-Hans": ("2026年12月7日星期一 15:00", "15分钟后"),
    "ja": ("2026年12月7日月曜日 15:00", "15 分後"),
    "ko": ("2026년 12월 7일 월요일 PM 3:00", "15분 후"),
    "vi": ("15:00 Thứ Hai, 7 tháng 12, 2026", "sau 15 phút nữa"),
}


@pytest.mark.parametrize(("language", "said"), LANGUAGES.items(), ids=LANGUAGES)
def test_every_language_says_the_date_in_full_and_the_time_to_come(
    language: str, said: tuple[str, str]
) -> None:
    label = "Europe/Paris, UTC+01:00"
    label = f"{LRI}{label}{PDI}" if language in {"ar", "he", "fa"} else label

    # CLDR sets hard blanks in many of these phrases.
    moment = when(utc("2026-12-07T14:00"), language, "Europe/Paris").replace(NB, " ")
    assert moment == f"{said[0]} ({label})".replace(NB, " ")
    assert time_left(15, language).replace(NB, " ") == said[1]


# ---- moments -------------------------------------------------------------------------------


def test_a_zone_is_named_with_the_offset_of_that_very_instant() -> None:
    winter = when(utc("2026-12-07T14:00"), "de", "Europe/Paris")
    summer = when(utc("2027-06-07T14:00"), "de", "Europe/Paris")

    assert winter.endswith("15:00 (Europe/Paris, UTC+01:00)")
    assert summer.endswith("16:00 (Europe/Paris, UTC+02:00)")
    assert when(utc("2027-06-07T14:00"), "de", "UTC").endswith("14:00 (UTC)")
    assert when(utc("2027-06-07T14:00"), "de", "Asia/Kathmandu").endswith("UTC+05:45)")


def test_the_time_of_the_server_follows_where_its_clocks_differ() -> None:
    said = when(utc("2026-11-27T14:00"), "en", "Europe/Paris", "America/New_York")

    assert said == (
        f"Friday, November 27, 2026, 3:00{NB}PM (Europe/Paris, UTC+01:00); "
        f"9:00{NB}AM (America/New_York, UTC-05:00)"
    )


def test_the_date_of_the_server_is_said_where_it_is_another() -> None:
    said = when(utc("2026-11-27T14:00"), "de", "Asia/Tokyo", "Pacific/Kiritimati")

    assert said.endswith("23:00 (Asia/Tokyo, UTC+09:00); Samstag, 28. November 2026, "
                         "04:00 (Pacific/Kiritimati, UTC+14:00)")  # fmt: skip


def test_clocks_that_show_the_same_are_said_once() -> None:
    said = when(utc("2026-11-27T14:00"), "de", "Europe/Paris", "Europe/Berlin")

    assert said == "Freitag, 27. November 2026, 15:00 (Europe/Paris, UTC+01:00)"


def test_an_end_on_the_same_day_is_only_a_time() -> None:
    start, end = utc("2026-11-27T14:00"), utc("2026-11-27T15:30")

    assert end_words(start, end, "fr", "Europe/Paris") == "16:30 (Europe/Paris, UTC+01:00)"
    assert end_words(start, end, "fr", "Asia/Tokyo") == (
        "samedi 28 novembre 2026, 00:30 (Asia/Tokyo, UTC+09:00)"
    )


def test_an_end_after_the_clocks_changed_has_the_offset_of_the_end() -> None:
    said = end_words(utc("2027-03-28T00:30"), utc("2027-03-28T01:30"), "de", "Europe/Paris")

    assert said == "03:30 (Europe/Paris, UTC+02:00)"


@given(
    instant=st.datetimes(
        min_value=datetime.fromisoformat("1990-01-01"),
        max_value=datetime.fromisoformat("2037-01-01"),
        timezones=st.just(UTC),
    ),
    language=st.sampled_from(list(LANGUAGES)),
    zone=st.sampled_from(pytz.common_timezones),
)
def test_no_moment_is_said_with_blanks_that_mail_fonts_lack(
    instant: datetime, language: str, zone: str
) -> None:
    said = when(instant, language, zone, "UTC")

    assert zone in said
    assert not {"\u202f", "\u2009", "\n"} & set(said)


# ---- durations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "language", "said"),
    [
        (5400, "en", "1 hour 30 minutes"),
        (3600, "en", "1 hour"),
        (90061, "en", "1 day 1 hour 1 minute 1 second"),
        (0, "en", "0 minutes"),
        (5400, "ru", "1 час 30 минут"),
        (5400, "fr", "1 heure 30 minutes"),
        (5400, "ja", "1 時間 30 分"),
        (5400, "fa", "1 ساعت 30 دقیقه"),
        (5400, "ar", "ساعة و30 دقيقة"),
        (172800, "pl", "2 dni"),
    ],
)
def test_a_duration_is_said_exactly(seconds: int, language: str, said: str) -> None:
    assert duration(seconds, language).replace(NB, " ") == said


@pytest.mark.parametrize(
    ("minutes", "language", "said"),
    [
        (90, "en", "in 90 minutes"),
        (1, "en", "in 1 minute"),
        (0, "en", "in 1 minute"),
        (60, "en", "in 1 hour"),
        (1500, "en", "in 25 hours"),
        (1440, "en", "in 1 day"),
        (43200, "en", "in 30 days"),
        (1437, "en", "in 23 hours 57 minutes"),
        (1437, "ru", "через 23 часа 57 минут"),
        (1437, "kk", "23 сағат 57 минуттан кейін"),
        (120, "ar", "خلال ساعتين"),
        (2880, "he", "בעוד יומיים"),
        (1440, "he", "מחר"),
        (2880, "de", "in 2 Tagen"),
    ],
)
def test_the_time_left_is_never_rounded(minutes: int, language: str, said: str) -> None:
    assert time_left(minutes, language).replace(NB, " ") == said


# ---- series --------------------------------------------------------------------------------

SERIES = [
    (
        "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270303T140000Z",
        "every Monday and Wednesday at 3:00 PM until March 3, 2027 (Europe/Paris)",
        "tous les lundis et mercredis à 15:00 jusqu’au 3 mars 2027 (Europe/Paris)",
    ),
    (
        "FREQ=DAILY;COUNT=3",
        "every day at 3:00 PM until November 29, 2026 (Europe/Paris)",
        "tous les jours à 15:00 jusqu’au 29 novembre 2026 (Europe/Paris)",
    ),
    ("FREQ=DAILY;INTERVAL=3", "every 3 days", "tous les 3 jours"),
    ("FREQ=DAILY;BYDAY=MO,TU", "every Monday and Tuesday", "tous les lundis et mardis"),
    ("FREQ=WEEKLY", "every Friday", "tous les vendredis"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday", "du lundi au vendredi"),
    ("FREQ=WEEKLY;BYDAY=SU,MO,TU,WE,TH,FR,SA", "every day", "tous les jours"),
    (
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR",
        "every 2 weeks on Tuesday and Friday",
        "toutes les 2 semaines, le mardi et le vendredi",
    ),
    ("FREQ=MONTHLY", "every month on the 27th", "le 27 de chaque mois"),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day", "le dernier jour de chaque mois"),
    (
        "FREQ=MONTHLY;BYDAY=1FR,3FR",
        "every month on the first Friday and the third Friday",
        "le premier vendredi et le troisième vendredi de chaque mois",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=FR;BYSETPOS=-2",
        "every 2 months on the second-to-last Friday",
        "tous les 2 mois, l’avant-dernier vendredi",
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "every month on the last weekday (Monday to Friday)",
        "le dernier jour ouvré (du lundi au vendredi) de chaque mois",
    ),
    ("FREQ=MONTHLY;BYDAY=MO", "every Monday", "tous les lundis"),
    ("FREQ=YEARLY", "every year on November 27", "tous les ans, le 27 novembre"),
    (
        "FREQ=YEARLY;BYMONTH=4,8;BYDAY=2MO",
        "every year on the second Monday of April and the second Monday of August",
        "tous les ans, le deuxième lundi d’avril et le deuxième lundi d’août",
    ),
    (
        "FREQ=WEEKLY;BYMONTH=3,4",
        "every Friday in March and April",
        "tous les vendredis en mars et avril",
    ),
    (
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "every month, on certain dates, at 3:00 PM",
        "tous les mois, à des dates particulières",
    ),
    (
        "FREQ=YEARLY;BYYEARDAY=100",
        "every year, on certain dates, at 3:00 PM",
        "tous les ans, à des dates particulières",
    ),
]


@pytest.mark.parametrize(("rule", "english", "french"), SERIES, ids=[row[0] for row in SERIES])
def test_a_series_is_said_in_words(rule: str, english: str, french: str) -> None:
    schedule = series("2026-11-27T15:00", rule)

    for language, said in (("en", english), ("fr", french)):
        found = recurrence(schedule, language).replace(NB, " ")
        assert found.startswith(said)
        assert found.endswith("(Europe/Paris)")


@pytest.mark.parametrize(
    ("language", "rule", "said"),
    [
        ("de", "FREQ=WEEKLY;BYDAY=MO,WE", "jeden Montag und Mittwoch um 15:00"),
        ("de", "FREQ=MONTHLY;BYDAY=-1FR", "monatlich am letzten Freitag um 15:00"),
        ("de", "FREQ=MONTHLY;INTERVAL=2", "alle 2 Monate am 27. um 15:00"),
        ("de", "FREQ=YEARLY", "jährlich am 27. November um 15:00"),
        ("es", "FREQ=WEEKLY;BYDAY=MO,SA", "todos los lunes y sábados a las 15:00"),
        ("es", "FREQ=MONTHLY;BYDAY=2TU", "el segundo martes de cada mes a las 15:00"),
        ("ru", "FREQ=WEEKLY;BYDAY=MO,WE", "по понедельникам и средам в 15:00"),
        ("ru", "FREQ=WEEKLY;INTERVAL=2", "каждые 2 недели по пятницам в 15:00"),
        ("ru", "FREQ=WEEKLY;INTERVAL=5", "каждые 5 недель по пятницам в 15:00"),
        ("ru", "FREQ=WEEKLY;INTERVAL=21", "каждую 21-ю неделю по пятницам в 15:00"),
        ("ru", "FREQ=MONTHLY;BYDAY=1WE,-1SU", "в первую среду и в последнее воскресенье каждого м"),
        ("ru", "FREQ=DAILY;UNTIL=20261201", "ежедневно в 15:00 до 1 декабря 2026 г. включ"),
    ],
)
def test_a_language_with_a_table_says_a_series_in_its_own_words(
    language: str, rule: str, said: str
) -> None:
    found = recurrence(series("2026-11-27T15:00", rule), language).replace(NB, " ")

    assert found.startswith(said)


def test_several_times_a_day_are_all_said() -> None:
    said = recurrence(series("2026-11-27T15:00", "FREQ=DAILY;BYHOUR=9,15"), "fr")

    assert said == "tous les jours à 09:00 et 15:00 (Europe/Paris)"


def test_a_single_conference_has_no_series_to_say() -> None:
    assert recurrence(series("2026-11-27T15:00", None), "en") == ""


@pytest.mark.parametrize(
    ("language", "rule", "said"),
    [
        ("cs", "FREQ=WEEKLY;BYDAY=MO,WE", "pondělí a středa, 15:00"),
        ("cs", "FREQ=WEEKLY;INTERVAL=2", "2 týdny: pátek, 15:00"),
        ("cs", "FREQ=WEEKLY;INTERVAL=5", "5 týdnů: pátek, 15:00"),
        ("cs", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "pondělí – pátek, 15:00"),
        ("cs", "FREQ=DAILY;UNTIL=20261201", "pondělí – neděle, 15:00 – 1. prosince 2026"),
        ("cs", "FREQ=MONTHLY;BYDAY=1FR,3FR", "1 měsíc: 1. pátek a 3. pátek, 15:00"),
        ("cs", "FREQ=MONTHLY;BYMONTHDAY=-1", "1 měsíc, 15:00"),
        ("cs", "FREQ=YEARLY", "1 rok: 27. listopadu, 15:00"),
        ("kk", "FREQ=WEEKLY;BYDAY=MO", "дүйсенбі, 15:00"),
        ("sw", "FREQ=WEEKLY;INTERVAL=2", "wiki 2: Ijumaa, 15:00"),
    ],
)
def test_a_language_without_a_table_says_it_by_names_and_counts_of_its_own(
    language: str, rule: str, said: str
) -> None:
    """Letters of an administrator's own, in Czech, are not to speak English in between."""
    found = recurrence(series("2026-11-27T15:00", rule), language).replace(NB, " ")

    assert found == f"{said} (Europe/Paris)"


def test_clocks_that_part_are_told_without_a_table_by_dates_and_times() -> None:
    weekly = series("2026-11-27T15:00", "FREQ=WEEKLY", zone="America/New_York")

    found = clock_change(weekly, "cs", "Europe/Paris", utc("2026-12-01T00:00"))

    assert found.replace(NB, " ") == "19. března 2027: 20:00 a 2. dubna 2027: 21:00"


def test_the_end_of_a_series_is_its_last_occurrence_even_if_moved() -> None:
    moved = Moved(
        original=datetime.fromisoformat("2026-12-04T15:00"),
        start=datetime.fromisoformat("2026-12-05T10:00"),
        duration=60,
    )
    schedule = Schedule(
        start=datetime.fromisoformat("2026-11-27T15:00"),
        time_zone="Europe/Paris",
        duration=3600,
        recurrence="FREQ=WEEKLY;COUNT=2",
        moved=(moved,),
    )

    assert "until December 5, 2026" in recurrence(schedule, "en")


@pytest.mark.parametrize("language", PHRASES)
@pytest.mark.parametrize("rule", [row[0] for row in SERIES])
def test_every_table_fills_every_phrase(language: str, rule: str) -> None:
    for interval in (1, 2, 5):
        text = f"{rule};INTERVAL={interval}" if "INTERVAL" not in rule else rule
        said = recurrence(series("2026-11-27T15:00", text), language)

        assert said
        assert not {"{", "}"} & set(said)
        assert "  " not in said


def test_a_reader_says_everything_in_one_language_and_zone() -> None:
    anna = Reader(language="fr", zone="Europe/Paris", server_zone="Europe/Paris")
    start, end = utc("2026-11-27T14:00"), utc("2026-11-27T15:00")

    assert anna.when(start) == "vendredi 27 novembre 2026, 15:00 (Europe/Paris, UTC+01:00)"
    assert anna.end(start, end) == "16:00 (Europe/Paris, UTC+01:00)"
    assert anna.duration(3600).replace(NB, " ") == "1 heure"
    assert anna.time_left(5).replace(NB, " ") == "dans 5 minutes"
    assert anna.recurrence(series("2026-11-27T15:00", "FREQ=DAILY")).startswith("tous les jours")


# ---- languages -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "fallback", "chain"),
    [
        ("pt-BR", "de", ["pt-BR", "pt", "de", "en"]),
        ("pt_BR", "de", ["pt-BR", "pt", "de", "en"]),
        ("zh-CN", "en", ["zh-Hans-CN", "zh-Hans", "zh-CN", "zh", "en"]),
        ("zh-TW", "fr", ["zh-Hant-TW", "zh-Hant", "zh-TW", "zh", "fr", "en"]),
        ("iw", "en", ["he-IL", "he", "en"]),
        ("de_DE.UTF-8", "en", ["de-DE", "de", "en"]),
        ("sr_RS@latin", "en", None),
        ("xx", "fr", ["fr", "en"]),
        ("", "fr-CA", ["fr-CA", "fr", "en"]),
        (None, "en", ["en"]),
        ("../../etc", "en", ["en"]),
        ("a" * 9999, "-", ["en"]),
        ("en", "en", ["en"]),
    ],
)
def test_a_chain_of_languages_goes_from_the_reader_to_the_server_to_english(
    tag: str | None, fallback: str, chain: list[str] | None
) -> None:
    found = locale_chain(tag, fallback)

    assert found[-1] == "en"
    assert chain is None or found == chain


@pytest.mark.parametrize(
    ("language", "reader", "server", "found"),
    [
        ("en", "en-GB", "fr", "en-GB"),
        ("en", "", "en-GB", "en-GB"),
        ("en", None, "fr", "en"),
        ("en", "de-AT", "en-GB", "en-GB"),
        ("de", "de_AT.UTF-8", "en", "de_AT.UTF-8"),
        ("pt", "pt-AO", "en", "pt-AO"),
        ("pt-BR", "pt-BR", "pt-PT", "pt-BR"),
        ("zh-Hans", "zh-CN", "en", "zh-CN"),
        ("zh-Hans", "zh-TW", "en", "zh-Hans"),
        ("zh", "zh-SG", "en", "zh-SG"),
        ("zh", "zh-TW", "en", "zh"),
        ("en", "en-Dsrt-US", "fr", "en"),
        ("en", "en-Shaw", "en-GB", "en-GB"),
        ("sr", "sr-Latn", "en", "sr"),
        ("sr", "sr-RS", "en", "sr-RS"),
        ("sr-Latn", "sr-Latn-ME", "en", "sr-Latn-ME"),
        ("fr", "?" * 9999, "en", "fr"),
    ],
)
def test_a_letter_is_written_as_in_the_country_of_its_reader(
    language: str, reader: str | None, server: str, found: str
) -> None:
    assert regional(language, reader, server) == found


@given(tag=st.text(max_size=40))
def test_no_tag_leads_outside_the_template_folders(tag: str) -> None:
    assert all(name.replace("-", "").isalnum() for name in locale_chain(tag, "en"))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        *[("ar", "rtl"), ("he", "rtl"), ("iw", "rtl"), ("fa-IR", "rtl"), ("ur", "rtl")],
        *[("en", "ltr"), ("ru", "ltr"), ("zh-CN", "ltr"), ("?", "ltr")],
    ],
)
def test_a_language_is_written_its_own_way(language: str, expected: str) -> None:
    assert direction(language) == expected


def test_an_unknown_language_is_formatted_as_english() -> None:
    assert str(locale_of("xx")) == "en"
