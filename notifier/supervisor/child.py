"""One part's process: started, started again whenever it ends, stopped with all it started."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from notifier.supervisor.guard import Guard
from notifier.supervisor.output import Outlet

# Waiting before each new start; once it has run this long, a part is taken for healthy again.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
HEALTHY_SECONDS = 60.0

# What a killed part's descendants may still be printing is waited for no longer than this.
LAST_WORDS_SECONDS = 1.0


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """How a part is started."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    stop_seconds: float
    pass_fds: tuple[int, ...] = ()


class Child:
    """A part that is kept running until `stop`."""

    def __init__(
        self,
        start: Start,
        *,
        guard: Guard,
        outlet: Outlet,
        on_death: Callable[["Child"], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = start.name
        self.deaths = 0
        self.pid: int | None = None
        self._start = start
        self._guard = guard
        self._outlet = outlet
        self._on_death = on_death
        self._clock = clock
        self._stopping = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._life = asyncio.create_task(self._live(), name=self.name)

    async def stop(self) -> None:
        """Ask it to end; kill it and all that it started when its time is over."""
        self._stopping.set()
        if self._life is None:
            return
        self._signal(signal.SIGTERM)
        done, _ = await asyncio.wait([self._life], timeout=self._start.stop_seconds)
        if not done:
            self._outlet.say(
                f"{self.name} did not stop within {self._start.stop_seconds:g} s and is killed"
            )
            self.kill()
        await self._life

    def kill(self) -> None:
        """End it and all that it started, at once and for good."""
        self._stopping.set()
        self.restart()

    def restart(self) -> None:
        """End it and all that it started, at once; unless it is to stop, it starts again."""
        if self.pid is not None:
            _kill_group(self.pid)

    async def _live(self) -> None:
        wait = 0.0
        while not self._stopping.is_set():
            began = self._clock()
            ended = await self._run()
            if self._stopping.is_set():
                return
            self.deaths += 1
            wait = next_wait(wait, ran=self._clock() - began)
            self._outlet.say(f"{self.name} {ended}; it is started again in {wait:.0f} s")
            self._on_death(self)
            await self._pause(wait)

    async def _run(self) -> str:
        """One life, from start to the end of everything that came of it; how it ended."""
        reading, writing = os.pipe()
        try:
            process = await self._spawn(writing)
        except (OSError, subprocess.SubprocessError) as error:
            os.close(reading)
            return f"could not be started ({error})"
        finally:
            os.close(writing)
        words = asyncio.create_task(self._outlet.pass_on(self.name, os.fdopen(reading, "rb", 0)))
        self.pid = process.pid
        self._guard.started(process.pid)
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        status = await process.wait()
        self.pid = None
        # Whatever it started has lost its master, and would get in the way of the next life.
        _kill_group(process.pid)
        self._guard.ended(process.pid)
        await asyncio.wait([words], timeout=LAST_WORDS_SECONDS)
        words.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await words
        return _how_it_ended(status)

    async def _spawn(self, output: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._start.command,
            env=dict(self._start.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=self._start.pass_fds,
            # Its own session: Ctrl-C is ours to pass on, in the right order.
            start_new_session=True,
            preexec_fn=self._guard.announce,
        )

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def next_wait(wait: float, *, ran: float) -> float:
    """Seconds until the next start of a part that waited `wait` before, and `ran` this long."""
    if wait == 0 or ran >= HEALTHY_SECONDS:
        return FIRST_WAIT_SECONDS
    return min(wait * 2, LONGEST_WAIT_SECONDS)


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _how_it_ended(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
