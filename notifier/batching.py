"""Batching: whoever comes while a round trip is under way travels with the next one.

Databases call it a group commit. Nobody waits for company: the first who comes leaves with those
that come in the same round of the event loop, and the busier it is, the larger are the batches.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

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
        self._shuttle: asyncio.Task[None] | None = None

    async def ask(self, each: Asked) -> Answer:
        """Give the answer to this one; raise its fault, or that of its batch."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((each, answer))
        if self._shuttle is None or self._shuttle.done():
            self._shuttle = asyncio.create_task(self._go_to_and_fro())
        return await answer

    async def _go_to_and_fro(self) -> None:
        """Carry until nobody waits."""
        while self._waiting:
            batch = self._waiting[: self._most]
            del self._waiting[: self._most]
            if self._patience is None:
                await self._travel(batch)
            else:
                await asyncio.wait(
                    {asyncio.create_task(self._travel(batch))}, timeout=self._patience
                )

    async def _travel(self, batch: list[tuple[Asked, "asyncio.Future[Answer]"]]) -> None:
        """Carry one batch; whatever becomes of it, nobody is left waiting."""
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
