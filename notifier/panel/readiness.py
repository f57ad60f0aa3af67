"""Whether the service makes progress, and what hinders it; a ping alone would prove nothing."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient, RedisError
from notifier.adapters.heartbeats import Beats, Heartbeats
from notifier.panel.overview import PARTS, SILENT_SECONDS, Part, parts

# Without these nothing goes out. Beat may be away: the listener then looks at the clock itself.
NEEDED: Final = ("listen", "worker")

# A frozen Redis must not hold up whoever asks (seconds).
PATIENCE: Final = 3.0


async def last_beats(client: AsyncClient) -> Beats | None:
    """Give the last signs of life, or None where Redis does not answer soon."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await Heartbeats(client).last(list(PARTS))
    except TimeoutError:
        return None


async def quarantine(client: AsyncClient) -> str | None:
    """Say why nothing may leave; None if it may, or where Redis does not answer soon."""
    untyped: Any = client  # redis-py types an answer as what every protocol could say
    try:
        async with asyncio.timeout(PATIENCE):
            found = await untyped.hget(keys.QUARANTINE, "reason")
    except (RedisError, OSError, TimeoutError):
        return None
    return found.decode() if found else None


def hindrances(
    beats: Beats | None, *, now: float, held: str | None, of: Collection[str] = NEEDED
) -> Mapping[str, str]:
    """Give what stands in the way, by part and in words; empty if nothing does.

    `held` is the reason of a quarantine.
    `of` names the parts that are asked for; by default those without which no mail goes out.
    """
    if beats is None:
        return {"redis": f"does not answer within {PATIENCE:g} seconds"}
    found = {"quarantine": f"no mail leaves until `notifier resume`: {held}"} if held else {}
    return found | {
        part.name: _why(part)
        for part in parts(beats, now=now)
        if part.name in of and not part.working
    }


def _why(part: Part) -> str:
    if part.silent_seconds is None:
        return "has never shown life"
    return (
        f"has made no progress for {part.silent_seconds:.0f} seconds; "
        f"more than {SILENT_SECONDS:g} are too many"
    )
