"""Masks: the names of servers that an entry of a list covers (R44)."""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import idna

# Letters, digits and hyphens of A-labels, the underscore that some name servers allow, stars.
_MASK: Final = re.compile(r"[a-z0-9_*-]+(\.[a-z0-9_*-]+)*")
_ONLY_NUMBERS: Final = re.compile(r"[0-9.*]*[0-9][0-9.*]*")
# A number as the parts of an IPv4 address are written, decimal or hexadecimal, and masks of such.
_NUMBER: Final = re.compile(r"[0-9*]+|0x[0-9a-f*]*")
_PORT: Final = re.compile(r"[^:]*:[0-9*]*")

# What the domain name system takes, in characters (RFC 1035 §2.3.4).
LONGEST_LABEL: Final = 63
LONGEST_NAME: Final = 253
# Stars need room beside a name; whatever is longer covers nothing that there could be.
LONGEST_MASK: Final = 255
# Nobody can say any more what a mask with more of them covers.
MOST_STARS: Final = 10
# What counts as a dot between labels besides the dot (RFC 3490 §3.1).
_DOTS: Final = str.maketrans("。．｡", "...")
# As much of a wrong entry as a sentence about it quotes (characters).
_QUOTED: Final = 100


def check_mask(mask: str) -> None:
    """Refuse, in one sentence, an entry that is no server name and no mask of names (R44)."""
    if fault := fault_of(mask):
        raise ValueError(
            f"{mask[:_QUOTED]!r} is not allowed: {fault}; allowed are full names of servers and "
            "masks, such as 'conf.example.com' or '*.example.com'"
        )


def fault_of(mask: str) -> str | None:
    """Say, in a clause, why an entry is no server name and no mask of names; None if it is one."""
    text = mask.strip(" ")
    written = next((said for found, said in _FAULTS_AS_WRITTEN if found(text)), None)
    if written:
        return written
    plain = normalised_mask(mask)
    return next((said for found, said in _FAULTS if found(plain)), None)


def was_allowed(mask: str) -> bool:
    """Tell whether a list may hold this since the first version; all else check_mask refuses.

    What is stored must load, also where it would not be taken onto a list today.
    """
    plain = mask
    if not _MASK.fullmatch(mask):
        plain = ".".join(normalised(label) for label in mask.strip(" ").rstrip(".").split("."))
    return not _ONLY_NUMBERS.fullmatch(plain) and _MASK.fullmatch(plain) is not None


@lru_cache(maxsize=20_000)
def normalised(name: str) -> str:
    """Give a server name in lower case and A-labels, without a trailing dot (RFC 5891)."""
    plain = name.strip(" .").lower()
    if plain.isascii():
        return plain
    # Label by label, as masks are: one that no name may have leaves the others comparable.
    return ".".join(map(_a_label, plain.translate(_DOTS).strip(" .").split("."))).strip(" .")


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.encode(label, uts46=True).decode("ascii")
    except idna.IDNAError:
        return label if _is_seen(label) else ""


def _is_seen(label: str) -> bool:
    """Tell whether resolvers keep anything of a label: of one of invisible signs they do not."""
    try:
        return idna.uts46_remap(label) != ""
    except idna.IDNAError:
        return True


def normalised_mask(mask: str) -> str:
    """Give a mask as it is compared: lower case, A-labels, no trailing dot, one star in a row."""
    plain = mask.translate(_DOTS).lstrip(" ").rstrip(" .").lower()
    if "**" in plain:
        plain = re.sub(r"\*+", "*", plain)
    if plain.isascii():
        return plain
    return ".".join(normalised(label) if label else "" for label in plain.split("."))


def pieces_of(mask: str) -> tuple[str, ...]:
    """Give the literal pieces between the stars of a mask, normalised; a name is one piece."""
    return tuple(normalised_mask(mask).split("*"))


_pieces: Final = lru_cache(maxsize=20_000)(pieces_of)


