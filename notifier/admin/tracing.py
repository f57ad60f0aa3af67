"""Traces in the log: by whose hand it was changed with whom we talk (R43, R44)."""

from typing import Final, Literal

from notifier import log
from notifier.core.federation.federation import Federation
from notifier.core.federation.list_changes import Changed, between

# By whose hand something is decided.
Hand = Literal["command", "api"]

# A log tells who has changed what; of a whole file it tells how much (lines).
MOST_LINES: Final = 5


def trace(hand: Hand, before: Federation, after: Federation) -> None:
    """Leave a line for the mode, and for each entry that is new, gone or altered."""
    if after.mode != before.mode:
        log.federation_changed(hand, "mode", before=before.mode, now=after.mode)
    for name, entries in after.lists.items():
        _trace_list(hand, name, between(before.lists[name], entries))


def _trace_list(hand: Hand, name: str, changed: Changed) -> None:
    acts = {"add": changed.added, "remove": changed.removed, "alter": changed.altered}
    lines = [(act, each.mask) for act, entries in acts.items() for each in entries]
    for act, mask in lines[:MOST_LINES]:
        log.federation_changed(hand, act, list=name, mask=mask)
    if len(lines) > MOST_LINES:
        log.federation_changed(hand, "more", list=name, masks=len(lines) - MOST_LINES)
