"""The list of addresses that get no mail, each under a digest that tells nothing by itself."""

import hmac
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.core.suppression import Suppression

# Entries read, or dropped, in one go.
BATCH: Final = 500

# The secret key signs other things as well; what is made for this list fits nowhere else.
_PURPOSE: Final = b"notifier suppressions"
# 128 bits: no two addresses meet, and a row stays short (hex digits).
_DIGITS: Final = 32

_entry: Final = msgspec.json.Decoder(Suppression)
encode_entry: Final = msgspec.json.Encoder().encode

Digest = Callable[[str], str]


def digester(secret_key: str) -> Digest:
    """Give what makes the digest of an address: the same on every machine that knows the key.

    Without the key nobody can try addresses out, so an entry whose address was erased works on
    and names nobody.
    """
    key = hmac.digest(secret_key.encode(), _PURPOSE, "sha256")

    def digest(address: str) -> str:
        return hmac.digest(key, address.lower().encode(), "sha256").hex()[:_DIGITS]

    return digest


class RedisSuppressions:
    """Keeps the list in Redis: until when by digest, and what is known of each."""

    def __init__(self, client: AsyncClient, secret_key: str) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self.digest = digester(secret_key)

    async def add(self, suppression: Suppression) -> None:
        """Put an address on the list; the newest word about it counts."""
        digest = self.digest(suppression.address)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.zadd(keys.SUPPRESSIONS, {digest: suppression.until.timestamp()})
        pipeline.hset(keys.SUPPRESSION_ENTRIES, digest, encode_entry(suppression))
        await pipeline.execute()

    def ask(self, pipeline: Any, addresses: Sequence[str]) -> None:
        """Add to a pipeline the two questions whose answers `standing` reads: until when, and now.

        Most addresses are not on the list: what is known of them is asked only if they are.
        """
        digests = [self.digest(each) for each in addresses]
        pipeline.zmscore(keys.SUPPRESSIONS, digests or [""])
        pipeline.time()

    async def standing(
        self, addresses: Sequence[str], scores: Sequence[float | None], now: Sequence[int]
    ) -> dict[str, Suppression]:
        """Give those of the addresses that get no mail now, by the answers to `ask`."""
        held = [
            address
            for address, until in zip(addresses, scores, strict=False)
            if until is not None and until > now[0]
        ]
        if not held:
            return {}
        digests = [self.digest(each) for each in held]
        texts = await self._client.hmget(keys.SUPPRESSION_ENTRIES, digests)
        # Cleared at this very moment: then mail goes there again.
        return {each: _entry.decode(text) for each, text in zip(held, texts, strict=True) if text}

    async def of(self, addresses: Sequence[str]) -> dict[str, Suppression]:
        """Give those of the addresses that get no mail now."""
        pipeline = self._client.pipeline(transaction=False)
        self.ask(pipeline, addresses)
        scores, now = await pipeline.execute()
        return await self.standing(addresses, scores, now)

    async def count(self) -> int:
        """Give how many addresses get no mail now."""
        now = (await self._client.time())[0]
        return int(await self._client.zcount(keys.SUPPRESSIONS, f"({now}", "+inf"))

    async def all(self) -> AsyncIterator[Suppression]:
        """Give the whole list, what ends first first."""
        now = (await self._client.time())[0]
        start = 0
        while True:
            digests = await self._client.zrangebyscore(
                keys.SUPPRESSIONS, f"({now}", "+inf", start=start, num=BATCH
            )
            if not digests:
                return
            for text in await self._client.hmget(keys.SUPPRESSION_ENTRIES, digests):
                if text:
                    yield _entry.decode(text)
            start += len(digests)

    async def clear(self, addresses: Sequence[str]) -> list[str]:
        """Take addresses off the list; give those that were on it."""
        return [each for each in addresses if await self._drop([self.digest(each).encode()])]

    async def clear_all(self) -> int:
        """Empty the list; give how many addresses were on it."""
        return await self._drop_until("+inf")

    async def forget_expired(self, *, now: float) -> int:
        """Drop the entries of addresses that may get mail again at `now`; give how many."""
        return await self._drop_until(now)

    async def _drop_until(self, until: float | str) -> int:
        dropped = 0
        while digests := await self._client.zrangebyscore(
            keys.SUPPRESSIONS, "-inf", until, start=0, num=BATCH
        ):
            dropped += await self._drop(digests)
        return dropped

    async def _drop(self, digests: Sequence[bytes]) -> int:
        pipeline = self._client.pipeline(transaction=True)
        pipeline.zrem(keys.SUPPRESSIONS, *digests)
        pipeline.hdel(keys.SUPPRESSION_ENTRIES, *digests)
        return int((await pipeline.execute())[0])
