"""One conference and its list, as they are remembered, for an administrator who names it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from notifier.adapters.archive import RedisArchive
from notifier.adapters.memory import RedisMemory
from notifier.admin.refusals import Impossible, not_found
from notifier.core.life import Known, Member
from notifier.remembering import BEGINNING

# Among so many ids the one that was meant is looked for.
LOOKED_THROUGH: Final = 5_000


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A conference with every row of its list by key, and the write that it is of."""

    known: Known
    etag: str
    members: Mapping[str, Member]


async def whole(memory: RedisMemory, archive: RedisArchive, conference_id: str) -> Whole:
    """Give a conference and everybody who is or was on its list; raises NotFound and Impossible.

    The etag is read before the list: whoever changes the list meanwhile has changed the etag.
    """
    remembered = (await memory.recall({conference_id: ()}))[conference_id]
    if remembered.unreadable:
        raise Impossible(
            f"The conference {conference_id} is kept in words that this version cannot read "
            f"({remembered.unreadable}); use the version that wrote it, or a newer one."
        )
    if remembered.known is None:
        known = await archive.conference_ids(LOOKED_THROUGH)
        raise not_found("conference", conference_id, known)
    members: dict[str, Member] = {}
    cursor = BEGINNING
    while True:
        some, cursor = await memory.slice(conference_id, cursor=cursor)
        members |= {each.key: each for each in some}
        if cursor == BEGINNING:
            break
    return Whole(known=remembered.known, etag=remembered.etag, members=members)
