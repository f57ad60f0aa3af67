"""What the parts print, passed on line by line under the name of its part."""

import asyncio
import contextlib
import json
import os
import queue
import threading
from typing import BinaryIO

from notifier.config import LogFormat

# When nobody reads our output (a full pipe), this much is kept, and lines beyond are dropped
# and counted: a log must never hold up the mails.
MOST_WAITING_BYTES = 4 << 20

# A line without an end is cut into pieces of this size rather than collected for ever.
LONGEST_LINE_BYTES = 1 << 20
CHUNK_BYTES = 1 << 16

# What steers a terminal, whoever printed it; a tab does not.
_CONTROLS = bytes({*range(32), 127} - {9})

# How long the last lines may take at the end.
FLUSH_SECONDS = 2.0


class Outlet:
    """The one writer to our own standard error; it never makes its callers wait."""

    def __init__(self, descriptor: int, log: LogFormat) -> None:
        # The bare descriptor: a thread that hangs in a buffered file would hold its lock, and
        # the interpreter wants that lock to end.
        self._descriptor = descriptor
        self._log = log
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting_bytes = 0
        self._dropped = 0
        # A thread, because writing to a full pipe blocks, and a daemon, because it may for ever.
        self._writer = threading.Thread(target=self._write, name="outlet", daemon=True)
        self._writer.start()

    def line(self, name: str, text: bytes) -> None:
        """Pass on one line that the part `name` printed."""
        self._put(self._as_json(name, text) if self._log == "json" else _as_text(name, text))

    def say(self, text: str) -> None:
        """A line of the supervisor itself."""
        self.line("up", text.encode())

    async def pass_on(self, name: str, pipe: BinaryIO) -> None:
        """Pass on what comes through `pipe` until its last writer has closed it."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LONGEST_LINE_BYTES)
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            await self._pass_lines(name, reader)
        finally:
            transport.close()

    def close(self) -> None:
        """Write what is waiting, as far as somebody reads it."""
        self._lines.put(None)
        self._writer.join(FLUSH_SECONDS)

    async def _pass_lines(self, name: str, reader: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await reader.read(CHUNK_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            for text in lines:
                self.line(name, text)
            if len(rest) > LONGEST_LINE_BYTES:
                self.line(name, rest)
                rest = b""
        if rest:
            self.line(name, rest)

    def _as_json(self, name: str, text: bytes) -> bytes:
        if text.startswith(b"{"):
            return text + b"\n"
        message = text.decode(errors="replace")
        return json.dumps({"role": name, "message": message}).encode() + b"\n"

    def _put(self, line: bytes) -> None:
        with self._lock:
            if self._waiting_bytes > MOST_WAITING_BYTES:
                self._dropped += 1
                return
            self._waiting_bytes += len(line)
        self._lines.put(line)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            with self._lock:
                self._waiting_bytes -= len(line)
                dropped, self._dropped = self._dropped, 0
            if dropped:
                self._write_all(
                    _as_text("up", b"%d lines were dropped, nobody read them" % dropped)
                )
            self._write_all(line)

    def _write_all(self, line: bytes) -> None:
        # Whoever read our output may have gone; the notifier goes on without a listener.
        with contextlib.suppress(OSError):
            while line:
                line = line[os.write(self._descriptor, line) :]


def _as_text(name: str, text: bytes) -> bytes:
    return f"{name:<6} | ".encode() + text.translate(None, _CONTROLS) + b"\n"
