"""Federation: with which servers people here may talk (R43–R46)."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final, Literal

import msgspec

from notifier.core.masks import check_mask, matching, normalised
from notifier.core.section import Line, Section

# Why a server is kept out where no entry does it.
NOT_LISTED: Final = "not on the whitelist"
DISABLED: Final = "federation is disabled"

# So many entries a list may have; a settings file stays readable, and a change quick.
MOST_ENTRIES: Final = 20_000


class Entry(Section, frozen=True, omit_defaults=True):
    """A mask with who wanted it, and when it came onto the list."""

    mask: Line
    comment: Line = ""
    added: date | None = None


# A mask alone is an entry without a comment.
Entries = Annotated[tuple[Line | Entry, ...], msgspec.Meta(max_length=MOST_ENTRIES)]


class Federation(Section, frozen=True):
    """With whom we talk (R43)."""

    mode: Literal["disabled", "whitelist", "blacklist"] = "disabled"
    whitelist: Entries = ()
    blacklist: Entries = ()

    def __post_init__(self) -> None:
        for name, entries in (("whitelist", self.whitelist), ("blacklist", self.blacklist)):
            for place, mask in enumerate(masks(entries)):
                try:
                    check_mask(mask)
                except ValueError as fault:
                    raise ValueError(f"`{name}[{place}]`: {fault}") from None


def masks(entries: Iterable[str | Entry]) -> list[str]:
    """Give the masks of a list, in its order."""
    return [each.mask if isinstance(each, Entry) else each for each in entries]


def blocked_by(server: str | None, federation: Federation, *, home: str) -> str | None:
    """Give the entry that keeps `server` out, or None where it may take part (R43, R45).

    `None` lives nowhere and is never blocked; `home` (or no home set) is not federated. Where
    federation is disabled, nobody elsewhere takes part. In that mode and in whitelist mode the
    answer says so in words, since no entry keeps the server out.
    """
    if server is None or not home or normalised(server) == normalised(home):
        return None
    match federation.mode:
        case "whitelist":
            return None if matching(server, masks(federation.whitelist)) else NOT_LISTED
        case "blacklist":
            return matching(server, masks(federation.blacklist))
        case "disabled":
            return DISABLED
