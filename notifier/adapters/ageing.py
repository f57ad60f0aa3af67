"""Dropping what is old from a sorted set, some at a time: nobody waits for a million of them."""

from typing import Any, Final

# Members dropped in one command: far below 50 ms.
SLICE: Final = 1000


async def dropped(client: Any, key: str, *, until: float) -> int:
    """Drop the members of `key` with a score up to `until`; give how many."""
    total = 0
    while old := await client.zrangebyscore(key, "-inf", until, start=0, num=SLICE):
        total += await client.zrem(key, *old)
    return total
