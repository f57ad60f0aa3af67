"""Waiting until nothing is owed, without the minutes that real leases take."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any, Final

from redis.exceptions import RedisError

from notifier.adapters import keys
from notifier.adapters.connection import connect_sync

# An entry that its listener has held for longer counts as left behind (milliseconds).
LONG_IDLE: Final = 3_600_000


@contextlib.contextmanager
def looking(redis_url: str) -> Iterator[Any]:
    """Open a client, for looking and for what only a test may do."""
    # redis-py types an answer as the union of what every protocol could say.
    with connect_sync(redis_url) as client:
        yield client


def door_is_empty(client: Any) -> bool:
    """Tell whether no worker waits for a ring: who is told of work now is told by a hint."""
    return not client.zcount(keys.DOOR, time.time(), "+inf")


def let_leases_end(client: Any) -> None:
    """Let the time be over for everything that is claimed, hinted at, put off or being applied."""
    for queue in (keys.LEASES, keys.HINTED, keys.LATER):
        for waiting in client.zrange(queue, 0, -1):
            client.zadd(queue, {waiting: 0}, xx=True)
    leave_behind(client)


def leave_behind(client: Any) -> None:
    """Let every entry that is read and not acknowledged count as left behind long ago."""
    if not client.exists(keys.EVENTS) or not client.xinfo_groups(keys.EVENTS):
        return
    for each in client.xpending_range(keys.EVENTS, keys.GROUP, "-", "+", 10_000):
        # With JUSTID this is no try of its own.
        client.xclaim(
            keys.EVENTS,
            keys.GROUP,
            each["consumer"],
            0,
            [each["message_id"]],
            idle=LONG_IDLE,
            justid=True,
        )


def owed(client: Any) -> int:
    """Count what is not finished: entries not acknowledged, slices, reminders, every queue."""
    if not client.exists(keys.EVENTS):
        return 0
    # In one step: what moves from queue to queue meanwhile would be seen in none.
    looking = client.pipeline(transaction=True)
    looking.xinfo_groups(keys.EVENTS)
    looking.xrevrange(keys.EVENTS, count=1)
    looking.zcount(keys.DUE, "-inf", time.time())
    for queue in (keys.READY, keys.HINTED, keys.LEASES, keys.LATER, keys.SPREADING):
        looking.zcard(queue)
    groups, newest, *waiting = looking.execute()
    [group] = groups or [{"pending": 1, "last-delivered-id": b""}]
    unread = bool(newest) and newest[0][0] != group["last-delivered-id"]
    return sum(map(int, [group["pending"], unread, *waiting]))


def settle(client: Any, *, seconds: float = 30, patience: float = 2) -> None:
    """Wait until nothing is owed; when nothing has moved for a while, all leases are over."""
    end = time.monotonic() + seconds
    seen: object = None
    moved = time.monotonic()
    while owed(client):
        now = time.monotonic()
        assert now < end, f"{_standing(client)} after {seconds} s"
        state = _paid(client)
        if state != seen:
            seen, moved = state, now
        elif now - moved > patience:
            let_leases_end(client)
            moved = now
        time.sleep(0.02)


# What is counted of that which can be owed. The audit counts on for ever, and pays nothing.
_PAYING: Final = (b"events_", b"deliveries_")


def _paid(client: Any) -> object:
    """Give what changes whenever something that is owed has moved."""
    totals = client.hgetall(keys.COUNTERS)
    return owed(client), {name: total for name, total in totals.items() if name.startswith(_PAYING)}


# What is told of a delivery that is still owed (`rows.py`).
_TOLD: Final = ("kind", "state", "why", "tries", "crashes", "doubts", "updated", "from", "until")


def _standing(client: Any) -> str:
    """Say what is still owed, and of some of it why."""
    queues = (keys.READY, keys.HINTED, keys.LEASES, keys.LATER)
    counts = {each: client.zcard(each) for each in (*queues, keys.SPREADING)}
    counts["due"] = client.zcount(keys.DUE, "-inf", time.time())
    with contextlib.suppress(RedisError):
        counts["pending"] = client.xpending(keys.EVENTS, keys.GROUP)["pending"]
    some = [(queue, each.decode()) for queue in queues for each in client.zrange(queue, 0, 2)]
    rows = [(queue, each, _row(client, each)) for queue, each in some]
    return f"still owed at {time.time():.0f}: {counts}, among it {rows}"


def _row(client: Any, delivery: str) -> dict[str, str]:
    values = zip(_TOLD, client.hmget(keys.delivery(delivery), _TOLD), strict=True)
    return {name: value.decode() for name, value in values if value}
