"""A connection that fails on demand: a proxy for TCP or Unix sockets, on a thread of its own.

It stands before a Redis or a mail server. What it does to connections is chosen while it runs:
pass, delay, swallow one or both directions, cut after so many bytes, cut or reset at once, refuse.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.smtp_servers import HOST, LoopThread

# Where a side listens: a TCP port of this machine, or the path of a Unix socket.
Place = int | Path

_CHUNK: Final = 65_536
# Closing with this option set sends RST instead of FIN.
_NO_LINGER: Final = struct.pack("ii", 1, 0)

_Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Direction:
    """What happens to bytes that go one way."""

    swallowed: bool = False
    cut_after: int | None = None  # bytes that may still pass; then both sides are cut
    swallow_after: int | None = None  # bytes that may still pass; then nothing does
    delay_seconds: float = 0.0
    passed: int = 0  # bytes, over all connections

    def pass_all(self) -> None:
        self.swallowed, self.delay_seconds = False, 0.0
        self.cut_after = self.swallow_after = None

    def allowed(self, content: bytes) -> bytes:
        """Give what of `content` may pass, and count it."""
        if self.swallow_after is not None:
            content = content[: self.swallow_after]
            self.swallow_after -= len(content)
            self.swallowed = self.swallow_after == 0
        if self.cut_after is not None:
            content = content[: self.cut_after]
            self.cut_after -= len(content)
        self.passed += len(content)
        return content


class FaultProxy:
    """Every connection to `port` (or `path`) goes on to `behind`, as far as it may."""

    def __init__(self, behind: Place, thread: LoopThread) -> None:
        self.port = 0
        self.asked = Direction()  # from the client to the server
        self.answered = Direction()  # from the server to the client
        self.connections = 0
        self.cuts = 0
        self._behind = behind
        self._thread = thread
        self._refusing = False
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()

    def heal(self) -> None:
        """Let everything pass from now on, but on connections that have lost something."""
        self._refusing = False
        self.asked.pass_all()
        self.answered.pass_all()

    def cut(self) -> None:
        """Close all connections, both sides at once."""
        self._thread.call(self._cut_all(reset=False))

    def reset(self) -> None:
        """End all connections with RST: what was on its way is thrown away."""
        self._thread.call(self._cut_all(reset=True))

    def refuse(self) -> None:
        """Cut all connections and close new ones as soon as they are made, until healed."""
        self._refusing = True
        self.cut()

    def swallow(self) -> None:
        """Be a black hole: connections are taken, and nothing passes either way."""
        self.asked.swallowed = self.answered.swallowed = True

    def swallow_replies(self) -> None:
        """Let what is asked pass, and swallow what is answered: the sender cannot know."""
        self.answered.swallowed = True

    def cut_reply(self) -> None:
        """Let what is asked pass; the next thing that is answered cuts both sides instead."""
        self.answered.cut_after = 0

    def delay(self, seconds: float) -> None:
        """Hold up everything for so long, each way."""
        self.asked.delay_seconds = self.answered.delay_seconds = seconds

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side, or the test, ends it."""
        with contextlib.suppress(asyncio.CancelledError):
            await self._take(reader, writer)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self._refusing:
            self.cuts += 1
            writer.transport.abort()
            return
        try:
            server = await _connect(self._behind)
        except OSError:
            writer.transport.abort()
            return
        await self._carry((reader, writer), server)

    async def _carry(self, client: _Ends, server: _Ends) -> None:
        pair = (client[1], server[1])
        self._pairs.add(pair)
        for each in pair:
            self._thread.opened(each.transport)
        ways = [
            asyncio.ensure_future(self._pump(client[0], server[1], self.asked)),
            asyncio.ensure_future(self._pump(server[0], client[1], self.answered)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            self._pairs.discard(pair)
            for each in pair:
                each.transport.abort() if each.is_closing() else each.close()

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, way: Direction
    ) -> None:
        """Move bytes one way; coming back ends the connection.

        TCP loses nothing in the middle: where something was swallowed, nothing follows either.
        """
        lost = False
        with contextlib.suppress(OSError):
            while content := await source.read(_CHUNK):
                if way.delay_seconds:
                    await asyncio.sleep(way.delay_seconds)
                lost = lost or way.swallowed
                if lost:
                    continue
                target.write(way.allowed(content))
                await target.drain()
                if way.cut_after == 0:
                    # Once: the next connection is a new one.
                    way.cut_after = None
                    self.cuts += 1
                    return

    async def _cut_all(self, *, reset: bool) -> None:
        for pair in list(self._pairs):
            self.cuts += 1
            for writer in pair:
                door = writer.get_extra_info("socket")
                if reset and door.family != socket.AF_UNIX:
                    with contextlib.suppress(OSError):  # it has ended by itself meanwhile
                        door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                writer.transport.abort()


async def _connect(place: Place) -> _Ends:
    if isinstance(place, Path):
        return await asyncio.open_unix_connection(place)
    return await asyncio.open_connection(HOST, place)


@contextlib.contextmanager
def fault_proxy(behind: Place, *, at: Path | None = None) -> Iterator[FaultProxy]:
    """Run a proxy before `behind` on a free TCP port, or on a Unix socket `at` this path."""
    with LoopThread() as thread:
        proxy = FaultProxy(behind, thread)

        async def listen() -> asyncio.Server:
            if at is not None:
                return await asyncio.start_unix_server(proxy.take, at)
            return await asyncio.start_server(proxy.take, HOST, 0)

        server = thread.call(listen())
        if at is None:
            proxy.port = int(server.sockets[0].getsockname()[1])
        try:
            yield proxy
        finally:
            thread.loop.call_soon_threadsafe(server.close)
