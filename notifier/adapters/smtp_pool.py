"""A bounded pool of open connections to one mail server, gentle with a server in trouble."""

import asyncio
import ssl

from notifier.adapters.oauth import Tokens
from notifier.adapters.smtp_ahead import Ahead
from notifier.adapters.smtp_envelope import Passage
from notifier.adapters.smtp_habits import Habits, HoldOff
from notifier.adapters.smtp_line import Line, Silence, Waits
from notifier.adapters.smtp_opening import open_line
from notifier.adapters.smtp_pipelining import Trust
from notifier.adapters.smtp_queue import Queue
from notifier.adapters.smtp_stages import Unopened
from notifier.adapters.smtp_tls import tls_context
from notifier.core.mail_servers import Smtp


class RoadClosed(Exception):
    """No line can be had now; the text says why."""


class Pool:
    """Up to `smtp.connections` lines, opened when needed; the latest used is used first.

    It lives on the loop on which it is first used. In trouble (a line could not be opened, or
    nothing gets through) one line at a time is tried, and nobody waits for it; lines that still
    work go on being used, since a server may refuse a fourth connection and like the other three.
    """

    def __init__(self, smtp: Smtp, *, waits: Waits, habits: Habits) -> None:
        self.waits = waits
        self.in_groups = Trust()
        self._smtp = smtp
        self.habits = habits
        self._idle: list[Line] = []
        self._busy = 0
        self._opening = 0
        self._probing = False  # one line is being tried, after a pause
        self._queue = Queue()
        self.ahead = Ahead(
            self._queue,
            waits,
            habits,
            in_groups=self.in_groups,
            worn=self._worn,
            free=self._give_back,
        )
        self._leaving: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._trouble = HoldOff(habits)
        self._tls: ssl.SSLContext | None = None
        self._tokens = Tokens(smtp, wait=waits.token)
        self._reading = asyncio.Lock()
        self._closed = False

    async def take(self, passage: Passage, *, fresh: bool = False) -> Line:
        """Lend a line; raise RoadClosed. To `leave` it is owed, and to close it after an exception.

        The letter's envelope may have left over it already: then it has `answers`.
        """
        again = False
        while True:
            if self._closed:
                raise RoadClosed("the connections to the mail server are being closed")
            line = await self._look_for_one(passage, fresh=fresh, again=again)
            if line is not None:
                return line
            fresh, again = False, True

    def leave(self, line: Line) -> None:
        """Take a line back, unless the next letter has it already."""
        if not self.ahead.inherited(line):
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
        self._queue.wake_all()

    async def close(self) -> None:
        """Take leave of the server; lines still lent are closed when they come back."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        while self._idle:
            self._retire(self._idle.pop())
        self._queue.wake_all()
        await self.ahead.close()
        await asyncio.gather(*self._leaving)

    async def _look_for_one(self, passage: Passage, *, fresh: bool, again: bool) -> Line | None:
        """Take a line that rests, open one, or wait for one; None: look again."""
        line = None if fresh else self._rested_line()
        if line is not None:
            return line if await self._still_there(line) else None
        if self._may_open(fresh=fresh):
            return await self._open()
        return None if fresh else await self._wait_for_one(passage, again=again)

    def _rested_line(self) -> Line | None:
        """Give the line used last that is still of use."""
        while self._idle:
            line = self._idle.pop()
            if line.clear and line.age < self.habits.renew_after:
                self._busy += 1
                return line
            self._retire(line)
        return None

    async def _still_there(self, line: Line) -> bool:
        """Ask a line that has idled whether it still lives."""
        if line.idle < self.habits.ask_after_idle:
            return True
        try:
            if (await line.ask(b"NOOP\r\n", self.waits.noop).reply()).code == 250:
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
        return await open_line(self._smtp, tls=self._tls, tokens=self._tokens, waits=self.waits)

    @property
    def _hopeless(self) -> bool:
        """Whether waiting is in vain: trouble, and no line of which one might come free."""
        expected = self._busy or (self._opening and not self._probing)
        return bool(self._trouble.cause and not expected)

    async def _wait_for_one(self, passage: Passage, *, again: bool) -> Line | None:
        """Wait until a line is inherited, or one comes back or things change (None).

        Raise what is wrong if that will not happen.
        """
        if self._hopeless:
            raise RoadClosed(self._trouble.cause)
        try:
            await self._queue.wait(passage, again=again)
        except BaseException:
            line = passage.line
            if line is not None and passage.owns_line:
                line.abort("given up while an answer was due")
                self.leave(line)
            self.ahead.forsake(passage)
            raise
        line = passage.line if passage.owns_line else None
        if line is None:
            # The line before which it stood has died, or took too long: another one will do.
            self.ahead.forsake(passage)
            passage.forget()
        return line

    def _give_back(self, line: Line) -> None:
        self._busy -= 1
        line.rested = asyncio.get_running_loop().time()
        if self._closed or self._worn(line) or not line.clear:
            self._retire(line)
        else:
            self._idle.append(line)
            self._sweep_later()
        self._wake()

    def _worn(self, line: Line) -> bool:
        """Tell whether a line has carried its share."""
        habits = self.habits
        return line.mails >= habits.renew_after_mails or line.age >= habits.renew_after

    def _retire(self, line: Line) -> None:
        """Take leave of a line without making anybody wait for it."""
        if not line.clear:
            line.abort()
            return
        leaving = asyncio.get_running_loop().create_task(line.quit(self.waits.quit))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._left)

    def _left(self, leaving: asyncio.Task[None]) -> None:
        self._leaving.discard(leaving)
        self._queue.wake_one()

    def _sweep_later(self) -> None:
        """See to it that nobody's connection is kept open for nothing."""
        if self._sweep is None:
            loop = asyncio.get_running_loop()
            self._sweep = loop.call_later(self.habits.leave_after_idle, self._sweep_idle)

    def _sweep_idle(self) -> None:
        self._sweep = None
        lines, self._idle = self._idle, []
        for line in lines:
            if line.clear and line.idle < self.habits.leave_after_idle:
                self._idle.append(line)
            else:
                self._retire(line)
        if self._idle:
            self._sweep_later()

    def _wake(self) -> None:
        """Let the next one look again; or all of them, if there is nothing left to wait for."""
        if self._hopeless and not self._idle:
            self._queue.wake_all()
        else:
            self._queue.wake_one()
