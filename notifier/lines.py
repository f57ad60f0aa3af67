"""How a log line is written: nothing in it steers a terminal, forges a line, or names a person."""

import json
import logging
import re
import time
import traceback
from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring as _quoted
from typing import Any, Final

from notifier.core.cleaning import INVISIBLE

# Servers quote the recipient in their replies, and publishers' mistakes carry people's addresses.
# It begins where a word begins, or a long word without an @ would be read once for each letter.
_ADDRESS: Final = re.compile(
    r"(?:\"[^\"\s]*\"|(?<![^\s<>\",;:()'])[^\s<>\",;:()'@][^\s<>\",;:()@]*)"
    r"@[^\s<>\"',;:()]+"
)
# Libraries name the server that they talk to as it was given to them, password and all.
_LOGIN: Final = re.compile(r"(?<=://)[^\s\"'<>]*@")

# redis-py quotes what it was to write, which may be what happened to whom.
_COMMAND: Final = re.compile(r"(?<=Command # )(\d+) \(.*\)(?= of pipeline)")

# A line of a log, not a place to keep what a stranger sent (characters).
LONGEST: Final = 2_000


def harmless(text: str) -> str:
    """Give one line without what nobody can see, without addresses and logins (P6)."""
    # What has nothing of all that, as nearly every fact of a million lines, is only looked at.
    if text.isprintable() and "  " not in text and _is_bare(text):
        return text.strip(" ")
    return _bare(" ".join(text.split()))


def block(text: str) -> str:
    """Give a text of several lines; all but the first indented, so that none looks like ours."""
    return "\n    ".join(_bare(line) for line in text.splitlines())


def trail(fault: BaseException) -> str:
    """Say what broke and where, but not in which words: those may hold a name or a letter (P6)."""
    return "\n".join(line for each in _chain(fault) for line in _places(each))


def _is_bare(line: str) -> bool:
    """Tell whether nothing would be taken out of a printable line."""
    return len(line) <= LONGEST and "@" not in line and "Command # " not in line


def _bare(line: str) -> str:
    line = _COMMAND.sub(r"\1", INVISIBLE.sub("", line.replace("\t", " ")))
    line = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
    return _ADDRESS.sub("…@…", _LOGIN.sub("…@", line)) if "@" in line else line


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """Give a fault and those that led to it."""
    known: set[int] = set()
    each: BaseException | None = fault
    while each is not None and id(each) not in known:
        known.add(id(each))
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _places(fault: BaseException) -> Iterator[str]:
    yield f"{type(fault).__module__}.{type(fault).__qualname__}, raised in"
    for frame in traceback.format_tb(fault.__traceback__):
        yield frame.rstrip("\n")


class _Lines(logging.Formatter):
    """What both styles share: the time is UTC, and what went wrong is a block."""

    # How the seconds of a moment are written, with what stands before and behind the milliseconds.
    moment: str

    def __init__(self) -> None:
        super().__init__()
        self._second: tuple[int, str] = (-1, "")  # the latest, and how it is written

    def _when(self, record: logging.LogRecord) -> str:
        """Give the moment of a line; thousands share their second, which is written once."""
        second = int(record.created)
        if self._second[0] != second:
            self._second = (second, time.strftime(self.moment, time.gmtime(second)))
        return f"{self._second[1]}.{int(record.msecs):03d}"

    def _message(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        return message if message.isprintable() and _is_bare(message) else block(message)

    def _wrong(self, record: logging.LogRecord) -> str:
        """Give what went wrong; made anew, as a record keeps what another formatter made of it."""
        found: str = getattr(record, "trail", "")
        if record.exc_info:
            found = self.formatException(record.exc_info)
        return block(found) if found else ""


class TextLines(_Lines):
    """`2026-11-27 15:00:00.123 INFO notifier: accepted delivery=… kind=…`."""

    moment = "%Y-%m-%d %H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        facts: Mapping[str, Any] = getattr(record, "facts", _NONE)
        told = "".join([f" {name}={harmless(str(value))}" for name, value in facts.items()])
        wrong = self._wrong(record)
        line = (
            f"{self._when(record)} {record.levelname} {record.name}: {self._message(record)}{told}"
        )
        return f"{line}\n    {wrong}" if wrong else line


class JsonLines(_Lines):
    """One JSON object a line."""

    moment = "%Y-%m-%dT%H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        facts: Mapping[str, Any] = getattr(record, "facts", _NONE)
        told = [
            f'"time": "{self._when(record)}Z"',
            f'"level": {_quoted(record.levelname)}',
            f'"logger": {_quoted(record.name)}',
            f'"message": {_quoted(self._message(record))}',
            *[f"{_quoted(name)}: {_json(value)}" for name, value in facts.items()],
        ]
        if wrong := self._wrong(record):
            told.append(f'"exception": {_quoted(wrong)}')
        return f"{{{', '.join(told)}}}"


_NONE: Final[Mapping[str, Any]] = {}


def _json(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(harmless(value))
    return json.dumps(value, ensure_ascii=False, default=lambda value: harmless(str(value)))
