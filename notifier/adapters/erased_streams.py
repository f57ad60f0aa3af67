"""Taking a person out of the streams, of which Redis only marks what is deleted.

An entry that is deleted stays in its page of the stream, and so in Redis's files, until the whole
page goes. The stream of events is cut behind what was applied; that of rejected entries is copied.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.lua_scripts import Scripts
from notifier.adapters.places import BEGINNING, order
from notifier.core.erasure import Traces, bytes_speak_of

# Entries read or written in one go: an event may have 4 MiB, but hardly any has a hundredth of it.
PAGE: Final = 50
# Entries that are dropped in one go; a page of a stream has a hundred at most.
DROPPED: Final = 1000
# An event that comes in at this very moment shares its page with what was deleted: so often, and
# after so many seconds each, the stream is cut once more.
CUTS: Final = 10
CUT_AGAIN: Final = 0.2


class ErasedStreams:
    """Goes through events and rejected entries."""

    def __init__(self, client: AsyncClient) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)

    async def rejected(self, traces: Traces) -> int:
        """Delete rejected entries that name the person."""
        removed = 0
        async for some in self._entries(keys.REJECTED):
            theirs = [each for each, fields in some if _in(fields, traces)]
            if theirs:
                removed += await self._client.xdel(keys.REJECTED, *theirs)
        return removed

    async def events(self, traces: Traces) -> Counter[str]:
        """Delete what was applied; what was not must be heard first, or others would go without."""
        done: Counter[str] = Counter()
        unheard = await self._first_unapplied()
        async for some in self._entries(keys.EVENTS):
            theirs = [each for each, fields in some if _in(fields, traces)]
            applied = [each for each in theirs if order(each) < order(unheard)]
            done["events not heard yet"] += len(theirs) - len(applied)
            if applied:
                done["events"] += await self._client.xdel(keys.EVENTS, *applied)
        return done

    async def drop_applied(self) -> bool:
        """Drop every event that was applied; tell whether that left no page behind."""
        for _cut in range(CUTS):
            first = await self._first_unapplied()
            while await self._client.xtrim(
                keys.EVENTS, minid=first, approximate=True, limit=DROPPED
            ):
                pass
            await self._client.xtrim(keys.EVENTS, minid=first, approximate=False)
            if not await self._client.xlen(keys.EVENTS):
                return True
            await asyncio.sleep(CUT_AGAIN)
        return False

    async def copy_rejected(self) -> None:
        """Put a copy of the rejected entries in their place, under the same ids."""
        last = b""
        while not last or not await self._scripts.run(
            "swap_rejected", [keys.REJECTED, keys.REJECTED_COPY], [last]
        ):
            last = await self._copied()

    async def _copied(self) -> bytes:
        """Copy all there is; give the id of the last entry."""
        await self._client.delete(keys.REJECTED_COPY)
        last = BEGINNING.encode()
        async for some in self._entries(keys.REJECTED):
            pipeline = self._client.pipeline(transaction=False)
            for each, fields in some:
                pipeline.xadd(keys.REJECTED_COPY, fields, id=each)
            await pipeline.execute()
            last = some[-1][0]
        return last

    async def _first_unapplied(self) -> bytes:
        """Give the id before which everything was applied, whether such an entry exists or not."""
        if not await self._client.exists(keys.EVENTS):
            return BEGINNING.encode()
        # Others may read along in a group of their own: what they have read says nothing of us.
        groups = {each["name"]: each for each in await self._client.xinfo_groups(keys.EVENTS)}
        group = groups.get(keys.GROUP.encode())
        if group is None:
            return BEGINNING.encode()
        pending = (await self._client.xpending(keys.EVENTS, keys.GROUP))["min"]
        milliseconds, number = order(group["last-delivered-id"])
        return pending or f"{milliseconds}-{number + 1}".encode()

    async def _entries(
        self, stream: str
    ) -> AsyncIterator[list[tuple[bytes, Mapping[bytes, bytes]]]]:
        after = b"-"
        while some := await self._client.xrange(stream, after, "+", count=PAGE):
            yield some
            after = b"(" + some[-1][0]


def _in(fields: Mapping[bytes, bytes], traces: Traces) -> bool:
    return any(bytes_speak_of(each, traces) for pair in fields.items() for each in pair)
