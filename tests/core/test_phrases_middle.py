"""What Polish, Russian, Ukrainian, Turkish and Vietnamese readers are told, word by word.

The tables are for native readers: whoever knows a language can check its column without the code.
All series start on Friday, 27 November 2026, at 15:00 in Paris.
"""

from datetime import UTC, datetime
from typing import Final

import pytest

from notifier.core.language.words import clock_change, duration, recurrence, time_left
from notifier.core.times.schedule import Schedule

NB = "\u00a0"

APPROVED: Final = {
    "pl": {
        "WEEKLY": "w piątki o godz. 15:00",
        "WEEKLY;BYDAY=MO,WE;UNTIL=20270303T140000Z": (
            "w poniedziałki i w środy o godz. 15:00 do 3 marca 2027 włącznie"
        ),
        "WEEKLY;BYDAY=TU,TH,SU": "we wtorki, w czwartki i w niedziele o godz. 15:00",
        "WEEKLY;BYDAY=MO,TU,WE,TH,FR": "od poniedziałku do piątku o godz. 15:00",
        "DAILY;COUNT=3": "codziennie o godz. 15:00 do 29 listopada 2026 włącznie",
        "DAILY;INTERVAL=2": "co 2 dni o godz. 15:00",
        "DAILY;INTERVAL=5": "co 5 dni o godz. 15:00",
        "DAILY;INTERVAL=21": "co 21 dni o godz. 15:00",
        "DAILY;BYHOUR=9,15": "codziennie o godz. 09:00 i 15:00",
        "DAILY;BYHOUR=11": "codziennie o godz. 11:00",
        "WEEKLY;INTERVAL=2;BYDAY=TU,FR": "co 2 tygodnie we wtorek i w piątek o godz. 15:00",
        "WEEKLY;INTERVAL=5": "co 5 tygodni w piątek o godz. 15:00",
        "WEEKLY;INTERVAL=21": "co 21 tygodni w piątek o godz. 15:00",
        "WEEKLY;INTERVAL=22": "co 22 tygodnie w piątek o godz. 15:00",
        "WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR": (
            "co 2 tygodnie od poniedziałku do piątku o godz. 15:00"
        ),
        "MONTHLY": "27. dnia każdego miesiąca o godz. 15:00",
        "MONTHLY;INTERVAL=2;BYMONTHDAY=1,15": "co 2 miesiące, 1. i 15. dnia miesiąca o godz. 15:00",
        "MONTHLY;INTERVAL=5;BYMONTHDAY=-1": "co 5 miesięcy, ostatniego dnia miesiąca o godz. 15:00",
        "MONTHLY;BYDAY=1FR": "w pierwszy piątek każdego miesiąca o godz. 15:00",
        "MONTHLY;BYDAY=-1SU": "w ostatnią niedzielę każdego miesiąca o godz. 15:00",
        "MONTHLY;BYDAY=2WE,-2TU": (
            "w drugą środę i w przedostatni wtorek każdego miesiąca o godz. 15:00"
        ),
        "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": (
            "w ostatni dzień roboczy (od poniedziałku do piątku) każdego miesiąca o godz. 15:00"
        ),
        "MONTHLY;BYDAY=FR;BYMONTHDAY=13": "co miesiąc, w wybranych dniach, o godz. 15:00",
        "YEARLY": "co roku, 27 listopada o godz. 15:00",
        "YEARLY;INTERVAL=2": "co 2 lata, 27 listopada o godz. 15:00",
        "YEARLY;INTERVAL=5": "co 5 lat, 27 listopada o godz. 15:00",
        "YEARLY;BYMONTH=4;BYDAY=2MO": "co roku, w drugi poniedziałek kwietnia o godz. 15:00",
        "WEEKLY;BYMONTH=3,9": "w piątki w marcu i we wrześniu o godz. 15:00",
    },
    "ru": {
        "WEEKLY": "по пятницам в 15:00",
        "WEEKLY;BYDAY=MO,WE;UNTIL=20270303T140000Z": (
            "по понедельникам и средам в 15:00 до 3 марта 2027 г. включительно"
        ),
        "WEEKLY;BYDAY=TU,TH,SU": "по вторникам, четвергам и воскресеньям в 15:00",
        "WEEKLY;BYDAY=MO,TU,WE,TH,FR": "по будням в 15:00",
        "DAILY;COUNT=3": "ежедневно в 15:00 до 29 ноября 2026 г. включительно",
        "DAILY;INTERVAL=2": "каждые 2 дня в 15:00",
        "DAILY;INTERVAL=5": "каждые 5 дней в 15:00",
        "DAILY;INTERVAL=21": "каждый 21-й день в 15:00",
        "DAILY;BYHOUR=9,15": "ежедневно в 09:00 и 15:00",
        "DAILY;BYHOUR=11": "ежедневно в 11:00",
        "WEEKLY;INTERVAL=2;BYDAY=TU,FR": "каждые 2 недели по вторникам и пятницам в 15:00",
        "WEEKLY;INTERVAL=5": "каждые 5 недель по пятницам в 15:00",
        "WEEKLY;INTERVAL=21": "каждую 21-ю неделю по пятницам в 15:00",
        "WEEKLY;INTERVAL=22": "каждые 22 недели по пятницам в 15:00",
        "WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR": "каждые 2 недели по будням в 15:00",
        "MONTHLY": "27-го числа каждого месяца в 15:00",
        "MONTHLY;INTERVAL=2;BYMONTHDAY=1,15": "каждые 2 месяца, 1-го и 15-го числа в 15:00",
        "MONTHLY;INTERVAL=5;BYMONTHDAY=-1": "каждые 5 месяцев, в последний день месяца в 15:00",
        "MONTHLY;BYDAY=1FR": "в первую пятницу каждого месяца в 15:00",
        "MONTHLY;BYDAY=-1SU": "в последнее воскресенье каждого месяца в 15:00",
        "MONTHLY;BYDAY=2WE,-2TU": (
            "во вторую среду и в предпоследний вторник каждого месяца в 15:00"
        ),
        "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": (
            "в последний рабочий день (с понедельника по пятницу) каждого месяца в 15:00"
        ),
        "MONTHLY;BYDAY=FR;BYMONTHDAY=13": "ежемесячно, по отдельному графику, в 15:00",
        "YEARLY": "ежегодно, 27 ноября в 15:00",
        "YEARLY;INTERVAL=2": "каждые 2 года, 27 ноября в 15:00",
        "YEARLY;INTERVAL=5": "каждые 5 лет, 27 ноября в 15:00",
        "YEARLY;BYMONTH=4;BYDAY=2MO": "ежегодно, во второй понедельник апреля в 15:00",
        "WEEKLY;BYMONTH=3,9": "по пятницам в марте и сентябре в 15:00",
    },
    "uk": {
        "WEEKLY": "щопʼятниці о 15:00",
        "WEEKLY;BYDAY=MO,WE;UNTIL=20270303T140000Z": (
            "щопонеділка і щосереди о 15:00 до 3 березня 2027 р. включно"
        ),
        "WEEKLY;BYDAY=TU,TH,SU": "щовівторка, щочетверга і щонеділі о 15:00",
        "WEEKLY;BYDAY=MO,TU,WE,TH,FR": "з понеділка до пʼятниці о 15:00",
        "DAILY;COUNT=3": "щодня о 15:00 до 29 листопада 2026 р. включно",
        "DAILY;INTERVAL=2": "кожні 2 дні о 15:00",
        "DAILY;INTERVAL=5": "кожні 5 днів о 15:00",
        "DAILY;INTERVAL=21": "кожен 21-й день о 15:00",
        "DAILY;BYHOUR=9,15": "щодня о 09:00 і 15:00",
        "DAILY;BYHOUR=11": "щодня об 11:00",
        "WEEKLY;INTERVAL=2;BYDAY=TU,FR": "кожні 2 тижні, у вівторок і пʼятницю о 15:00",
        "WEEKLY;INTERVAL=5": "кожні 5 тижнів, у пʼятницю о 15:00",
        "WEEKLY;INTERVAL=21": "кожен 21-й тиждень, у пʼятницю о 15:00",
        "WEEKLY;INTERVAL=22": "кожні 22 тижні, у пʼятницю о 15:00",
        "WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR": "кожні 2 тижні, з понеділка до пʼятниці о 15:00",
        "MONTHLY": "27-го числа кожного місяця о 15:00",
        "MONTHLY;INTERVAL=2;BYMONTHDAY=1,15": "кожні 2 місяці, 1-го і 15-го числа о 15:00",
        "MONTHLY;INTERVAL=5;BYMONTHDAY=-1": "кожні 5 місяців, останнього дня місяця о 15:00",
        "MONTHLY;BYDAY=1FR": "першої пʼятниці кожного місяця о 15:00",
        "MONTHLY;BYDAY=-1SU": "останньої неділі кожного місяця о 15:00",
        "MONTHLY;BYDAY=2WE,-2TU": "другої середи і передостаннього вівторка кожного місяця о 15:00",
        "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": (
            "останнього робочого дня (з понеділка до пʼятниці) кожного місяця о 15:00"
        ),
        "MONTHLY;BYDAY=FR;BYMONTHDAY=13": "щомісяця, за окремим графіком, о 15:00",
        "YEARLY": "щороку, 27 листопада о 15:00",
        "YEARLY;INTERVAL=2": "кожні 2 роки, 27 листопада о 15:00",
        "YEARLY;INTERVAL=5": "кожні 5 років, 27 листопада о 15:00",
        "YEARLY;BYMONTH=4;BYDAY=2MO": "щороку, другого понеділка квітня о 15:00",
        "WEEKLY;BYMONTH=3,9": "щопʼятниці в березні і у вересні о 15:00",
    },
    "tr": {
        "WEEKLY": "her cuma, saat 15:00",
        "WEEKLY;BYDAY=MO,WE;UNTIL=20270303T140000Z": (
            "3 Mart 2027 tarihine kadar her pazartesi ve çarşamba, saat 15:00"
        ),
        "WEEKLY;BYDAY=TU,TH,SU": "her salı, perşembe ve pazar, saat 15:00",
        "WEEKLY;BYDAY=MO,TU,WE,TH,FR": "hafta içi her gün, saat 15:00",
        "DAILY;COUNT=3": "29 Kasım 2026 tarihine kadar her gün, saat 15:00",
        "DAILY;INTERVAL=2": "2 günde bir, saat 15:00",
        "DAILY;INTERVAL=5": "5 günde bir, saat 15:00",
        "DAILY;INTERVAL=21": "21 günde bir, saat 15:00",
        "DAILY;BYHOUR=9,15": "her gün, saat 09:00 ve 15:00",
        "DAILY;BYHOUR=11": "her gün, saat 11:00",
        "WEEKLY;INTERVAL=2;BYDAY=TU,FR": "2 haftada bir salı ve cuma günleri, saat 15:00",
        "WEEKLY;INTERVAL=5": "5 haftada bir cuma günleri, saat 15:00",
        "WEEKLY;INTERVAL=21": "21 haftada bir cuma günleri, saat 15:00",
        "WEEKLY;INTERVAL=22": "22 haftada bir cuma günleri, saat 15:00",
        "WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR": "2 haftada bir, hafta içi her gün, saat 15:00",
        "MONTHLY": "her ayın 27. günü, saat 15:00",
        "MONTHLY;INTERVAL=2;BYMONTHDAY=1,15": "2 ayda bir, ayın 1. ve 15. günleri, saat 15:00",
        "MONTHLY;INTERVAL=5;BYMONTHDAY=-1": "5 ayda bir, ayın son günü, saat 15:00",
        "MONTHLY;BYDAY=1FR": "her ayın ilk cuma günü, saat 15:00",
        "MONTHLY;BYDAY=-1SU": "her ayın son pazar günü, saat 15:00",
        "MONTHLY;BYDAY=2WE,-2TU": (
            "her ayın ikinci çarşamba günü ve ayın sondan ikinci salı günü, saat 15:00"
        ),
        "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": (
            "her ayın son iş günü (pazartesi–cuma), saat 15:00"
        ),
        "MONTHLY;BYDAY=FR;BYMONTHDAY=13": "her ay, belirlenen tarihlerde, saat 15:00",
        "YEARLY": "her yıl, 27 Kasım, saat 15:00",
        "YEARLY;INTERVAL=2": "2 yılda bir, 27 Kasım, saat 15:00",
        "YEARLY;INTERVAL=5": "5 yılda bir, 27 Kasım, saat 15:00",
        "YEARLY;BYMONTH=4;BYDAY=2MO": "her yıl, nisan ayının ikinci pazartesi günü, saat 15:00",
        "WEEKLY;BYMONTH=3,9": "martta ve eylülde her cuma, saat 15:00",
    },
    "vi": {
        "WEEKLY": "thứ Sáu hằng tuần lúc 15:00",
        "WEEKLY;BYDAY=MO,WE;UNTIL=20270303T140000Z": (
            "thứ Hai và thứ Tư hằng tuần lúc 15:00 đến hết ngày 3 tháng 3, 2027"
        ),
        "WEEKLY;BYDAY=TU,TH,SU": "thứ Ba, thứ Năm và Chủ Nhật hằng tuần lúc 15:00",
        "WEEKLY;BYDAY=MO,TU,WE,TH,FR": "từ thứ Hai đến thứ Sáu hằng tuần lúc 15:00",
        "DAILY;COUNT=3": "hằng ngày lúc 15:00 đến hết ngày 29 tháng 11, 2026",
        "DAILY;INTERVAL=2": "2 ngày một lần lúc 15:00",
        "DAILY;INTERVAL=5": "5 ngày một lần lúc 15:00",
        "DAILY;INTERVAL=21": "21 ngày một lần lúc 15:00",
        "DAILY;BYHOUR=9,15": "hằng ngày lúc 09:00 và 15:00",
        "DAILY;BYHOUR=11": "hằng ngày lúc 11:00",
        "WEEKLY;INTERVAL=2;BYDAY=TU,FR": "2 tuần một lần, vào thứ Ba và thứ Sáu lúc 15:00",
        "WEEKLY;INTERVAL=5": "5 tuần một lần, vào thứ Sáu lúc 15:00",
        "WEEKLY;INTERVAL=21": "21 tuần một lần, vào thứ Sáu lúc 15:00",
        "WEEKLY;INTERVAL=22": "22 tuần một lần, vào thứ Sáu lúc 15:00",
        "WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR": (
            "2 tuần một lần, từ thứ Hai đến thứ Sáu lúc 15:00"
        ),
        "MONTHLY": "ngày 27 mỗi tháng lúc 15:00",
        "MONTHLY;INTERVAL=2;BYMONTHDAY=1,15": "2 tháng một lần, vào ngày 1 và ngày 15 lúc 15:00",
        "MONTHLY;INTERVAL=5;BYMONTHDAY=-1": "5 tháng một lần, vào ngày cuối tháng lúc 15:00",
        "MONTHLY;BYDAY=1FR": "thứ Sáu đầu tiên của mỗi tháng lúc 15:00",
        "MONTHLY;BYDAY=-1SU": "Chủ Nhật cuối cùng của mỗi tháng lúc 15:00",
        "MONTHLY;BYDAY=2WE,-2TU": (
            "thứ Tư lần thứ hai của tháng và thứ Ba áp chót của mỗi tháng lúc 15:00"
        ),
        "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": (
            "ngày làm việc cuối cùng (từ thứ Hai đến thứ Sáu) của mỗi tháng lúc 15:00"
        ),
        "MONTHLY;BYDAY=FR;BYMONTHDAY=13": "hằng tháng, vào những ngày đã định, lúc 15:00",
        "YEARLY": "hằng năm, vào ngày 27 tháng 11 lúc 15:00",
        "YEARLY;INTERVAL=2": "2 năm một lần, vào ngày 27 tháng 11 lúc 15:00",
        "YEARLY;INTERVAL=5": "5 năm một lần, vào ngày 27 tháng 11 lúc 15:00",
        "YEARLY;BYMONTH=4;BYDAY=2MO": "hằng năm, vào thứ Hai lần thứ hai của tháng 4 lúc 15:00",
        "WEEKLY;BYMONTH=3,9": "thứ Sáu hằng tuần, trong tháng 3 và tháng 9, lúc 15:00",
    },
}

