"""Making values fit to be printed: cleaned of what is invisible, and safe where they stand."""

import re
from collections.abc import Callable
from typing import Final
from unicodedata import bidirectional
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from notifier.core.cleaning import INVISIBLE, LINE_LIMIT, clean_line, clean_prose, cut
from notifier.core.language.languages import ISOLATE_ENDS, LEFT_TO_RIGHT
from notifier.core.wording.variables import Sort

_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# What HTML would take for its own.
_ESCAPED: Final = re.compile("[&<>'\"]")
# A narrow blank (CLDR puts one before `PM`) is missing in many mail fonts.
_NARROW: Final = ("\u202f", "\u2009")

# Opens an isolate whose direction is that of its first letter (UAX #9); ended by U+2069.
FIRST_STRONG: Final = "\u2068"
# Sorts of characters (UAX #9, table 4): Hebrew and Arabic letters and numbers; Latin ones.
_FROM_RIGHT: Final = frozenset({"R", "AL", "AN"})
_FROM_LEFT: Final = frozenset({"L", "EN"})
_ISOLATED: Final = re.compile(f"{LEFT_TO_RIGHT}([^{ISOLATE_ENDS}]*){ISOLATE_ENDS}")

# A link to the web in which nothing has to be looked for; brackets may be an IPv6 address.
_PLAIN_LINK: Final = re.compile(r"https?://[!-Z\\^-~]+")
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "trueconf"})


def clean_words(value: str) -> str:
    """Give words of our own: their direction marks are meant, and stay."""
    value = value if value.isprintable() else _CONTROLS.sub(" ", value).strip()
    return cut(value, LINE_LIMIT)


CLEANING: Final[dict[Sort, Callable[[str], str]]] = {
    Sort.NAME: clean_line,
    Sort.CODE: clean_line,
    Sort.WORDS: clean_words,
    Sort.PROSE: clean_prose,
}


def common_blanks(text: str) -> str:
    """Give `text` with plain blanks in place of the special ones, for subjects and plain text."""
    # Three times `replace` takes a tenth of the time of one `translate`.
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ")


def show_name(value: str) -> Markup:
    """Isolate what a person typed, so that it cannot turn the direction of the text around it."""
    return Markup(f"<bdi>{_safe(value)}</bdi>") if value else Markup()


def show_code(value: str) -> Markup:
    """Isolate an address or a number, which runs left to right in every language."""
    return Markup(f'<bdi dir="ltr">{_safe(value)}</bdi>') if value else Markup()


def show_words(value: str) -> Markup:
    """Give our own words; what they isolate by marks is isolated by tags, which HTML asks for."""
    value = _text(value)
    for blank in _NARROW:
        value = value.replace(blank, "\u00a0")
    said = escape(value)
    return Markup(_ISOLATED.sub(_in_tags, said)) if LEFT_TO_RIGHT in value else said


def _in_tags(isolated: re.Match[str]) -> str:
    """Keep the label of a zone on one line: of two, each would be turned by itself."""
    label = isolated[1].replace(" ", "\u00a0")
    return f'<bdi dir="ltr">{label}</bdi>'


def show_prose(value: str) -> Markup:
    """Isolate what a person typed over several lines; each for itself, if they may run apart."""
    value = _text(value)
    apart = "</bdi><br>\n<bdi>" if _runs_from_right(value) else "<br>\n"
    lines = _safe(value).replace("\n", apart)
    return Markup(f"<bdi>{lines}</bdi>") if value else Markup()


def set_apart_ltr(value: str) -> str:
    """Isolate a name or a number in plain text that is written from left to right.

    A name in Arabic letters would turn the line that it begins, and draw the numbers behind it to
    its other side.
    """
    value = str(value)
    return f"{FIRST_STRONG}{value}{ISOLATE_ENDS}" if _runs_from_right(value) else value


def set_apart_rtl(value: str) -> str:
    """Isolate a name in plain text that is written from right to left, if it is not itself."""
    value = str(value)
    foreign = not _FROM_LEFT.isdisjoint(map(bidirectional, value))
    return f"{FIRST_STRONG}{value}{ISOLATE_ENDS}" if foreign else value


def set_code_apart_rtl(value: str) -> str:
    """Isolate a number or an ID, which runs left to right in every language.

    Not what begins and ends with a Latin letter: that stays in one piece by itself, and mail
    readers find the addresses in a text by what stands around them.
    """
    value = str(value)
    whole = bidirectional(value[:1] or "a") == bidirectional(value[-1:] or "a") == "L"
    return value if whole and value.isascii() else f"{LEFT_TO_RIGHT}{value}{ISOLATE_ENDS}"


def _safe(value: object) -> str:
    """Give a value as HTML; most have nothing in them that has to be escaped."""
    if type(value) is str and not _ESCAPED.search(value):
        return value
    return str(escape(value))


def _text(value: object) -> str:
    """Give what a template computed as text: `{{ 3 }}`; what is escaped already stays so."""
    return value if isinstance(value, str) else str(value)


def _runs_from_right(value: str) -> bool:
    return not value.isascii() and not _FROM_RIGHT.isdisjoint(map(bidirectional, value))


def plain(value: str) -> str:
    """Give `value` for an attribute or a title, which have one line."""
    return " ".join(str(value).split())


def safe_link(value: str) -> str:
    """Give `value` if it is a link of a kind that a mail may carry, else `#`."""
    if _PLAIN_LINK.fullmatch(value):
        return value
    link = "".join(_CONTROLS.sub("", INVISIBLE.sub("", str(value))).split())
    try:
        scheme = urlsplit(link).scheme
    except ValueError:  # An IPv6 address with one bracket.
        return "#"
    return link if scheme in _SCHEMES else "#"


def link_part(value: str) -> str:
    """Percent-encode `value` for the middle of a link (RFC 3986 §2.1)."""
    return quote(_encodable(value), safe="")


def dialled(value: str) -> str:
    """Give a phone number for `tel:`, of which RFC 3966 §5.1.1 allows digits and few signs."""
    return re.sub(r"[^0-9+*#]", "", str(value)).replace("#", "%23")


def addressed(value: str) -> str:
    """Give a mail address for `mailto:` (RFC 6068 §2)."""
    return quote(_encodable(value), safe="@+!$'*-._~")


def _encodable(value: str) -> str:
    return INVISIBLE.sub("", str(value))


# By the way in which a plain text is written: the names of what sets a value apart in it. Links
# are left alone: they stand on lines of their own, and a mark behind one would become part of it.
SET_APART: Final[dict[str, dict[Sort, str]]] = {
    "ltr": {Sort.NAME: "set_apart_ltr", Sort.CODE: "set_apart_ltr"},
    "rtl": {Sort.NAME: "set_apart_rtl", Sort.CODE: "set_code_apart_rtl"},
}

# The names that compiled templates call them by.
SHOWN: Final[dict[Sort, str]] = {
    Sort.NAME: "show_name",
    Sort.CODE: "show_code",
    Sort.WORDS: "show_words",
    Sort.PROSE: "show_prose",
}
FILTERS: Final[dict[str, Callable[[str], str]]] = {
    "show_name": show_name,
    "show_code": show_code,
    "show_words": show_words,
    "show_prose": show_prose,
    "set_apart_ltr": set_apart_ltr,
    "set_apart_rtl": set_apart_rtl,
    "set_code_apart_rtl": set_code_apart_rtl,
    "plain": plain,
    "link": safe_link,
    "link_part": link_part,
    "dialled": dialled,
    "addressed": addressed,
}
