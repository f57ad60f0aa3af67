"""What Redis has on record at the end of the play: the ledger, the stream, what was put aside."""

from collections.abc import Mapping
from typing import Any

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.ledger import RedisLedger
from notifier.core.delivery import Delivery

# More than the play makes; who finds more has found a fault.
MOST = 1_000


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """The deliveries, and how much of the stream is heard, applied and put aside."""

    deliveries: tuple[Delivery, ...]
    reasons: tuple[str, ...]
    unacknowledged: int
    unread: int
    queued: int


async def records(client: AsyncClient) -> Records:
    """Read everything; the play is small."""
    untyped: Any = client
    waiting = [keys.READY, keys.LATER, keys.HINTED, keys.LEASES, keys.SPREADING]
    [group] = await untyped.xinfo_groups(keys.EVENTS)
    unread = await untyped.xrange(keys.EVENTS, min=b"(" + group["last-delivered-id"], count=MOST)
    rejected = await untyped.xrange(keys.REJECTED, count=MOST)
    return Records(
        deliveries=await _deliveries(client),
        reasons=tuple(_reason(fields) for _entry, fields in rejected),
        unacknowledged=group["pending"],
        unread=len(unread),
        queued=sum([await untyped.zcard(key) for key in waiting]),
    )


def _reason(fields: Mapping[bytes, bytes]) -> str:
    path, reason = (fields[name].decode() for name in (b"path", b"reason"))
    return f"{path}: {reason}"


async def put(client: AsyncClient, event: bytes) -> None:
    """Put something on the stream as any service can, in any language: one XADD."""
    untyped: Any = client
    await untyped.xadd(keys.EVENTS, {"event": event})


async def _deliveries(client: AsyncClient) -> tuple[Delivery, ...]:
    untyped: Any = client
    notices = await untyped.zrange(keys.NOTICES, 0, MOST)
    ids = [
        delivery.decode()
        for notice in notices
        for delivery in await untyped.lrange(keys.notice_deliveries(notice.decode()), 0, MOST)
    ]
    return tuple(await RedisLedger(client).deliveries(ids))