def covers(mask: str, name: str) -> bool:
    """Tell whether a mask covers a normalised name; `*` is any characters or none, dots included.

    So `v*.example.com` covers `v.example.com` too, as a mask for file names would, and
    `*.example.com` does not cover `example.com`, which has no dot in front (R44). Pieces are
    looked for from left to right, each at its first place: linear in the name.
    """
    return fits(_pieces(mask), name)


def fits(pieces: Sequence[str], name: str) -> bool:
    """Tell whether a name begins with the first piece, ends with the last, and has all in order."""
    first, *others = pieces
    if not others:
        return name == first
    *middle, last = others
    at, end = len(first), len(name) - len(last)
    if end < at or not name.startswith(first) or not name.endswith(last):
        return False
    for piece in middle:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


# ---- what is no mask -----------------------------------------------------------------------


def _labels(mask: str) -> list[str]:
    return mask.split(".")


def _unseen(text: str) -> bool:
    return any(
        unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign not in _JOINERS
        for sign in text
    )


# Two that cannot be seen have their place in names of some scripts (RFC 5892 §A.1, §A.2).
_JOINERS: Final = "\u200c\u200d"


def _ipv6(text: str) -> bool:
    address = text.removeprefix("[").partition("]")[0].partition("%")[0]
    try:
        return ipaddress.ip_address(address).version == 6
    except ValueError:
        return "[" in text or text.count(":") > 1


def _ipv4(plain: str) -> bool:
    """Tell whether resolvers would read a number: so they do whatever ends in one (RFC 1123 §2.1).

    `127.1`, `0x7f.1` and `2130706433` are all the same address.
    """
    labels = _labels(plain)
    numbers = [bool(_NUMBER.fullmatch(each)) and each != "*" for each in labels]
    stars_else = all(number or each == "*" for number, each in zip(numbers, labels, strict=True))
    return numbers[-1] or (any(numbers) and stars_else)


def _without_stars(plain: str) -> int:
    return len(plain.replace("*", ""))


_Found = Callable[[str], object]

# In the order in which somebody wants to hear of them: an address is also several other things.
_FAULTS_AS_WRITTEN: Final[tuple[tuple[_Found, str], ...]] = (
    (lambda text: not text.strip("."), "it is empty"),
    (_unseen, "it has a sign that cannot be seen"),
    (lambda text: any(sign.isspace() for sign in text), "it has white space within"),
    (lambda text: "://" in text, "it is a URL, and a list has the name alone"),
    (lambda text: "@" in text, "it has an @, and a list has the server's name behind it alone"),
    (lambda text: "/" in text, "it has a path, and a list has the name alone"),
    (_ipv6, "it is an IP address, and servers are known by their names"),
    (_PORT.fullmatch, "it has a port, and an entry holds for a server on every port"),
)
_FAULTS: Final[tuple[tuple[_Found, str], ...]] = (
    (_ipv4, "it is an IP address, and servers are known by their names"),
    (
        lambda plain: "" in _labels(plain),
        "it has an empty label: two dots in a row, or one in front",
    ),
    (
        lambda plain: any(not each.isascii() and "*" in each for each in _labels(plain)),
        "letters beyond ASCII have a star in their label, and names are compared in punycode",
    ),
    (
        lambda plain: not plain.isascii(),
        "it has letters that no server's name may have (RFC 5892)",
    ),
    (lambda plain: not _MASK.fullmatch(plain), "it has signs other than letters, digits and -"),
    (
        lambda plain: plain.count("*") > MOST_STARS,
        f"it has more than {MOST_STARS} stars",
    ),
    (
        lambda plain: any(each.startswith("-") or each.endswith("-") for each in _labels(plain)),
        "a label begins or ends with a hyphen",
    ),
    (
        lambda plain: any(_without_stars(each) > LONGEST_LABEL for each in _labels(plain)),
        f"a label has more than {LONGEST_LABEL} characters",
    ),
    (
        lambda plain: _without_stars(plain) > LONGEST_NAME,
        f"it has more than {LONGEST_NAME} characters",
    ),
    (lambda plain: len(plain) > LONGEST_MASK, f"it has more than {LONGEST_MASK} characters"),
)
