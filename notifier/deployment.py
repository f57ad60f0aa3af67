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
    closed = _asked(config)
    return None if closed is None or closed.temporary else str(closed)


def unfit_for_events(config: Config) -> str | None:
    """Say in one sentence why no event may be left in this Redis, or None.

    A publisher need not have the right to ask how Redis is set up.
    """
    closed = _asked(config)
    if closed is None or all(fault.name == "refused" for fault in closed.faults):
        return None
    return str(closed)


def _asked(config: Config) -> GateClosed | None:
    async def look() -> GateClosed | None:
        client = connect(redis_url(config))
        try:
            await ensure_fit(client)
        except GateClosed as closed:
            return closed
        finally:
            await client.aclose()
        return None

    return asyncio.run(look())
