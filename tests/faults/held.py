"""Processes held by the hand of the test: each step waits until it is let go, well or badly."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar, copy_context
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ConnectionError as Cut

from notifier.ports.ledger import LedgerAway

T = TypeVar("T")


class Luck(StrEnum):
    """How one step goes."""

    GOOD = "good"
    # The client sends a command again when the answer was lost: it is carried out two times.
    TWICE = "twice"
    CUT_BEFORE = "cut before it was sent"
    CUT_AFTER = "carried out, but the answer was lost"
    CUT_HALFWAY = "half of a pipeline was carried out"
    KILLED_BEFORE = "killed before it was sent"
    KILLED_AFTER = "killed after it was carried out"
    KILLED_HALFWAY = "killed when half of a pipeline was carried out"


CUTS: Final = {Luck.CUT_BEFORE, Luck.CUT_AFTER, Luck.CUT_HALFWAY}
BEFORE: Final = {Luck.CUT_BEFORE, Luck.KILLED_BEFORE}
HALFWAY: Final = {Luck.CUT_HALFWAY, Luck.KILLED_HALFWAY}

# The name of a step that writes many things, each whole, one after the other.
WRITING: Final = "writing"

# A chain of callbacks between two steps is shorter than this (rounds of the event loop).
ROUNDS: Final = 30


class Killed(BaseException):
    """The process is gone: not an Exception, so that nobody catches it and goes on."""


class Hold:
    """Holds the steps of one process; the test lets them go, one at a time."""

    def __init__(self) -> None:
        self.held: list[tuple[str, asyncio.Future[Any]]] = []
        self._busy = 0

    async def step(self, name: str) -> Any:
        """Wait for the test to say how the next step goes."""
        turn: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.held.append((name, turn))
        return await turn

    async def command(self, name: str, act: Callable[[int | None], Awaitable[T]]) -> T:
        """Carry out one command as well as its luck is; `act` takes how much of it, None for all.

        The answer is that of the last time, as the client would see it.
        """
        luck = await self.step(name)
        if luck not in BEFORE:
            with self:
                answer = await act(1 if luck in HALFWAY else None)
                if luck is Luck.TWICE:
                    answer = await act(None)
        if luck in CUTS:
            raise Cut(str(luck))
        if luck not in (Luck.GOOD, Luck.TWICE):
            raise Killed
        return answer

    def __enter__(self) -> None:
        self._busy += 1

    def __exit__(self, *_error: object) -> None:
        self._busy -= 1

    async def settle(self) -> None:
        """Wait until the process can go no further by itself."""
        quiet = 0
        while quiet < ROUNDS:
            await asyncio.sleep(0.0002 if self._busy else 0)
            quiet = 0 if self._busy else quiet + 1


_owner: ContextVar["Process | None"] = ContextVar("_owner", default=None)


class Process:
    """One process of the service: does one job after the other, until it is killed."""

    def __init__(self) -> None:
        self.hold = Hold()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.died = False  # since somebody last looked: its memory is gone
        self._job: asyncio.Task[Any] | None = None

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def steps(self) -> list[str]:
        """Give the names of the steps that are held."""
        return [name for name, _turn in self.hold.held]

    async def start(self, job: Coroutine[Any, Any, Any]) -> None:
        """Begin a job, and stop before its first step."""
        assert not self.busy
        own = copy_context()
        own.run(_owner.set, self)
        self._job = asyncio.get_running_loop().create_task(job, context=own)
        await self._go_as_far_as_it_goes()

    async def go_on(self, *, at: int = 0, how: Any = Luck.GOOD) -> None:
        """Let the step at `at` among those that are held go."""
        _name, turn = self.hold.held.pop(at % len(self.hold.held))
        turn.set_result(how)
        await self._go_as_far_as_it_goes()

    async def finish(self) -> None:
        """Go on to the end of the job, with good luck."""
        while self.busy:
            await self.go_on()

    async def kill(self) -> None:
        """End the job where it stands."""
        self._job = None
        self.hold.held.clear()
        left = [each for each in self.tasks if not each.done()]
        for each in left:
            each.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self.tasks.clear()

    async def _go_as_far_as_it_goes(self) -> None:
        await self.hold.settle()
        job = self._job
        assert job is not None
        if not job.done():
            assert self.hold.held, "waits for something that the test does not hold"
            return
        fault = job.exception()
        self.died = isinstance(fault, Killed)
        await self.kill()
        # A ledger that is away is for the loop above, which tries again.
        if fault and not isinstance(fault, Killed | Cut | LedgerAway):
            raise fault


def owned(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    """Make a task and note which process it belongs to: a task factory for the loop."""
    task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
    context = options.get("context")
    process = context.get(_owner) if context else _owner.get()
    if process:
        process.tasks.add(task)
    return task


def held_redis(url: str, hold: Hold, now: Callable[[], datetime]) -> "HeldRedis":
    """Make a client whose steps are held; `now` is the time of its Redis."""
    client: Any = HeldRedis.from_url(url, protocol=2)
    client.hold, client.now = hold, now
    assert isinstance(client, HeldRedis)
    return client


class HeldRedis(Redis):
    """A client whose every command is a step of its process."""

    hold: Hold
    now: Callable[[], datetime]

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        if args[0] == "TIME":
            moment = self.now().timestamp()
            return int(moment), int(moment % 1 * 1_000_000)

        async def act(_part: int | None) -> Any:
            # redis-py leaves this method without types.
            return await Redis.execute_command(self, *args, **options)  # type: ignore[no-untyped-call]

        return await self.hold.command(str(args[0]), act)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        made = _HeldPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        made.hold = self.hold
        return made

    def register_script(self, script: Any) -> Any:
        """Let scripts read the clock of the test: as long as Redis has it, time is ours."""
        return super().register_script(told_our_time(script))


def told_our_time(script: str) -> str:
    return script.replace(REDIS_TIME, OUR_TIME)


REDIS_TIME: Final = "redis.call('TIME')"
OUR_TIME: Final = "redis.call('LRANGE', 'model:clock', 0, 1)"


class _HeldPipeline(Pipeline):
    """A pipeline whose execution is one step, which can end in the middle."""

    hold: Hold

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        stack = list(self.command_stack)
        if not stack:
            return []

        async def act(part: int | None) -> list[Any]:
            whole = part is None or self.is_transaction or self.explicit_transaction
            self.command_stack = list(stack) if whole else stack[: len(stack) // 2]
            return await Pipeline.execute(self, raise_on_error)

        name = f"pipeline of {len(stack)}"
        writes = any(command[0] == "EVALSHA" for command, _options in stack)
        return await self.hold.command(WRITING if writes else name, act)
