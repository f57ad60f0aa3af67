"""Reads and writes reminder offsets: whole minutes with a unit, such as 5m, 90m, 2h, 1d (R14)."""

import re
from collections.abc import Iterable
from typing import Final

MINUTES: Final = {"m": 1, "h": 60, "d": 1440}
LONGEST_OFFSET: Final = 30 * 1440  # minutes: 30 days
MAX_OFFSETS: Final = 4


def offset_minutes(text: str) -> int:
    """The minutes of '90m'; ValueError, in one sentence, for anything but 1 minute to 30 days."""
    shape = re.fullmatch("([0-9]{1,5})([mhd])", text)
    minutes = int(shape[1]) * MINUTES[shape[2]] if shape else 0
    if not 1 <= minutes <= LONGEST_OFFSET:
        raise ValueError(
            f"The reminder offset is {text[:32]!r}, but only whole minutes, hours or days from "
            "1m to 30d are allowed, such as 5m, 2h or 1d."
        )
    return minutes


def offset_text(minutes: int) -> str:
    """The shortest way to write minutes: 90 is '90m', 120 is '2h', 1440 is '1d'."""
    unit = next(unit for unit in "dhm" if minutes % MINUTES[unit] == 0)
    return f"{minutes // MINUTES[unit]}{unit}"


def read_offsets(texts: Iterable[str]) -> tuple[int, ...]:
    """Minutes, farthest first, each once (60m and 1h are the same); ValueError for more than 4."""
    minutes = {offset_minutes(text) for text in texts}
    if len(minutes) > MAX_OFFSETS:
        raise ValueError(
            f"There are {len(minutes)} reminder offsets, but at most {MAX_OFFSETS} are allowed."
        )
    return tuple(sorted(minutes, reverse=True))
