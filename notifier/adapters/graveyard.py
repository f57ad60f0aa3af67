"""The stream of entries that were no events: looking at them, and sending them round again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from redis.exceptions import ResponseError

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.places import moment

PAGE: Final = 200


class Buried(msgspec.Struct, frozen=True, kw_only=True):
    """One entry that could not be read: its own id, when, why and where, and its bytes."""

    id: str
    at: datetime
    reason: str
    path: str
    entry: str  # its id in the stream of events
    event: bytes


class RedisGraveyard:
    """Reads and empties `notifier:rejected`."""

    def __init__(self, client: AsyncClient) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client

    async def count(self) -> int:
        """Give how many lie here."""
        return int(await self._client.xlen(keys.REJECTED))

    async def newest(self, limit: int | None) -> list[Buried]:
        """Give the newest first; without a limit, all."""
        found: list[Buried] = []
        last = "+"
        while limit is None or len(found) < limit:
            count = PAGE if limit is None else min(PAGE, limit - len(found))
            page = await self._client.xrevrange(keys.REJECTED, last, "-", count=count)
            found += [_buried(*each) for each in page]
            if len(page) < count:
                break
            last = f"({found[-1].id}"
        return found

    async def one(self, buried_id: str) -> Buried | None:
        """Give one, or None; None as well for what is no id of a stream."""
        try:
            found = await self._client.xrange(keys.REJECTED, buried_id, buried_id)
        except ResponseError:
            return None
        return _buried(*found[0]) if found else None

    async def replay(self, buried: Buried) -> None:
        """Put the bytes into the stream of events again and take them away here, in one step."""
        pipeline = self._client.pipeline(transaction=True)
        pipeline.xadd(keys.EVENTS, {"event": buried.event})
        pipeline.xdel(keys.REJECTED, buried.id)
        await pipeline.execute()


def _buried(entry_id: bytes, fields: Mapping[bytes, bytes]) -> Buried:
    def text(name: bytes) -> str:
        return fields.get(name, b"").decode("utf-8", "replace")

    return Buried(
        id=entry_id.decode(),
        at=moment(entry_id),
        reason=text(b"reason"),
        path=text(b"path"),
        entry=text(b"entry"),
        event=fields.get(b"event", b""),
    )
