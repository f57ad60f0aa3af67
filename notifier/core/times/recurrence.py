"""Reads recurrence rules (RFC 5545, 3.3.10) into values, and refuses what cannot be meant."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

import msgspec


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

# Bounds which no honest series meets; they keep the price of a hostile rule in milliseconds.
LONGEST_TEXT = 20_000  # characters
LARGEST_INTERVAL = 1_000
LARGEST_COUNT = 3_660  # every day for ten years
MOST_TIMES_A_DAY = 24
LAST_YEAR = 2400

# Part: lowest, highest, may it count from the end with a minus sign.
NUMBERS = {
    "BYDAY": (1, 53, True),
    "BYSECOND": (0, 59, False),
    "BYMINUTE": (0, 59, False),
    "BYHOUR": (0, 23, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYMONTH": (1, 12, False),
    "BYSETPOS": (1, 366, True),
}
PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", *NUMBERS)

# RFC 5545, 3.3.10: the parts which a frequency cannot have.
FORBIDDEN = {
    Frequency.DAILY: ("BYWEEKNO", "BYYEARDAY"),
    Frequency.WEEKLY: ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"),
    Frequency.MONTHLY: ("BYWEEKNO", "BYYEARDAY"),
    Frequency.YEARLY: (),
}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it was written; empty tuples where nothing was said.

    `by_day` holds (ordinal, weekday) with ordinal 0 for "every" and Monday as weekday 0.
    `until` is aware (UTC) if it was written with a Z, else local wall time; a bare date means the
    whole of that day.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    by_day: tuple[tuple[int, int], ...] = ()
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()


@lru_cache(maxsize=1024)
def read_rule(text: str) -> Rule:
    """The rule of a value such as 'FREQ=WEEKLY;BYDAY=MO,WE'; ValueError says what is wrong."""
    parts = _parts(text)
    rule = Rule(
        frequency=_frequency(parts),
        interval=_number(parts, "INTERVAL", LARGEST_INTERVAL) or 1,
        count=_number(parts, "COUNT", LARGEST_COUNT),
        until=_until(parts.get("UNTIL")),
        week_start=_weekday("WKST", parts.get("WKST", "MO")),
        by_day=_by_day(parts.get("BYDAY")),
        by_month=_numbers(parts, "BYMONTH"),
        by_month_day=_numbers(parts, "BYMONTHDAY"),
        by_year_day=_numbers(parts, "BYYEARDAY"),
        by_week_no=_numbers(parts, "BYWEEKNO"),
        by_set_pos=_numbers(parts, "BYSETPOS"),
        by_hour=_numbers(parts, "BYHOUR"),
        by_minute=_numbers(parts, "BYMINUTE"),
        by_second=_numbers(parts, "BYSECOND"),
    )
    _check(rule, parts)
    return rule


def refuse(found: str, allowed: str) -> ValueError:
    return ValueError(f"The recurrence rule has {found[:120]}, but {allowed}.")


def _parts(text: str) -> dict[str, str]:
    if len(text) > LONGEST_TEXT:
        raise refuse(f"{len(text)} characters", f"at most {LONGEST_TEXT} are allowed")
    parts: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, _, value = part.partition("=")
        if name not in PARTS or not value:
            raise refuse(
                f"the part {part!r}", f"only NAME=VALUE with {', '.join(PARTS)} is allowed"
            )
        if name in parts:
            raise refuse(f"{name} twice", "each part is allowed once")
        parts[name] = value
    return parts


def _frequency(parts: dict[str, str]) -> Frequency:
    found = parts.get("FREQ")
    if found is None:
        raise refuse("no FREQ", "one of DAILY, WEEKLY, MONTHLY, YEARLY is needed")
    try:
        return Frequency(found)
    except ValueError:
        # Outlook, Google and Apple offer nothing shorter, and what really meets several times a
        # day can say so, within bounds.
        allowed = (
            "only DAILY, WEEKLY, MONTHLY and YEARLY are allowed; more often is FREQ=DAILY with "
            "BYHOUR, up to 24 times a day"
        )
        raise refuse(f"FREQ={found}", allowed) from None


def _number(parts: dict[str, str], name: str, highest: int) -> int | None:
    found = parts.get(name)
    if found is None:
        return None
    if not re.fullmatch("[0-9]{1,9}", found) or not 1 <= int(found) <= highest:
        raise refuse(f"{name}={found}", f"only 1 to {highest} is allowed")
    return int(found)


def _numbers(parts: dict[str, str], name: str) -> tuple[int, ...]:
    if name not in parts:
        return ()
    return tuple(sorted({_listed(name, entry) for entry in parts[name].split(",")}))


def _listed(name: str, text: str) -> int:
    lowest, highest, signed = NUMBERS[name]
    number = int(text) if re.fullmatch("[+-]?[0-9]{1,4}", text) else None
    if number is None or not lowest <= (abs(number) if signed else number) <= highest:
        also = f" and -{highest} to -{lowest}" if signed else ""
        raise refuse(f"{text!r} in {name}", f"only {lowest} to {highest}{also} is allowed")
    return number


def _weekday(name: str, text: str) -> int:
    if text not in WEEKDAYS:
        raise refuse(f"{text!r} in {name}", f"only {', '.join(WEEKDAYS)} are allowed")
    return WEEKDAYS.index(text)


def _by_day(text: str | None) -> tuple[tuple[int, int], ...]:
    if text is None:
        return ()
    return tuple(sorted({_ordinal_day(entry) for entry in text.split(",")}, key=lambda x: x[::-1]))


def _ordinal_day(text: str) -> tuple[int, int]:
    ordinal = text[:-2]
    number = _listed("BYDAY", ordinal) if ordinal else 0
    return number, _weekday("BYDAY", text[-2:])


def _until(text: str | None) -> datetime | None:
    if text is None:
        return None
    shape = re.fullmatch(r"([0-9]{8})(?:T([0-9]{6})(Z?))?", text)
    try:
        if shape is None:
            raise ValueError
        day, clock, zulu = shape.groups()
        moment = datetime.strptime(f"{day}{clock or '235959'}+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        allowed = "only 20270303, 20270303T140000 or 20270303T140000Z is a moment"
        raise refuse(f"UNTIL={text}", allowed) from None
    # "For ever" is often written as the year 9999, where adding an offset overflows.
    moment = min(moment, datetime(LAST_YEAR, 12, 31, 23, 59, 59, tzinfo=UTC))
    return moment if zulu else moment.replace(tzinfo=None)


def _check(rule: Rule, parts: dict[str, str]) -> None:
    if rule.count and rule.until:
        raise refuse("both COUNT and UNTIL", "only one of them is allowed")
    for name in FORBIDDEN[rule.frequency]:
        if name in parts:
            raise refuse(f"{name} with FREQ={rule.frequency}", "RFC 5545 does not allow it")
    if any(ordinal for ordinal, _ in rule.by_day) and (
        rule.frequency in (Frequency.DAILY, Frequency.WEEKLY) or rule.by_week_no
    ):
        raise refuse(
            f"BYDAY={parts['BYDAY']}",
            "numbered weekdays are allowed with MONTHLY and YEARLY only, and not with BYWEEKNO",
        )
    if rule.by_set_pos and not any(
        name in parts for name in ("BYDAY", *NUMBERS) if name != "BYSETPOS"
    ):
        raise refuse("BYSETPOS alone", "it needs another BY part to choose from")
    times = max(1, len(rule.by_hour)) * max(1, len(rule.by_minute)) * max(1, len(rule.by_second))
    if times > MOST_TIMES_A_DAY:
        raise refuse(f"{times} times a day", f"at most {MOST_TIMES_A_DAY} are allowed")
