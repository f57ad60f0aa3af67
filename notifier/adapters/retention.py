"""Forgets what has been finished and exported for long: deliveries, their notices, their log."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from notifier.adapters import keys
from notifier.adapters.lua_scripts import Part, Scripts
from notifier.adapters.places import unix_time
from notifier.core.delivery import FINAL, State
from notifier.ports.memory import SettingsStore

# Deliveries looked at in one go, and notices: a few milliseconds of Redis.
SLICE: Final = 500
NOTICES: Final = 50
DAY_SECONDS: Final = 86_400
# What was finished so long before the end of the export is surely in it, though the clocks of
# workers and Redis differ by seconds.
MARGIN_SECONDS: Final = 3600


class _Gone(msgspec.Struct, frozen=True, kw_only=True):
    """What was forgotten of one notice."""

    deliveries: int
    notice: bool  # it went with its last delivery
    unread: bool  # its list is to be read on


class Retention:
    """Walks from the oldest notice to the newest, a slice at a time, and begins again."""

    def __init__(self, client: Redis, settings: SettingsStore) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)
        self._settings = settings
        self._rank = 0

    async def forget(self, *, now: float) -> int:
        """Forget one slice of what is old enough at `now` (unix seconds); give how many deliveries.

        What is unfinished stays, whatever its age, and so does everything during a quarantine.
        By a clock that is ahead everything is old: `now` is from a look that found nothing wrong.
        """
        before = await self._before(now)
        if before is None:
            return 0
        # Never by length, and never beyond what an export holds.
        await self._client.xtrim(keys.LOG, minid=f"{int(before * 1000)}-0", approximate=True)
        page = await self._client.zrange(
            keys.NOTICES, self._rank, self._rank + NOTICES - 1, withscores=True
        )
        old = [each.decode() for each, made in page if made <= before]
        forgotten, passed = 0, 0
        for notice in old:
            gone = await self._forget(notice, before)
            forgotten += gone.deliveries
            if gone.unread or forgotten >= SLICE:
                break  # the next round goes on here
            # What is taken away makes those after it move up.
            passed += not gone.notice
        else:
            if len(old) < NOTICES:
                self._rank = passed = 0
        self._rank += passed
        return forgotten

    async def _before(self, now: float) -> float | None:
        """Give the Unix time before which a finished delivery may be forgotten."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.get(keys.EXPORTED)
        pipeline.exists(keys.QUARANTINE)
        exported, quarantined = await pipeline.execute()
        if quarantined or exported is None:
            return None
        days = (await self._settings.current()).ledger.retention_days
        held = unix_time(exported) - MARGIN_SECONDS
        return float(min(now - days * DAY_SECONDS, held))

    async def _forget(self, notice: str, before: float) -> _Gone:
        """Forget what is old of one notice, from the head of its list."""
        ids = [
            each.decode()
            for each in await self._client.lrange(keys.notice_deliveries(notice), 0, SLICE - 1)
        ]
        pipeline = self._client.pipeline(transaction=False)
        for each in ids:
            pipeline.hmget(keys.delivery(each), ["state", "updated", "to"])
        rows = zip(ids, await pipeline.execute(), strict=True)
        args = [part for each, row in rows if _old(row, before) for part in _args(each, row)]
        touched = [
            keys.notice(notice),
            keys.notice_deliveries(notice),
            keys.NOTICES,
            keys.SPREADING,
        ]
        forgotten, gone = await self._scripts.run("forget", touched, [before, notice, *args])
        return _Gone(
            deliveries=forgotten, notice=bool(gone), unread=forgotten > 0 and len(ids) == SLICE
        )


def _old(row: Sequence[bytes | None], before: float) -> bool:
    state, updated, _address = row
    if state is None or updated is None:
        return state is None  # its row is gone, and only its place in the list is left
    return State(state.decode()) in FINAL and float(updated) <= before


def _args(delivery: str, row: Sequence[bytes | None]) -> list[Part]:
    address = row[2].decode() if row[2] else ""
    places = keys.address_places(address, delivery) if address else ()
    indexed = [part for place in places for part in place]
    return [delivery, keys.delivery(delivery), len(places), *indexed]
