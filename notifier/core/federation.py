"""Federation: with which servers people here may talk (R43–R46)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

import idna


class Policy(Protocol):
    """The part of the settings that decides."""

    @property
    def mode(self) -> str: ...
    @property
    def whitelist(self) -> tuple[str, ...]: ...
    @property
    def blacklist(self) -> tuple[str, ...]: ...


def blocked_by(server: str | None, policy: Policy, *, home: str) -> str | None:
    """Give the entry that keeps `server` out, or None where it may take part.

    `None` lives nowhere and is never blocked; `home` (or no home set) is not federated (R45).
    In whitelist mode the answer for a server that no entry lets in is "not on the whitelist".
    """
    if server is None or not home or normalised(server) == normalised(home):
        return None
    if policy.mode == "whitelist":
        return None if matching(server, policy.whitelist) else "not on the whitelist"
    if policy.mode == "blacklist":
        return matching(server, policy.blacklist)
    return None


def matching(server: str, masks: Iterable[str]) -> str | None:
    """Give the first mask that covers `server` (R44)."""
    name = normalised(server)
    return next((mask for mask in masks if covers(mask, name)), None)


@lru_cache(maxsize=20_000)
def normalised(name: str) -> str:
    """Give a server name in lower case and A-labels, without a trailing dot (RFC 5891)."""
    plain = name.strip(" .").lower()
    if plain.isascii():
        return plain
    try:
        return idna.encode(plain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return plain


@lru_cache(maxsize=20_000)
def _pieces(mask: str) -> tuple[str, ...]:
    """Give the literal pieces between the stars of a mask, normalised."""
    pieces = re.split(r"\*+", mask.strip(" "))
    if len(pieces) == 1:
        return (normalised(mask),)
    return tuple(_label_piece(piece) for piece in pieces)


def _label_piece(piece: str) -> str:
    """Normalise the labels of a piece and keep its dots: `.exämple` is `.xn--exmple-cua`."""
    return ".".join(normalised(label) if label else "" for label in piece.lower().split("."))


def covers(mask: str, name: str) -> bool:
    """Tell whether a mask covers a normalised name; `*` is one or more characters, dots included.

    Pieces are looked for from left to right, each at its first place: linear in the name.
    """
    pieces = _pieces(mask)
    if len(pieces) == 1:
        return name == pieces[0]
    first, *middle, last = pieces
    if not name.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        found = name.find(piece, at + 1)
        if found < 0:
            return False
        at = found + len(piece)
    return name.endswith(last) and len(name) - len(last) >= at + 1
