"""Redis clients made from a URL, with every time-out said aloud."""

import re
from collections.abc import Mapping
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import (
    ConnectionError as Unconnected,
)
from redis.exceptions import (
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import (
    TimeoutError as Unanswered,
)
from redis.retry import Retry

from notifier.reaching.address import without_password
from notifier.reaching.clients import async_client, client

# What the layers above call a client and its faults: Redis is known by name in this folder only.
AsyncClient = redis.asyncio.Redis
SyncClient = redis.Redis

__all__ = [
    "AsyncClient",
    "RedisError",
    "SyncClient",
    "connect",
    "connect_sync",
    "is_away",
    "without_password",
]

# A BLOCK must stay under this, or the client takes a quiet stream for a dead server.
LONGEST_BLOCK_SECONDS = 10

# redis-py 8 cuts off after 5 s by default, which breaks longer BLOCKs; without any time-out
# a half-open connection would hang for ever.
SOCKET_TIMEOUT_SECONDS = LONGEST_BLOCK_SECONDS + 5
CONNECT_TIMEOUT_SECONDS = 5

# An idle connection is asked with PING before it is used again: a firewall may have dropped it.
HEALTH_CHECK_SECONDS = 25

# The client sends a command again when its connection breaks, although the server may have
# carried it out already. Every write of ours is a compare-and-set or carries its own id, so a
# replay changes nothing; more than three is the business of the loop above, which logs.
REPLAYS = 3
BACKOFF = ExponentialWithJitterBackoff(base=0.05, cap=1.0)


def connect(url: str) -> redis.asyncio.Redis:
    """An asynchronous client of the Redis at `url`, in any form that `reaching.address` knows.

    It connects at its first command, and answers in bytes; close it with `aclose()`.
    """
    return async_client(url, retry=AsyncRetry(BACKOFF, REPLAYS), **_options(url))


def connect_sync(url: str) -> redis.Redis:
    """The same for code without an event loop; close it with `close()`."""
    return client(url, retry=Retry(BACKOFF, REPLAYS), **_options(url))


# What Redis says while it takes no writes: its memory or disk is full, it reads its file, it became
# a replica, or a script runs for too long. Before 7.0 a script wraps these words in its own.
_NOT_NOW = re.compile(r"\b(OOM|MISCONF|READONLY|LOADING|MASTERDOWN|NOREPLICAS|BUSY)\b")


def is_away(fault: RedisError) -> bool:
    """Tell whether Redis cannot do anything at the moment, rather than will not do this."""
    if isinstance(fault, Unconnected | Unanswered | OutOfMemoryError | ReadOnlyError):
        return True
    return isinstance(fault, ResponseError) and _NOT_NOW.search(str(fault)) is not None


def _options(url: str) -> Mapping[str, Any]:
    options: dict[str, Any] = {
        "socket_timeout": SOCKET_TIMEOUT_SECONDS,
        "socket_connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "health_check_interval": HEALTH_CHECK_SECONDS,
        "decode_responses": False,
        # RESP2: one round trip less per connection than HELLO, and the documented reply shapes.
        "protocol": 2,
    }
    # A Unix socket has no keepalive, and redis-py refuses the word there.
    return options if url.startswith("unix:") else options | {"socket_keepalive": True}
