"""Reads language tags: the locale for dates, the template folders to try, the way to write.

Babel's own `negotiate_locale` is a trap: of `pt-BR` it finds `pt` even where `pt_BR` exists, and of
`zh-CN` nothing at all. `Locale.parse` resolves both (`zh_Hans_CN`), and old tags such as `iw`.
"""

import re
from functools import lru_cache
from typing import Final, Literal

from babel import Locale, UnknownLocaleError
from babel.core import get_global

# Shipped complete, so it ends every chain of languages, and every list of words.
LAST_RESORT: Final = "en"
LONGEST_TAG: Final = 64
# Of languages whose folders are named with a script, the one that is meant without it.
USUAL_SCRIPT: Final = {"zh": "Hans"}
LEFT_TO_RIGHT: Final = "\u2066"
ISOLATE_ENDS: Final = "\u2069"


@lru_cache(maxsize=1024)
def locale_of(tag: str) -> Locale:
    """The locale of a language tag; English for what is no language."""
    return _parse(tag) or Locale(LAST_RESORT)


def locale_chain(tag: str | None, fallback: str) -> list[str]:
    """Names of template folders to try for a reader, the best first, the server's language later.

    'pt-BR' with 'de' gives pt-BR, pt, de, en; 'zh-CN' gives zh-Hans-CN, zh-Hans, zh-CN, zh, ….
    'zh' alone is read as it is mostly meant, zh-Hans. Readers of Traditional Chinese ('zh-TW') are
    not given Simplified, as in CLDR, where the parent of zh-Hant is the root: the language of the
    house is what they are used to, other people's characters are not.
    """
    tried = [*_names(tag or ""), *_names(fallback), LAST_RESORT]
    return list(dict.fromkeys(tried))


@lru_cache(maxsize=1024)
def regional(language: str, *tags: str | None) -> str:
    """Give the first of `tags` that is `language` as some country has it; else `language` itself.

    Letters in 'en' to a reader of 'en-GB' say '27 November' and '15:00'; those in 'zh-Hans' to one
    of 'zh-TW' do not follow Taiwan, and no date is in Deseret for 'en-Dsrt'.
    """
    return next((tag for tag in tags if tag and _varies(tag, language)), language)


def _varies(tag: str, language: str) -> bool:
    """Tell whether a tag is of `language`, in letters that it is written with by itself."""
    return language in _names(tag) and locale_of(tag).script in _scripts(language)


@lru_cache(maxsize=1024)
def _scripts(language: str) -> frozenset[str | None]:
    """Give the script of `language`, be it named or the likely one (CLDR); None stands for it."""
    locale = locale_of(language)
    likely = get_global("likely_subtags").get(locale.language, "").split("_")
    return frozenset({None, locale.script or "".join(likely[1:2])})


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Which way a language is written: 'rtl' for Arabic, Hebrew, Persian, Urdu and their like."""
    return "rtl" if locale_of(language).text_direction == "rtl" else "ltr"


def left_to_right(text: str, locale: Locale) -> str:
    """Keeps Latin text in one piece inside Arabic or Hebrew; as it is, everywhere else."""
    if locale.text_direction == "ltr":
        return text
    return f"{LEFT_TO_RIGHT}{text}{ISOLATE_ENDS}"


@lru_cache(maxsize=1024)
def _names(tag: str) -> tuple[str, ...]:
    locale = _parse(tag)
    if locale is None:
        return ()
    language, script, territory = locale.language, locale.script, locale.territory
    usual = None if script else USUAL_SCRIPT.get(language)
    found = (
        *([language, script, territory], [language, script], [language, territory], [language]),
        [language, usual],
    )
    return tuple("-".join(part for part in parts if part) for parts in found)


def _parse(tag: str) -> Locale | None:
    # A reader may send what stands in LANG: de_DE.UTF-8, sr_RS@latin.
    plain = re.split("[.@]", tag[:LONGEST_TAG], maxsplit=1)[0].replace("_", "-")
    try:
        return Locale.parse(plain, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
