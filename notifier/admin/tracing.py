"""Traces in the log: by whose hand it was changed with whom we talk (R43, R44)."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from notifier import log
from notifier.core.federation.federation import Entry, Federation
from notifier.core.federation.list_changes import Changed, between

# By whose hand something is decided.
Hand = Literal["command", "api"]

# So many masks of one change have a line each, which whoever searches for one finds best.
ALONE: Final = 5
# So many are named at all; beyond them, the list itself says more than a log can (masks).
MOST_NAMED: Final = 100
# Half of what a line of the log keeps, so that no mask of a group is cut (characters).
LONGEST_GROUP: Final = 1_000


def trace(hand: Hand, before: Federation, after: Federation, *, revision: int) -> None:
    """Leave lines for the mode, for each entry that is new, gone or altered, and for the order.

    What is not named any more is counted, with the revision of the settings that came of it.
    """
    if after.mode != before.mode:
        log.federation_changed(hand, "mode", before=before.mode, now=after.mode)
    for name, entries in after.lists.items():
        if entries != before.lists[name]:
            _trace_list(hand, name, between(before.lists[name], entries), revision)


def _trace_list(hand: Hand, name: str, changed: Changed, revision: int) -> None:
    acts = {"remove": changed.removed, "add": changed.added, "alter": changed.altered}
    masks = sum(map(len, acts.values()))
    left = MOST_NAMED
    for act, entries in acts.items():
        for named in _named(entries[:left], alone=masks <= ALONE):
            log.federation_changed(hand, act, list=name, **named)
        left -= len(entries[:left])
    if masks > MOST_NAMED:
        log.federation_changed(hand, "more", list=name, masks=masks - MOST_NAMED, revision=revision)
    if changed.reordered:
        log.federation_changed(hand, "order", list=name)


def _named(entries: Iterable[Entry], *, alone: bool) -> Iterator[dict[str, str]]:
    """Give what the lines name: a mask, or several of them."""
    masks = (each.mask for each in entries)
    if alone:
        return ({"mask": mask} for mask in masks)
    return ({"masks": group} for group in _groups(masks))


def _groups(masks: Iterable[str]) -> Iterator[str]:
    """Give masks in texts of a bounded length; one that is longer by itself stands alone."""
    group = ""
    for mask in masks:
        if group and len(group) + len(mask) + 2 > LONGEST_GROUP:
            yield group
            group = ""
        group = f"{group}, {mask}" if group else mask
    if group:
        yield group
