"""Taking out of a text what nobody can see: controls, direction marks, what no encoding carries."""

import re
from typing import Final

# Control characters, lone surrogates, the marks that turn the writing direction, and the other
# invisible format characters (Cf). The joiners U+200C and U+200D stay: Persian, Indic scripts
# and emoji need them.
INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Format characters that can be seen, of Arabic, Syriac, Kaithi and Egyptian: they stay in prose,
# but no name keeps what Unicode calls a format character (Cf; calendar §4.1).
_SIGNS: Final = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f]+"
)
# What a terminal obeys or a reader of lines stumbles over, where a text is to be shown unchanged.
UNSHOWN: Final = re.compile(f"{INVISIBLE.pattern}|[\u2028\u2029]+")
_LINE_ENDS: Final = re.compile("\r\n?|[\x85\u2028\u2029]")
_BLANK_LINES: Final = re.compile("\n{3,}")

# Longer values are cut: Gmail clips a mail at 102 kB, and a name of a page is no name (characters).
LINE_LIMIT: Final = 2_000
PROSE_LIMIT: Final = 16_000


def clean_line(value: str, limit: int = LINE_LIMIT) -> str:
    """Give `value` on one line of at most `limit` characters, without what nobody can see."""
    if value.isprintable() and len(value) <= limit and "  " not in value:
        return value.strip(" ")
    value = _LINE_ENDS.sub(" ", value)
    return cut(" ".join(_SIGNS.sub("", INVISIBLE.sub("", value)).split()), limit)


def clean_prose(value: str) -> str:
    """Give `value` with its lines kept, one blank line between paragraphs at most.

    What nobody can see is taken out.
    """
    # What people type is printable but for the ends of lines: a look is a tenth of the work.
    odd = not value.replace("\n", "").isprintable()
    if odd:
        value = INVISIBLE.sub("", _LINE_ENDS.sub("\n", value))
    if "\n" in value and (odd or " \n" in value or "\n\n\n" in value):
        lines = "\n".join(line.rstrip() for line in value.split("\n"))
        value = _BLANK_LINES.sub("\n\n", lines)
    return cut(value.strip(), PROSE_LIMIT)


def cut(value: str, limit: int) -> str:
    """Give `value`, or the beginning of it with a mark that it goes on; `limit` characters."""
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"
