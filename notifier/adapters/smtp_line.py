"""One open connection to a mail server: commands are written, replies are read, in order."""

import asyncio
import re
from collections import deque
from typing import Final, cast

import msgspec

from notifier.core.cleaning import clean_line
from notifier.core.replies import Reply

# A whole reply; real ones are a few lines. Bounds what a server can make us keep (bytes).
LONGEST_REPLY: Final = 32_768

# What is kept of a reply's words: they end up in the ledger (characters).
KEPT_TEXT: Final = 500

# RFC 5321 §4.2: three digits, then a hyphen (more to come), a space, or nothing.
_REPLY_LINE: Final = re.compile(rb"([2-5][0-9]{2})(?:([- ])(.*))?")
_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\s+")


class Waits(msgspec.Struct, frozen=True):
    """How many seconds to wait for what (RFC 5321 §4.5.3.2).

    Too short a wait after the final dot manufactures duplicates. Connecting, TLS and the
    greeting are shorter than the RFC's five minutes: our server is the operator's own.
    """

    connect: float = 30
    tls: float = 30
    greeting: float = 60
    command: float = 60  # EHLO, AUTH
    token: float = 20
    mail: float = 300
    rcpt: float = 300
    data: float = 120
    body: float = 600
    noop: float = 10
    quit: float = 2


class Silence(Exception):
    """No definite reply: the connection was cut, the time is over, or it was not SMTP."""


class Offers(msgspec.Struct, frozen=True):
    """What the server said it can do (EHLO)."""

    pipelining: bool = False
    eight_bit: bool = False
    smtputf8: bool = False
    size_announced: bool = False
    size_limit: int | None = None  # bytes; None: no fixed limit (RFC 1870 §3)

    @classmethod
    def read(cls, extensions: dict[str, str]) -> "Offers":
        """Read the EHLO keywords (in lower case) and their parameters."""
        limit = extensions.get("size", "").strip()
        return cls(
            pipelining="pipelining" in extensions,
            eight_bit="8bitmime" in extensions,
            smtputf8="smtputf8" in extensions,
            size_announced="size" in extensions,
            size_limit=int(limit) or None if limit.isascii() and limit.isdigit() else None,
        )


class Line(asyncio.Protocol):
    """A connection that is open, secured and logged in.

    It takes the transport over from the library that opened it, because that library drops replies
    nobody waits for yet, and so cannot pipeline (RFC 2920), nor pause between 354 and the body.
    """

    def __init__(self, transport: asyncio.Transport, offers: Offers) -> None:
        self.offers = offers
        self.mails = 0  # transactions begun
        self.mail_accepted = False  # MAIL FROM was, in the latest transaction
        self.half_open = False  # an envelope was begun and no body answered
        loop = asyncio.get_running_loop()
        self.opened = self.rested = loop.time()
        self._loop = loop
        self._transport = transport
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._replies: deque[Reply] = deque()
        self._owed = 0
        self._fault = ""
        self._waiter: asyncio.Future[None] | None = None
        transport.set_protocol(self)

    @property
    def fault(self) -> str:
        """Why this line is of no more use, or empty."""
        if not self._fault and self._transport.is_closing():
            return "the connection was closed"
        return self._fault

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._loop.time() - self.opened

    @property
    def idle(self) -> float:
        """Seconds since it was last put to rest."""
        return self._loop.time() - self.rested

    @property
    def clear(self) -> bool:
        """Whether nothing is owed by either side: fit for another letter."""
        return not (self.fault or self._owed or self._replies)

    def write(self, content: bytes, *, replies: int) -> None:
        """Send `content`, to which the server owes so many replies; raise Silence if it is gone."""
        if self.fault:
            raise Silence(self.fault)
        self._owed += replies
        self._transport.write(content)

    async def reply(self, wait: float) -> Reply:
        """Give the next reply; raise Silence, after which the line is of no more use."""
        if not self._replies and not self.fault:
            await self._await_reply(wait)
        if self._replies:
            return self._replies.popleft()
        raise Silence(self.fault or "the connection was closed")

    async def _await_reply(self, wait: float) -> None:
        self._waiter = self._loop.create_future()
        try:
            async with asyncio.timeout(wait):
                await self._waiter
        except TimeoutError:
            self.abort(f"no answer within {wait:g} s")
        except BaseException:
            # The reply is still to come and would be taken for the answer to the next command.
            self.abort("given up while an answer was due")
            raise
        finally:
            self._waiter = None

    def abort(self, fault: str = "closed on our side") -> None:
        """Close at once: what is still in the buffer (perhaps a final dot) does not leave."""
        self._fault = self._fault or fault
        self._transport.abort()

    async def quit(self, wait: float) -> None:
        """Take leave (RFC 5321 §4.1.1.10) and close."""
        try:
            self.write(b"QUIT\r\n", replies=1)
            await self.reply(wait)
        except Silence:
            pass
        finally:
            self.abort()

    # What the event loop calls:

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\n")) >= 0 and not self._fault:
            line = bytes(self._buffer[:end]).rstrip(b"\r")
            del self._buffer[: end + 1]
            self._read(line)
        if len(self._buffer) + sum(map(len, self._lines)) > LONGEST_REPLY:
            self.abort("the server's reply does not end")
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fault = self._fault or f"the connection was cut{f' ({exc})' if exc else ''}"
        self._wake()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done() and (self._replies or self._fault):
            waiter.set_result(None)

    def _read(self, line: bytes) -> None:
        """Take in one line of a reply."""
        found = _REPLY_LINE.fullmatch(line)
        if found is None:
            self.abort(f"the server's answer is not SMTP: {_clean(line[:80])!r}")
            return
        self._lines.append(line)
        if found[2] != b"-":
            self._take_in(int(found[1]))

    def _take_in(self, code: int) -> None:
        """Put a complete reply where it is waited for."""
        lines, self._lines = self._lines, []
        reply = Reply(code, joined([_clean(line[4:]) for line in lines]))
        if any(line[:1] != lines[-1][:1] for line in lines):
            self.abort(f"the server's answer contradicts itself: {reply}")
        elif not self._owed:
            # Most often `421 idle for too long`. It answers nothing that will be asked.
            self.abort(f"the server spoke unasked: {reply}")
        else:
            self._owed -= 1
            self._replies.append(reply)


def take_over(transport: asyncio.BaseTransport | None, extensions: dict[str, str]) -> Line:
    """Go on with a connection that the library has opened."""
    return Line(cast("asyncio.Transport", transport), Offers.read(extensions))


def joined(lines: list[str]) -> str:
    """Join the lines of one reply, its enhanced code said once, to a length worth keeping."""
    if len(lines) == 1:
        return lines[0][:KEPT_TEXT]
    first, *rest = lines
    words = [first, *(_ENHANCED.sub("", line, count=1) for line in rest)]
    return " ".join(filter(None, words))[:KEPT_TEXT]


def _clean(line: bytes) -> str:
    return clean_line(line.decode("utf-8", "replace"))
