"""The longest single command of Redis: while one runs, everybody else waits."""

from typing import Any

from notifier.adapters.connection import SyncClient

# Commands shorter than this are not worth a line (microseconds).
THRESHOLD = 1000


def watch(client: SyncClient) -> None:
    """Begin to note long commands, and long waits for the disk."""
    client.config_set("slowlog-max-len", 5000)
    client.config_set("slowlog-log-slower-than", THRESHOLD)
    client.config_set("latency-monitor-threshold", 1)
    client.slowlog_reset()
    asking: Any = client
    asking.execute_command("LATENCY", "RESET")


def longest(client: SyncClient) -> tuple[float, str]:
    """Give the longest command since (milliseconds; the threshold if none), and its name."""
    asking: Any = client
    found = asking.slowlog_get(5000)
    client.slowlog_reset()  # what it keeps is memory too
    slowest = max(found, key=lambda each: each["duration"], default=None)
    if slowest is None:
        return THRESHOLD / 1000, f"none over {THRESHOLD / 1000:.0f} ms"
    name = slowest["command"].split(b" ", 1)[0].decode()
    return slowest["duration"] / 1000, name


def longest_wait_for_disk(client: SyncClient) -> float:
    """Give the longest write or fsync of the append-only file since (milliseconds, 1 if less)."""
    asking: Any = client
    events = asking.execute_command("LATENCY", "LATEST")
    return max((float(each[3]) for each in events if each[0].startswith(b"aof")), default=1.0)
