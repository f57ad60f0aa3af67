"""Taking a person out of deliveries, and out of the index that finds them by address."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.lua_scripts import Scripts
from notifier.core.delivery import State
from notifier.core.erasure import Traces, cleaned, is_them, speaks_of
from notifier.core.people import MAILTO
from notifier.core.reasons import Reason

# Deliveries that one script goes through: far below 50 ms.
SLICE: Final = 200

_FIELDS: Final = ("key", "to", "name", "why", "state")


class _Row(msgspec.Struct):
    """As much of a delivery as tells whether it is the person's, and what of it may stay."""

    id: str
    key: str = ""
    to: str = ""
    name: str = ""
    why: str = ""
    state: str = ""


class ErasedDeliveries:
    """Goes through the deliveries of notices."""

    def __init__(self, client: AsyncClient, *, stand_in: str) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)
        self._stand_in = stand_in

    async def of_notice(self, notice_id: str, traces: Traces) -> Counter[str]:
        """Take the person out of the deliveries of one notice; give what was done."""
        done: Counter[str] = Counter()
        start = 0
        while ids := await self._client.lrange(
            keys.notice_deliveries(notice_id), start, start + SLICE - 1
        ):
            done += await self._some([each.decode() for each in ids], traces)
            start += SLICE
        return done

    async def _some(self, ids: Sequence[str], traces: Traces) -> Counter[str]:
        pipeline = self._client.pipeline(transaction=False)
        for each in ids:
            pipeline.hmget(keys.delivery(each), _FIELDS)
        rows = [
            _row(each, fields) for each, fields in zip(ids, await pipeline.execute(), strict=True)
        ]
        theirs = [row for row in rows if _theirs(row, traces)]
        done = Counter(index=await self._unindex(theirs))
        done["stopped"] = await self._erase(theirs, traces)
        done["deliveries"] = len(theirs)
        done["replies"] = await self._reword(rows, theirs, traces)
        # The answer to what is behind the fence is not known yet, and may quote the address.
        done["on the way"] = sum(
            row.state == State.IN_DATA and (row in theirs or row.key == self._stand_in)
            for row in rows
        )
        return done

    async def _unindex(self, rows: Sequence[_Row]) -> int:
        """Take deliveries out of the index of addresses; before the address is gone."""
        pipeline = self._client.pipeline(transaction=False)
        for row in rows:
            for index, entry in keys.address_places(row.to, row.id) if row.to else ():
                pipeline.lrem(index, 1, entry)
        return sum(await pipeline.execute())

    async def _erase(self, rows: Sequence[_Row], traces: Traces) -> int:
        if not rows:
            return 0
        words = [part for row in rows for part in (row.id, cleaned(row.why, traces))]
        return int(
            await self._scripts.run(
                "erase",
                [keys.READY, keys.LATER, keys.HINTED, keys.LEASES, keys.COUNTERS, keys.LOG],
                [keys.delivery(""), self._stand_in, Reason.ERASED, *words],
            )
        )

    async def _reword(self, rows: Sequence[_Row], theirs: Sequence[_Row], traces: Traces) -> int:
        """Take the address out of what servers said: to others, or after the person was erased."""
        spoken_of = [row for row in rows if row not in theirs and speaks_of(row.why, traces)]
        pipeline = self._client.pipeline(transaction=False)
        for row in spoken_of:
            pipeline.hset(keys.delivery(row.id), "why", cleaned(row.why, traces))
        await pipeline.execute()
        return len(spoken_of)


def _row(delivery_id: str, fields: Sequence[bytes | None]) -> _Row:
    texts = [(each or b"").decode() for each in fields]
    return _Row(delivery_id, *texts)


def _theirs(row: _Row, traces: Traces) -> bool:
    if row.key.startswith(MAILTO) or row.to:
        return is_them({"id": row.key, "email": row.to}, traces)
    return is_them({"id": row.key}, traces)
