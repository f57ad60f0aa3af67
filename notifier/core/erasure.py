"""Erasing a person: who is meant, where they are spoken of, and what is put in their place."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

import msgspec

from notifier.core.people import MAILTO, Person, canonical

# What stands where somebody was; never longer than what it replaces, so that limits hold.
GONE: Final = "(erased)"
# Begins the key of somebody who was erased; a digest follows, which tells one from another.
STAND_IN: Final = "erased-"

_ADDRESSES: Final = ("email", "directory_email")
_PERSON: Final = frozenset(Person.__struct_fields__)


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """What one person is recognised by: every spelling of the address, and their IDs."""

    addresses: frozenset[str]
    ids: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Everything by which somebody can be named."""
        return self.addresses | self.ids | {MAILTO + each for each in self.addresses}

    def with_ids(self, ids: Iterable[str]) -> "Traces":
        """Add what else the same person is called."""
        return msgspec.structs.replace(self, ids=self.ids | {each.lower() for each in ids})


def traces_of(address: str) -> Traces:
    """Give the traces that an address alone leaves, its domain in letters of any script."""
    spelt = {address.strip().lower(), canonical(address)}
    local, _, domain = canonical(address).rpartition("@")
    with suppress(UnicodeError):
        spelt.add(f"{local}@{domain.encode().decode('idna')}")
    return Traces(addresses=frozenset(spelt))


def erased(key: str) -> bool:
    """Tell whether the person with this key was erased."""
    return key.startswith(STAND_IN)


def is_them(person: Mapping[str, Any], traces: Traces) -> bool:
    """Tell whether this describes the person: by ID, or by having the address."""
    given = person.get("id")
    if isinstance(given, str) and (given.lower() in traces.ids or _mailto(given, traces)):
        return True
    return any(_same(person.get(name), traces) for name in _ADDRESSES)


def ids_in(value: Any, traces: Traces) -> set[str]:
    """Give the IDs that are said of the person anywhere in this JSON value."""
    found: set[str] = set()
    match value:
        case dict():
            given = value.get("id")
            theirs = any(_same(value.get(name), traces) for name in _ADDRESSES)
            if theirs and isinstance(given, str) and given and not given.startswith(MAILTO):
                found.add(given)
            value = value.values()
        case list():
            pass
        case _:
            return found
    return found.union(*(ids_in(each, traces) for each in value))


def without(value: Any, traces: Traces, *, stand_in: str) -> Any:
    """Give this JSON value of ours without the person; what speaks of others stays as it is."""
    match value:
        case str():
            return cleaned(value, traces)
        case list():
            return [without(each, traces, stand_in=stand_in) for each in value]
        case dict() if value.keys() <= _PERSON:
            return {"id": stand_in, "name": GONE} if is_them(value, traces) else value
        case dict():
            kept = _kept(value, traces)
            return {
                name: each if name in kept else without(each, traces, stand_in=stand_in)
                for name, each in value.items()
            }
        case _:
            return value


def cleaned(text: str, traces: Traces) -> str:
    """Give a text without the person's address and IDs."""
    return _pattern(traces).sub(lambda found: GONE[: len(found[0])], text)


def speaks_of(value: Any, traces: Traces) -> bool:
    """Tell whether a JSON value of anybody's names the person."""
    match value:
        case str():
            return _pattern(traces).search(value) is not None
        case list():
            return any(speaks_of(each, traces) for each in value)
        case dict():
            return any(speaks_of(each, traces) for pair in value.items() for each in pair)
        case _:
            return False


def bytes_speak_of(raw: bytes, traces: Traces) -> bool:
    """Tell whether bytes that may be anything name the person, plainly or in JSON's escapes."""
    if _pattern(traces).search(raw.decode("utf-8", "replace")):
        return True
    if b"\\" not in raw:
        return False
    try:
        return speaks_of(msgspec.json.decode(raw), traces)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def may_speak_of(raw: bytes, traces: Traces) -> bool:
    """Tell whether JSON of ours is worth reading: most of it names somebody else.

    Only plain ASCII stands in JSON letter by letter, in one case for all.
    """
    folded = raw.lower()
    return any(
        not name.isascii() or '"' in name or "\\" in name or name.encode() in folded
        for name in _spellings(traces)
    )


def _kept(value: Mapping[str, Any], traces: Traces) -> frozenset[str]:
    """Give the fields that stay: other things refer to an id, and people join by the URL of one."""
    named = "url" in value and speaks_of(value.get("id"), traces)
    return frozenset({"id", "url"}) if named else frozenset({"id"})


def _mailto(given: str, traces: Traces) -> bool:
    return given.startswith(MAILTO) and _same(given.removeprefix(MAILTO), traces)


def _same(address: Any, traces: Traces) -> bool:
    if not isinstance(address, str):
        return False
    plain = address.strip().lower()
    # Taking an address apart costs fifty times as much, and only other scripts need it.
    return plain in traces.addresses or (
        not plain.isascii() and canonical(address) in traces.addresses
    )


@lru_cache(maxsize=64)
def _spellings(traces: Traces) -> tuple[str, ...]:
    names = sorted(traces.addresses | traces.ids)
    return (*names, *(each.replace("@", "%40") for each in names if "@" in each))


@lru_cache(maxsize=64)
def _pattern(traces: Traces) -> re.Pattern[str]:
    """Whole names only: `joanna@x.org` is not `anna@x.org`, nor `anna@x.org.uk`."""
    longest_first = sorted(_spellings(traces), key=len, reverse=True)
    spelt = "|".join(re.escape(each) for each in longest_first)
    return re.compile(rf"(?<![\w.+-])(?:{spelt})(?![\w-]|\.\w)", re.IGNORECASE)
