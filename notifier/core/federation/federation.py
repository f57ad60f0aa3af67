"""Federation: with which servers people here may talk (R43–R46)."""

import re
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Final, Literal

import msgspec

from notifier.core.federation.mask_index import Masks
from notifier.core.federation.masks import check_mask, normalised, was_allowed
from notifier.core.section import Line, Section

Mode = Literal["disabled", "whitelist", "blacklist"]

# What decides where no entry does.
NOT_LISTED: Final = {"whitelist": "not on the whitelist", "blacklist": "not on the blacklist"}
DISABLED: Final = "federation is disabled"
AT_HOME: Final = "it is our own domain"
NO_HOME: Final = "no domain is set, so everybody is at home here"
NOWHERE: Final = "people without a server live nowhere"

# RFC 6335 §5.1: the name of a service has at most 15 characters; only TCP is spoken (R39).
_SERVICE: Final = re.compile(r"_[A-Za-z0-9]([A-Za-z0-9-]{0,13}[A-Za-z0-9])?\._tcp", re.IGNORECASE)

# So many entries a list may grow to; a settings file stays readable, and a change quick. One that
# was stored before there was a limit is read whatever its length, and may be shortened.
MOST_ENTRIES: Final = 20_000


class Entry(Section, frozen=True, omit_defaults=True):
    """A mask with who wanted it, and when it came onto the list."""

    mask: Line
    comment: Line = ""
    added: date | None = None


# A mask alone is an entry without a comment.
Entries = tuple[Line | Entry, ...]


class Federation(Section, frozen=True, dict=True):
    """With whom we talk (R43)."""

    mode: Mode = "disabled"
    whitelist: Entries = ()
    blacklist: Entries = ()
    # Where the name of a server has the SRV records of its clients (R47); empty: nobody asks.
    service: Line = "_vcs._tcp"
    # A private CA whose certificates of federated servers are trusted by the test (R47).
    ca_file: Line = ""

    def __post_init__(self) -> None:
        if self.service and not _SERVICE.fullmatch(self.service):
            raise ValueError(
                f"`service` is {self.service[:100]!r}; allowed is a service over TCP as SRV "
                "records have it, such as '_vcs._tcp', or nothing"
            )
        for name, entries in self.lists.items():
            for place, mask in enumerate(masks(entries)):
                if not was_allowed(mask):
                    _check(f"`{name}[{place}]`", mask)

    @property
    def lists(self) -> dict[str, tuple[str | Entry, ...]]:
        """Give both lists by their names."""
        return {"whitelist": self.whitelist, "blacklist": self.blacklist}

    @cached_property
    def heeded(self) -> Masks:
        """Give the masks of the list that the mode heeds, made ready once for these settings."""
        return Masks(masks(self.lists.get(self.mode, ())))


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a server takes part, and what decides it: an entry, or words where none does."""

    admitted: bool
    by: str
    entry: Entry | None = None


# Nearly everybody is at home: a judgement for each of a long list would be the larger part of it.
_NOWHERE: Final = Judgement(admitted=True, by=NOWHERE)
_NO_HOME: Final = Judgement(admitted=True, by=NO_HOME)
_AT_HOME: Final = Judgement(admitted=True, by=AT_HOME)


def masks(entries: Iterable[str | Entry]) -> list[str]:
    """Give the masks of a list, in its order."""
    return [each.mask if isinstance(each, Entry) else each for each in entries]


def check_lists(before: Federation, after: Federation) -> None:
    """Refuse what would not be taken onto a list today; what stood there already may stay.

    Raises ValueError whose words begin with the list and the place.
    """
    for name, entries in after.lists.items():
        _check_length(name, len(before.lists[name]), len(entries))
        there = set(masks(before.lists[name]))
        for place, mask in enumerate(masks(entries)):
            if mask not in there:
                _check(f"{name}[{place}]", mask)


def _check_length(name: str, before: int, after: int) -> None:
    if before < after > MOST_ENTRIES:
        raise ValueError(
            f"{name}: it would have {after} entries, and a list has at most {MOST_ENTRIES}; "
            "take some off, or let one mask stand for many"
        )


def judged(server: str | None, federation: Federation, *, home: str) -> Judgement:
    """Judge whether people of a server and ours may take part in the same things (R43, R45).

    `None` lives nowhere and is never kept out; `home` (or no home set) is not federated. Where
    federation is disabled, nobody elsewhere takes part. Of several entries that cover a server the
    first of the list decides.
    """
    if server is None:
        return _NOWHERE
    if not home:
        return _NO_HOME
    if server == home:
        return _AT_HOME
    name = normalised(server)
    if name == normalised(home):
        return _AT_HOME
    listed = federation.lists.get(federation.mode)
    if listed is None:
        return Judgement(admitted=False, by=DISABLED)
    wanted = federation.mode == "whitelist"
    place = federation.heeded.first(name)
    if place is None:
        return Judgement(admitted=not wanted, by=NOT_LISTED[federation.mode])
    entry = listed[place]
    entry = entry if isinstance(entry, Entry) else Entry(mask=entry)
    return Judgement(admitted=wanted, by=entry.mask, entry=entry)


def _check(path: str, mask: str) -> None:
    try:
        check_mask(mask)
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from None
