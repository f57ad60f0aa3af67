"""Masks: the names of servers that an entry of a list covers (R44)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import idna

# Letters, digits and hyphens of A-labels, the underscore that some name servers allow, stars.
_MASK: Final = re.compile(r"[a-z0-9_*-]+(\.[a-z0-9_*-]+)*")


def check_mask(mask: str) -> None:
    """Refuse, in one sentence, an entry that is no server name and no mask of names (R44)."""
    plain = ".".join(normalised(label) for label in mask.strip(" ").rstrip(".").split("."))
    address = re.fullmatch("[0-9.*]*[0-9][0-9.*]*", plain)
    if address or not _MASK.fullmatch(plain):
        raise ValueError(
            f"{mask[:100]!r} is not allowed; allowed are full names of servers and masks, such as "
            "'conf.example.com' or '*.example.com', and no IP addresses"
        )


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


def normalised_mask(mask: str) -> str:
    """Give a mask as it is compared: two that are the same here cover the same names."""
    return "*".join(_pieces(mask))


@lru_cache(maxsize=20_000)
def _pieces(mask: str) -> tuple[str, ...]:
    """Give the literal pieces between the stars of a mask, normalised."""
    pieces = re.split(r"\*+", mask.strip(" ").rstrip("."))
    if len(pieces) == 1:
        return (normalised(mask),)
    return tuple(_label_piece(piece) for piece in pieces)


def _label_piece(piece: str) -> str:
    """Normalise the labels of a piece and keep its dots: `.exämple` is `.xn--exmple-cua`."""
    return ".".join(normalised(label) if label else "" for label in piece.lower().split("."))


def covers(mask: str, name: str) -> bool:
    """Tell whether a mask covers a normalised name; `*` is any characters or none, dots included.

    So `v*.example.com` covers `v.example.com` too, as a mask for file names would, and
    `*.example.com` does not cover `example.com`, which has no dot in front (R44). Pieces are
    looked for from left to right, each at its first place: linear in the name.
    """
    pieces = _pieces(mask)
    if len(pieces) == 1:
        return name == pieces[0]
    first, *middle, last = pieces
    if not name.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        found = name.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return name.endswith(last) and len(name) - len(last) >= at


def matching(server: str, masks: Iterable[str]) -> str | None:
    """Give the first mask that covers `server` (R44)."""
    name = normalised(server)
    return next((mask for mask in masks if covers(mask, name)), None)
