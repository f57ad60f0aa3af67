"""Where the Redis of this deployment is, and whether it may be worked on.

Apart from the wiring, because beat, Flower and the command line need nothing but this, and would
carry the letters and calendars of the whole service in their memory.
"""

import asyncio

from notifier.adapters.connection import connect
from notifier.adapters.embedded import EmbeddedRedis
from notifier.adapters.gate import GateClosed, ensure_fit
from notifier.config import Config


def redis_url(config: Config) -> str:
    """Give the Redis of this deployment: the one named, else the one of our own."""
    return config.redis_url or EmbeddedRedis(config.data).url


def misfit(config: Config) -> str | None:
    """Say in one sentence why this Redis cannot be worked on, or None; one away will come back."""

    async def look() -> str | None:
        client = connect(redis_url(config))
        try:
            await ensure_fit(client)
        except GateClosed as closed:
            return None if closed.temporary else str(closed)
        finally:
            await client.aclose()
        return None

    return asyncio.run(look())
