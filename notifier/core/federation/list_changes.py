"""What becomes of a list of masks: an entry more, one less, or many at once.

Two entries are the same where their masks are, whatever their case and script (R44).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from notifier.core.federation.federation import Entry
from notifier.core.federation.mask_lists import as_entry, as_listed
from notifier.core.federation.masks import normalised_mask

Listed = tuple[str | Entry, ...]


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A list as it is to be, and how it came to be so.

    `altered` are entries whose comment or date is another now; `repeated` is how many of what was
    given stood there a second time, and was taken once. `reordered` says that what was there before
    and is there still stands in another order.
    """

    entries: Listed
    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    altered: tuple[Entry, ...] = ()
    repeated: int = 0
    reordered: bool = False


def found(entries: Iterable[str | Entry], mask: str) -> Entry | None:
    """Give the first entry with this mask."""
    name = normalised_mask(mask)
    same = (as_entry(each) for each in entries if normalised_mask(_mask(each)) == name)
    return next(same, None)


def without(entries: Listed, mask: str) -> Changed:
    """Take out each entry with this mask: were one left behind, it would still decide."""
    name = normalised_mask(mask)
    same = [normalised_mask(_mask(each)) == name for each in entries]
    return Changed(
        entries=tuple(each for each, gone in zip(entries, same, strict=True) if not gone),
        removed=tuple(as_entry(each) for each, gone in zip(entries, same, strict=True) if gone),
    )


def joined(entries: Listed, given: Iterable[Entry], *, today: date) -> Changed:
    """Lay entries over a list: what is new comes behind, and what is there stays in its place.

    A comment or a date that is given takes the place of the one before. What is new and has no
    date came today.
    """
    first, repeated = _first_of_each(given)
    known = {normalised_mask(_mask(each)) for each in entries}
    new = tuple(_dated(each, today) for name, each in first.items() if name not in known)
    kept = tuple(_laid_over(each, first.get(normalised_mask(_mask(each)))) for each in entries)
    return Changed(
        entries=(*kept, *map(as_listed, new)),
        added=new,
        altered=_altered(entries, kept),
        repeated=repeated,
    )


def replaced(entries: Listed, given: Iterable[Entry], *, today: date) -> Changed:
    """Let a list be what a file says; what the file does not date keeps its date, or came today."""
    file, repeated = _first_of_each(given)
    known, _ = _first_of_each(map(as_entry, entries))
    since = {name: each.added if (each := known.get(name)) else today for name in file}
    made = tuple(as_listed(_dated(each, since[name])) for name, each in file.items())
    return msgspec.structs.replace(between(entries, made), repeated=repeated)


def between(before: Listed, after: Listed) -> Changed:
    """Say what has become of a list that is another now, however it came to be so."""
    old, _ = _first_of_each(map(as_entry, before))
    new, _ = _first_of_each(map(as_entry, after))
    both = [name for name in new if name in old]
    return Changed(
        entries=after,
        added=tuple(each for name, each in new.items() if name not in old),
        removed=tuple(_gone(before, after)),
        altered=_altered([old[name] for name in both], [new[name] for name in both]),
        reordered=both != [name for name in old if name in new],
    )


def _gone(before: Listed, after: Listed) -> Iterator[Entry]:
    """Give what stood there more often than now: an entry, or one more of the same mask."""
    left = Counter(normalised_mask(_mask(each)) for each in after)
    for each in before:
        name = normalised_mask(_mask(each))
        if not left[name]:
            yield as_entry(each)
        left[name] = max(0, left[name] - 1)


def _mask(listed: str | Entry) -> str:
    return listed.mask if isinstance(listed, Entry) else listed


def _first_of_each(given: Iterable[Entry]) -> tuple[dict[str, Entry], int]:
    """Give each mask's first entry, by its name, and how many others there were."""
    masks = list(given)
    first: dict[str, Entry] = {}
    for each in masks:
        first.setdefault(normalised_mask(each.mask), each)
    return first, len(masks) - len(first)


def _dated(entry: Entry, day: date | None) -> Entry:
    return entry if entry.added else msgspec.structs.replace(entry, added=day)


def _laid_over(listed: str | Entry, given: Entry | None) -> str | Entry:
    if given is None:
        return listed
    entry = as_entry(listed)
    laid = Entry(
        mask=entry.mask,
        comment=given.comment or entry.comment,
        added=given.added or entry.added,
    )
    return listed if laid == entry else laid


def _altered(before: Iterable[str | Entry], after: Iterable[str | Entry]) -> tuple[Entry, ...]:
    """Give those that say something else now than they did."""
    pairs = zip(map(as_entry, before), map(as_entry, after), strict=True)
    return tuple(new for old, new in pairs if old != new)
