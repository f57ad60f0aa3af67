"""Refusals: what an administrator asked for and cannot have, in one sentence."""

from collections.abc import Iterable
from difflib import get_close_matches


class NotFound(Exception):
    """What was asked for is not there; names what comes nearest."""


class Impossible(Exception):
    """What was asked for cannot be done to this thing now; says why."""


def not_found(what: str, asked: str, known: Iterable[str]) -> NotFound:
    """Give the refusal of something unknown, with the nearest of what is known."""
    names = list(known)
    close = get_close_matches(asked, names, n=1, cutoff=0.6)
    if close:
        hint = f"did you mean {close[0]}?"
    else:
        hint = f"none of the {len(names)} that are known comes near."
    return NotFound(f"There is no {what} {asked!r}; {hint}")
