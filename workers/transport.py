"""kombu's way to Redis, which here survives that Redis dies at a bad moment.

When a connection breaks, kombu 5.7 forgets at once how Redis is reached, while hints are still in
the children's hands: whoever acknowledges one of them then, or closes the channel once more, meets
an AttributeError, and the worker ends. Told as what it is, a lost connection, it is one that Celery
knows how to bear; and the sweep finds what was not acknowledged.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis


class _Forgotten:
    """Part of a channel: says that its connection was lost where kombu would stumble."""

    connection: Any

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise ConnectionError("the connection to Redis was lost and is given up")
        found: dict[str, Any] = super()._connparams(asynchronous)  # type: ignore[misc]  # the channel's
        return found


class SteadyChannel(_Forgotten, redis.Channel):
    """A channel to one Redis."""


class SteadySentinelChannel(_Forgotten, redis.SentinelChannel):
    """A channel to the primary that sentinels name."""


class SteadyTransport(redis.Transport):
    """For `redis://`, `rediss://` and `redis+socket://`."""

    Channel = SteadyChannel


class SteadySentinelTransport(redis.SentinelTransport):
    """For `sentinel://`."""

    Channel = SteadySentinelChannel


def take_the_place_of_kombu_s() -> None:
    """Let the schemes of a broker's URL mean these."""
    for transport, schemes in (
        (SteadyTransport, ("redis", "rediss")),
        (SteadySentinelTransport, ("sentinel",)),
    ):
        for scheme in schemes:
            TRANSPORT_ALIASES[scheme] = f"{transport.__module__}:{transport.__qualname__}"
