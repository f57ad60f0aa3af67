"""Hints that reach no worker: what they named is ready again, without the minute that it takes."""

from typing import Any

from notifier.adapters import keys
from notifier.ports.ledger import Ledger


async def lose_hints(client: Any, ledger: Ledger) -> None:
    """Let the time be over for every hint, and let a sweep find what nobody was told of."""
    for hinted in await client.zrange(keys.HINTED, 0, -1):
        await client.zadd(keys.HINTED, {hinted: 0}, xx=True)
    seconds, _micros = await client.time()
    await ledger.wake_later(limit=10_000, now=seconds)
