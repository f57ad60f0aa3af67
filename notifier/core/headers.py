"""Header lines: written by hand where that is plain, by the standard library where it is not.

The library takes 300 µs to fold a name that is not ASCII, which is longer than all the rest of a
letter takes. What is written here is read as the same by whoever reads the other.
"""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache
from typing import Final

# RFC 5322 §2.1.1: lines should stay within this; longer headers are folded (characters).
LINE: Final = 76

# RFC 2047 §2: an encoded word has at most 75 characters, of which its frame takes these.
_LONGEST_WORD: Final = 75
_WORD_FRAME: Final = len("=?utf-8?b??=")

# A line end within a header that no blank follows: another header would begin there.
_BROKEN: Final = re.compile(rb"\r\n(?![ \t]|\Z)|\r(?!\n)|(?<!\r)\n")

# A name and an address that cannot be mistaken for anything else: no comments, no escapes.
_PLAIN_MAILBOX: Final = re.compile(
    r'(?:"(?P<quoted>[^"\\\r\n\t]+)"|(?P<bare>[^"\\\r\n\t()<>@,:;.\[\]]+))'
    r" (?P<address><[!-;=?-~]+>)"
)
_MAILBOXES: Final = frozenset({"From", "To", "Reply-To"})


# A local part that stands for itself (RFC 5322 §3.2.3), and what has a name put in quotes.
_PLAIN_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_SPECIALS: Final = frozenset('()<>@,:;.\\"[]\r\n')


def mailbox_text(name: str, address: str) -> str:
    """Give a mailbox as a header shows it: `"Petit, Boris" <boris@example.org>` (RFC 5322 §3.4)."""
    local, at, domain = address.rpartition("@")
    plain = at and _PLAIN_LOCAL.fullmatch(local) and _SPECIALS.isdisjoint(name)
    if plain and name and domain.isprintable():
        return f"{name} <{address}>"  # as nearly all are: the library takes 5 µs
    return _by_library(name, local, domain)


# Owners and servers come back in many letters.
@lru_cache(maxsize=4096)
def _by_library(name: str, local: str, domain: str) -> str:
    return str(Address(display_name=name, username=local, domain=domain))


def literal(value: str) -> str:
    """Give a value in which nothing is decoded by whoever reads it.

    A text that looks like an encoded word (RFC 2047 §2) is, by the standard library before it
    folds: line ends come to light, and a new header with them.
    """
    return value.replace("=?", "= ?")


# Days and months as RFC 5322 §3.3 spells them.
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def date_text(moment: datetime) -> str:
    """Give an aware moment as a header shows it, in UTC (RFC 5322 §3.3).

    As `email.utils.format_datetime`, which takes 8 µs.
    """
    at = moment.astimezone(UTC)
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02} {month} {at.year:04} {at.isoformat()[11:19]} +0000"


def header_line(name: str, value: str, *, utf8: bool = False) -> bytes:
    """Give a header with its CRLF, folded and encoded where it has to be (RFC 2047).

    Raises ValueError where it would end in the middle.
    """
    if value.isascii() and len(name) + 2 + len(value) <= LINE:
        line = f"{name}: {value}\r\n".encode("ascii")
        if value.isprintable():
            return line
    else:
        line = (not utf8 and _by_hand(name, value)) or _folded(name, value, utf8=utf8)
    if _BROKEN.search(line):
        raise ValueError(f"the header {name} would end in the middle")
    return line


def _by_hand(name: str, value: str) -> bytes | None:
    """Give a header whose kind we know; None where it takes a library to read its value."""
    if name in _MAILBOXES:
        return _mailbox_line(name, value)
    if name == "Subject" and not value.isascii() and value.isprintable():
        words = "\r\n ".join(_encoded_words(value, behind=len(name) + 2))
        return f"{name}: {words}\r\n".encode("ascii")
    return None


def _mailbox_line(name: str, value: str) -> bytes | None:
    """Give a header that holds one mailbox."""
    found = _PLAIN_MAILBOX.fullmatch(value)
    if not found:
        return None
    shown, address = found["quoted"] or found["bare"], found["address"]
    if shown.isascii():
        before = f"{name}: {value[: found.start('address') - 1]}"
        return f"{before}\r\n {address}\r\n".encode("ascii") if len(before) <= LINE else None
    before = f"{name}: " + "\r\n ".join(_encoded_words(shown, behind=len(name) + 2))
    last = len(before) - 1 - before.rfind("\n")
    blank = " " if last + 1 + len(address) <= LINE else "\r\n "
    return f"{before}{blank}{address}\r\n".encode("ascii")


def _encoded_words(text: str, *, behind: int) -> Iterator[str]:
    """Give `text` as encoded words, none of which ends within a character (RFC 2047 §5).

    The first stands `behind` so many characters, the others each begin a line with a blank.
    """
    rest = text.encode("utf-8", "replace")
    while rest:
        room = min(LINE - behind, _LONGEST_WORD) - _WORD_FRAME
        end = min(len(rest), room // 4 * 3)
        while end < len(rest) and rest[end] & 0xC0 == 0x80:
            end -= 1
        said = binascii.b2a_base64(rest[:end], newline=False).decode("ascii")
        yield f"=?utf-8?b?{said}?="
        rest, behind = rest[end:], 1


@lru_cache(maxsize=1024)
def known_line(name: str, value: str) -> bytes:
    """Give a header that comes back in many letters, as `header_line` does of a `literal` value."""
    return header_line(name, literal(value))


# From and the thread are the same for everybody who hears of one notice.
@lru_cache(maxsize=4096)
def _folded(name: str, value: str, *, utf8: bool) -> bytes:
    """Fold and encode a long or non-ASCII header as the standard library does."""
    policy = SMTPUTF8 if utf8 else SMTP
    return policy.fold_binary(*policy.header_store_parse(name, value))
