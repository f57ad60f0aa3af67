"""Writes lines of a calendar entry as the icalendar library does, in a hundredth of its time."""

import re
from typing import Final
from urllib.parse import quote

from notifier.core.cleaning import clean_line

# RFC 5545, 3.1 allows 75 octets a line, of which a continued one spends the first on its blank; the
# library leaves the first line one shorter as well.
PIECE: Final = 74

# RFC 6068, 2: what a mail address may keep in a `mailto:`.
KEPT_IN_ADDRESSES: Final = "@!$&'*+-=_~."

# Characters; longer names are cut short by calendars in their own ways.
LONGEST_NAME: Final = 64

# An address in which nothing has to be encoded, as most are.
_PLAIN_ADDRESS: Final = re.compile("[A-Za-z0-9@!$&'*+=_~.-]+")

# What ends a parameter (RFC 5545, 3.1), what the library quotes besides, and for names, blanks.
_QUOTED: Final = re.compile("[,;:\u2019]")
_QUOTED_NAME: Final = re.compile("[,;:\u2019 ']")

# Octets that would be torn apart: the first of an escape (RFC 5545, 3.3.11; RFC 6868).
_ESCAPES: Final = b"\\^"


def folded(text: str) -> bytes:
    """Give a content line without its CRLF, folded between characters and not within escapes."""
    line = text.encode("utf-8")
    if len(line) <= PIECE:
        return line
    pieces = []
    at = 0
    while len(line) - at > PIECE:
        end = at + PIECE
        while line[end] & 0xC0 == 0x80:
            end -= 1
        if line[end - 1] in _ESCAPES:
            end -= 1
        pieces.append(line[at:end])
        at = end
    pieces.append(line[at:])
    return b"\r\n ".join(pieces)


def parameter(value: str, *, name: bool = False) -> str:
    """Give the value of a parameter; one that holds a name is quoted for a blank as well."""
    if "^" in value:
        value = value.replace("^", "^^")
    quoted = (_QUOTED_NAME if name else _QUOTED).search(value)
    return f'"{value}"' if quoted else value


def text(value: str) -> str:
    """Give a text as a value (RFC 5545, 3.3.11)."""
    value = value.replace("\\N", "\n").replace("\\", "\\\\").replace(";", "\\;")
    return value.replace(",", "\\,").replace("\n", "\\n")


def mailto(address: str) -> str:
    """Give the URI of a mail address, which is one clean line."""
    if _PLAIN_ADDRESS.fullmatch(address):
        return f"mailto:{address}"
    return "mailto:" + quote(address, safe=KEPT_IN_ADDRESSES)


def shown_name(text: str) -> str:
    """A name for a parameter; a double quote would be escaped in a way that Outlook shows."""
    return cut_line(text.replace('"', "'"), LONGEST_NAME)


def cut_line(text: str, limit: int) -> str:
    """A text on one clean line of at most `limit` characters."""
    line = clean_line(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def attendee_line(name: str, address: str, partstat: str) -> bytes:
    """The recipient's line with its breaks; no text can hold those: it is found nowhere else."""
    shown = parameter(shown_name(name) or address, name=True)
    line = folded(
        f"ATTENDEE;CN={shown};CUTYPE=INDIVIDUAL;PARTSTAT={partstat};"
        f"ROLE=REQ-PARTICIPANT;RSVP=FALSE:{mailto(clean_line(address))}"
    )
    return b"\r\n%b\r\n" % line
