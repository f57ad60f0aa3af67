"""Batching: whoever comes while a round trip is under way travels with the next one.

Databases call it a group commit. Nobody waits for company by the clock: the first who comes leaves
with those that come in the same turn of the event loop, and the busier it is, the larger are the
batches. Where many travelled last, the next ones wait as long as each turn brings one more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

# While letters leave in numbers, each turn of the loop brings some that want to travel: to wait for
# them for so many turns makes a third fewer round trips, and takes a millisecond or two.
TURNS: Final = 4

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# Carries a batch, and gives for each in it an answer, or the fault of this one alone;
# what it raises is the fault of all.
Carry = Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]


class Batches(Generic[Asked, Answer]):
    """Carries what is asked one by one in batches, one after the other.

    It belongs to the event loop on which it is asked.
    """

    def __init__(
        self, carry: Carry[Asked, Answer], *, most: int, patience_seconds: float | None = None
    ) -> None:
        """A batch holds `most` at most; it waits for the one before no longer than the patience."""
        self._carry = carry
        self._most = most
        self._patience = patience_seconds
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._crowded = False  # more than one travelled last
        self._shuttle: asyncio.Task[None] | None = None
        self._late: set[asyncio.Task[None]] = set()  # they went, and nobody waits for them

    async def ask(self, each: Asked) -> Answer:
        """Give the answer to this one; raise its fault, or that of its batch."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((each, answer))
        if self._shuttle is None:
            self._set_out()
        return await answer

    def _set_out(self) -> None:
        """Let the next batch leave in the next turn of the loop, with whoever comes before that."""
        shuttle = self._shuttle = asyncio.create_task(self._travel())
        if self._patience is not None:
            loop = asyncio.get_running_loop()
            alarm = loop.call_later(self._patience, self._wait_no_longer, shuttle)
            shuttle.add_done_callback(lambda _shuttle: alarm.cancel())
        shuttle.add_done_callback(self._go_on)

    def _wait_no_longer(self, shuttle: "asyncio.Task[None]") -> None:
        """Let others leave although a batch is not back yet."""
        self._late.add(shuttle)
        self._go_on(shuttle)

    def _go_on(self, shuttle: "asyncio.Task[None]") -> None:
        """Go on when the batch for which others wait is back, or is waited for no longer."""
        if shuttle.done():
            self._late.discard(shuttle)
        if shuttle is self._shuttle:
            self._shuttle = None
            if self._waiting:
                self._set_out()

    async def _travel(self) -> None:
        """Carry one batch; whatever becomes of it, nobody is left waiting."""
        batch = await self._gathered()
        try:
            answers = await self._carry([each for each, _answer in batch])
            for (_each, waiting), answer in zip(batch, answers, strict=True):
                if waiting.done():
                    continue  # whoever asked was cancelled
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)
        except BaseException as fault:
            for _each, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(fault)
            if not isinstance(fault, Exception):
                raise

    async def _gathered(self) -> list[tuple[Asked, "asyncio.Future[Answer]"]]:
        """Take out who travels now."""
        if self._crowded:
            await self._let_others_come()
        batch = self._waiting[: self._most]
        del self._waiting[: self._most]
        self._crowded = len(batch) > 1
        return batch

    async def _let_others_come(self) -> None:
        """Wait as long as each turn of the loop brings somebody, for a few turns at most."""
        for _turn in range(TURNS):
            here = len(self._waiting)
            await asyncio.sleep(0)
            if len(self._waiting) == here:
                return
