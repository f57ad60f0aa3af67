"""What looks wrong about the lists of federation, and is not refused: one sentence for each sort.

A sentence says what was found and, behind the last `; `, what to do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Final

import msgspec

from notifier.core.federation.federation import Federation, masks
from notifier.core.federation.mask_index import Masks
from notifier.core.federation.masks import normalised, normalised_mask
from notifier.core.federation.scripts import mixed, with_punycode

# So many of one sort are named; the rest are counted.
NAMED: Final = 3
# Stands for what a star of a mask covers: a sign that no name has, and so only a star can cover.
_ANYTHING: Final = "\0"


class Sort(StrEnum):
    """What can be wrong with a list, in the order in which it is told."""

    EMPTY = "empty"
    EVERYBODY = "everybody"
    HOME = "home"
    MIXED = "mixed"
    DOUBLE = "double"
    COVERED = "covered"
    FOREIGN = "foreign"
    UNDERSCORE = "underscore"


# What changes who takes part, or may be somebody's trick; the rest is untidy.
WEIGHTY: Final = frozenset({Sort.EMPTY, Sort.EVERYBODY, Sort.HOME, Sort.MIXED})


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing about one list: the entry as it is named in a sentence, '' if it is the list."""

    sort: Sort
    list: str
    entry: str = ""


def findings(
    federation: Federation, *, home: str, lists: Sequence[str] = ("whitelist", "blacklist")
) -> list[Finding]:
    """Give everything that looks wrong about lists, in a time that grows with their length."""
    found: list[Finding] = []
    for name in lists:
        listed = masks(federation.lists.get(name, ()))
        plain = [normalised_mask(each) for each in listed]
        written = dict(zip(reversed(plain), reversed(listed), strict=True))
        if name == federation.mode == "whitelist" and not listed:
            found.append(Finding(sort=Sort.EMPTY, list=name))
        for sort, look in _LOOKS.items():
            entries = look(plain, written, normalised(home))
            found += (Finding(sort=sort, list=name, entry=each) for each in entries)
    return sorted(found, key=lambda each: (each.list, list(Sort).index(each.sort)))


def news(before: Iterable[Finding], after: Iterable[Finding]) -> list[Finding]:
    """Give what somebody who changed a list wants to hear: what is new, and what weighs."""
    there = frozenset(before)
    return [each for each in after if each.sort in WEIGHTY or each not in there]


def sentences(found: Iterable[Finding]) -> list[str]:
    """Give one sentence for all findings of a sort about a list."""
    groups = groupby(found, key=lambda each: (each.list, each.sort))
    return [
        _SENTENCES[sort].format(
            list=name, entries=_named([each.entry for each in some]), everybody=_EVERYBODY[name]
        )
        for (name, sort), some in groups
    ]


def _named(entries: Sequence[str]) -> str:
    """Name the first few, and count the others."""
    more = len(entries) - NAMED
    return f"{', '.join(entries[:NAMED])}{f' and {more} more' if more > 0 else ''}"


# What a list means that covers every server.
_EVERYBODY: Final = {
    "whitelist": "everybody is let in, as by the mode blacklist with an empty list",
    "blacklist": "nobody who lives elsewhere is let in, as by the mode disabled",
}
_SENTENCES: Final[Mapping[Sort, str]] = {
    Sort.EMPTY: (
        "the mode is whitelist and the {list} is empty, so nobody who lives elsewhere takes part; "
        "put servers on it, or choose another mode"
    ),
    Sort.EVERYBODY: (
        "the {list} has {entries}, which covers every server, so {everybody}; take it off, or "
        "choose that instead"
    ),
    Sort.HOME: (
        "the {list} has {entries}, the domain of this server: people here are at home whatever a "
        "list says; take it off if it was meant for them, and name other servers one by one"
    ),
    Sort.MIXED: (
        "the {list} has names whose letters are of several scripts, as those of look-alikes are: "
        "{entries}; make sure that each is the name of the server that is meant"
    ),
    Sort.DOUBLE: (
        "the {list} has entries more than once: {entries}; the first of them decides, take the "
        "others off"
    ),
    Sort.COVERED: (
        "the {list} has entries that others make useless, since those cover all that they cover: "
        "{entries}; take off the ones or the others"
    ),
    Sort.FOREIGN: (
        "the {list} has names beyond ASCII, which are compared in punycode: {entries}; make sure "
        "that each is the name of the server that is meant"
    ),
    Sort.UNDERSCORE: (
        "the {list} has names with an underscore, which hardly any server's name has: {entries}; "
        "look at how they are spelt"
    ),
}


# Given the masks as they are compared, each with the first spelling that it has on the list, and
# the domain that is at home here: the entries of a sort, as they are named in its sentence.
_Look = Callable[[Sequence[str], Mapping[str, str], str], Iterable[str]]


def _everybody(_plain: Sequence[str], written: Mapping[str, str], _home: str) -> list[str]:
    return ["'*'"] if "*" in written else []


def _home(plain: Sequence[str], written: Mapping[str, str], home: str) -> list[str]:
    place = Masks(plain).first(home) if home and "*" not in written else None
    return [] if place is None else [f"{written[plain[place]]!r}, which covers {home!r}"]


def _mixed(plain: Sequence[str], written: Mapping[str, str], _home: str) -> Iterator[str]:
    for each in _beyond_ascii(plain, written):
        if scripts := mixed(each):
            yield f"{with_punycode(each)}, {' and '.join(scripts)}"


def _double(plain: Sequence[str], written: Mapping[str, str], _home: str) -> list[str]:
    return [repr(written[each]) for each, count in Counter(plain).items() if count > 1]


def _covered(plain: Sequence[str], written: Mapping[str, str], _home: str) -> Iterator[str]:
    """Look for each mask whether another covers whatever it covers; a star alone covers all."""
    once = [] if "*" in written else list(dict.fromkeys(plain))
    forwards, backwards = Masks(once), Masks(reversed(once))
    for mask in once:
        words = mask.replace("*", _ANYTHING)
        first, last = forwards.first(words), backwards.first(words)
        assert first is not None, "a mask covers its own words"
        assert last is not None, "a mask covers its own words"
        others = [each for each in (once[first], once[-1 - last]) if each != mask]
        if others:
            yield f"{written[mask]!r} by {written[others[0]]!r}"


def _foreign(plain: Sequence[str], written: Mapping[str, str], _home: str) -> list[str]:
    return [with_punycode(each) for each in _beyond_ascii(plain, written) if not mixed(each)]


def _underscore(plain: Sequence[str], written: Mapping[str, str], _home: str) -> list[str]:
    return [repr(written[each]) for each in dict.fromkeys(plain) if "_" in each]


def _beyond_ascii(plain: Sequence[str], written: Mapping[str, str]) -> list[str]:
    return [written[each] for each in dict.fromkeys(plain) if "xn--" in each]


_LOOKS: Final[Mapping[Sort, _Look]] = {
    Sort.EVERYBODY: _everybody,
    Sort.HOME: _home,
    Sort.MIXED: _mixed,
    Sort.DOUBLE: _double,
    Sort.COVERED: _covered,
    Sort.FOREIGN: _foreign,
    Sort.UNDERSCORE: _underscore,
}
