"""One worker process: its event loop, made after the fork and kept over tasks."""

import asyncio
import os
import time
from collections.abc import Coroutine
from typing import Any, Final

import uvloop
from celery.signals import worker_process_shutdown

from notifier import log
from notifier.adapters.absence import answering
from notifier.adapters.doorbell import Doorbell
from notifier.ports.ledger import LedgerAway
from notifier.wiring import Parts
from workers.app import CONFIG, KEY_PREFIX
from workers.cycles import spare_what_is_loaded
from workers.wake import CeleryWake

# After so long Celery gets its child back, whatever goes on: it counts tasks, and weighs the child
# between two of them (seconds).
LINGER_SECONDS: Final = 10.0


class Child:
    """The loop of this process and the parts that live on it: connections belong to their loop."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.parts = Parts(CONFIG, CeleryWake())
        self._doorbell = Doorbell(self.parts.client, queues=[KEY_PREFIX + "tick"])
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        spare_what_is_loaded()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run one task's work to its end; where Redis is away, the sweep finds what is left."""
        try:
            with answering():
                self._runner.run(work)
        except LedgerAway as away:
            log.waiting_for("redis", str(away))

    def linger(self) -> None:
        """Wait for more work to find this worker, which is sooner than the next task would."""
        self.run(self._linger())

    async def _linger(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < LINGER_SECONDS:
            revision = await self._doorbell.rung()
            if revision is None:
                break
            await self.parts.notifier.deliver((), under=revision)

    def close(self) -> None:
        """Leave SMTP and Redis politely."""
        self._runner.run(self.parts.close())
        self._runner.close()


_child: Child | None = None


def child() -> Child:
    """Give this process's child, made at its first task: nothing may be open across a fork."""
    global _child  # noqa: PLW0603 -- one for each process, and Celery calls plain functions
    if _child is None or _child.pid != os.getpid():
        _child = Child()
    return _child


@worker_process_shutdown.connect
def _close(**_signal: object) -> None:
    if _child is not None and _child.pid == os.getpid():
        _child.close()
