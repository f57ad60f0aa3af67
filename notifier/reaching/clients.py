"""Redis clients made from a URL: of one server, or of the primary that sentinels name.

For the adapters and for the publisher, each with its own patience.
"""

from typing import Any, Final

import redis.asyncio.sentinel
import redis.sentinel
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from notifier.reaching.address import Sentinels, ca_file, check, has_tls, sentinels
from notifier.reaching.steadfast import Client, steadfast

# A sentinel answers from memory; a frozen one must not keep us from asking the next (seconds).
SENTINEL_SECONDS: Final = 2

# Said aloud, since older clients let a certificate for another name pass.
CHECKED: Final = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}

# redis-py left these two without types.
_Sentinel: Final[Any] = redis.sentinel.Sentinel
_AsyncSentinel: Final[Any] = redis.asyncio.sentinel.Sentinel


def client(url: str, **options: Any) -> "redis.Redis":
    """A client without an event loop; raises BadAddress, connects at its first command."""
    check(url)
    if (known := sentinels(url)) is None:
        return redis.Redis.from_url(url, **_checked(url), **options)
    asked = _Sentinel(
        known.hosts,
        sentinel_kwargs=_sentinel_options(url, known) | {"retry": Retry(NoBackoff(), 0)},
        **_primary_options(url, known),
        **options,
    )
    found: redis.Redis = asked.master_for(known.primary, connection_pool_class=_Pool)
    return found


def async_client(url: str, **options: Any) -> "redis.asyncio.Redis":
    """The same for an event loop."""
    check(url)
    if (known := sentinels(url)) is None:
        return steadfast(Client.from_url(url, **_checked(url), **options))
    asked = _AsyncSentinel(
        known.hosts,
        sentinel_kwargs=_sentinel_options(url, known) | {"retry": AsyncRetry(NoBackoff(), 0)},
        **_primary_options(url, known),
        **options,
    )
    found: redis.asyncio.Redis = asked.master_for(
        known.primary, redis_class=Client, connection_pool_class=_AsyncPool
    )
    return steadfast(found)


class _Pool(redis.sentinel.SentinelConnectionPool):
    """Leaves the sentinels too when its client is closed."""

    def disconnect(self, inuse_connections: bool = True) -> None:
        super().disconnect(inuse_connections)
        # Without the word it is the pool itself that has found another primary.
        if inuse_connections:
            for each in self.sentinel_manager.sentinels:
                each.close()


class _AsyncPool(redis.asyncio.sentinel.SentinelConnectionPool):
    """The same for an event loop."""

    async def disconnect(self, inuse_connections: bool = True) -> None:
        await super().disconnect(inuse_connections)
        if inuse_connections:
            for each in self.sentinel_manager.sentinels:
                await each.aclose()


def _checked(url: str) -> dict[str, Any]:
    return CHECKED if has_tls(url) else {}


def _tls(url: str) -> dict[str, Any]:
    return {"ssl": True, "ssl_ca_certs": ca_file(url), **CHECKED} if has_tls(url) else {}


def _sentinel_options(url: str, known: Sentinels) -> dict[str, Any]:
    return {
        "username": known.own_user,
        "password": known.own_password,
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
        **_tls(url),
    }


def _primary_options(url: str, known: Sentinels) -> dict[str, Any]:
    return {
        "username": known.user,
        "password": known.password,
        "db": known.database,
        **_tls(url),
    }
