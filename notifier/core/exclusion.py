"""Exclusion: who of those in a notice lives on a server that is kept out, and what keeps it out."""

from enum import StrEnum

import msgspec


class Party(StrEnum):
    """The part that somebody plays in a notice (R45)."""

    CALLER = "caller"
    OWNER = "owner"
    RECIPIENT = "recipient"


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """Why federation lets a mail not leave; kept beside it, for lists change."""

    party: Party
    server: str = ""  # some rows were written without one
    by: str = ""  # the mask on the blacklist; in words where no entry does it

    def __str__(self) -> str:
        return f"{self.party} at {self.server}: {self.by}"


def told_beside(reason: str, excluded: Exclusion | None) -> str:
    """Give a reason as people read it: the word, and behind it whom federation keeps out."""
    return f"{reason} ({excluded})" if excluded else reason
