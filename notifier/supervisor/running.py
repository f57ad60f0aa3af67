"""A supervisor as a command: signals stop it, a line says `ready`, a sentence what went wrong."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from notifier.adapters.connection import without_password
from notifier.adapters.embedded import EmbeddedRedisError
from notifier.adapters.folder_lock import FolderLockError
from notifier.adapters.gate import GateClosed
from notifier.config import ConfigError
from notifier.supervisor.supervisor import Prepare, StartError, Supervisor

STANDARD_OUTPUT = 1


def up(supervisor: Supervisor) -> int:
    """Run until SIGINT, SIGTERM or SIGHUP; `ready …` on standard output; the exit status."""
    try:
        asyncio.run(_until_told(supervisor))
    except (ConfigError, EmbeddedRedisError, FolderLockError, GateClosed, StartError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _until_told(supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    announcing = asyncio.create_task(_announce(supervisor))
    try:
        await supervisor.run()
    finally:
        announcing.cancel()


async def _announce(supervisor: Supervisor) -> None:
    await supervisor.ready.wait()
    # Whoever started us may not care to read it.
    with contextlib.suppress(OSError):
        os.write(
            STANDARD_OUTPUT,
            f"ready redis={without_password(supervisor.redis_url)} "
            f"panel={supervisor.panel_url}\n".encode(),
        )


def settings_from(file: Path, environ: Mapping[str, str]) -> Prepare:
    """Apply a settings file before the parts start, in a process that takes its weight along."""

    def apply(url: str) -> None:
        asked = [sys.executable, "-m", "notifier", "settings", "apply", str(file)]
        done = subprocess.run(
            asked,
            env={**environ, "NOTIFIER_REDIS_URL": url},
            # Standard output belongs to the line that says `ready`.
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise StartError(f"The settings in {file} were not applied; correct what stands above.")

    return apply
