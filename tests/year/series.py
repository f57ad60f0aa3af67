"""Schedules by chance: single ones and series of every frequency, often around clock changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from tests.year.wall_time import BEGINNING, END, Plain, clock_changes, instant, originals, wall

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DURATIONS: Final = (900, 1800, 2700, 3600, 5400, 28_800)  # seconds
# One start in so many lies close to the moment at which the clocks of its zone are changed.
ODD: Final = 3


def once(chance: Random, zone: str, after: datetime, within: timedelta) -> Plain:
    """A single conference that begins after a moment, within so long."""
    return _schedule(chance, zone, _local(chance, zone, after, within), None)


def series(chance: Random, zone: str, after: datetime, kind: str) -> Plain:
    """A series of a kind (daily, weekly, monthly, yearly) with something left of it to come."""
    while True:
        # Some have been held for years, most begin soon.
        back = timedelta(days=chance.choice((0, 0, 0, 40, 500)))
        local = _local(chance, zone, after - back, timedelta(days=50))
        rule = RULES[kind](chance)
        made = _schedule(chance, zone, local, rule + _bound(chance, kind, zone, local, after))
        coming = [each for each in originals(made) if instant(each, zone) > after]
        if coming or (kind == "yearly" and originals(made)):
            return made


def _schedule(chance: Random, zone: str, local: datetime, recurrence: str | None) -> Plain:
    return {
        "start": local.isoformat(),
        "time_zone": zone,
        "duration": chance.choice(DURATIONS),
        "recurrence": recurrence,
        "exceptions": [],
        "moved": [],
    }


def _local(chance: Random, zone: str, after: datetime, within: timedelta) -> datetime:
    """A wall time; often one that the clocks skip or repeat, or nearly."""
    changes = [each for each in clock_changes(zone) if after < each < after + max(within, _MONTHS)]
    if changes and chance.randrange(ODD) == 0:
        return _odd(chance, zone, chance.choice(changes))
    moment = after + within * chance.random()
    local = wall(moment, zone).replace(microsecond=0, second=chance.choice((0,) * 30 + (30,)))
    minute = chance.choice((0, 0, 0, 0, 15, 30, 30, 45, local.minute))
    return local.replace(minute=minute) + timedelta(hours=1)


def _odd(chance: Random, zone: str, change: datetime) -> datetime:
    """A wall time around a change of the clocks, mostly in the gap or fold; or a week before."""
    before, after = wall(change - _MINUTE, zone) + _MINUTE, wall(change, zone)
    first, length = min(before, after), abs(after - before)
    around = timedelta(minutes=chance.choice((-30, -1, 0, 0, 0, 0, 0, 0, 60, 90)))
    local = first + around + length * chance.choice((0, 0, 0.25, 0.5, 0.5, 0.75))
    return local - timedelta(days=7 * chance.choice((0, 0, 0, 1)))


_MINUTE: Final = timedelta(minutes=1)
_MONTHS: Final = timedelta(days=90)


def _daily(chance: Random) -> str:
    words = ("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR")
    return chance.choice(words)


def _weekly(chance: Random) -> str:
    interval = chance.choice(("", "", ";INTERVAL=2", ";INTERVAL=3", ";INTERVAL=2;WKST=SU"))
    days = sorted(chance.sample(DAYS, chance.choice((1, 1, 2, 3))), key=DAYS.index)
    return "FREQ=WEEKLY" + interval + chance.choice(("", f";BYDAY={','.join(days)}"))


def _monthly(chance: Random) -> str:
    ordinal = chance.choice(("1", "2", "3", "4", "5", "-1", "-2"))
    which = (
        "",
        f";BYDAY={ordinal}{chance.choice(DAYS)}",
        f";BYDAY={ordinal}{chance.choice(DAYS)}",
        f";BYMONTHDAY={chance.choice(('31', '-1', '15', '1,15', '29,30'))}",
        ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    )
    return "FREQ=MONTHLY" + chance.choice(("", "", ";INTERVAL=2")) + chance.choice(which)


def _yearly(chance: Random) -> str:
    month = chance.choice((3, 4, 9, 10, 11))
    which = (
        "",
        f";BYMONTH={month};BYDAY={chance.choice(('-1SU', '1SU', '2SU', '-1FR', '3TH'))}",
        f";BYMONTH={month};BYMONTHDAY=28,31",
        ";BYMONTH=3,10;BYDAY=-1SU",
        f";BYWEEKNO={chance.choice(('13', '43', '44'))};BYDAY=SU",
        ";BYYEARDAY=87,304",
    )
    return "FREQ=YEARLY" + chance.choice(which)


RULES: Final[dict[str, Callable[[Random], str]]] = {
    "daily": _daily,
    "weekly": _weekly,
    "monthly": _monthly,
    "yearly": _yearly,
}

# How often a kind is held before it ends, and in how many days: the year must stay affordable.
_COUNTS: Final = {"daily": (2, 4), "weekly": (2, 5), "monthly": (2, 6), "yearly": (3, 9)}
_SPANS: Final = {"daily": (2, 5), "weekly": (10, 40), "monthly": (60, 300), "yearly": (300, 900)}


def _bound(chance: Random, kind: str, zone: str, local: datetime, after: datetime) -> str:
    """Say how often, until when, or for ever."""
    endless = kind in ("monthly", "yearly") or (kind == "weekly" and chance.randrange(30) == 0)
    if endless and chance.random() < 0.5:
        return ""
    now = wall(after, zone)
    if local > now and chance.random() < 0.5:
        return f";COUNT={chance.randint(*_COUNTS[kind])}"
    span = timedelta(days=chance.randint(*_SPANS[kind]))
    last = min(datetime.combine(max(local, now) + span, local.time()), _LAST)
    form = chance.choice(("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d"))
    # In UTC it is the instant of a start itself, as servers write it.
    shown = instant(last, zone) if form.endswith("Z") else last
    return f";UNTIL={shown.strftime(form)}"


_LAST: Final = END.replace(tzinfo=None) + timedelta(days=200)


def soon(chance: Random) -> datetime:
    """A moment of the year at which somebody plans a conference."""
    if chance.randrange(6) == 0:
        return BEGINNING + timedelta(minutes=chance.random() * 60)
    moment = BEGINNING + (END - BEGINNING) * chance.random()
    return moment.astimezone(UTC)
