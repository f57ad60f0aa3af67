"""A mail server of our own, a process by itself: `python -m bench.sinks.server --port … …`.

It takes everything, pipelined or not (RFC 2920), in the clear, after STARTTLS or over TLS from the
start, and answers at once or after a while, as a server does that is far away. It raises the
counts in `counts`, and writes each mail's line to `journal` and the latest mail to `last`.
"""

import argparse
import asyncio
import re
import signal
import ssl
import time
from pathlib import Path
from typing import Final, cast

import uvloop

from bench.sinks.counts import Counts
from bench.sinks.taken import NO_ID, Mail

COUNTS: Final = "counts"
JOURNAL: Final = "journal"
LAST: Final = "last"
CERTIFICATE: Final = "certificate.pem"

EHLO: Final = b"250-sink\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n"
LAST_WORD: Final = b"250 SMTPUTF8\r\n"
OFFER: Final = b"250-STARTTLS\r\n"
OK: Final = b"250 2.0.0 ok\r\n"
TAKEN: Final = b"250 2.0.0 taken\r\n"
ANSWERS: Final = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 2.0.0 bye\r\n"}
END: Final = b"\r\n.\r\n"
MESSAGE_ID: Final = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
ADDRESS: Final = re.compile(rb"<(.*?)>")
# How long lines for the journal gather (seconds); the counts do not wait.
GATHERING: Final = 0.02


class Book:
    """What has been taken: counts at once, lines for the journal a moment later."""

    def __init__(self, folder: Path, noting: str) -> None:
        self.counts = Counts(folder / COUNTS)
        self._folder = folder
        self._noting = noting
        self._journal = (folder / JOURNAL).open("ab")
        self._gathered: list[bytes] = []
        self._last = b""

    def take(self, recipients: tuple[str, ...], content: bytes) -> None:
        self._last = content
        if not self._noting or recipients[0].startswith(self._noting):
            if not self._gathered:
                asyncio.get_running_loop().call_later(GATHERING, self.write_down)
            self._gathered.append(
                Mail(time.monotonic(), len(content), recipients, _message_id(content)).line()
            )
            self.counts.raise_by("noted", 1)
        # Last, for whoever waits looks at this one.
        self.counts.raise_by("mails", 1)

    def write_down(self) -> None:
        """Write what has gathered; the latest mail first, for whoever waits looks at the lines."""
        (self._folder / LAST).write_bytes(self._last)
        self._journal.write(b"".join(self._gathered))
        self._journal.flush()
        self._gathered.clear()


class Talk(asyncio.Protocol):
    """One connection: commands line by line, then a body up to its dot."""

    def __init__(self, book: Book, *, delay: float, tls: ssl.SSLContext | None) -> None:
        self._book = book
        self._delay = delay
        # To be offered; gone once it is spoken.
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._changing: asyncio.Task[None] | None = None
        self._read = bytearray()
        self._looked = 0
        self._in_body = False
        self._recipients: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's by inheritance, they only do the same.
        self._transport = cast(asyncio.Transport, transport)
        counts = self._book.counts
        counts.raise_by("connections", 1)
        now_open = counts.raise_by("open", 1)
        counts.raise_by("most_open", max(0, now_open - counts["most_open"]))
        self._answer(b"220 sink ESMTP\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._changing:
            self._changing.cancel()
        self._book.counts.raise_by("open", -1)

    def data_received(self, data: bytes) -> None:
        """Read on; what comes of one packet is answered in one, as RFC 2920 §3.2 would have it."""
        self._read += data
        answers: list[bytes] = []
        while answer := self._body() if self._in_body else self._command():
            answers.append(answer)
        if answers:
            self._answer(b"".join(answers))

    def _command(self) -> bytes:
        end = self._read.find(b"\r\n")
        if end < 0:
            return b""
        line = bytes(self._read[:end])
        word = line[:4].upper()
        if word == b"DATA":
            self._in_body, self._looked = True, 0
            # The line's end stays: a body that is empty has its dot right behind it.
            del self._read[:end]
            return ANSWERS[word]
        del self._read[: end + 2]
        if word == b"RCPT":
            found = ADDRESS.search(line)
            self._recipients.append(found[1].decode() if found else "")
        elif word in (b"MAIL", b"RSET"):
            self._recipients.clear()
        elif word == b"EHLO":
            return EHLO + (OFFER if self._tls else b"") + LAST_WORD
        elif word == b"STAR" and self._tls:
            return self._start_tls(self._tls)
        return ANSWERS.get(word, OK)

    def _body(self) -> bytes:
        end = self._read.find(END, self._looked)
        if end < 0:
            # Its beginning may be here already.
            self._looked = max(0, len(self._read) - len(END) + 1)
            return b""
        self._book.take(tuple(self._recipients), bytes(self._read[2:end]))
        del self._read[: end + len(END)]
        self._in_body = False
        return TAKEN

    def _answer(self, answers: bytes) -> None:
        if self._delay:
            self._loop.call_later(self._delay, self._write, answers)
        else:
            self._write(answers)

    def _write(self, answers: bytes) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(answers)
            if answers.endswith(ANSWERS[b"QUIT"]):
                self._transport.close()

    def _start_tls(self, context: ssl.SSLContext) -> bytes:
        """Say that it may begin, and begin; whatever was sent along in the clear is forgotten."""
        assert self._transport is not None
        self._transport.pause_reading()
        self._tls = None
        self._read.clear()
        self._write(b"220 2.0.0 go on\r\n")
        self._changing = self._loop.create_task(self._changed(self._transport, context))
        return b""

    async def _changed(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        changed = await self._loop.start_tls(transport, self, context, server_side=True)
        self._transport = cast(asyncio.Transport, changed)


async def serve(asked: argparse.Namespace) -> None:
    """Listen until SIGTERM; a Ctrl-C is for whoever measures, who then ends this, too."""
    loop = asyncio.get_running_loop()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    folder: Path = asked.folder
    book = Book(folder, asked.noting)
    context = None
    if asked.security != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / CERTIFICATE)
    offered, spoken = (context, None) if asked.security == "starttls" else (None, context)
    delay = asked.delay_milliseconds / 1000
    server = await loop.create_server(
        lambda: Talk(book, delay=delay, tls=offered),
        "127.0.0.1",
        asked.port,
        ssl=spoken,
        # A pool of two hundred may arrive at one moment.
        backlog=1000,
    )
    book.counts.raise_by("listening", 1)
    await stopping.wait()
    server.close()
    book.write_down()


def _message_id(content: bytes) -> str:
    found = MESSAGE_ID.search(content, 0, content.find(b"\r\n\r\n") + 1)
    return found[1].decode() if found else NO_ID


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.sinks.server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--security", choices=("none", "starttls", "ssl"), default="none")
    parser.add_argument("--delay-milliseconds", type=float, default=0)
    parser.add_argument("--noting", default="", help="only mails to addresses that begin so")
    uvloop.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
