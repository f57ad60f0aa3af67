"""Taking a person out of everything that Redis holds, slice by slice, while the service runs."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.erased_deliveries import ErasedDeliveries
from notifier.adapters.erased_streams import ErasedStreams
from notifier.adapters.lua_scripts import Scripts
from notifier.adapters.suppressions import RedisSuppressions, encode_entry
from notifier.adapters.untold_marks import untold_mark
from notifier.core.erasure import (
    STAND_IN,
    Traces,
    bytes_speak_of,
    ids_in,
    is_them,
    may_speak_of,
    speaks_of,
    traces_of,
    without,
)
from notifier.core.people import canonical
from notifier.core.suppression import Suppression

# Conferences, notices and entries read in one go: each is some kilobytes, an event up to 4 MiB.
PAGE: Final = 50
# Rows of one list read, or removed, in one go.
ROWS: Final = 400
# Digits of the digest in a stand-in: it tells one erased person from another, and no more.
_DIGITS: Final = 12

_suppression: Final = msgspec.json.Decoder(Suppression)


class RedisEraser:
    """Erases one person; each pass goes through everything, and may be repeated at any time.

    What is found of the person on the way, such as an ID, is noted in Redis before anything is
    removed: after a crash the next run knows it, although what told it is gone.
    """

    def __init__(self, client: AsyncClient, suppressions: RedisSuppressions, address: str) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)
        self._traces = traces_of(address)
        digest = suppressions.digest(canonical(address))
        self._stand_in = STAND_IN + digest[:_DIGITS]
        self._note = keys.ERASING + digest
        self._began_before = False
        self._streams = ErasedStreams(client)
        self._deliveries = ErasedDeliveries(client, stand_in=self._stand_in)

    @property
    def traces(self) -> Traces:
        """Everything by which the person is recognised, as far as it is known yet."""
        return self._traces

    async def begin(self) -> None:
        """Note that we began, or take up what an earlier run that never ended had found out."""
        noted = await self._client.get(self._note)
        self._began_before = noted is not None
        self._traces = self._traces.with_ids(msgspec.json.decode(noted or b"[]"))
        await self._keep_ids()

    async def end(self, removed: Counter[str]) -> bool:
        """Let the pages of the streams go, and what the person was recognised by.

        Tells whether none is left that events which nobody heard yet share with what was deleted.
        """
        if removed["rejected"] or self._began_before:
            await self._streams.copy_rejected()
        clear = not (removed["events"] or self._began_before) or await self._streams.drop_applied()
        await self._client.delete(self._note)
        return clear

    async def once(self) -> Counter[str]:
        """Go through everything once; give what was done by place.

        Notices come before their deliveries, and lists before both: what is planned meanwhile is
        found behind us, or by the next pass.
        """
        done: Counter[str] = Counter()
        known = len(self._traces.ids)
        async for some in self._conferences():
            done += await self._of_conferences(some)
            for each in some:
                done["lists"] += await self._of_list(each)
        async for some in self._notices():
            done += await self._of_notices(some)
        done["rejected"] = await self._streams.rejected(self._traces)
        done += await self._streams.events(self._traces)
        done["suppressions"] = await self._of_suppressions()
        done["found out"] = len(self._traces.ids) - known
        return +done

    async def _learn(self, values: Iterable[Any]) -> None:
        found = {each for value in values for each in ids_in(value, self._traces)}
        news = self._traces.with_ids(found)
        if news != self._traces:
            self._traces = news
            await self._keep_ids()

    async def _keep_ids(self) -> None:
        await self._client.set(self._note, msgspec.json.encode(sorted(self._traces.ids)))

    async def _read(self, texts: Mapping[str, bytes]) -> dict[str, Any]:
        """Give those JSON values that name the person; learn from them."""
        found = {
            name: msgspec.json.decode(text)
            for name, text in texts.items()
            if may_speak_of(text, self._traces)
        }
        await self._learn(found.values())
        return {name: each for name, each in found.items() if speaks_of(each, self._traces)}

    # ---- conferences and their lists -----------------------------------------------------------

    async def _conferences(self) -> AsyncIterator[list[str]]:
        cursor = -1
        while cursor != 0:
            cursor, found = await self._client.sscan(
                keys.CONFERENCES, cursor=max(cursor, 0), count=PAGE
            )
            yield [each.decode() for each in found]

    async def _of_conferences(self, ids: Sequence[str]) -> Counter[str]:
        pipeline = self._client.pipeline(transaction=False)
        for each in ids:
            pipeline.hmget(keys.conference(each), ["known", "etag"])
        records = dict(zip(ids, await pipeline.execute(), strict=True))
        found = await self._read({each: known for each, (known, _etag) in records.items() if known})
        done: Counter[str] = Counter()
        for each, known in found.items():
            left = without(known, self._traces, stand_in=self._stand_in)
            done["named after them"] += speaks_of(each, self._traces)
            if left != known:
                etag = records[each][1] or b"0"
                done["conferences"] += await self._scripts.run(
                    "reword",
                    [keys.conference(each)],
                    [etag, msgspec.json.encode(left), uuid4().hex],
                )
                # Somebody who wrote it meanwhile sends us round again.
                done["changed"] += 1
        return done

    async def _of_list(self, conference: str) -> int:
        removed, cursor = 0, -1
        while cursor != 0:
            cursor, rows = await self._client.hscan(
                keys.members(conference), cursor=max(cursor, 0), count=ROWS
            )
            found = await self._read({key.decode(): row for key, row in rows.items()})
            theirs = [key for key, row in found.items() if is_them(row["person"], self._traces)]
            if theirs:
                await self._unmark(conference, theirs)
                removed += await self._client.hdel(keys.members(conference), *theirs)
        return removed

    async def _unmark(self, conference: str, people: Sequence[str]) -> None:
        """Let go of what says that nothing has reached them yet, in any life of a conference."""
        known = await self._client.hget(keys.conference(conference), "known")
        lives = msgspec.json.decode(known).get("generation", 1) if known else 1
        marks = [untold_mark(each, former) for each in people for former in range(lives)]
        await self._client.srem(keys.untold(conference), *marks)

    # ---- notices and their deliveries ----------------------------------------------------------

    async def _notices(self) -> AsyncIterator[list[str]]:
        cursor = -1
        while cursor != 0:
            cursor, found = await self._client.zscan(
                keys.NOTICES, cursor=max(cursor, 0), count=PAGE
            )
            yield [each.decode() for each, _score in found]

    async def _of_notices(self, ids: Sequence[str]) -> Counter[str]:
        done: Counter[str] = Counter()
        if not ids:
            return done
        texts = await self._client.mget([keys.notice(each) for each in ids])
        found = await self._read(
            {each: text for each, text in zip(ids, texts, strict=True) if text}
        )
        for each, notice in found.items():
            left = without(notice, self._traces, stand_in=self._stand_in)
            if left != notice:
                # One that is retired meanwhile stays so.
                await self._client.set(keys.notice(each), msgspec.json.encode(left), xx=True)
                done["notices"] += 1
        for each in ids:
            done += await self._deliveries.of_notice(each, self._traces)
        return done

    # ---- suppressions --------------------------------------------------------------------------

    async def _of_suppressions(self) -> int:
        """Leave the digest: the address still gets no mail, and nobody can read whose it is."""
        changed, cursor = 0, -1
        while cursor != 0:
            cursor, rows = await self._client.hscan(
                keys.SUPPRESSION_ENTRIES, cursor=max(cursor, 0), count=ROWS
            )
            for digest, text in rows.items():
                if bytes_speak_of(text, self._traces):
                    entry = msgspec.structs.replace(
                        _suppression.decode(text), address="", reason=""
                    )
                    await self._client.hset(keys.SUPPRESSION_ENTRIES, digest, encode_entry(entry))
                    changed += 1
        return changed
