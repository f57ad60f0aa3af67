"""Who waits for a line to the mail server, in the order of coming."""

import asyncio
from collections import deque

from notifier.adapters.smtp_envelope import Passage


class Queue:
    """Letters that wait. The first is woken when it may look again, or taken to where a line is."""

    def __init__(self) -> None:
        self._waiting: deque[Passage] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    async def wait(self, passage: Passage, *, again: bool) -> None:
        """Wait for a turn; who has waited before, and in vain, stands in front.

        Whoever is cancelled at the moment of being woken passes the turn on.
        """
        waiter = passage.waiter = asyncio.get_running_loop().create_future()
        if again:
            self._waiting.appendleft(passage)
        else:
            self._waiting.append(passage)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled() and passage.line is None:
                self.wake_one()
            raise

    def pop(self) -> Passage | None:
        """Take out the first who still waits, without waking it."""
        while self._waiting:
            passage = self._waiting.popleft()
            if passage.waiting:
                return passage
        return None

    def put_back(self, passage: Passage) -> None:
        """Let the one that was taken out go on waiting, in front."""
        self._waiting.appendleft(passage)

    def wake_one(self) -> None:
        """Let the first look again."""
        passage = self.pop()
        if passage is not None:
            passage.wake()

    def wake_all(self) -> None:
        """Let everybody look again."""
        while self._waiting:
            self.wake_one()
