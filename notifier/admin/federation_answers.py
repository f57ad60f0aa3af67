"""Answers about the lists of federation, as commands print and the API gives them (R43–R48).

What a field means stands beside it, so that the API's description has it too.
"""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from notifier.core.federation.federation import Mode

Revision = Annotated[int, Meta(description="The revision of the settings that is in force.")]
Warnings = Annotated[
    tuple[str, ...], Meta(description="What looks wrong about the lists; a sentence for each sort.")
]
ModeInForce = Annotated[Mode, Meta(description="Who takes part (R43).")]


class ListedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as everybody may see it."""

    mask: Annotated[str, Meta(description="The mask, or the name of a server, as it was given.")]
    normalised: Annotated[
        str, Meta(description="The mask as it is compared: lower case, A-labels (R44).")
    ]
    comment: Annotated[str, Meta(description="Who wanted it and why, or empty.")]
    added: Annotated[
        date | None, Meta(description="The day (UTC) when it came onto the list, where known.")
    ]


Entries = tuple[ListedEntry, ...]


class FederationShown(msgspec.Struct, frozen=True, kw_only=True):
    """With whom we talk: the mode, who is at home, and both lists in their order."""

    mode: ModeInForce
    home: Annotated[
        str, Meta(description="[server] domain; where it is empty, everybody is at home.")
    ]
    whitelist: Annotated[Entries, Meta(description="Its entries, in their order.")]
    blacklist: Annotated[Entries, Meta(description="Its entries, in their order.")]
    warnings: Warnings


class ListChange(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a list, how long it is now, and what looks wrong about it.

    Where nothing changed, the revision is the one that was in force already.
    """

    list: Annotated[str, Meta(description="Which list: whitelist or blacklist.")]
    entries: Annotated[int, Meta(description="How many entries it has now.")]
    added: Annotated[Entries, Meta(description="What is new on it.")]
    removed: Annotated[Entries, Meta(description="What is off it.")]
    altered: Annotated[
        Entries, Meta(description="What has another comment, date or spelling than before.")
    ]
    repeated: Annotated[
        int, Meta(description="How much of what was given stood there more than once.")
    ]
    reordered: Annotated[
        bool, Meta(description="Whether what stayed stands in another order than before.")
    ]
    revision: Revision
    warnings: Warnings


class ModeChange(msgspec.Struct, frozen=True, kw_only=True):
    """The mode that is in force now, whether it was another, and what looks wrong about it."""

    mode: ModeInForce
    changed: Annotated[bool, Meta(description="Whether it was another before.")]
    revision: Revision
    warnings: Warnings


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """Whether calls with a server are allowed here, and what decides it (R43–R45)."""

    server: Annotated[str, Meta(description="The server as it was named.")]
    name: Annotated[
        str, Meta(description="The server as names are compared: lower case, A-labels.")
    ]
    admitted: Annotated[
        bool, Meta(description="Whether our side allows it; the other side decides for itself.")
    ]
    mode: ModeInForce
    because: Annotated[
        str, Meta(description="The mask that decides, or in words why none does; for people.")
    ]
    entry: Annotated[
        ListedEntry | None, Meta(description="The entry that decides, where one does.")
    ]
