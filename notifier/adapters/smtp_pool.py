"""A bounded pool of open connections to one mail server, gentle with a server in trouble."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from notifier.adapters.oauth import Tokens
from notifier.adapters.smtp_line import Line, Silence, Waits
from notifier.adapters.smtp_opening import open_line
from notifier.adapters.smtp_stages import Unopened
from notifier.adapters.smtp_tls import tls_context
from notifier.core.mail_servers import Smtp


class Habits(msgspec.Struct, frozen=True):
    """How long connections are kept, and how long a server in trouble is left alone (seconds)."""

    # Servers hang up on the idle after minutes; a question is cheaper than a lost letter.
    ask_after_idle: float = 30
    # Long conversations meet limits of servers and of firewalls, and never see a new DNS answer.
    renew_after: float = 300
    renew_after_mails: int = 100
    leave_after_idle: float = 120
    hold_off_first: float = 1
    hold_off_longest: float = 30


class RoadClosed(Exception):
    """No line can be had now; the text says why."""


class HoldOff:
    """How long nobody knocks: a second after the first failure, doubling to half a minute."""

    def __init__(self, habits: Habits) -> None:
        self.cause = ""
        self._habits = habits
        self._pause = 0.0
        self._until = 0.0

    @property
    def over(self) -> bool:
        """Whether the pause is over, so that one may knock."""
        return asyncio.get_running_loop().time() >= self._until

    def failed(self, cause: str) -> None:
        """Begin a pause, longer than the last one; failures within a pause are one failure."""
        self.cause = cause
        if self.over:
            doubled = max(self._habits.hold_off_first, self._pause * 2)
            self._pause = min(doubled, self._habits.hold_off_longest)
            self._until = asyncio.get_running_loop().time() + self._pause

    def outlived_by(self, line: Line) -> bool:
        """Whether `line` was opened since: one from before says nothing about knocking now."""
        return line.opened >= self._until

    def worked(self) -> None:
        """Forget the trouble."""
        self.cause = ""
        self._pause = self._until = 0.0


class Pool:
    """Up to `smtp.connections` lines, opened when needed; the latest used is used first.

    It lives on the loop on which it is first used. In trouble (a line could not be opened, or
    nothing gets through) one line at a time is tried, and nobody waits for it; lines that still
    work go on being used, since a server may refuse a fourth connection and like the other three.
    """

    def __init__(self, smtp: Smtp, *, waits: Waits, habits: Habits) -> None:
        self._smtp = smtp
        self._waits = waits
        self._habits = habits
        self._idle: list[Line] = []
        self._busy = 0
        self._opening = 0
        self._probing = False  # one line is being tried, after a pause
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._leaving: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._trouble = HoldOff(habits)
        self._tls: ssl.SSLContext | None = None
        self._tokens = Tokens(smtp, wait=waits.token)
        self._reading = asyncio.Lock()
        self._closed = False

    @asynccontextmanager
    async def line(self, *, fresh: bool = False) -> AsyncIterator[Line]:
        """Lend a line; raise RoadClosed. A line that saw an exception is closed, not kept."""
        line = await self._take(fresh=fresh)
        try:
            yield line
        except BaseException:
            line.abort()
            raise
        finally:
            self._give_back(line)

    def in_trouble(self, cause: str) -> None:
        """Hear that nothing gets through although lines open."""
        self._trouble.failed(cause)
        # The line has come back already, and whom that woke has left: the others wait in vain.
        self._wake()

    def in_order(self, line: Line) -> None:
        """Hear that mail gets through on `line`."""
        if self._trouble.cause and self._trouble.outlived_by(line):
            self.forgive()

    def forgive(self) -> None:
        """Forget the trouble: somebody else has found the server well, or may try."""
        self._trouble.worked()
        self._wake_all()

    async def close(self) -> None:
        """Take leave of the server; lines still lent are closed when they come back."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        while self._idle:
            self._retire(self._idle.pop())
        self._wake_all()
        await asyncio.gather(*self._leaving)

    async def _take(self, *, fresh: bool) -> Line:
        while True:
            if self._closed:
                raise RoadClosed("the connections to the mail server are being closed")
            line = None if fresh else self._rested_line()
            if line is not None:
                if await self._still_there(line):
                    return line
            elif self._may_open(fresh=fresh):
                opened = await self._open()
                if opened is not None:
                    return opened
            elif not fresh:
                await self._wait_for_a_line()
            fresh = False

    def _rested_line(self) -> Line | None:
        """Give the line used last that is still of use."""
        while self._idle:
            line = self._idle.pop()
            if line.clear and line.age < self._habits.renew_after:
                self._busy += 1
                return line
            self._retire(line)
        return None

    async def _still_there(self, line: Line) -> bool:
        """Ask a line that has idled whether it still lives."""
        if line.idle < self._habits.ask_after_idle:
            return True
        try:
            line.write(b"NOOP\r\n", replies=1)
            if (await line.reply(self._waits.noop)).code == 250:
                return True
        except Silence:
            pass
        except BaseException:
            self._give_back(line)
            raise
        line.abort()
        self._give_back(line)
        return False

    def _may_open(self, *, fresh: bool) -> bool:
        """Tell whether there is room for one more, and leave to knock."""
        if self._trouble.cause and (self._opening or not self._trouble.over):
            return False
        if fresh and self._idle:
            self._retire(self._idle.pop(0))
        at_hand = self._busy + self._opening + len(self._idle) + len(self._leaving)
        return at_hand < self._smtp.connections

    async def _open(self) -> Line | None:
        """Open a line; None if that failed."""
        self._opening += 1
        self._probing = bool(self._trouble.cause)
        try:
            line = await self._opened()
        except Unopened as fault:
            self._trouble.failed(fault.cause)
            return None
        finally:
            self._opening -= 1
            self._probing = False
            self._wake()
        self._busy += 1
        return line

    async def _opened(self) -> Line:
        async with self._reading:
            if self._tls is None and self._smtp.security != "none":
                # Reads some hundred certificates from disk.
                self._tls = await asyncio.to_thread(tls_context, self._smtp.ca_file)
        return await open_line(self._smtp, tls=self._tls, tokens=self._tokens, waits=self._waits)

    @property
    def _hopeless(self) -> bool:
        """Whether waiting is in vain: trouble, and no line of which one might come free."""
        expected = self._busy or (self._opening and not self._probing)
        return bool(self._trouble.cause and not expected)

    async def _wait_for_a_line(self) -> None:
        """Wait until a line comes back or things change; raise what is wrong if none will."""
        if self._hopeless:
            raise RoadClosed(self._trouble.cause)
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self._wake_one()  # it was our turn, and we go: the next one takes it
            raise

    def _give_back(self, line: Line) -> None:
        self._busy -= 1
        line.rested = asyncio.get_running_loop().time()
        worn = line.mails >= self._habits.renew_after_mails or line.age >= self._habits.renew_after
        if self._closed or worn or not line.clear:
            self._retire(line)
        else:
            self._idle.append(line)
            self._sweep_later()
        self._wake()

    def _retire(self, line: Line) -> None:
        """Take leave of a line without making anybody wait for it."""
        if not line.clear:
            line.abort()
            return
        leaving = asyncio.get_running_loop().create_task(line.quit(self._waits.quit))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._left)

    def _left(self, leaving: asyncio.Task[None]) -> None:
        self._leaving.discard(leaving)
        self._wake_one()

    def _sweep_later(self) -> None:
        """See to it that nobody's connection is kept open for nothing."""
        if self._sweep is None:
            loop = asyncio.get_running_loop()
            self._sweep = loop.call_later(self._habits.leave_after_idle, self._sweep_idle)

    def _sweep_idle(self) -> None:
        self._sweep = None
        lines, self._idle = self._idle, []
        for line in lines:
            if line.clear and line.idle < self._habits.leave_after_idle:
                self._idle.append(line)
            else:
                self._retire(line)
        if self._idle:
            self._sweep_later()

    def _wake(self) -> None:
        """Let the next one look again; or all of them, if there is nothing left to wait for."""
        if self._hopeless and not self._idle:
            self._wake_all()
        else:
            self._wake_one()

    def _wake_one(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _wake_all(self) -> None:
        while self._waiting:
            self._wake_one()
