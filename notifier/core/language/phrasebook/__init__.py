"""How languages say how often something takes place: one table for each, by language code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from babel import Locale

from notifier.core.language.phrasebook import (
    arabic,
    chinese,
    dutch,
    english,
    french,
    german,
    hebrew,
    italian,
    japanese,
    korean,
    polish,
    portuguese,
    russian,
    spanish,
    turkish,
    ukrainian,
    vietnamese,
)
from notifier.core.language.phrasebook.bare import bare_phrases
from notifier.core.language.phrases import Phrases

# By language; where a country or a script says it otherwise, by both: `pt_BR`, `zh_Hant`.
PHRASES: Final[Mapping[str, Phrases]] = MappingProxyType(
    {
        "ar": arabic.PHRASES,
        "de": german.PHRASES,
        "de_AT": german.AUSTRIAN,
        "en": english.PHRASES,
        "es": spanish.PHRASES,
        "fr": french.PHRASES,
        "he": hebrew.PHRASES,
        "it": italian.PHRASES,
        "ja": japanese.PHRASES,
        "ko": korean.PHRASES,
        "nl": dutch.PHRASES,
        "pl": polish.PHRASES,
        "pt": portuguese.PHRASES,
        "pt_BR": portuguese.BRAZILIAN,
        "ru": russian.PHRASES,
        "tr": turkish.PHRASES,
        "uk": ukrainian.PHRASES,
        "vi": vietnamese.PHRASES,
        "zh": chinese.PHRASES,
        "zh_Hant": chinese.TRADITIONAL,
    }
)


def phrases_of(locale: Locale) -> Phrases:
    """Give the table of a locale, the nearer first; bare names and counts, where there is none."""
    language = locale.language
    nearer = (PHRASES.get(f"{language}_{part}") for part in (locale.territory, locale.script))
    return next(filter(None, nearer), None) or PHRASES.get(language) or bare_phrases(locale)
