"""Says dates in the language of the reader."""

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

from babel import Locale
from babel.dates import format_date, format_skeleton

# The first of a month, by language and where need be country: these write an ordinal, where CLDR
# has the bare number.
FIRSTS: Final[Mapping[str, str]] = MappingProxyType({"fr": "1er", "it": "1º", "pt_BR": "1º"})
_ONE: Final = re.compile(r"(?<!\d)1(?!\d)")

# 'Friday, November 27, 2026', 'November 27, 2026', 'November 27'.
Length = Literal["full", "long", "of_year"]


def date_words(day: date, length: Length, locale: Locale) -> str:
    """Give a date as `locale` writes it in a sentence."""
    said = _formatted(day, length, locale)
    first = FIRSTS.get(f"{locale.language}_{locale.territory}") or FIRSTS.get(locale.language)
    return _ONE.sub(first, said) if first else said


def _formatted(day: date, length: Length, locale: Locale) -> str:
    if length == "of_year":
        return format_skeleton("MMMMd", day, locale=locale)
    return format_date(day, length, locale=locale)