ROWS: Final = [
    (language, rule, said) for language, table in APPROVED.items() for rule, said in table.items()
]


def series(rule: str, *, zone: str = "Europe/Paris") -> Schedule:
    return Schedule(
        start=datetime.fromisoformat("2026-11-27T15:00"),
        time_zone=zone,
        duration=3600,
        recurrence=f"FREQ={rule}",
    )


def plain(said: str) -> str:
    return said.replace(NB, " ")


@pytest.mark.parametrize(("language", "rule", "said"), ROWS)
def test_a_series_is_said_in_the_words_that_were_approved(
    language: str, rule: str, said: str
) -> None:
    found = recurrence(series(rule), language)

    assert plain(found) == f"{said} (Europe/Paris)"


# ---- numbers -------------------------------------------------------------------------------

# Which form of "week" goes with a number: that of 2 to 4, of 5 to 20, and of 21.
FEW: Final = {2, 3, 4, 22, 23, 24}
ONE: Final = {21, 101}
WEEKS: Final = {
    "pl": {"few": "co {n} tygodnie w", "many": "co {n} tygodni w", "one": "co {n} tygodni w"},
    "ru": {
        "few": "каждые {n} недели по",
        "many": "каждые {n} недель по",
        "one": "каждую {n}-ю неделю по",
    },
    "uk": {
        "few": "кожні {n} тижні, ",
        "many": "кожні {n} тижнів, ",
        "one": "кожен {n}-й тиждень, ",
    },
}


