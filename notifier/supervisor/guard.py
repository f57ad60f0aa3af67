"""The guard: a shell that ends all parts when the supervisor is killed before it could.

It reads the process groups of the parts from a pipe. The pipe ends with the supervisor, however
that ends, and then the guard kills whatever groups are left. A part announces itself between
fork and exec, while it still holds the pipe open, so there is no moment in which it is unknown.
"""

import asyncio
import contextlib
import os
import subprocess

# `read` fails when the pipe ends. Signals meant for the supervisor's terminal do not end it.
SCRIPT = """
trap '' HUP INT TERM
groups=
while read -r change; do
  case $change in
    +*) groups="$groups ${change#+}" ;;
    -*) kept=
        for group in $groups; do
          [ "$group" = "${change#-}" ] || kept="$kept $group"
        done
        groups=$kept ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
"""


class Guard:
    """One guard for the whole life of a supervisor; started anew should it be killed itself."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._pipe: int | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        process = await self._spawn()
        self._keeper = asyncio.create_task(self._keep(process))

    def announce(self) -> None:
        """Called in a new child between fork and exec: it leads a group of its own pid."""
        if self._pipe is not None:
            os.write(self._pipe, b"+%d\n" % os.getpid())

    def started(self, group: int) -> None:
        """The child that announced itself runs; remembered for a later guard."""
        self._groups.add(group)

    def ended(self, group: int) -> None:
        """Nothing of the group is left; its number may soon be somebody else's."""
        self._groups.discard(group)
        self._tell(b"-%d\n" % group)

    async def stop(self) -> None:
        """Let the guard end; only groups still running would feel it."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        self._close()

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        while True:
            try:
                await process.wait()
            except asyncio.CancelledError:
                self._close()
                await process.wait()
                raise
            self._close()
            process = await self._spawn()

    async def _spawn(self) -> asyncio.subprocess.Process:
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", SCRIPT),
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            os.close(reading)
        self._pipe = writing
        for group in self._groups:
            self._tell(b"+%d\n" % group)
        return process

    def _tell(self, change: bytes) -> None:
        if self._pipe is not None:
            # A guard that has just been killed is told again when its successor starts.
            with contextlib.suppress(BrokenPipeError):
                os.write(self._pipe, change)

    def _close(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
