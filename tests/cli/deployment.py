"""A deployment for the command line: a Redis of its own, a folder, and commands run in it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from notifier.adapters import keys
from notifier.config import load
from notifier.core.events import Conference
from notifier.core.notice import Kind
from notifier.core.times.schedule import Schedule
from notifier.wiring import Parts
from tests import cast
from tests.cli.warm import warm
from tests.hints import lose_hints
from tests.redis_servers import PrivateRedis

SETTINGS = """
[server]
domain = "conf.example.com"
[smtp]
host = "127.0.0.1"
security = "none"
authentication = "password"
username = "conf@example.com"
password = "s3cret"
sender_address = "conf@example.com"
[network]
web_address = "conf.example.com"
[reminders]
offsets = ["1d", "5m"]
[federation]
mode = "blacklist"
"""


@dataclass
class Said:
    """What a command answered."""

    status: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Asleep:
    """Wakes nobody: no worker runs here."""

    def deliver(self, kind: Kind, ids: Sequence[str]) -> None:
        """Let it lie."""


class Absent:
    """A Redis that is not there."""

    url = "unix:///no/such/redis.sock"


@dataclass
class Deployment:
    """Where commands are run; each is a process of its own."""

    redis: PrivateRedis
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "NOTIFIER_REDIS_URL": self.redis.url,
            "NOTIFIER_DATA": str(self.folder / "data"),
            "NOTIFIER_TEMPLATES": str(self.folder / "templates"),
            "COLUMNS": "200",
        }

    def run(self, *arguments: str, given: bytes = b"", **environ: str) -> Said:
        """Run `notifier` with these arguments, `given` on its standard input."""
        status, out, err = warm().ask(arguments, self.environment | environ, given)
        return Said(status, out, err.decode())

    def start(self, *arguments: str, given: bytes = b"", **environ: str) -> Said:
        """Run it from a cold start: a part, or a process that is to be another from the first."""
        done = subprocess.run(
            [sys.executable, "-m", "notifier", *arguments],
            env=self.environment | environ,
            input=given,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr.decode())

    def hear(self, *events: Mapping[str, Any]) -> None:
        """Publish events and let the notifier hear them, everyone's deliveries planned.

        No worker runs here: a minute later all that is owed waits again to be hinted at.
        """
        for each in events:
            self.put(cast.raw(each))

        async def hear(parts: Parts) -> None:
            await parts.open()
            while entries := await parts.inbox.read(limit=1000, block_seconds=0.01):
                await parts.notifier.hear(entries)
            while await parts.notifier.spread():
                pass
            await lose_hints(parts.client, parts.ledger)

        self.with_parts(hear)

    def believe(self, conference: str) -> None:
        """Let everybody on a list know of their conference, as if their letters had left."""
        self.with_parts(lambda parts: parts.client.delete(keys.untold(conference)))

    def put(self, event: bytes) -> None:
        """Put anything at all into the stream of events."""
        self.with_parts(lambda parts: parts.client.xadd("notifier:events", {"event": event}))

    def with_parts(self, work: Callable[[Parts], Any]) -> Any:
        """Run something upon the parts of the service, as a process of it would."""

        async def whole() -> Any:
            parts = Parts(load(self.environment), Asleep())
            try:
                return await work(parts)
            finally:
                await parts.close()

        return asyncio.run(whole())

    def file(self, name: str, text: str | bytes) -> str:
        """Write a file and give its path."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)


def soon(revision: int = 1, *, days: int = 4, **changes: Any) -> Conference:
    """Anna's review, some days from now at 12:00 UTC: commands look at the true clock."""
    start = (datetime.now(UTC) + timedelta(days=days)).replace(
        hour=12, minute=0, second=0, microsecond=0, tzinfo=None
    )
    held: dict[str, Any] = {"schedule": Schedule(start=start, time_zone="UTC", duration=3600)}
    return cast.conference(revision, **(held | changes))
