"""How Arabic, Hebrew, Chinese, Japanese and Korean say how often, when and how long.

The tables are for the eyes of native readers: whoever finds a phrase odd changes it here first.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.language.languages import locale_chain
from notifier.core.language.phrasebook import PHRASES
from notifier.core.language.words import (
    Reader,
    clock_change,
    duration,
    recurrence,
    time_left,
    when,
)
from notifier.core.notice import Kind
from notifier.core.times.schedule import Schedule
from notifier.core.wording.variables import KINDS, VARIABLES
from notifier.samples import Shape, sample

# A Friday, three in the afternoon.
START = datetime.fromisoformat("2026-11-27T15:00")
DECEMBER = datetime(2026, 12, 7, 14, 0, tzinfo=UTC)
NAMELESS = {
    "user_display_name": "",
    "recipient_display_name": "",
    "owner_name": "",
    "admin_name": "",
}
EAST = ("ar", "he", "zh-Hans", "ja", "ko")


def series(rule: str) -> Schedule:
    return Schedule(start=START, time_zone="Europe/Paris", duration=3600, recurrence=rule)


def plain(words: str) -> str:
    """Give `words` without the marks and hard blanks that the eye does not see."""
    return words.replace("\u00a0", " ").replace("\u2066", "").replace("\u2069", "")


def said(rule: str, language: str) -> str:
    return plain(recurrence(series(rule), language)).removesuffix(" (Europe/Paris)")


EVERY_DAY = "FREQ=DAILY"
EVERY_OTHER_DAY = "FREQ=DAILY;INTERVAL=2"
THREE_TIMES_A_DAY = "FREQ=DAILY;BYHOUR=9,12,15"
EVERY_FRIDAY = "FREQ=WEEKLY"
MONDAY_TO_SATURDAY = "FREQ=WEEKLY;BYDAY=MO,WE,SA"
WORKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
EVERY_OTHER_WEEK = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR"
OTHER_WORKDAYS = "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR"
EVERY_3_WEEKS = "FREQ=WEEKLY;INTERVAL=3"
EVERY_11_WEEKS = "FREQ=WEEKLY;INTERVAL=11"
EVERY_MONTH = "FREQ=MONTHLY"
TWICE_A_MONTH = "FREQ=MONTHLY;BYMONTHDAY=1,15"
LAST_DAY = "FREQ=MONTHLY;BYMONTHDAY=-1"
FIRST_FRIDAY = "FREQ=MONTHLY;BYDAY=1FR"
LAST_SUNDAY = "FREQ=MONTHLY;BYDAY=-1SU"
SATURDAYS = "FREQ=MONTHLY;BYDAY=-2SA,5SA"
EVERY_OTHER_MONTH = "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU"
LAST_WORKDAY = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
FRIDAY_13TH = "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"
EVERY_YEAR = "FREQ=YEARLY"
EVERY_3_YEARS = "FREQ=YEARLY;INTERVAL=3"
MONDAY_OF_APRIL = "FREQ=YEARLY;BYMONTH=4;BYDAY=2MO"
IN_SPRING = "FREQ=WEEKLY;BYMONTH=3,4"
UNTIL_MARCH = "FREQ=WEEKLY;UNTIL=20270331"

ARABIC = {
    EVERY_DAY: "كل يوم الساعة 3:00 م",
    EVERY_OTHER_DAY: "كل يومين الساعة 3:00 م",
    THREE_TIMES_A_DAY: "كل يوم الساعة 9:00 ص و12:00 م و3:00 م",
    EVERY_FRIDAY: "كل يوم جمعة الساعة 3:00 م",
    MONDAY_TO_SATURDAY: "كل يوم اثنين وأربعاء وسبت الساعة 3:00 م",
    WORKDAYS: "كل يوم من الاثنين إلى الجمعة الساعة 3:00 م",
    EVERY_OTHER_WEEK: "كل أسبوعين، يوم الثلاثاء ويوم الجمعة الساعة 3:00 م",
    OTHER_WORKDAYS: "كل أسبوعين، من الاثنين إلى الجمعة الساعة 3:00 م",
    EVERY_3_WEEKS: "كل 3 أسابيع، يوم الجمعة الساعة 3:00 م",
    EVERY_11_WEEKS: "كل 11 أسبوعًا، يوم الجمعة الساعة 3:00 م",
    EVERY_MONTH: "كل شهر، في اليوم 27 الساعة 3:00 م",
    TWICE_A_MONTH: "كل شهر، في اليوم 1 وفي اليوم 15 الساعة 3:00 م",
    LAST_DAY: "كل شهر، في اليوم الأخير الساعة 3:00 م",
    FIRST_FRIDAY: "كل شهر، في يوم الجمعة الأول الساعة 3:00 م",
    LAST_SUNDAY: "كل شهر، في يوم الأحد الأخير الساعة 3:00 م",
    SATURDAYS: "كل شهر، في يوم السبت الخامس وفي يوم السبت قبل الأخير الساعة 3:00 م",
    EVERY_OTHER_MONTH: "كل شهرين، في يوم الثلاثاء الثاني الساعة 3:00 م",
    LAST_WORKDAY: "كل شهر، في آخر يوم عمل (من الاثنين إلى الجمعة) الساعة 3:00 م",
    FRIDAY_13TH: "كل شهر، في تواريخ محددة الساعة 3:00 م",
    EVERY_YEAR: "كل سنة، في 27 نوفمبر الساعة 3:00 م",
    EVERY_3_YEARS: "كل 3 سنوات، في 27 نوفمبر الساعة 3:00 م",
    MONDAY_OF_APRIL: "كل سنة، في يوم الاثنين الثاني من أبريل الساعة 3:00 م",
    IN_SPRING: "كل يوم جمعة في مارس وأبريل الساعة 3:00 م",
    UNTIL_MARCH: "كل يوم جمعة الساعة 3:00 م حتى 26 مارس 2027",
}
HEBREW = {
    EVERY_DAY: "כל יום בשעה 15:00",
    EVERY_OTHER_DAY: "כל יומיים בשעה 15:00",
    THREE_TIMES_A_DAY: "כל יום בשעה 9:00, 12:00 ו־15:00",
    EVERY_FRIDAY: "כל יום שישי בשעה 15:00",
    MONDAY_TO_SATURDAY: "כל יום שני, יום רביעי ושבת בשעה 15:00",
    WORKDAYS: "כל יום מיום שני עד יום שישי בשעה 15:00",
    EVERY_OTHER_WEEK: "כל שבועיים, ביום שלישי וביום שישי בשעה 15:00",
    OTHER_WORKDAYS: "כל שבועיים, מיום שני עד יום שישי בשעה 15:00",
    EVERY_3_WEEKS: "כל 3 שבועות, ביום שישי בשעה 15:00",
    EVERY_11_WEEKS: "כל 11 שבועות, ביום שישי בשעה 15:00",
    EVERY_MONTH: "כל חודש, ב־27 בחודש בשעה 15:00",
    TWICE_A_MONTH: "כל חודש, ב־1 וב־15 בחודש בשעה 15:00",
    LAST_DAY: "כל חודש, ביום האחרון של החודש בשעה 15:00",
    FIRST_FRIDAY: "כל חודש, ביום שישי הראשון בשעה 15:00",
    LAST_SUNDAY: "כל חודש, ביום ראשון האחרון בשעה 15:00",
    SATURDAYS: "כל חודש, בשבת החמישית ובשבת שלפני האחרונה בשעה 15:00",
    EVERY_OTHER_MONTH: "כל חודשיים, ביום שלישי השני בשעה 15:00",
    LAST_WORKDAY: "כל חודש, ביום העבודה האחרון (שני עד שישי) בשעה 15:00",
    FRIDAY_13TH: "כל חודש, בתאריכים מיוחדים בשעה 15:00",
    EVERY_YEAR: "כל שנה, ב־27 בנובמבר בשעה 15:00",
    EVERY_3_YEARS: "כל 3 שנים, ב־27 בנובמבר בשעה 15:00",
    MONDAY_OF_APRIL: "כל שנה, ביום שני השני באפריל בשעה 15:00",
    IN_SPRING: "כל יום שישי במרץ ובאפריל בשעה 15:00",
    UNTIL_MARCH: "כל יום שישי בשעה 15:00 עד 26 במרץ 2027",
}
JAPANESE = {
    EVERY_DAY: "毎日 15:00",
    EVERY_OTHER_DAY: "2 日ごと 15:00",
    THREE_TIMES_A_DAY: "毎日 9:00、12:00、15:00",
    EVERY_FRIDAY: "毎週金曜日 15:00",
    MONDAY_TO_SATURDAY: "毎週月曜日、水曜日、土曜日 15:00",
    WORKDAYS: "毎週月曜日～金曜日 15:00",
    EVERY_OTHER_WEEK: "隔週の火曜日、金曜日 15:00",
    OTHER_WORKDAYS: "隔週の月曜日～金曜日 15:00",
    EVERY_3_WEEKS: "3 週間ごとの金曜日 15:00",
    EVERY_11_WEEKS: "11 週間ごとの金曜日 15:00",
    EVERY_MONTH: "毎月27日 15:00",
    TWICE_A_MONTH: "毎月1日、15日 15:00",
    LAST_DAY: "毎月末日 15:00",
    FIRST_FRIDAY: "毎月第1金曜日 15:00",
    LAST_SUNDAY: "毎月最終日曜日 15:00",
    SATURDAYS: "毎月第5土曜日、最後から2番目の土曜日 15:00",
    EVERY_OTHER_MONTH: "隔月の第2火曜日 15:00",
    LAST_WORKDAY: "毎月最終平日（月曜日～金曜日）15:00",
    FRIDAY_13TH: "毎月（日程は不定期）15:00",
    EVERY_YEAR: "毎年11月27日 15:00",
    EVERY_3_YEARS: "3 年ごとの11月27日 15:00",
    MONDAY_OF_APRIL: "毎年4月の第2月曜日 15:00",
    IN_SPRING: "毎週金曜日（3月、4月）15:00",
    UNTIL_MARCH: "毎週金曜日 15:00、2027年3月26日まで",
}
KOREAN = {
    EVERY_DAY: "매일 PM 3:00",
    EVERY_OTHER_DAY: "2일마다 PM 3:00",
    THREE_TIMES_A_DAY: "매일 AM 9:00, PM 12:00 및 PM 3:00",
    EVERY_FRIDAY: "매주 금요일 PM 3:00",
    MONDAY_TO_SATURDAY: "매주 월요일, 수요일 및 토요일 PM 3:00",
    WORKDAYS: "매주 평일(월요일~금요일) PM 3:00",
    EVERY_OTHER_WEEK: "격주 화요일 및 금요일 PM 3:00",
    OTHER_WORKDAYS: "격주 평일(월요일~금요일) PM 3:00",
    EVERY_3_WEEKS: "3주마다 금요일 PM 3:00",
    EVERY_11_WEEKS: "11주마다 금요일 PM 3:00",
    EVERY_MONTH: "매월 27일 PM 3:00",
    TWICE_A_MONTH: "매월 1일 및 15일 PM 3:00",
    LAST_DAY: "매월 말일 PM 3:00",
    FIRST_FRIDAY: "매월 첫 번째 금요일 PM 3:00",
    LAST_SUNDAY: "매월 마지막 일요일 PM 3:00",
    SATURDAYS: "매월 다섯 번째 토요일 및 끝에서 두 번째 토요일 PM 3:00",
    EVERY_OTHER_MONTH: "격월 두 번째 화요일 PM 3:00",
    LAST_WORKDAY: "매월 마지막 평일(월요일~금요일) PM 3:00",
    FRIDAY_13TH: "매월(날짜는 비정기) PM 3:00",
    EVERY_YEAR: "매년 11월 27일 PM 3:00",
    EVERY_3_YEARS: "3년마다 11월 27일 PM 3:00",
    MONDAY_OF_APRIL: "매년 4월 두 번째 월요일 PM 3:00",
    IN_SPRING: "3월 및 4월 중 매주 금요일 PM 3:00",
    UNTIL_MARCH: "2027년 3월 26일까지 매주 금요일 PM 3:00",
}
CHINESE = {
    EVERY_DAY: "每天 15:00",
    EVERY_OTHER_DAY: "每两天 15:00",
    THREE_TIMES_A_DAY: "每天 09:00、12:00和15:00",
    EVERY_FRIDAY: "每周五 15:00",
    MONDAY_TO_SATURDAY: "每周一、周三和周六 15:00",
    WORKDAYS: "每周一至周五 15:00",
    EVERY_OTHER_WEEK: "每两周的周二和周五 15:00",
    OTHER_WORKDAYS: "每两周的周一至周五 15:00",
    EVERY_3_WEEKS: "每3周的周五 15:00",
    EVERY_11_WEEKS: "每11周的周五 15:00",
    EVERY_MONTH: "每月27日 15:00",
    TWICE_A_MONTH: "每月1日和15日 15:00",
    LAST_DAY: "每月最后一天 15:00",
    FIRST_FRIDAY: "每月第一个周五 15:00",
    LAST_SUNDAY: "每月最后一个周日 15:00",
    SATURDAYS: "每月第五个周六和倒数第二个周六 15:00",
    EVERY_OTHER_MONTH: "每两个月的第二个周二 15:00",
    LAST_WORKDAY: "每月最后一个工作日（周一至周五）15:00",
    FRIDAY_13TH: "每月（日期不固定）15:00",
    EVERY_YEAR: "每年11月27日 15:00",
    EVERY_3_YEARS: "每3年的11月27日 15:00",
    MONDAY_OF_APRIL: "每年4月第二个周一 15:00",
    IN_SPRING: "三月和四月的每周五 15:00",
    UNTIL_MARCH: "每周五 15:00，至2027年3月26日",
}
TABLES = {"ar": ARABIC, "he": HEBREW, "zh-Hans": CHINESE, "ja": JAPANESE, "ko": KOREAN}


@pytest.mark.parametrize(
    ("language", "rule", "words"),
    [(language, *row) for language, table in TABLES.items() for row in table.items()],
)
def test_a_series_is_said_as_a_native_says_it(language: str, rule: str, words: str) -> None:
    assert said(rule, language) == words


# Minutes, as a sentence about the start takes them in.
TIMES_LEFT = {
    "ar": {
        1: "خلال دقيقة واحدة",
        2: "خلال دقيقتين",
        5: "خلال 5 دقائق",
        15: "خلال 15 دقيقة",
        60: "خلال ساعة واحدة",
        90: "خلال 90 دقيقة",
        120: "خلال ساعتين",
        185: "خلال 3 ساعات و5 دقائق",
        722: "خلال 12 ساعة ودقيقتين",
        1437: "خلال 23 ساعة و57 دقيقة",
        1440: "خلال يوم واحد",
        1442: "خلال يوم ودقيقتين",
        2880: "خلال يومين",
        15840: "خلال 11 يومًا",
    },
    "he": {
        1: "בעוד דקה",
        2: "בעוד שתי דקות",
        5: "בעוד 5 דקות",
        15: "בעוד 15 דקות",
        60: "בעוד שעה",
        90: "בעוד 90 דקות",
        120: "בעוד שעתיים",
        185: "בעוד 3 שעות ו־5 דקות",
        722: "בעוד 12 שעות ושתי דקות",
        1437: "בעוד 23 שעות ו־57 דקות",
        1440: "מחר",
        1442: "בעוד יום ושתי דקות",
        2880: "בעוד יומיים",
        15840: "בעוד 11 ימים",
    },
    "zh-Hans": {
        1: "1分钟后",
        2: "2分钟后",
        5: "5分钟后",
        15: "15分钟后",
        60: "1小时后",
        90: "90分钟后",
        120: "2小时后",
        185: "3小时5分钟后",
        722: "12小时2分钟后",
        1437: "23小时57分钟后",
        1440: "1天后",
        1442: "1天2分钟后",
        2880: "2天后",
        15840: "11天后",
    },
    "ja": {
        1: "1 分後",
        2: "2 分後",
        5: "5 分後",
        15: "15 分後",
        60: "1 時間後",
        90: "90 分後",
        120: "2 時間後",
        185: "3 時間 5 分後",
        722: "12 時間 2 分後",
        1437: "23 時間 57 分後",
        1440: "1 日後",
        1442: "1 日 2 分後",
        2880: "2 日後",
        15840: "11 日後",
    },
    "ko": {
        1: "1분 후",
        2: "2분 후",
        5: "5분 후",
        15: "15분 후",
        60: "1시간 후",
        90: "90분 후",
        120: "2시간 후",
        185: "3시간 5분 후",
        722: "12시간 2분 후",
        1437: "23시간 57분 후",
        1440: "1일 후",
        1442: "1일 2분 후",
        2880: "2일 후",
        15840: "11일 후",
    },
}
# Minutes, by themselves.
DURATIONS = {
    "ar": {
        1: "دقيقة",
        2: "دقيقتان",
        5: "5 دقائق",
        15: "15 دقيقة",
        60: "ساعة",
        61: "ساعة ودقيقة",
        90: "ساعة و30 دقيقة",
        120: "ساعتان",
        122: "ساعتان ودقيقتان",
        1440: "يوم",
        1501: "يوم وساعة ودقيقة",
        2880: "يومان",
        15840: "11 يومًا",
    },
    "he": {
        1: "דקה",
        2: "שתי דקות",
        5: "5 דקות",
        15: "15 דקות",
        60: "שעה",
        61: "שעה ודקה",
        90: "שעה ו־30 דקות",
        120: "שעתיים",
        122: "שעתיים ושתי דקות",
        1440: "יום",
        1501: "יום ושעה ודקה",
        2880: "יומיים",
        15840: "11 ימים",
    },
    "zh-Hans": {
        1: "1分钟",
        2: "2分钟",
        5: "5分钟",
        15: "15分钟",
        60: "1小时",
        61: "1小时1分钟",
        90: "1小时30分钟",
        120: "2小时",
        122: "2小时2分钟",
        1440: "1天",
        1501: "1天1小时1分钟",
        2880: "2天",
        15840: "11天",
    },
    "ja": {
        1: "1 分",
        2: "2 分",
        5: "5 分",
        15: "15 分",
        60: "1 時間",
        61: "1 時間 1 分",
        90: "1 時間 30 分",
        120: "2 時間",
        122: "2 時間 2 分",
        1440: "1 日",
        1501: "1 日 1 時間 1 分",
        2880: "2 日",
        15840: "11 日",
    },
    "ko": {
        1: "1분",
        2: "2분",
        5: "5분",
        15: "15분",
        60: "1시간",
        61: "1시간 1분",
        90: "1시간 30분",
        120: "2시간",
        122: "2시간 2분",
        1440: "1일",
        1501: "1일 1시간 1분",
        2880: "2일",
        15840: "11일",
    },
}


@pytest.mark.parametrize(
    ("language", "minutes", "words"),
    [(language, *row) for language, table in TIMES_LEFT.items() for row in table.items()],
)
def test_the_time_left_fits_into_a_sentence(language: str, minutes: int, words: str) -> None:
    assert plain(time_left(minutes, language)) == words


@pytest.mark.parametrize(
    ("language", "minutes", "words"),
    [(language, *row) for language, table in DURATIONS.items() for row in table.items()],
)
def test_a_duration_is_said_without_a_slip(language: str, minutes: int, words: str) -> None:
    assert plain(duration(minutes * 60, language)) == words


def test_a_day_ahead_is_tomorrow_only_if_that_is_the_next_date() -> None:
    reader = Reader(language="he", zone="Africa/Cairo")
    # At midnight into 30 April 2027 Cairo's clocks go ahead by an hour.
    early = datetime(2027, 4, 30, 21, 30, tzinfo=UTC)

    assert reader.time_left(1440, start=DECEMBER) == "מחר"
    assert reader.time_left(1440, start=early) == "בעוד יממה"
    assert reader.time_left(1440) == "מחר"


def test_a_reminder_a_day_ahead_names_tomorrow() -> None:
    template, _ = Shelf(shipped_root()).template(Kind.REMINDER, ["he"])
    soon = sample(Kind.REMINDER, "he")
    assert soon.notice.occurrence
    ahead = replace(soon, now=soon.notice.occurrence.start - timedelta(days=1))

    subject = dict(ahead.letter(template).headers)["Subject"]

    assert subject.endswith("תתחיל מחר")


def test_times_in_two_zones_are_parted_as_the_language_does() -> None:
    parted = {
        language: plain(when(DECEMBER, language, "Europe/Paris", "Asia/Tokyo")).partition("01:00)")
        for language in EAST
    }

    assert parted["ar"][2] == "؛ 11:00 م (Asia/Tokyo, UTC+09:00)"
    assert parted["he"][2] == "; 23:00 (Asia/Tokyo, UTC+09:00)"
    assert parted["zh-Hans"][2] == "；23:00 (Asia/Tokyo, UTC+09:00)"
    assert parted["ja"][2] == "／23:00 (Asia/Tokyo, UTC+09:00)"
    assert parted["ko"][2] == "; PM 11:00 (Asia/Tokyo, UTC+09:00)"


CLOCK_CHANGES = {
    "ar": "نظرًا إلى تغيير التوقيت، يبدأ الاجتماع لديكم الساعة 10:00 ص اعتبارًا من 19 مارس 2027 "
    "والساعة 9:00 ص اعتبارًا من 2 أبريل 2027.",
    "he": "בשל שינוי השעון, הפגישה תתחיל אצלכם בשעה 10:00 החל מ־19 במרץ 2027 "
    "ובשעה 9:00 החל מ־2 באפריל 2027.",
    "zh-Hans": "因时钟调整，您当地的开始时间将变为："
    "自2027年3月19日起 10:00，自2027年4月2日起 09:00。",
    "ja": "時刻の切り替えに伴い、お客様の地域での開始時刻は"
    "2027年3月19日から10:00、2027年4月2日から9:00となります。",
    "ko": "시계 변경에 따라 귀하의 지역에서는 "
    "2027년 3월 19일부터 AM 10:00에, 2027년 4월 2일부터 AM 9:00에 시작합니다.",
}


@pytest.mark.parametrize(("language", "words"), CLOCK_CHANGES.items(), ids=CLOCK_CHANGES)
def test_clocks_that_part_are_told_politely(language: str, words: str) -> None:
    after = datetime(2026, 11, 27, tzinfo=UTC)

    assert plain(clock_change(series(EVERY_FRIDAY), language, "America/New_York", after)) == words


def test_languages_do_not_take_months_from_each_other() -> None:
    # Babel gave Japanese readers the months of the Hebrew letter before theirs.
    before = {language: said(IN_SPRING, language) for language in reversed(list(PHRASES))}

    again = {language: said(IN_SPRING, language) for language in PHRASES}

    assert again == before
    assert "מרץ" not in again["ja"] + again["ko"] + again["zh"] + again["de"]
    assert again["zh_Hant"].startswith("3月和4月的每週五")


def test_arabic_months_are_those_of_the_region() -> None:
    assert "أبريل" in said(MONDAY_OF_APRIL, "ar-EG")
    assert "نيسان" in said(MONDAY_OF_APRIL, "ar-LB")


@pytest.mark.parametrize(
    ("tag", "tried"),
    [
        ("zh", ["zh", "zh-Hans", "fr", "en"]),
        ("zh-SG", ["zh-Hans-SG", "zh-Hans", "zh-SG", "zh", "fr", "en"]),
        # Readers of the other characters are not given these: see `locale_chain`.
        ("zh-HK", ["zh-Hant-HK", "zh-Hant", "zh-HK", "zh", "fr", "en"]),
        ("fa", ["fa", "fr", "en"]),
        ("ar-EG", ["ar-EG", "ar", "fr", "en"]),
    ],
)
def test_a_reader_gets_a_language_that_they_read(tag: str, tried: list[str]) -> None:
    assert locale_chain(tag, "fr") == tried


@pytest.mark.parametrize("tag", ["fa", "ur", "zh-TW", "zh-HK"])
@pytest.mark.parametrize("kind", list(Kind))
def test_a_letter_speaks_one_language_throughout(kind: Kind, tag: str) -> None:
    template, used = Shelf(shipped_root()).template(kind, locale_chain(tag, "en"))

    draft = sample(kind, tag, shape=Shape.SERIES, zone="Asia/Tehran").letter(template)

    assert used == "en"
    assert ("Content-Language", "en") in draft.headers
    assert not re.search("[\u0590-\u08ff\u3000-\u9fff]", draft.text + draft.html)


GREETINGS = {"مرحبًا،", "שלום,", "您好！", "お世話になっております。", "管理者 様", "안녕하십니까."}
# What a letter would begin a line with, had a name been left out before it.
ORPHANS = ("様", "님", "，", "、", "‘’", "“”", "「」", "«»")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", EAST)
def test_a_letter_reads_well_to_somebody_without_a_name(kind: str, language: str) -> None:
    template, _ = Shelf(shipped_root()).template(kind, [language])

    held = sample(Kind(kind), language, shape=Shape.SERIES).variables()
    text = template.render(held | NAMELESS).text

    lines = text.splitlines()
    assert lines[0] in GREETINGS
    assert not [line for line in lines if line.lstrip().startswith(ORPHANS)]


# What Korean changes by the last sound of the word before it.
BY_SOUND = ("은", "는", "이 ", "가 ", "을", "를", "와", "과", "로", "으로")


@pytest.mark.parametrize("kind", KINDS)
def test_no_korean_particle_depends_on_how_a_name_sounds(kind: str) -> None:
    template, _ = Shelf(shipped_root()).template(kind, ["ko"])
    names = dict.fromkeys(VARIABLES[kind], "NAME")

    said = template.render(names)

    for part in (said.subject, said.text):
        behind = part.replace("\n", " ").split("NAME")[1:]
        assert not [rest for rest in behind if rest.lstrip("’").startswith(BY_SOUND)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_korean_meeting_is_called_a_meeting_twice(kind: str) -> None:
    """Most names of meetings end with 회의 already."""
    template, _ = Shelf(shipped_root()).template(kind, ["ko"])

    held = sample(Kind(kind), "ko", shape=Shape.SERIES).variables()
    said = template.render(held | {"conf_name": "주간 회의"})

    words = re.sub("<[^>]*>", "", said.html)
    assert not re.search("회의’? 회의", said.subject + said.text + words)
