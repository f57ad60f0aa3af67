"""Making the append-only file forget: Redis writes it anew, of what it holds now."""

import asyncio
import time
from typing import Any, Final, Literal

from redis.exceptions import NoPermissionError, ResponseError

from notifier.adapters.connection import AsyncClient

# How often Redis is asked whether it has come to an end (seconds).
ASKED_EVERY: Final = 0.1

Rewriting = Literal["done", "under way", "failed", "forbidden", "off"]


async def rewritten(client: AsyncClient, *, patience_seconds: float) -> Rewriting:
    """Have the append-only file written anew, and wait for it; give how that went.

    One that is under way already began before we removed anything, so it is waited for first.
    """
    untyped: Any = client
    until = time.monotonic() + patience_seconds
    if not (await untyped.info("persistence"))["aof_enabled"]:
        return "off"
    while await _at_rest(untyped, until):
        try:
            await untyped.bgrewriteaof()
        except NoPermissionError:
            return "forbidden"
        except ResponseError as fault:
            if "in progress" not in str(fault):
                return "failed"
            continue  # somebody else was quicker
        return await _outcome(untyped, until)
    return "under way"


async def _outcome(client: Any, until: float) -> Rewriting:
    if not await _at_rest(client, until):
        return "under way"
    found = await client.info("persistence")
    return "done" if found["aof_last_bgrewrite_status"] == "ok" else "failed"


async def _at_rest(client: Any, until: float) -> bool:
    while True:
        found = await client.info("persistence")
        if not found["aof_rewrite_in_progress"] and not found["aof_rewrite_scheduled"]:
            return True
        if time.monotonic() > until:
            return False
        await asyncio.sleep(ASKED_EVERY)
