"""What one sees from outside of the due index and of its audit, in one round trip."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """The last walk that came to its end."""

    ended: datetime
    seen: int
    mended: int
    asked: bool  # it followed new settings, laws or rules: then mending was its purpose


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """How the due index stands, and its audit."""

    conferences: int
    indexed: int
    first: float | None  # the moment of the first entry (Unix seconds)
    overdue: int
    hurried: int | None  # conferences that a walk in a hurry has seen so far, if there is one
    last: Whole | None


async def audit_record(client: AsyncClient, *, now: datetime) -> Record:
    """Read it; the cost does not grow with the number of conferences."""
    # redis-py types an answer as the union of what every protocol could say.
    untyped: Any = client
    pipeline = untyped.pipeline(transaction=False)
    pipeline.scard(keys.CONFERENCES)
    pipeline.zcard(keys.DUE)
    pipeline.zrange(keys.DUE, 0, 0, withscores=True)
    pipeline.zcount(keys.DUE, "-inf", now.timestamp())
    pipeline.get(keys.REINDEX)
    pipeline.hgetall(keys.AUDIT)
    conferences, indexed, first, overdue, request, walk = await pipeline.execute()
    begun = request is not None and walk.get(b"asked") == request and b"cursor" in walk
    return Record(
        conferences=conferences,
        indexed=indexed,
        first=first[0][1] if first else None,
        overdue=overdue,
        hurried=None if request is None else int(walk[b"seen"]) if begun else 0,
        last=_last(walk),
    )


def _last(walk: dict[bytes, bytes]) -> Whole | None:
    if b"last_ended" not in walk:
        return None
    return Whole(
        ended=datetime.fromtimestamp(float(walk[b"last_ended"]), UTC),
        seen=int(walk[b"last_seen"]),
        mended=int(walk[b"last_mended"]),
        asked=bool(walk[b"last_asked"]),
    )
