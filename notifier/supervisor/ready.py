"""Whether all parts work: each writes its heartbeat to Redis, or answers over HTTP."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError

from notifier.adapters import keys

POLL_SECONDS = 0.1
HTTP_SECONDS = 2.0

Heartbeats = Mapping[str, bytes | str | None]


async def heartbeats(client: Redis, roles: Sequence[str]) -> Heartbeats:
    """What each role wrote last; None for one that never did."""
    if not roles:
        return {}
    found = await client.mget([keys.HEARTBEAT + role for role in roles])
    return dict(zip(roles, found, strict=True))


class Watch:
    """Waits until every role has shown a sign of life that is newer than `before`.

    A heartbeat from before counts for nothing, it may be that of an earlier run; comparing it
    with itself needs no clock.
    """

    def __init__(self, client: Redis, *, before: Heartbeats, urls: Mapping[str, str]) -> None:
        self.waiting = {*before, *urls}
        self._client = client
        self._before = before
        self._urls = urls

    async def wait(self) -> None:
        while True:
            self.waiting -= {*await self._beating(), *await self._answering()}
            if not self.waiting:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _beating(self) -> list[str]:
        asked = [name for name in self._before if name in self.waiting]
        try:
            now = await heartbeats(self._client, asked)
        except (RedisError, OSError):
            return []
        return [name for name in asked if now[name] not in {None, self._before[name]}]

    async def _answering(self) -> list[str]:
        asked = [name for name in self._urls if name in self.waiting]
        found = await asyncio.gather(*(answers(self._urls[name]) for name in asked))
        return [name for name, answered in zip(asked, found, strict=True) if answered]


async def answers(url: str) -> bool:
    """Whether a GET of the http:// URL is answered with 2xx in time."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(HTTP_SECONDS):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                request = f"GET {parts.path} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n"
                writer.write(request.encode())
                status = (await reader.readline()).split(b" ")
            finally:
                writer.close()
    except (OSError, ValueError):
        return False
    return len(status) > 1 and status[1].startswith(b"2")
