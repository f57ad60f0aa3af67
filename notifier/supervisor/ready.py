"""Whether all parts work: each writes its heartbeat to Redis, or answers over HTTP."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from notifier.adapters.heartbeats import Beats, Heartbeats

POLL_SECONDS = 0.1
HTTP_SECONDS = 2.0


class Watch:
    """Waits until every role has shown a sign of life that is newer than `before`.

    A heartbeat from before counts for nothing, it may be that of an earlier run; comparing it
    with itself needs no clock.
    """

    def __init__(self, hearts: Heartbeats, *, before: Beats, urls: Mapping[str, str]) -> None:
        self.waiting = {*before, *urls}
        self._hearts = hearts
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
        now = await self._hearts.last(asked)
        return [name for name in asked if now and now[name] not in {None, self._before[name]}]

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
