"""The parts as plain processes: the command lines, environments and checks of compose.yaml."""

import json
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from notifier.supervisor import ROLES
from tests.deployment.composed import SECRETS, services
from tests.deployment.guarded import GuardedRedis
from tests.redis_servers import free_port
from tests.shape.sources import ROOT
from tests.smtp_servers import MailServer, wait_until

# Five interpreters start at once, and two busy cores need most of it (seconds).
HEALTHY_SECONDS: Final = 60
# A worker finishes its task first (seconds).
STOP_SECONDS: Final = 40

SETTINGS: Final = """
[server]
domain = "conf.example.com"
[smtp]
host = "{smtp.host}"
port = {smtp.port}
security = "{smtp.security}"
sender_address = "conf@example.com"
[network]
web_address = "conf.example.com"
"""


@dataclass(frozen=True)
class Parts:
    """Everything that runs beside Redis, and what it prints."""

    folder: Path
    redis: GuardedRedis
    services: Mapping[str, Any]
    panel_port: int
    flower_port: int

    def environment(self, name: str) -> dict[str, str]:
        """Give what compose.yaml gives to a part, with this machine's addresses and paths.

        There is no data folder and no home: a container cannot write there either.
        """
        moved = {
            "@redis:6379": f"@127.0.0.1:{self.redis.port}",
            SECRETS: f"{self.redis.secrets}/",
            "/var/lib/notifier": str(self.folder / "data"),
        }
        given = {"NOTIFIER_DATA": "/var/lib/notifier", **self.services[name]["environment"]}
        for there, here in moved.items():
            given = {key: value.replace(there, here) for key, value in given.items()}
        if name == "panel":
            # The only port that compose.yaml says outright.
            given["NOTIFIER_PANEL_PORT"] = str(self.panel_port)
        nowhere = {"HOME": str(self.folder / "data"), "PYTHONDONTWRITEBYTECODE": "1"}
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **nowhere, **given}

    def command(self, name: str) -> list[str]:
        """Give the part's command line."""
        program, *arguments = self.services[name]["command"]
        assert program == "python"
        return [sys.executable, *arguments]

    def healthy(self, name: str) -> bool:
        """Ask as the engine asks; the first process of this machine is none of our business."""
        asked = self.services[name]["healthcheck"]["test"]
        assert asked[:2] == ["CMD", "python"]
        arguments = [each for each in asked[2:] if each not in {"--end-below", "1"}]
        return not self.run([sys.executable, *arguments], as_part=name).returncode

    def run(self, command: list[str], *, as_part: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the container of a part."""
        return subprocess.run(
            command,
            env=self.environment(as_part),
            cwd=self.folder / "work",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def notifier(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Say `docker compose exec panel notifier …`."""
        return self.run([sys.executable, "-m", "notifier", *words], as_part="panel")

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def publish(self, event_type: str, data: Mapping[str, Any]) -> None:
        """Say what happened, as the user that other services are."""
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "/core/test",
            "type": event_type,
            "data": data,
        }
        with self.redis.client("publisher") as client:
            client.xadd("notifier:events", {"event": json.dumps(event)})

    def flower(self, path: str) -> str:
        """Give a page of Flower."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.flower_port}{path}") as page:
            text: str = page.read().decode()
        return text


@contextmanager
def running_parts(folder: Path, redis: GuardedRedis, mail: MailServer) -> Iterator[Parts]:
    """Run all parts until the end of the block; they are stopped as the engine does it."""
    (folder / "work").mkdir(parents=True)
    panel, flower = free_port(), free_port()
    shell = {"NOTIFIER_FLOWER_PORT": str(flower), "NOTIFIER_WORKERS": "1"}
    parts = Parts(folder, redis, services(**shell), panel, flower)
    settings = folder / "settings.toml"
    settings.write_text(SETTINGS.format(smtp=mail.settings()), encoding="utf-8")
    applied = parts.notifier("settings", "apply", str(settings))
    assert not applied.returncode, applied.stderr
    with ExitStack() as stack:
        for role in ROLES:
            stack.enter_context(_process(parts, role.name))
        for role in ROLES:
            _wait_for(parts, role.name)
        yield parts


@contextmanager
def _process(parts: Parts, name: str) -> Iterator[None]:
    with parts.log(name).open("wb") as log:
        process = subprocess.Popen(
            parts.command(name),
            env=parts.environment(name),
            cwd=parts.folder / "work",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()


def _wait_for(parts: Parts, name: str) -> None:
    try:
        wait_until(lambda: parts.healthy(name), seconds=HEALTHY_SECONDS, what=f"{name}'s health")
    except AssertionError as fault:
        raise AssertionError(f"{fault}: {parts.log(name).read_text()[-3000:]}") from None