@pytest.mark.parametrize("language", WEEKS)
@pytest.mark.parametrize("count", [*range(2, 26), 101])
def test_weeks_are_counted_in_the_right_form(language: str, count: int) -> None:
    form = "few" if count in FEW else "one" if count in ONE else "many"

    said = plain(recurrence(series(f"WEEKLY;INTERVAL={count}"), language))

    assert said.startswith(WEEKS[language][form].format(n=count))


LEFT: Final = {
    "pl": {
        1: "za 1 minutę",
        2: "za 2 minuty",
        5: "za 5 minut",
        15: "za 15 minut",
        21: "za 21 minut",
        60: "za 1 godzinę",
        90: "za 90 minut",
        120: "za 2 godziny",
        181: "za 3 godziny 1 minutę",
        1437: "za 23 godziny 57 minut",
        1440: "za 1 dzień",
        1441: "za 1 dzień 1 minutę",
        2880: "za 2 dni",
    },
    "ru": {
        1: "через 1 минуту",
        2: "через 2 минуты",
        5: "через 5 минут",
        15: "через 15 минут",
        21: "через 21 минуту",
        60: "через 1 час",
        90: "через 90 минут",
        120: "через 2 часа",
        181: "через 3 часа 1 минуту",
        1437: "через 23 часа 57 минут",
        1440: "через 1 день",
        1441: "через 1 день 1 минуту",
        2880: "через 2 дня",
    },
    "uk": {
        1: "через 1 хвилину",
        2: "через 2 хвилини",
        5: "через 5 хвилин",
        15: "через 15 хвилин",
        21: "через 21 хвилину",
        60: "через 1 годину",
        90: "через 90 хвилин",
        120: "через 2 години",
        181: "через 3 години 1 хвилину",
        1437: "через 23 години 57 хвилин",
        1440: "через 1 день",
        1441: "через 1 день 1 хвилину",
        2880: "через 2 дні",
    },
    "tr": {
        1: "1 dakika sonra",
        21: "21 dakika sonra",
        60: "1 saat sonra",
        90: "90 dakika sonra",
        181: "3 saat 1 dakika sonra",
        1437: "23 saat 57 dakika sonra",
        1440: "1 gün sonra",
        1441: "1 gün 1 dakika sonra",
        2880: "2 gün sonra",
    },
    "vi": {
        1: "sau 1 phút nữa",
        21: "sau 21 phút nữa",
        60: "sau 1 giờ nữa",
        90: "sau 90 phút nữa",
        181: "sau 3 giờ 1 phút nữa",
        1437: "sau 23 giờ 57 phút nữa",
        1440: "sau 1 ngày nữa",
        1441: "sau 1 ngày 1 phút nữa",
        2880: "sau 2 ngày nữa",
    },
}


