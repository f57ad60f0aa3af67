"""One open connection to a mail server: commands are written, replies are read, in order."""

import asyncio
from collections import deque
from typing import Final, cast

import msgspec

from notifier.adapters.smtp_offers import Offers
from notifier.adapters.smtp_replies import is_reply, many_lines, one_line, readable
from notifier.core.replies import Reply

# A whole reply; real ones are a few lines. Bounds what a server can make us keep (bytes).
LONGEST_REPLY: Final = 32_768

# How often a line whose server owes an answer is looked at, at the latest (seconds). One timer for
# all the answers of a mail: setting and taking back one for each would cost 10 µs a mail.
LOOK_SECONDS: Final = 1.0


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


class Answers:
    """The replies that a server owes to one group of commands, in order.

    `waits` has the patience for each in seconds, counted from the reply before it. Whoever waits
    is woken once, by the last reply or by one that is not a plain yes.
    """

    __slots__ = ("_line", "_read", "replies", "turned", "waiter", "waits")

    def __init__(self, line: "Line", waits: tuple[float, ...]) -> None:
        self.waits = waits
        self.replies: list[Reply] = []
        self.turned = False  # one of them, not the last, is not a plain yes
        self.waiter: asyncio.Future[None] | None = None
        self._line = line
        self._read = 0

    @property
    def whole(self) -> bool:
        """Whether nothing of it is owed any more."""
        return len(self.replies) == len(self.waits)

    @property
    def next_wait(self) -> float:
        """The patience for the reply that is due (seconds)."""
        return self.waits[len(self.replies)]

    async def reply(self) -> Reply:
        """Give the next reply; raise Silence, after which the line is of no more use."""
        if self._read == len(self.replies) and not self._line.fault:
            await self._another()
        if self._read < len(self.replies):
            self._read += 1
            return self.replies[self._read - 1]
        raise Silence(self._line.fault or "the connection was closed")

    async def granted(self) -> bool:
        """Tell whether the answers to an envelope are nothing but leave to send the body.

        The way of nearly every mail: one look at all of them, where `reply` and the table of
        replies would take 8 µs. What is anything else is for `reply`.
        """
        if not self.whole and not self._line.fault:
            await self._another()
        return self.whole and not self.turned and self.replies[-1].code == 354

    async def _another(self) -> None:
        self.waiter = asyncio.get_running_loop().create_future()
        try:
            await self.waiter
        except BaseException:
            # The reply is still to come and would be taken for the answer to the next command.
            self._line.abort("given up while an answer was due")
            raise
        finally:
            self.waiter = None

    def wake(self) -> None:
        """Let whoever waits look at what there is."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class Line(asyncio.Protocol):
    """A connection that is open, secured and logged in.

    It takes the transport over from the library that opened it, because that library drops replies
    nobody waits for yet, and so cannot pipeline (RFC 2920), nor pause between 354 and the body.
    """

    def __init__(self, transport: asyncio.Transport, offers: Offers) -> None:
        self.offers = offers
        self.mails = 0  # transactions begun
        self.half_open = False  # an envelope was begun and no body given
        self.given = 0.0  # when the latest body was
        self.spent = False  # what its server will say can no longer be counted
        self.cut = False  # it ended because the other side closed it
        self.late = False  # it ended because an answer did not come in time
        loop = asyncio.get_running_loop()
        self.opened = self.rested = loop.time()
        self._loop = loop
        self._transport = transport
        self._buffer = b""
        self._lines: list[bytes] = []
        self._owed: deque[Answers] = deque()
        self._fault = ""
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
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
        return not (self._owed or self.spent or self.fault)

    def owe(self, *waits: float) -> Answers:
        """Expect as many replies as there are waits (seconds), behind those still owed."""
        answers = Answers(self, waits)
        self._owed.append(answers)
        if len(self._owed) == 1:
            self._wait(waits[0])
        return answers

    def write(self, *pieces: bytes) -> None:
        """Send the pieces in one go; raise Silence if the line is gone."""
        if self.fault:
            raise Silence(self.fault)
        self._transport.write(b"".join(pieces))

    def ask(self, words: bytes, *waits: float) -> Answers:
        """Send commands to which the server owes as many replies as there are waits (seconds)."""
        self.write(words)
        return self.owe(*waits)

    def abort(self, fault: str = "closed on our side") -> None:
        """Close at once: what is still in the buffer (perhaps a final dot) does not leave."""
        self._end(fault)
        self._transport.abort()

    async def quit(self, wait: float) -> None:
        """Take leave (RFC 5321 §4.1.1.10) and close."""
        try:
            await self.ask(b"QUIT\r\n", wait).reply()
        except Silence:
            pass
        finally:
            self.abort()

    # What the event loop calls:

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        taken = False
        for line in lines:
            if self._fault:
                return
            # Nearly every reply is one line, and one that was read before.
            reply = (not self._lines and one_line(line)) or self._gathered(line.rstrip(b"\r"))
            if reply:
                taken = True
                self._take_in(reply)
        if taken and self._owed:
            self._wait(self._owed[0].next_wait)
        if (self._buffer or self._lines) and self._kept > LONGEST_REPLY:
            self.abort("the server's reply does not end")

    def connection_lost(self, exc: Exception | None) -> None:
        self.cut = not self._fault
        self._end(f"the connection was cut{f' ({exc})' if exc else ''}")

    def _end(self, fault: str) -> None:
        """Be of no more use, and tell everybody who waits."""
        self._fault = self._fault or fault
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for answers in self._owed:
            answers.wake()

    @property
    def _kept(self) -> int:
        """How much of an unfinished reply there is (bytes)."""
        return len(self._buffer) + sum(map(len, self._lines))

    def _gathered(self, line: bytes) -> Reply | None:
        """Take in one line of several; give the reply with the last of them."""
        if not is_reply(line):
            self.abort(f"the server's answer is not SMTP: {readable(line[:80])!r}")
            return None
        self._lines.append(line)
        if line[3:4] == b"-":
            return None
        lines, self._lines = self._lines, []
        reply = many_lines(lines)
        if any(line[:1] != lines[-1][:1] for line in lines):
            self.abort(f"the server's answer contradicts itself: {reply}")
            return None
        return reply

    def _take_in(self, reply: Reply) -> None:
        """Put a complete reply where it is waited for."""
        if not self._owed:
            # Most often `421 idle for too long`. It answers nothing that will be asked.
            self.abort(f"the server spoke unasked: {reply}")
            return
        answers = self._owed[0]
        answers.replies.append(reply)
        if len(answers.replies) == len(answers.waits):
            self._owed.popleft()
            answers.wake()
        elif not 199 < reply.code < 300:
            answers.turned = True
            answers.wake()

    # The time that an answer takes:

    def _wait(self, seconds: float) -> None:
        """Allow so many seconds for the next reply."""
        now = self._loop.time()
        self._deadline = now + seconds
        if self._timer is None:
            self._look_at(min(self._deadline, now + LOOK_SECONDS))
        elif self._deadline < self._timer.when():
            self._timer.cancel()
            self._look_at(self._deadline)

    def _look_at(self, moment: float) -> None:
        self._timer = self._loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._owed:
            return
        now = self._loop.time()
        if now < self._deadline:
            self._look_at(min(self._deadline, now + LOOK_SECONDS))
            return
        self.late = True
        self.abort(f"no answer within {self._owed[0].next_wait:g} s")


def take_over(transport: asyncio.BaseTransport | None, extensions: dict[str, str]) -> Line:
    """Go on with a connection that the library has opened."""
    return Line(cast("asyncio.Transport", transport), Offers.read(extensions))
