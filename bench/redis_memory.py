"""What Redis holds, by family of keys: the measured sizes of some stand for all of a family."""

from collections import defaultdict
from typing import Any, Final

from notifier.adapters.connection import SyncClient

# Of a family that has more keys, so many are weighed.
WEIGHED: Final = 300
# Keys that travel in one go.
BATCH: Final = 1000


def used(client: SyncClient) -> int:
    """Give the memory of Redis (bytes), but what it reads and writes by at this moment."""
    asking: Any = client
    told = asking.info("memory")
    passing = told["mem_clients_normal"] + told["mem_aof_buffer"]
    return int(told["used_memory"] - passing)


def by_family(client: SyncClient) -> dict[str, float]:
    """Give the memory of each family of keys (bytes); a family is a name up to its second part."""
    families: dict[str, list[bytes]] = defaultdict(list)
    for key in client.scan_iter(count=BATCH):
        families[":".join(key.decode().split(":")[:2])].append(key)
    return {family: _weight(client, keys) for family, keys in families.items()}


def _weight(client: SyncClient, keys: list[bytes]) -> float:
    some = keys[:: max(1, len(keys) // WEIGHED)]
    asking = client.pipeline(transaction=False)
    for key in some:
        # All members of a collection, not five of them.
        asking.memory_usage(key, samples=0)
    weighed = [size or 0 for size in asking.execute()]
    return sum(weighed) * len(keys) / len(some)
