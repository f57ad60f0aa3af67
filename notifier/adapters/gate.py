"""The start-up gate: a Redis that could lose what it was told is refused, in a sentence each.

Everything but two looks is read from INFO, so a user without the right to CONFIG passes too.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from notifier.adapters.fitness import CHECKS, Facts
from notifier.reaching.faults import SILENT_ADVICE, told

# INFO is answered from memory. Whoever waits for the answer longer than this may as well be told.
LONGEST_LOOK_SECONDS = 10.0

# Faults that end by themselves, or when somebody sees to the server: a part waits for that.
PASSING = frozenset({"unreachable", "loading", "append_only_write", "failover"})


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong with a Redis.

    `closes` is false where the gate stays open: it is advice, or an alarm for the doctor to raise.
    """

    name: str
    sentence: str
    closes: bool = True
    alarm: bool = False


class GateClosed(Exception):
    """Closed to a Redis that must not be trusted with the ledger; one line per fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(fault.sentence for fault in faults))
        self.faults = tuple(faults)

    @property
    def temporary(self) -> bool:
        """Whether waiting may help: the server is away, say, and no more is wrong."""
        return all(fault.name in PASSING for fault in self.faults)


async def ensure_fit(client: Redis, *, clock: Callable[[], float] = time.time) -> None:
    """Come back if this Redis may keep the ledger; raises GateClosed."""
    closing = [fault for fault in await inspect(client, clock=clock) if fault.closes]
    if closing:
        raise GateClosed(closing)


async def inspect(client: Redis, *, clock: Callable[[], float]) -> list[Fault]:
    """All that is wrong with the Redis behind `client`; `clock` tells this machine's Unix time."""
    where = _address(client)
    try:
        async with asyncio.timeout(LONGEST_LOOK_SECONDS):
            facts = await _facts(client, clock)
    except TimeoutError:
        return [_silent(where)]
    except (RedisError, OSError) as error:
        return [_unreachable(where, await _cause(client, error))]
    return [
        Fault(
            name=check.name,
            sentence=check.sentence.format(where=where, **facts),
            closes=check.closes,
            alarm=check.alarm,
        )
        for check in CHECKS
        if check.wrong(facts)
    ]


async def _facts(client: Redis, clock: Callable[[], float]) -> Facts:
    """What INFO says, and what it leaves out."""
    asked = clock()
    facts = await client.info()
    answered = clock()
    server_time = await _server_time(client, facts)
    return {
        # A hosted Redis may keep it to itself.
        "maxmemory_policy": "unknown",
        **facts,
        "append_fsync": await _append_fsync(client),
        # The answer was written somewhere between the two looks at the clock.
        "skew": max(asked - server_time, server_time - answered, 0.0),
        "full": _full(facts),
        "by_sentinel": _by_sentinel(client),
    }


def _full(facts: Facts) -> float:
    """How much of maxmemory is used; 0 where there is no such limit."""
    used, most = int(facts.get("used_memory", 0)), int(facts.get("maxmemory", 0))
    return used / most if most else 0.0


async def _append_fsync(client: Redis) -> str | None:
    """`always`, `everysec` or `no`; None where this user may not ask."""
    try:
        found = await client.config_get("appendfsync")
    except ResponseError:
        return None
    return found.get("appendfsync")


async def _server_time(client: Redis, facts: Facts) -> float:
    if "server_time_usec" in facts:
        return int(facts["server_time_usec"]) / 1e6
    seconds, microseconds = await client.time()
    return int(seconds) + int(microseconds) / 1e6


def _unreachable(where: str, error: Exception) -> Fault:
    known = told(error)
    if known:
        sentence = f"Redis at {where} cannot be used: {known.found}; {known.advice}."
        return Fault(name="hopeless" if known.hopeless else "unreachable", sentence=sentence)
    if isinstance(error, ResponseError):
        sentence = (
            f"Redis at {where} refuses to say how it is set up ({error}); "
            "give its user the right to INFO."
        )
        return Fault(name="refused", sentence=sentence)
    sentence = (
        f"Redis at {where} cannot be reached ({error}); start it, or correct NOTIFIER_REDIS_URL."
    )
    return Fault(name="unreachable", sentence=sentence)


async def _cause(client: Redis, error: Exception) -> Exception:
    """What is wrong with the sentinels' certificates, if anything: it was lost on the way here."""
    pool: Any = client.connection_pool
    for sentinel in pool.sentinel_manager.sentinels if _by_sentinel(client) else ():
        try:
            await sentinel.ping()
        except (RedisError, OSError) as fault:
            known = told(fault)
            if known and known.hopeless:
                return fault
    return error


def _silent(where: str) -> Fault:
    sentence = (
        f"Redis at {where} has not answered for {LONGEST_LOOK_SECONDS:.0f} s; {SILENT_ADVICE}."
    )
    return Fault(name="unreachable", sentence=sentence)


def _by_sentinel(client: Redis) -> bool:
    return hasattr(client.connection_pool, "sentinel_manager")


def _address(client: Redis) -> str:
    pool: Any = client.connection_pool
    if _by_sentinel(client):
        known = [each.connection_pool.connection_kwargs for each in pool.sentinel_manager.sentinels]
        by = ", ".join(sorted(f"{each['host']}:{each['port']}" for each in known))
        return f"{pool.service_name} (by the sentinels at {by})"
    options = pool.connection_kwargs
    if path := options.get("path"):
        return str(path)
    return f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"
