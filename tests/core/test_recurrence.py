"""Claims about reading and expanding recurrence rules; dateutil is the judge of the expansion."""

import time
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, takewhile

import msgspec
import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from notifier.core.times.changes import first_change, same_times
from notifier.core.times.expansion import Expansion, times_of_day
from notifier.core.times.recurrence import WEEKDAYS, Frequency, read_rule
from notifier.core.times.reminders import due_reminders, next_reminder
from notifier.core.times.schedule import (
    BEGINNING,
    Moved,
    Schedule,
    ended,
    next_occurrence,
    occurrences,
    running,
)


def expand(rule: str, start: str, limit: int) -> list[str]:
    expansion = Expansion(read_rule(rule), datetime.fromisoformat(start))
    return [f"{each:%Y-%m-%d}" for each in islice(expansion.forward(expansion.start), limit)]


# ---- reading -------------------------------------------------------------------------------


def test_a_rule_says_what_stands_in_it() -> None:
    rule = read_rule("freq=monthly;interval=2;byday=-1FR,MO;until=20270303T140000Z;wkst=SU")

    assert rule.frequency is Frequency.MONTHLY
    assert rule.interval == 2
    assert rule.by_day == ((0, 0), (-1, 4))
    assert rule.until == datetime(2027, 3, 3, 14, tzinfo=UTC)
    assert rule.week_start == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the part ''"),
        ("RRULE:FREQ=DAILY", "the part 'RRULE:FREQ=DAILY'"),
        ("FREQ=DAILY;", "the part ''"),
        ("FREQ=DAILY\nEXDATE:20270101", "FREQ=DAILY\nEXDATE"),
        ("BYDAY=MO", "no FREQ"),
        ("FREQ=SECONDLY", "FREQ=SECONDLY, but only DAILY"),
        ("FREQ=MINUTELY", "FREQ=MINUTELY, but only DAILY"),
        ("FREQ=HOURLY", "FREQ=DAILY with BYHOUR, up to 24 times a day"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ twice"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "both COUNT and UNTIL"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0, but only 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=1001", "INTERVAL=1001, but only 1 to 1000"),
        ("FREQ=DAILY;COUNT=-1", "COUNT=-1, but only 1 to 3660"),
        ("FREQ=DAILY;COUNT=99999999999999", "COUNT=99999999999999, but only"),
        ("FREQ=DAILY;COUNT=٣", "COUNT=٣, but only"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL=20270230"),
        ("FREQ=DAILY;UNTIL=2027-03-03", "UNTIL=2027-03-03"),
        ("FREQ=WEEKLY;BYDAY=XX", "'XX' in BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY=1MO, but numbered weekdays"),
        ("FREQ=DAILY;BYDAY=-1MO", "BYDAY=-1MO, but numbered weekdays"),
        ("FREQ=MONTHLY;BYDAY=54MO", "'54' in BYDAY, but only 1 to 53 and -53 to -1"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "'0' in BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTH=-1", "'-1' in BYMONTH, but only 1 to 12 is"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY with FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO with FREQ=MONTHLY"),
        ("FREQ=DAILY;BYYEARDAY=1", "BYYEARDAY with FREQ=DAILY"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY=1MO, but numbered weekdays"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS alone"),
        ("FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5", "25 times a day, but at most 24"),
        ("FREQ=DAILY;BYEASTER=1", "the part 'BYEASTER=1'"),
        ("FREQ=DAILY;BYDAY=" + "MO," * 7000, "characters, but at most 20000"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_what_was_found(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="The recurrence rule has") as refused:
        read_rule(text)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        # Examples of RFC 5545, 3.8.5.3.
        ("FREQ=MONTHLY;BYDAY=1FR", "1997-09-05", "1997-09-05 1997-10-03 1997-11-07"),
        ("FREQ=MONTHLY;BYDAY=-2MO", "1997-09-22", "1997-09-22 1997-10-20 1997-11-17"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "1997-09-28 1997-10-29 1997-11-28"),
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "1997-05-12 1998-05-11 1999-05-17"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", "1998-02-13 1998-03-13 1998-11-13"),
        (
            "FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3",
            "1997-09-04",
            "1997-09-04 1997-10-07 1997-11-06",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "1997-08-05",
            "1997-08-05 1997-08-17 1997-08-19 1997-08-31",
        ),
        ("FREQ=MONTHLY", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31"),
        ("FREQ=YEARLY", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29"),
    ],
)
def test_rules_give_the_dates_of_the_standard(rule: str, start: str, expected: str) -> None:
    assert expand(rule, start, len(expected.split())) == expected.split()


def test_plain_and_numbered_weekdays_add_up() -> None:
    assert expand("FREQ=MONTHLY;BYDAY=MO,1TU", "2026-12-01", 4) == [
        "2026-12-01",
        "2026-12-07",
        "2026-12-14",
        "2026-12-21",
    ]


def test_a_position_is_counted_in_the_whole_first_week() -> None:
    # Saturday is the second of Monday and Saturday, although the series begins on a Saturday.
    rule = "FREQ=WEEKLY;BYDAY=MO,SA;BYSETPOS=1"

    assert expand(rule, "2000-01-01", 2) == ["2000-01-03", "2000-01-10"]


# ---- dateutil agrees -----------------------------------------------------------------------


def lists(lowest: int, highest: int, *, signed: bool = False) -> st.SearchStrategy[str]:
    numbers = st.integers(lowest, highest)
    if signed:
        numbers |= st.integers(-highest, -lowest)
    return st.lists(numbers, min_size=1, max_size=4).map(lambda each: ",".join(map(str, each)))


plain_days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4).map(",".join)
# Not mixed with plain ones: of MO,1MO dateutil keeps only the first Monday.
numbered_days = st.lists(
    st.tuples(st.sampled_from(["1", "2", "5", "-1", "-2"]), st.sampled_from(WEEKDAYS)).map("".join),
    min_size=1,
    max_size=3,
).map(",".join)
common = {
    "INTERVAL": st.integers(1, 5).map(str),
    "BYMONTH": lists(1, 12),
    "BYHOUR": lists(0, 23),
    "BYMINUTE": lists(0, 59),
    "WKST": st.sampled_from(WEEKDAYS),
    "COUNT": st.integers(1, 30).map(str),
}
month_days = {"BYMONTHDAY": lists(1, 31, signed=True)}
by_position = {"BYSETPOS": lists(1, 5, signed=True)}
of_frequency = {
    "DAILY": common | month_days | {"BYDAY": plain_days} | by_position,
    # No BYSETPOS here: dateutil begins the first week at the start instead of at WKST, see below.
    "WEEKLY": common | {"BYDAY": plain_days},
    "MONTHLY": common | month_days | {"BYDAY": plain_days | numbered_days} | by_position,
    "YEARLY": common
    | month_days
    | {"BYDAY": plain_days | numbered_days, "BYYEARDAY": lists(1, 366, signed=True)}
    | by_position,
}


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(sorted(of_frequency)))
    parts = draw(st.fixed_dictionaries({}, optional=of_frequency[frequency]))
    return ";".join([f"FREQ={frequency}", *(f"{name}={value}" for name, value in parts.items())])


begun = st.datetimes(
    min_value=datetime.fromisoformat("2000-01-01"), max_value=datetime.fromisoformat("2035-12-31")
).map(lambda moment: moment.replace(microsecond=0))


@settings(max_examples=300, deadline=None)
@given(text=rules(), start=begun)
def test_dateutil_finds_the_same_starts(text: str, start: datetime) -> None:
    try:
        ours = Expansion(read_rule(text), start)
    except ValueError:
        assume(False)
    # UNTIL does not stop dateutil between two matches, so it is asked only where we found some.
    found = list(islice(ours.forward(start), 12))
    assume(found)

    theirs = list(islice(rrulestr(text, dtstart=start), len(found)))

    assert found == theirs


@settings(deadline=None)
@given(start=begun, week=st.integers(1, 53), day=st.sampled_from(WEEKDAYS))
def test_week_numbers_are_those_of_iso_8601(start: datetime, week: int, day: str) -> None:
    # dateutil is no judge here: it loses 1 January 2011, the Saturday of week 52 of 2010.
    ours = Expansion(read_rule(f"FREQ=YEARLY;BYWEEKNO={week};BYDAY={day}"), start)
    days = (start + timedelta(days=n) for n in range(9 * 366))

    expected = [each for each in days if each.isocalendar()[1:] == (week, WEEKDAYS.index(day) + 1)]

    assert list(islice(ours.forward(start), len(expected))) == expected


@cache
def _majority(first: date) -> int:
    """The year in which most days of the week lie that begins on a day."""
    years = [(first + timedelta(days=n)).year for n in range(7)]
    return max(set(years), key=years.count)


def _week(day: date, begins: int) -> tuple[int, int]:
    """The number of a day's week, and the same counted from the end of its year."""
    first = day - timedelta(days=(day.weekday() - begins) % 7)
    year, week = _majority(first), timedelta(days=7)
    before = sum(_majority(first - n * week) == year for n in range(54))
    behind = sum(_majority(first + n * week) == year for n in range(54))
    return before, -behind


@settings(max_examples=50, deadline=None)
@given(
    start=begun,
    week=st.integers(1, 53) | st.integers(-53, -1),
    day=st.sampled_from(WEEKDAYS),
    begins=st.sampled_from(WEEKDAYS),
)
def test_week_numbers_follow_wkst_and_count_from_the_end(
    start: datetime, week: int, day: str, begins: str
) -> None:
    rule = f"FREQ=YEARLY;BYWEEKNO={week};BYDAY={day};WKST={begins}"
    try:
        ours = Expansion(read_rule(rule), start)
    except ValueError:
        assume(False)
    days = (start + timedelta(days=n) for n in range(3 * 366))
    that_day = (each for each in days if each.weekday() == WEEKDAYS.index(day))

    expected = [each for each in that_day if week in _week(each.date(), WEEKDAYS.index(begins))]

    assert list(islice(ours.forward(start), len(expected))) == expected


@settings(max_examples=100, deadline=None)
@given(text=rules(), start=begun)
def test_walking_back_finds_what_walking_on_found(text: str, start: datetime) -> None:
    try:
        ours = Expansion(read_rule(text), start)
    except ValueError:
        assume(False)
    found = list(islice(ours.forward(start), 12))
    assume(found)

    back = list(islice(ours.backward(found[-1]), len(found)))

    assert back == found[::-1]
    assert all(ours.holds(each) for each in found)


@settings(max_examples=100, deadline=None)
@given(text=rules(), start=begun, place=st.integers(0, 9), late=st.integers(-1, 1))
def test_dateutil_ends_a_series_at_the_same_start(
    text: str, start: datetime, place: int, late: int
) -> None:
    assume("COUNT" not in text)
    try:
        found = list(islice(Expansion(read_rule(text), start).forward(start), 10))
    except ValueError:
        assume(False)
    assume(len(found) > place)
    ends = found[place] + timedelta(seconds=late)
    ended = f"{text};UNTIL={ends:%Y%m%dT%H%M%S}"
    assume(late >= 0 or place > 0)  # a series without a start is refused

    ours = Schedule(start=start, time_zone="UTC", duration=60, recurrence=ended)

    starts = [each.local for each in occurrences(ours, after=BEGINNING, limit=20)]
    assert starts == list(rrulestr(ended, dtstart=start))


@settings(max_examples=100, deadline=None)
@given(text=rules(), start=begun, place=st.integers(0, 9), late=st.integers(-1, 1))
def test_an_until_in_utc_ends_a_series_at_its_own_moment_wherever_it_is_held(
    text: str, start: datetime, place: int, late: int
) -> None:
    assume("COUNT" not in text)
    try:
        endless = Schedule(start=start, time_zone="Europe/Paris", duration=60, recurrence=text)
    except ValueError:
        assume(False)
    found = [each.start for each in occurrences(endless, after=BEGINNING, limit=10)]
    assume(len(found) > place)
    ends = found[place] + timedelta(seconds=late)
    assume(found[0] <= ends)

    ended = Schedule(
        start=start,
        time_zone="Europe/Paris",
        duration=60,
        recurrence=f"{text};UNTIL={ends:%Y%m%dT%H%M%SZ}",
    )

    starts = [each.start for each in occurrences(ended, after=BEGINNING, limit=20)]
    assert starts == [each for each in found if each <= ends]


@settings(max_examples=60, deadline=None)
@given(text=rules(), start=begun, year=st.integers(2036, 2398))
def test_a_year_of_one_shape_has_the_days_of_every_year_of_it(
    text: str, start: datetime, year: int
) -> None:
    assume("BYSETPOS" not in text and "COUNT" not in text)
    ours = Expansion(read_rule(text), start)
    first, next_year = datetime(year, 1, 1), datetime(year + 1, 1, 1)
    list(islice(ours.forward(start), 200))  # many years of other shapes, and of this one

    found = {each.date() for each in takewhile(lambda at: at < next_year, ours.forward(first))}

    clock = times_of_day(ours.rule, start)[0]
    days = [first + timedelta(days=n) for n in range(366)]
    held = {day.date() for day in days if ours.holds(datetime.combine(day.date(), clock))}
    assert {day for day in held if day.year == year} == found


# ---- the price -----------------------------------------------------------------------------

EVERY = {highest: ",".join(map(str, range(1, highest + 1))) for highest in (23, 31, 53, 366)}
ALL_DAYS = ",".join(WEEKDAYS)
ALL_NUMBERED = ",".join(f"{n}{day}" for n in range(-53, 54) if n for day in WEEKDAYS)
HOSTILE = [
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYDAY=53MO;BYMONTHDAY=15",
    "FREQ=YEARLY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYDAY=5MO;BYSETPOS=366",
    "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
    f"FREQ=DAILY;BYSETPOS=25;BYHOUR=0,{EVERY[23]}",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
    "FREQ=YEARLY;BYYEARDAY=366;INTERVAL=7",
    "FREQ=YEARLY;BYDAY=53MO;COUNT=3660",
    "FREQ=YEARLY;BYYEARDAY=366;COUNT=3660",
    "FREQ=WEEKLY;COUNT=3660",
    "FREQ=DAILY;INTERVAL=1000;COUNT=3660",
    f"FREQ=DAILY;COUNT=3660;BYHOUR=0,{EVERY[23]}",
    "FREQ=DAILY;UNTIL=99991231T235959Z",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;UNTIL=99991231T235959Z",
    f"FREQ=YEARLY;BYWEEKNO={EVERY[53]};BYYEARDAY={EVERY[366]};BYDAY={ALL_DAYS};BYSETPOS=-366",
    f"FREQ=YEARLY;BYDAY={ALL_NUMBERED};BYMONTHDAY={EVERY[31]};BYSETPOS=-366",
    "FREQ=DAILY;BYDAY=" + "MO," * 6600 + "MO",
    "FREQ=WEEKLY;BYDAY=" + ",".join(["XX"] * 6000),
    # Found by a search at random: many starts in a period, of which few are chosen.
    f"FREQ=YEARLY;BYDAY={ALL_DAYS};BYHOUR=0,{EVERY[23]};BYSETPOS=366",
    f"FREQ=YEARLY;BYDAY={ALL_DAYS};BYHOUR=0,{EVERY[23]};BYSETPOS={EVERY[366]}",
    f"FREQ=YEARLY;BYWEEKNO={EVERY[53]};BYYEARDAY={EVERY[366]};BYHOUR=0,{EVERY[23]};BYSETPOS=-366",
    f"FREQ=DAILY;BYMONTHDAY=-12;BYDAY=SA;BYSETPOS={EVERY[366]}",
    "FREQ=YEARLY;INTERVAL=7;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=366",
    "FREQ=DAILY;BYMONTH=4,2;BYMONTHDAY=6",
    "FREQ=MONTHLY;BYMONTH=1;BYDAY=-1TU",
    f"FREQ=DAILY;BYHOUR=0,{EVERY[23]}",
]
# As far apart as they may be, so that there are hundreds of starts between two of them.
OFFSETS = (43_200, 1_440, 60, 1)


@pytest.mark.parametrize("rule", HOSTILE, ids=lambda rule: rule[:60])
def test_no_rule_costs_more_than_50_milliseconds(rule: str) -> None:
    # Processor time, because the machine has other things to do; the least of three tries.
    assert min(price(rule, start=f"2016-11-2{day}") for day in (7, 8, 9)) < 0.05


def price(
    rule: str,
    *,
    start: str,
    exceptions: tuple[datetime, ...] = (),
    moved: tuple[Moved, ...] = (),
) -> float:
    """Seconds for the dearest single question about a schedule with this rule.

    They are those that a tick and an event ask: what is due, what comes next, what has changed.
    """
    read_rule.cache_clear()
    begun = time.process_time()
    try:
        series = Schedule(
            start=datetime.fromisoformat(start),
            time_zone="Europe/Paris",
            duration=3600,
            recurrence=rule,
            exceptions=exceptions,
            moved=moved,
        )
    except ValueError:
        return time.process_time() - begun
    spent = [time.process_time() - begun]
    now = datetime(2026, 11, 24, tzinfo=UTC)
    longer = msgspec.structs.replace(series, duration=7200)
    for ask in (
        lambda: next_occurrence(series, after=now),
        lambda: running(series, at=now),
        lambda: ended(series, at=now),
        lambda: next_reminder(series, OFFSETS, after=now),
        lambda: due_reminders(series, OFFSETS, since=now - timedelta(hours=1), until=now),
        lambda: same_times(series, longer, now=now),
        lambda: first_change(series, longer, since=now),
    ):
        begun = time.process_time()
        ask()
        spent.append(time.process_time() - begun)
    return max(spent)


def test_a_thousand_exceptions_cost_no_more() -> None:
    first = datetime.fromisoformat("2017-04-10T00:00:00")
    excepted = tuple(first.replace(year=2017 + n) for n in range(380))

    assert price("FREQ=YEARLY;BYYEARDAY=100", start="2016-11-28", exceptions=excepted) < 0.05


def test_a_hundred_moves_cost_no_more() -> None:
    moved = tuple(
        Moved(
            original=datetime.fromisoformat(f"{2027 + n}-04-10T00:00:00"),
            start=datetime.fromisoformat(f"{2027 + n}-05-10T00:00:00"),
            duration=60,
        )
        for n in range(100)
    )
    begun = time.process_time()

    series = Schedule(
        start=datetime.fromisoformat("2026-11-28"),
        time_zone="Europe/Paris",
        duration=3600,
        recurrence="FREQ=YEARLY;BYYEARDAY=100",
        moved=moved,
    )

    assert len(occurrences(series, after=BEGINNING, limit=3)) == 3
    assert time.process_time() - begun < 0.1  # built once and asked once


def test_a_hundred_moves_of_one_chosen_start_among_thousands_cost_no_more() -> None:
    # Each was looked for among the 8,784 starts of its year, at every question.
    first = datetime.fromisoformat("2026-11-24T15:00:00")
    moved = tuple(
        Moved(
            original=first + timedelta(days=n), start=first + timedelta(days=n + 365), duration=60
        )
        for n in range(100)
    )
    rule = f"FREQ=YEARLY;BYDAY={ALL_DAYS};BYHOUR=0,{EVERY[23]};BYSETPOS={EVERY[366]}"

    assert min(price(rule, start=f"2016-11-2{day}", moved=moved) for day in (7, 8, 9)) < 0.05


def test_a_series_begun_ten_years_ago_costs_what_one_of_today_costs() -> None:
    series = Schedule(
        start=datetime.fromisoformat("2016-11-28T15:00"),
        time_zone="Europe/Paris",
        duration=3600,
        recurrence="FREQ=WEEKLY;BYDAY=MO,WE",
    )
    now = datetime(2026, 11, 24, tzinfo=UTC)
    begun = time.process_time()

    for day in range(100):
        next_occurrence(series, after=now + timedelta(days=day))

    assert time.process_time() - begun < 0.2  # 2 ms each, ten times what it takes
