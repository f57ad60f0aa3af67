"""The parts of a notifier as plain processes, each of which can be killed, frozen and started anew.

Lighter than `notifier up`: no supervisor sets right what a test does to them.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import psutil
from cryptography.fernet import Fernet

from notifier.adapters.connection import connect
from notifier.adapters.settings_store import RedisSettings
from notifier.config import load
from notifier.core.mail_servers import Smtp
from notifier.supervisor.roles import command, filling, named
from tests.cast import HOME
from tests.smtp_servers import wait_until

_KEY: Final = Fernet.generate_key().decode()


class Part:
    """One part: a process and whatever it has forked, in a session of their own."""

    def __init__(self, role: str, arguments: list[str], environment: Mapping[str, str], log: Path):
        self.role = role
        self.log = log
        self.killed = False
        self._from = log.stat().st_size if log.exists() else 0
        with log.open("ab") as lines:
            self._process = subprocess.Popen(
                arguments,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=lines,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def said(self) -> str:
        """What it has written to its log since it was started."""
        with self.log.open("rb") as lines:
            lines.seek(self._from)
            return lines.read().decode()

    def children(self) -> list[psutil.Process]:
        """Give the processes that do the work of a worker."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).children()
        return []

    def hand(self) -> psutil.Process:
        """Give the one child that works for a worker, once there is one."""
        wait_until(lambda: len(self.children()) == 1, seconds=30, what="the child of a worker")
        return self.children()[0]

    def kill(self) -> None:
        """Kill -9 it and all that it forked."""
        self._send(signal.SIGKILL)
        self._process.wait()
        self.killed = True

    def freeze(self) -> None:
        """Stop it in its tracks, children and all."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        # The session outlives its leader, whose children go on; not so what was killed as a whole:
        # its number may be somebody else's by now.
        if self.killed:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class Crew:
    """All parts of one test over the Redis at `redis_url`; what is in `folder` are their logs."""

    def __init__(self, folder: Path, redis_url: str, **environment: str) -> None:
        self.redis_url = redis_url
        self._folder = folder
        self._environment = os.environ | {
            "NOTIFIER_DATA": str(folder / "data"),
            "NOTIFIER_LOG": "json",
            "NOTIFIER_REDIS_URL": redis_url,
            "NOTIFIER_SECRET_KEY": _KEY,
            **environment,
        }
        self._parts: list[Part] = []

    def start(self, role: str, **environment: str) -> Part:
        """Start a part, a worker with one child; variables of its environment are keywords."""
        given = self._environment | environment
        words = filling(load(given), workers=1)
        log = self._folder / f"{role}-{len(self._parts)}.log"
        part = Part(role, command(named(role), words), given, log)
        self._parts.append(part)
        return part

    def apply(self, smtp: Smtp, **tables: Mapping[str, Any]) -> None:
        """Apply settings that send to this mail server."""

        async def laid() -> None:
            client = connect(self.redis_url)
            await RedisSettings(client, _KEY).apply(_settings(smtp) | tables)
            await client.aclose()

        asyncio.run(laid())

    def logs(self) -> str:
        """Give the last lines of every part, for a test that has failed."""
        told = [f"== {each.log.name}\n{each.said[-2000:]}" for each in self._parts]
        return "\n".join(told)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for part in self._parts:
            part.kill()


def _settings(smtp: Smtp) -> dict[str, Any]:
    return {
        "server": {"domain": HOME, "language": "en", "time_zone": "Europe/Paris"},
        "smtp": {
            "host": smtp.host,
            "port": smtp.port,
            "security": smtp.security,
            "authentication": "none",
            "sender_address": f"conf@{HOME}",
        },
        "administrator": {"name": "Chris", "email": "admin@example.com"},
        "network": {"web_address": HOME},
    }
