"""What a mail server writes, line by line, made into replies; and the words worth keeping of them.

Every mail is answered in four lines of which three are always the same, so that lines once read are
remembered: reading a new one costs 4 µs, an old one 0.1.
"""

import re
from functools import lru_cache
from typing import Final

from notifier.core.cleaning import clean_line
from notifier.core.replies import Reply

# What is kept of a reply's words: they end up in the ledger (characters).
KEPT_TEXT: Final = 500

# Longer lines are read each time: they are rare, and could fill the memory (bytes).
_REMEMBERED: Final = 120

# RFC 5321 §4.2: three digits, then a hyphen (more to come), a space, or nothing.
_REPLY_LINE: Final = re.compile(rb"[2-5][0-9]{2}(?:[- ].*)?")
_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\s+")


def is_reply(line: bytes) -> bool:
    """Tell whether this is a line of SMTP."""
    return _REPLY_LINE.fullmatch(line) is not None


def one_line(line: bytes) -> Reply | None:
    """Give the reply that is this one line; None if more lines belong to it, or it is not SMTP."""
    return _remembered(line) if len(line) <= _REMEMBERED else _one_line(line)


def _one_line(line: bytes) -> Reply | None:
    line = line.rstrip(b"\r")
    if not is_reply(line) or line[3:4] == b"-":
        return None
    return Reply(int(line[:3]), readable(line[4:])[:KEPT_TEXT])


_remembered: Final = lru_cache(maxsize=128)(_one_line)


def many_lines(lines: list[bytes]) -> Reply:
    """Give the reply in these lines of SMTP, its enhanced code said once; the last line decides."""
    first, *rest = (readable(line[4:]) for line in lines)
    words = [first, *(_ENHANCED.sub("", line, count=1) for line in rest)]
    return Reply(int(lines[-1][:3]), " ".join(filter(None, words))[:KEPT_TEXT])


def readable(line: bytes) -> str:
    """Give what a server wrote as a clean text."""
    return clean_line(line.decode("utf-8", "replace"))
