"""Scripts: the alphabets of a name's letters, by which look-alikes give themselves away."""

import unicodedata
from typing import Final

import idna

from notifier.core.federation.masks import normalised_mask

# Japanese and Korean are written in several at once (UTS 39 §5.2).
_WRITTEN_TOGETHER: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})


def in_a_label(label: str) -> list[str]:
    """Give the scripts of a label's letters, by their names in Unicode: `Cyrillic`, `Latin`."""
    names = {unicodedata.name(sign, "").partition(" ")[0] for sign in label if sign.isalpha()}
    scripts = {name.partition("-")[0] for name in names}
    together = {"East Asian"} if scripts & _WRITTEN_TOGETHER else set()
    return sorted({each.capitalize() for each in scripts - _WRITTEN_TOGETHER} | together)


def mixed(name: str) -> list[str]:
    """Give the scripts of the first label of a name or mask that has several; none: [] (UTS 39)."""
    labels = (in_a_label(label) for label in in_unicode(name).split("."))
    return next((each for each in labels if len(each) > 1), [])


def in_unicode(name: str) -> str:
    """Give a name or a mask with its A-labels as people read them (RFC 5891 §5.2)."""
    return ".".join(_readable(label) for label in name.split("."))


def with_punycode(name: str) -> str:
    """Give a name as people read it, quoted, and behind it its A-labels where they differ."""
    plain = normalised_mask(name)
    written = in_unicode(plain)
    return repr(name) if written.isascii() else f"{written!r} ({plain})"


def _readable(label: str) -> str:
    if not label.lower().startswith("xn--") or "*" in label:
        return label
    try:
        return idna.decode(label)
    except idna.IDNAError:
        return label
