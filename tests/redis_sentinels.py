"""A primary, its replica and the sentinels that watch them: processes, each with a password."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import redis

from tests.redis_servers import SHIPPED, PrivateRedis, free_port
from tests.smtp_servers import wait_until

NAME: Final = "mymaster"
# Of Redis, and of the sentinels; with what a URL must not hold as it is.
PASSWORD: Final = "p@ss/w:rd"
SENTINEL_PASSWORD: Final = "an0ther"


@dataclass(frozen=True)
class Guarded:
    """What runs: the servers by their ports, and the ports of the sentinels."""

    servers: dict[int, PrivateRedis]
    ports: tuple[int, ...]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        login = f":{quote(PASSWORD, safe='')}"
        return f"redis+sentinel://{login}@{hosts}/{NAME}/0?sentinel_password={SENTINEL_PASSWORD}"

    @property
    def primary(self) -> int:
        """The port of the server that the sentinels call the primary."""
        with self.sentinel() as sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name(NAME)[1])

    def sentinel(self, which: int = 0) -> Any:
        return redis.Redis(port=self.ports[which], password=SENTINEL_PASSWORD)

    def client(self, port: int) -> Any:
        return redis.Redis(port=port, password=PASSWORD)

    def kill_primary(self) -> int:
        """Kill -9 the primary and wait until the sentinels name another; give the old port."""
        old = self.primary
        self.servers[old].kill()
        wait_until(lambda: self.primary != old, seconds=30, what="another primary")
        return old

    def replicated(self) -> None:
        """Wait until the replica has all that was written so far."""
        with self.client(self.primary) as client:
            # WAIT counts for what this connection wrote.
            client.set("replicated", time.time())
            assert client.wait(1, 10_000) == 1


@contextmanager
def guarded_by_sentinels(count: int = 3) -> Iterator[Guarded]:
    """Run one primary, one replica and `count` sentinels on this machine."""
    login = {"requirepass": PASSWORD, "masterauth": PASSWORD}
    with ExitStack() as stack:
        first = stack.enter_context(PrivateRedis(tcp=True, options=login))
        following = login | {"replicaof": f"127.0.0.1 {first.port}"}
        second = stack.enter_context(PrivateRedis(tcp=True, options=following))
        ports = tuple(free_port() for _ in range(count))
        running = Guarded({first.port: first, second.port: second}, ports)
        for port in ports:
            stack.enter_context(_sentinel(port, first.port, quorum=count // 2 + 1))
        wait_until(lambda: _known_to_all(running), seconds=30, what="the sentinels")
        yield running


@contextmanager
def _sentinel(port: int, primary: int, *, quorum: int) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="sentinel-") as folder:
        conf = Path(folder) / "sentinel.conf"
        text = _CONF.format(port=port, folder=folder, primary=primary, quorum=quorum)
        conf.write_text(text)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen([SHIPPED, conf, "--sentinel"], stdout=log, stderr=log)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def _known_to_all(running: Guarded) -> bool:
    return all(_knows_all(running, which) for which in range(len(running.ports)))


def _knows_all(running: Guarded, which: int) -> bool:
    try:
        with running.sentinel(which) as sentinel:
            known = sentinel.sentinel_master(NAME)
            replicas = sentinel.sentinel_slaves(NAME)
    except redis.RedisError:
        return False
    others = len(running.ports) - 1
    followed = [each for each in replicas if each["master-link-status"] == "ok"]
    return bool(followed) and known["num-other-sentinels"] == others


_CONF: Final = f"""
port {{port}}
bind 127.0.0.1
dir "{{folder}}"
requirepass {SENTINEL_PASSWORD}
sentinel sentinel-pass {SENTINEL_PASSWORD}
sentinel monitor {NAME} 127.0.0.1 {{primary}} {{quorum}}
sentinel auth-pass {NAME} "{PASSWORD}"
sentinel down-after-milliseconds {NAME} 1000
sentinel failover-timeout {NAME} 5000
"""
