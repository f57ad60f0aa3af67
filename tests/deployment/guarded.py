"""A Redis with users, started by the very script that the container runs."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from notifier.adapters.connection import RedisError, connect_sync
from tests.redis_servers import START_SECONDS, free_port
from tests.shape.sources import ROOT

SHIPPED: Final = ROOT / "examples" / "redis"

# Looks at what was refused. compose.yaml's Redis has nobody like that.
INSPECTOR: Final = "\nuser inspector on nopass ~* &* +@all\n"


@dataclass(frozen=True)
class GuardedRedis:
    """One server on a TCP port of this machine, its secrets, and what it says."""

    port: int
    secrets: Path
    users: Path
    log: Path

    def url(self, user: str) -> str:
        """Give the URL for one of the users, with the password."""
        return f"redis://{user}:{quote(self.password(user))}@127.0.0.1:{self.port}/0"

    def password(self, user: str) -> str:
        if user == "inspector":
            return "any"
        return (self.secrets / f"redis_{user}").read_text(encoding="utf-8").strip()

    def client(self, user: str) -> Any:
        """Open a client as this user."""
        return connect_sync(self.url(user))

    def refusals(self) -> list[str]:
        """Give everything that was refused so far: who, what (command, key or channel), why."""
        with self.client("inspector") as inspector:
            return [
                " ".join(_text(each[name]) for name in ("username", "object", "reason", "count"))
                for each in inspector.acl_log()
            ]


@contextmanager
def guarded_redis(program: Path, folder: Path) -> Iterator[GuardedRedis]:
    """Run `examples/redis/start.sh` with this server program, everything in `folder`."""
    port, log = free_port(), folder / "redis.log"
    (folder / "kept").mkdir()
    with log.open("wb") as output:
        process = subprocess.Popen(
            start_command(folder, "--port", str(port)),
            cwd=folder / "kept",
            env=start_environment(folder, program),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        redis = GuardedRedis(port, folder / "secrets", folder / "users.acl", log)
        _wait(redis, process)
        yield redis
    finally:
        process.terminate()
        process.wait(20)


def start_command(folder: Path, *arguments: str) -> Sequence[str]:
    """Lay out a copy of the examples in `folder`, with an inspector; give what starts it."""
    copy = folder / "notifier"
    shutil.copytree(SHIPPED, copy)
    with (copy / "users.acl").open("a", encoding="utf-8") as users:
        users.write(INSPECTOR)
    subprocess.run(["sh", copy / "make-secrets.sh", folder / "secrets"], check=True)
    return ["sh", str(copy / "start.sh"), *arguments]


def start_environment(folder: Path, program: Path) -> Mapping[str, str]:
    """Give an environment in which this program is `redis-server`."""
    binaries = folder / "bin"
    binaries.mkdir()
    (binaries / "redis-server").symlink_to(program)
    if b"v=6." in subprocess.run([program, "--version"], capture_output=True, check=True).stdout:
        # The oldest that will do has another name for the line; the example is for Redis 7.
        conf = folder / "notifier" / "redis.conf"
        conf.write_text(conf.read_text().replace("hash-max-listpack", "hash-max-ziplist"))
    return {
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "NOTIFIER_REDIS_SECRETS": str(folder / "secrets"),
        "NOTIFIER_REDIS_USERS": str(folder / "users.acl"),
    }


def _wait(redis: GuardedRedis, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(redis):
        said = redis.log.read_text(encoding="utf-8")
        assert process.poll() is None, f"ended: {said}"
        assert time.monotonic() < deadline, f"does not answer: {said}"
        time.sleep(0.02)


def _answers(redis: GuardedRedis) -> bool:
    try:
        with redis.client("inspector") as client:
            return bool(client.ping())
    except RedisError:
        return False


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
