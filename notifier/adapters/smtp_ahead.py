"""What leaves ahead of time: behind a body, in the same write, the envelope of the next letter.

RFC 2920 §3.1 allows it, and between two bodies then lies one round trip instead of two. Nothing of
the next letter but its envelope has left by then: until its own 354 has come and its fence has been
asked, it can go over any other line instead, as if nothing had been.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from notifier.adapters.smtp_envelope import Passage
from notifier.adapters.smtp_habits import Habits
from notifier.adapters.smtp_line import Answers, Line, Silence, Waits
from notifier.adapters.smtp_pipelining import Leave, Trust
from notifier.adapters.smtp_queue import Queue

_DOT: Final = b".\r\n"
_NOOP: Final = b"NOOP\r\n"


class Ahead:
    """The heirs of lines that are in use: letters whose envelope has left behind another's body.

    A server is trusted with that when it has once answered a NOOP that came in one write with a
    body: some read a body up to a dot at the end of what they have, others throw away what follows.
    `in_groups` is the trust in envelopes of one write, `worn` tells whether a line is due to be
    closed, `free` takes one back that nobody uses.
    """

    def __init__(
        self,
        queue: Queue,
        waits: Waits,
        habits: Habits,
        *,
        in_groups: Trust,
        worn: Callable[[Line], bool],
        free: Callable[[Line], None],
    ) -> None:
        self.trust: Final = Trust()
        self._queue = queue
        self._waits = waits
        self._habits = habits
        # Where an envelope was thrown away, its silence is nobody's fault but the server's.
        self._envelope = (min(waits.mail, habits.suspect_after), waits.rcpt, waits.data)
        self._in_groups = in_groups
        self._worn = worn
        self._free = free
        self._prompt = True  # the latest body was answered soon
        self._heirs: dict[Line, Passage] = {}
        self._rehearsals: dict[Line, asyncio.Task[None]] = {}
        self._resting: set[Line] = set()  # in rehearsal, and their letter has gone
        self._watch: asyncio.TimerHandle | None = None

    def give(self, line: Line, body: bytes) -> Answers:
        """Send a body, and behind it what may go; give what is owed to the body."""
        line.given = asyncio.get_running_loop().time()
        leave = self._leave(line)
        if leave is Leave.YES and (heir := self._fitting(line)):
            line.write(body, _DOT, heir.address(line))
            answers = line.owe(self._waits.body)
            self._put_behind(line, heir)
        elif leave is Leave.TRIAL:
            line.write(body, _DOT, _NOOP)
            answers = line.owe(self._waits.body)
            self._rehearse(line, answers)
        else:
            line.write(body, _DOT)
            answers = line.owe(self._waits.body)
        return answers

    def answered(self, line: Line) -> None:
        """Hear that the body on `line` was answered."""
        took = asyncio.get_running_loop().time() - line.given
        self._prompt = took < self._habits.prompt

    def inherited(self, line: Line) -> bool:
        """Say whether `line`, of which its letter takes leave, goes on by itself for now."""
        if line in self._rehearsals:
            self._resting.add(line)
            return True
        heir = self._heirs.pop(line, None)
        if heir is None or line.fault:
            return False
        heir.owns_line = True
        return True

    def forsake(self, passage: Passage) -> None:
        """Take back a letter that is ahead; its envelope stays, and closes the line in the end."""
        if passage.line is not None and self._heirs.get(passage.line) is passage:
            del self._heirs[passage.line]
            passage.line.spent = True

    async def close(self) -> None:
        """Wait for no answer that is owed to no letter."""
        hearings = [self._rehearsals[line] for line in self._resting]
        for hearing in hearings:
            hearing.cancel()
        await asyncio.gather(*hearings, return_exceptions=True)

    def _leave(self, line: Line) -> Leave:
        """Ask whether something may go behind a body now, if anybody waits."""
        if not (self._queue and self._prompt and line.offers.pipelining):
            return Leave.NO
        if self._worn(line) or not self._in_groups.known:
            return Leave.NO
        return self.trust.leave()

    def _fitting(self, line: Line) -> Passage | None:
        """Take the next letter out of the queue, unless this server cannot take it at all."""
        passage = self._queue.pop()
        if passage is not None and passage.misfit(line.offers):
            self._queue.put_back(passage)
            return None
        return passage

    def _put_behind(self, line: Line, heir: Passage) -> None:
        heir.answers = line.owe(*self._envelope)
        heir.answers.waiter = heir.waiter
        self._heirs[line] = heir
        if self._watch is None:
            self._watch_later()

    def _watch_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(self._habits.patience_behind / 4, self._watch_over)

    def _watch_over(self) -> None:
        """Take back the letters that have been behind a body for too long."""
        self._watch = None
        now = asyncio.get_running_loop().time()
        for line, heir in list(self._heirs.items()):
            if now - line.given > self._habits.patience_behind:
                self._prompt = False
                self.forsake(heir)
                heir.wake()
        if self._heirs:
            self._watch_later()

    # The trial:

    def _rehearse(self, line: Line, body: Answers) -> None:
        noop = line.owe(self._waits.noop)
        hearing = asyncio.get_running_loop().create_task(self._hear_out(line, body, noop))
        self._rehearsals[line] = hearing

    async def _hear_out(self, line: Line, body: Answers, noop: Answers) -> None:
        """Hear whether the NOOP is answered; the letter before it does not wait for that."""
        loop = asyncio.get_running_loop()
        helping = loop.call_later(self._habits.help_after, self._help_out, line, body)
        try:
            await noop.reply()
            self.trust.kept()
        except Silence:
            # A 421, or a letter that is given up, closes the line and says nothing of the NOOP.
            if line.cut or line.late or (body.whole and body.replies[0].code != 421):
                self.trust.broken()
            else:
                self.trust.undecided()
        except asyncio.CancelledError:
            self.trust.undecided()
            raise
        finally:
            helping.cancel()
            self._rehearsals.pop(line)
            if line in self._resting:
                self._resting.discard(line)
                self._free(line)

    def _help_out(self, line: Line, body: Answers) -> None:
        """Give a server the end that it seems to wait for, lest the letter stay in doubt.

        One that sees a dot only at the end of what it has read takes the letter now, with two lines
        behind its last part, which no reader shows. To every other these are unknown commands. The
        line, whose answers nobody could count any more, is closed in the end.
        """
        if not body.whole and not line.fault:
            line.write(b"\r\n", _DOT)
            line.spent = True
