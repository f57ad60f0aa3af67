"""Looking things up in what was decided and delivered; nothing is written here."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.address_index import indexed
from notifier.adapters.connection import AsyncClient
from notifier.adapters.ledger import RedisLedger
from notifier.core.delivery import Delivery, State
from notifier.core.notice import Kind, Notice

# Notices and deliveries fetched in one round trip: a few hundred kilobytes.
PAGE: Final = 200
BATCH: Final = 500


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to see of the deliveries; what is None does not matter."""

    conference: str | None = None
    recipient: str | None = None
    kind: Kind | None = None
    state: State | None = None


class _Called(msgspec.Struct):
    id: str


class _Head(msgspec.Struct):
    """As much of a notice as tells whether it is asked for: most of it need not be read."""

    kind: str
    conference: _Called | None = None


_head: Final = msgspec.json.Decoder(_Head)
_notice: Final = msgspec.json.Decoder(Notice)


class RedisArchive:
    """Walks from the newest notice to the oldest, or straight to an address."""

    def __init__(self, client: AsyncClient) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._ledger = RedisLedger(client)

    async def deliveries(self, asked: Asked) -> AsyncIterator[Delivery]:
        """Give the deliveries that are asked for, those of the newest notice first."""
        found = False
        if asked.recipient:
            async for delivery in self._addressed(asked.recipient):
                found = True
                if fits(delivery, asked):
                    yield delivery
        if not found:
            async for delivery in self._walk(asked):
                if fits(delivery, asked):
                    yield delivery

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """Give one delivery."""
        found = await self._ledger.deliveries([delivery_id])
        return found[0] if found else None

    async def notice(self, notice_id: str) -> Notice | None:
        """Give the notice that a delivery tells."""
        text = await self._client.get(keys.notice(notice_id))
        return _notice.decode(text) if text else None

    async def seen(self, event_key: str) -> bool:
        """Tell whether an event was applied already."""
        return await self._client.zscore(keys.SEEN, event_key) is not None

    async def existing(self, delivery_ids: Sequence[str]) -> set[str]:
        """Give those of the deliveries that were planned already."""
        pipeline = self._client.pipeline(transaction=False)
        for each in delivery_ids:
            pipeline.exists(keys.delivery(each))
        answers = await pipeline.execute()
        return {each for each, there in zip(delivery_ids, answers, strict=True) if there}

    async def states(self, limit: int) -> Counter[State]:
        """Count the states of the newest deliveries."""
        pipeline = self._client.pipeline(transaction=False)
        for each in await self.newest_ids(limit):
            pipeline.hget(keys.delivery(each), "state")
        return Counter(State(each.decode()) for each in await pipeline.execute() if each)

    async def newest_ids(self, limit: int) -> list[str]:
        """Give the ids of some of the newest deliveries, to find the one that was meant."""
        found: list[str] = []
        async for notice in self._notices(Asked()):
            found += _texts(await self._client.lrange(keys.notice_deliveries(notice), 0, limit))
            if len(found) >= limit:
                break
        return list(dict.fromkeys(found))[:limit]

    async def conference_ids(self, limit: int) -> list[str]:
        """Give the ids of some conferences, to find the one that was meant."""
        found: list[str] = []
        async for each in self._client.sscan_iter(keys.CONFERENCES, count=PAGE):
            found.append(each.decode())
            if len(found) >= limit:
                break
        return found

    async def _addressed(self, recipient: str) -> AsyncIterator[Delivery]:
        """Give what went to one address, by the index of addresses; the newest first."""
        ids = await indexed(self._client, recipient)
        for some in _batches(ids[::-1]):
            for delivery in await self._ledger.deliveries(some):
                if delivery.recipient.address.lower() == recipient.lower():
                    yield delivery

    async def _walk(self, asked: Asked) -> AsyncIterator[Delivery]:
        async for notice in self._notices(asked):
            ids = _texts(await self._client.lrange(keys.notice_deliveries(notice), 0, -1))
            for some in _batches(ids):
                for delivery in await self._ledger.deliveries(some):
                    # One that was reworded stands in the lists of both notices.
                    if delivery.notice == notice:
                        yield delivery

    async def _notices(self, asked: Asked) -> AsyncIterator[str]:
        """Give the notices that are asked for, the newest first.

        Pages are counted from the oldest end: a notice that is decided meanwhile moves none of
        those that are still to come.
        """
        rest = await self._client.zcard(keys.NOTICES)
        while rest > 0:
            first = max(0, rest - PAGE)
            page = _texts(await self._client.zrange(keys.NOTICES, first, rest - 1))
            page.reverse()
            rest = first
            for notice in await self._fitting(page, asked):
                yield notice

    async def _fitting(self, notices: list[str], asked: Asked) -> list[str]:
        """Leave out the notices of other kinds and conferences without reading their deliveries."""
        if asked.conference is None and asked.kind is None:
            return notices
        texts = await self._client.mget([keys.notice(each) for each in notices])
        return [
            each
            for each, text in zip(notices, texts, strict=True)
            if text is not None and _about(_head.decode(text), asked)
        ]


def fits(delivery: Delivery, asked: Asked) -> bool:
    """Tell whether a delivery is asked for; a recipient is named by address or by ID."""
    person = delivery.recipient
    named = (person.address.lower(), person.key.lower())
    return (
        asked.conference in {None, delivery.conference}
        and asked.kind in {None, delivery.kind}
        and asked.state in {None, delivery.state}
        and (asked.recipient is None or asked.recipient.lower() in named)
    )


def _about(head: _Head, asked: Asked) -> bool:
    conference = head.conference.id if head.conference else None
    return asked.kind in {None, head.kind} and asked.conference in {None, conference}


def _texts(raw: Iterable[bytes]) -> list[str]:
    return [each.decode() for each in raw]


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[at : at + BATCH] for at in range(0, len(ids), BATCH)]
