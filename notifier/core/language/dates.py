"""Says dates, times of day and zones in the language of the reader."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format

from notifier.core.language.languages import left_to_right
from notifier.core.times.zones import to_local

HARD_BLANKS: Final = str.maketrans({"\u202f": "\u00a0", "\u2009": "\u00a0"})
# CLDR sets nothing between date and time here: "7 de dezembro de 2026 15:00".
DATE_AND_TIME: Final = {"pt": "{1}, {0}"}
# The first of a month, by language and where need be country: these write an ordinal, where CLDR
# has the bare number.
FIRSTS: Final[Mapping[str, str]] = MappingProxyType({"fr": "1er", "it": "1º", "pt_BR": "1º"})
_ONE: Final = re.compile(r"(?<!\d)1(?!\d)")

# Days and times of day that are remembered: most conferences of a week begin on few of them, and
# Babel takes 30 to 100 µs over each.
_KEPT: Final = 2048

# 'Friday, November 27, 2026', 'November 27, 2026', 'November 27'.
Length = Literal["full", "long", "of_year"]


def date_words(day: date, length: Length, locale: Locale) -> str:
    """Give a date as `locale` writes it in a sentence."""
    return _date_words(day.date() if isinstance(day, datetime) else day, length, locale)


@lru_cache(maxsize=_KEPT)
def _date_words(day: date, length: Length, locale: Locale) -> str:
    said = _formatted(day, length, locale)
    first = FIRSTS.get(f"{locale.language}_{locale.territory}") or FIRSTS.get(locale.language)
    return _ONE.sub(first, said) if first else said


def time_words(local: datetime, locale: Locale) -> str:
    """'3:00 PM', of a local time, with a hard blank."""
    return _clock_words(local.time(), locale)


@lru_cache(maxsize=_KEPT)
def _clock_words(clock: time, locale: Locale) -> str:
    return format_time(clock, "short", locale=locale).translate(HARD_BLANKS)


def moment_words(local: datetime, length: Length, locale: Locale) -> str:
    """'Friday, November 27, 2026, 3:00 PM', of a local time."""
    # The full format of both together would add seconds and CLDR's own name for the zone.
    medium = str(get_datetime_format("medium", locale=locale))
    pattern = DATE_AND_TIME.get(locale.language, medium)
    said = pattern.replace("{1}", date_words(local, length, locale))
    return said.replace("{0}", time_words(local, locale)).translate(HARD_BLANKS)


def zone_label(instant: datetime, zone: str, locale: Locale) -> str:
    """'Europe/Paris, UTC+01:00', with the offset of this very instant."""
    label = zone if zone == "UTC" else f"{zone}, UTC{offset_words(instant, zone)}"
    return left_to_right(label, locale)


def offset_words(instant: datetime, zone: str) -> str:
    """'+01:00'."""
    offset = f"{to_local(instant, zone):%z}"
    return f"{offset[:3]}:{offset[3:5]}"


def _formatted(day: date, length: Length, locale: Locale) -> str:
    if length == "of_year":
        return format_skeleton("MMMMd", day, locale=locale)
    return format_date(day, length, locale=locale)
