"""What the parts print, passed on in whole lines under the name of its part, many at a time.

While mails leave, a line is printed for each of them: the price of a line here is a price of every
mail. So a pipe is emptied once in a while and not at every line, and what it held is passed on as
one block: 1.2 µs a line at 8,000 a second, where each by itself cost 50.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import queue
import sys
import threading
from typing import BinaryIO

from notifier.config import LogFormat

# When nobody reads our output (a full pipe), this much is kept, and lines beyond are dropped
# and counted: a log must never hold up the mails.
MOST_WAITING_BYTES = 4 << 20

# A line without an end is cut into pieces of this size rather than collected for ever.
LONGEST_LINE_BYTES = 1 << 20

# Between two looks into a pipe; the first line after a silence is passed on at once.
GATHER_SECONDS = 0.05

# What one read takes: for more, Python would get fresh memory each time, at five times the price.
READ_BYTES = 1 << 16

# What a pipe may hold between two looks, where the system lets us say so: 64 KiB, the usual size,
# are 300 lines, and a part whose pipe is full has to wait with its mails.
PIPE_BYTES = 1 << 20

# What steers a terminal, whoever printed it; a tab does not, and the ends of lines are ours.
_CONTROLS = bytes({*range(32), 127} - {9, 10})

# How long the last lines may take at the end.
FLUSH_SECONDS = 2.0


class Outlet:
    """The one writer to our own standard error; it never makes its callers wait."""

    def __init__(self, descriptor: int, log: LogFormat) -> None:
        # The bare descriptor: a thread that hangs in a buffered file would hold its lock, and
        # the interpreter wants that lock to end.
        self._descriptor = descriptor
        self._written_as = _as_json if log == "json" else _as_text
        self._blocks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting_bytes = 0
        self._dropped = 0
        # A thread, because writing to a full pipe blocks, and a daemon, because it may for ever.
        self._writer = threading.Thread(target=self._write, name="outlet", daemon=True)
        self._writer.start()

    def say(self, text: str) -> None:
        """A line of the supervisor itself."""
        self._put(self._written_as("up", text.replace("\n", " ").encode() + b"\n"))

    async def pass_on(self, name: str, pipe: BinaryIO) -> None:
        """Pass on what comes through `pipe` until its last writer has closed it."""
        rest = b""
        with pipe:
            _prepare(pipe.fileno())
            while printed := await _printed(pipe.fileno()):
                rest = self._pass_lines(name, rest + printed)
                if len(printed) < READ_BYTES:
                    await asyncio.sleep(GATHER_SECONDS)
        if rest:
            self._pass_lines(name, rest + b"\n")

    def close(self) -> None:
        """Write what is waiting, as far as somebody reads it."""
        self._blocks.put(None)
        self._writer.join(FLUSH_SECONDS)

    def _pass_lines(self, name: str, printed: bytes) -> bytes:
        """Pass on the whole lines; give what has no end yet."""
        if b"\n" not in printed and len(printed) > LONGEST_LINE_BYTES:
            printed += b"\n"
        end = printed.rfind(b"\n") + 1
        if end:
            self._put(self._written_as(name, printed[:end]))
        return printed[end:]

    def _put(self, block: bytes) -> None:
        with self._lock:
            if self._waiting_bytes > MOST_WAITING_BYTES:
                self._dropped += block.count(b"\n")
                return
            self._waiting_bytes += len(block)
        self._blocks.put(block)

    def _write(self) -> None:
        while (block := self._blocks.get()) is not None:
            with self._lock:
                self._waiting_bytes -= len(block)
                dropped, self._dropped = self._dropped, 0
            if dropped:
                said = b"%d lines were dropped, nobody read them\n" % dropped
                self._write_all(self._written_as("up", said))
            self._write_all(block)

    def _write_all(self, block: bytes) -> None:
        # Whoever read our output may have gone; the notifier goes on without a listener.
        with contextlib.suppress(OSError):
            while block:
                block = block[os.write(self._descriptor, block) :]


def _prepare(descriptor: int) -> None:
    """Let a pipe hold much, and let nobody wait for what it does not hold."""
    os.set_blocking(descriptor, False)
    if sys.platform == "linux":
        # The system allows each user so much only, and root more: what it refuses stays as it was.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


async def _printed(descriptor: int) -> bytes:
    """Give what a pipe holds, once it holds anything; nothing when its last writer is gone."""
    while True:
        try:
            return os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            await _readable(descriptor)


async def _readable(descriptor: int) -> None:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(descriptor)


def _as_text(name: str, block: bytes) -> bytes:
    head = f"{name:<6} | ".encode()
    return head + block.translate(None, _CONTROLS)[:-1].replace(b"\n", b"\n" + head) + b"\n"


def _as_json(name: str, block: bytes) -> bytes:
    if block.startswith(b"{") and block.count(b"\n{") == block.count(b"\n") - 1:
        return block
    return b"".join(_json_line(name, line) for line in block.splitlines(keepends=True))


def _json_line(name: str, line: bytes) -> bytes:
    if line.startswith(b"{"):
        return line
    return (
        json.dumps({"role": name, "message": line[:-1].decode(errors="replace")}).encode() + b"\n"
    )
