"""Files that commands read: named on the command line, or standard input for `-`."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from notifier.cli.event_files import Placed, line_of
from notifier.cli.faults import Failed
from notifier.core.events import Rejected

# How the JSON reader ends a fault whose place it knows.
_BYTE: Final = re.compile(r"\(byte (\d+)\)")


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """Give the bytes of a file, or of standard input for `-`."""
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        source = file.open("rb")
    except OSError as error:
        raise Failed(
            f"{file} cannot be read ({error.strerror}); name a file that is there, or - for a pipe."
        ) from error
    with source:
        yield source


def called(file: Path) -> str:
    """Give what to call a source in a fault."""
    return "standard input" if str(file) == "-" else str(file)


def rejected_line(file: Path, placed: Placed, fault: Rejected) -> str:
    """Say where in the file an event is wrong, and how."""
    byte = _BYTE.search(fault.reason)
    line = line_of(placed, int(byte[1])) if byte else placed.line
    path = f"{fault.path}: " if fault.path else ""
    return f"{called(file)}, line {line}: {path}{fault.reason}"
