"""The notifier in processes of its own: all of it, or one listener alone."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil

from bench.sinks.own import Security
from bench.waiting import wait_until
from notifier.adapters import keys
from notifier.adapters.connection import SyncClient, connect_sync
from notifier.adapters.embedded import EmbeddedRedis

SETTINGS = """
[server]
name = "Example Conferences"
domain = "conf.example.com"
language = "en"
time_zone = "Europe/Paris"
[smtp]
host = "127.0.0.1"
port = {port}
security = "{security}"
ca_file = "{ca_file}"
connections = {connections}
authentication = "none"
sender_address = "conf@example.com"
[administrator]
name = "Chris"
email = "admin@example.com"
phone = "+33 1 23 45 67 89"
[network]
web_address = "conf.example.com"
"""


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """How a notifier is set up: its mail server, its lines to it, and its sending processes."""

    port: int = 25
    security: Security = "none"
    ca_file: str = ""
    # For each worker process; by default it would be half of that.
    connections: int = 20
    workers: int = 2

    def settings(self) -> str:
        """Give the settings, as `notifier settings apply` reads them."""
        return SETTINGS.format_map(msgspec.structs.asdict(self))


# What is measured, unless something else is said.
AS_USUAL: Final = (
    f"`notifier up` with {Deployment().workers} worker processes, {Deployment().connections} "
    "connections each, and the embedded Redis (appendfsync always)"
)


@dataclass(frozen=True)
class Running:
    """A notifier that runs, the way to its Redis, and its processes."""

    client: SyncClient
    url: str
    processes: tuple[psutil.Process, ...]
    started_seconds: float

    def counted(self, name: str) -> int:
        """Give one of the totals that the notifier keeps."""
        client: Any = self.client
        return int(client.hget(keys.COUNTERS, name) or 0)

    def wait_for(self, name: str, total: int) -> None:
        """Wait until a total has been reached."""
        wait_until(lambda: self.counted(name) >= total, what=f"{name} to be {total}")

    def settled(self) -> None:
        """Wait until nothing is spread, ready, hinted at or on its way."""
        queues = (keys.SPREADING, keys.READY, keys.HINTED, keys.LEASES)
        client: Any = self.client
        wait_until(lambda: not any(client.zcard(each) for each in queues), what="rest")

    def tree(self) -> list[psutil.Process]:
        """Give every process that is part of it now."""
        children = [each.children(recursive=True) for each in self.processes]
        return [*self.processes, *(child for family in children for child in family)]


@contextlib.contextmanager
def all_parts(
    folder: Path, *, smtp_port: int = 25, deployment: Deployment | None = None
) -> Iterator[Running]:
    """Run `notifier up` with its own Redis in `folder`; as usual, but for the port, if not told."""
    deployment = deployment or Deployment(port=smtp_port)
    settings = folder / "settings.toml"
    settings.write_text(deployment.settings(), encoding="utf-8")
    asked = ["up", "--settings", str(settings), "--workers", str(deployment.workers)]
    began = time.monotonic()
    process = _start(asked, folder)
    try:
        url = _ready(process, folder)
        took = time.monotonic() - began
        with connect_sync(url) as client:
            yield Running(client, url, (psutil.Process(process.pid),), took)
    finally:
        _end(process)


@contextlib.contextmanager
def listener(folder: Path) -> Iterator[Running]:
    """Run one `notifier listen` with its own Redis in `folder`, and nothing else."""
    settings = folder / "settings.toml"
    settings.write_text(Deployment().settings(), encoding="utf-8")
    with EmbeddedRedis(folder / "data") as redis, connect_sync(redis.url) as client:
        applied = _start(["settings", "apply", str(settings)], folder, redis.url)
        if applied.wait():
            raise RuntimeError(_said(folder))
        began = time.monotonic()
        process = _start(["listen"], folder, redis.url)
        try:
            wait_until(lambda: bool(client.exists(keys.HEARTBEAT + "listen")), what="the listener")
            took = time.monotonic() - began
            assert redis.pid is not None
            running = psutil.Process(process.pid), psutil.Process(redis.pid)
            yield Running(client, redis.url, running, took)
        finally:
            _end(process)


def free_port() -> int:
    """Give a TCP port that nobody has at the moment."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def command(*arguments: str) -> list[str]:
    """Give the notifier's command as it is installed."""
    return [str(Path(sys.executable).with_name("notifier")), *arguments]


def environment(folder: Path, redis_url: str = "") -> dict[str, str]:
    """Give the deployment's variables: everything under `folder`, free ports, text logs."""
    return os.environ | {
        "NOTIFIER_DATA": str(folder / "data"),
        "NOTIFIER_REDIS_URL": redis_url,
        "NOTIFIER_PANEL_PORT": str(free_port()),
        "NOTIFIER_FLOWER_PORT": str(free_port()),
        "NOTIFIER_LOG": "text",
        "NOTIFIER_LOG_LEVEL": "INFO",
    }


def _start(arguments: list[str], folder: Path, redis_url: str = "") -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command(*arguments),
            env=environment(folder, redis_url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )


def _ready(process: subprocess.Popen[bytes], folder: Path) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    if not line.startswith("ready "):
        raise RuntimeError(_said(folder))
    words = dict(word.split("=", 1) for word in line.split()[1:])
    return words["redis"]


def _said(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8")[-3000:]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()
