"""mblaze, which reads mail by code of its own: what tree it sees (calendar §1.4)."""

import re
from pathlib import Path
from typing import Final

from tests.judges.unpacking import filed, run

PLAIN: Final = (
    "1: multipart/alternative",
    "  2: text/plain",
    "  3: text/html",
)
WITH_ENTRY: Final = (
    "1: multipart/mixed",
    "  2: multipart/alternative",
    "    3: text/plain",
    "    4: text/html",
    "    5: text/calendar",
    '  6: application/ics name="invite.ics"',
)
# Where the two copies of an entry stand in the tree.
ENTRIES: Final = ("5", "6")


def findings(mail: bytes) -> list[str]:
    """Give one sentence for another tree than those two, or for entries that are not one."""
    with filed(mail) as file:
        tree = _tree(file)
    if tree == PLAIN:
        return []
    if tree != WITH_ENTRY:
        return [f"another tree: {'; '.join(tree)}"]
    found = entries(mail)
    if not all(each.startswith(b"BEGIN:VCALENDAR") for each in found):
        return ["an entry that is no calendar"]
    return ["two different entries"] if len(set(found)) > 1 else []


def entries(mail: bytes) -> list[bytes]:
    """Give the calendar entry from both of its places."""
    with filed(mail) as file:
        return [run("mshow", "-O", file, number) for number in ENTRIES]


def _tree(file: Path) -> tuple[str, ...]:
    """Give the lines of `mshow -t` below the file's own name, without the sizes."""
    said = run("mshow", "-t", file).decode().splitlines()[1:]
    return tuple(re.sub(r" size=\d+", "", line).removeprefix("  ") for line in said)