@pytest.mark.parametrize(
    ("language", "minutes", "said"),
    [(language, *row) for language, table in LEFT.items() for row in table.items()],
)
def test_the_time_left_is_said_in_the_right_case(language: str, minutes: int, said: str) -> None:
    assert plain(time_left(minutes, language)) == said


def test_a_preposition_governs_every_unit_after_it() -> None:
    """CLDR has a form for one unit after a preposition, and each unit needs its own."""
    assert plain(time_left(4621, "ru")) == "через 3 дня 5 часов 1 минуту"
    assert plain(time_left(2881, "de")) == "in 2 Tagen 1 Minute"
    assert plain(time_left(2881, "cs")) == "za 2 dny 1 minutu"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pl", "1 dzień 2 godziny 21 minut"),
        ("ru", "1 день 2 часа 21 минута"),
        ("uk", "1 день 2 години 21 хвилина"),
        ("tr", "1 gün 2 saat 21 dakika"),
        ("vi", "1 ngày 2 giờ 21 phút"),
    ],
)
def test_a_duration_is_counted_in_the_nominative(language: str, said: str) -> None:
    assert plain(duration(86400 + 2 * 3600 + 21 * 60, language)) == said


# ---- clocks --------------------------------------------------------------------------------


CLOCKS: Final = {
    "pl": (
        "Z powodu zmiany czasu konferencja będzie się u Państwa zaczynać o godz. 20:00 "
        "od 19 marca 2027 i o godz. 21:00 od 2 kwietnia 2027."
    ),
    "ru": (
        "Из-за перевода часов начало по Вашему времени: с 19 марта 2027 г. в 20:00 "
        "и с 2 апреля 2027 г. в 21:00."
    ),
    "uk": (
        "Через переведення годинників початок за Вашим часом: 20:00 (з 19 березня 2027 р.) "
        "і 21:00 (з 2 квітня 2027 р.)."
    ),
    "tr": (
        "Saat değişikliği nedeniyle sizin saatinize göre başlangıç: 19 Mart 2027 tarihinden "
        "itibaren 20:00 ve 2 Nisan 2027 tarihinden itibaren 21:00."
    ),
    "vi": (
        "Do đồng hồ được chỉnh theo mùa, giờ bắt đầu tại nơi quý vị ở là 20:00 kể từ ngày "
        "19 tháng 3, 2027 và 21:00 kể từ ngày 2 tháng 4, 2027."
    ),
}


@pytest.mark.parametrize(("language", "said"), CLOCKS.items(), ids=CLOCKS)
def test_clocks_that_part_are_told_in_one_sentence(language: str, said: str) -> None:
    weekly = series("WEEKLY", zone="America/New_York")

    found = clock_change(weekly, language, "Europe/Paris", datetime(2026, 12, 1, tzinfo=UTC))

    assert plain(found) == said
