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
from tests.redis_tls import Authority, program_with_tls
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
    ca_file: Path | None = None

    @property
    def url(self) -> str:
        scheme = "rediss" if self.ca_file else "redis"
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        login = f":{quote(PASSWORD, safe='')}"
        return f"{scheme}+sentinel://{login}@{hosts}/{NAME}/0?sentinel_password={SENTINEL_PASSWORD}"

    @property
    def primary(self) -> int:
        """The port of the server that the sentinels call the primary."""
        with self.sentinel() as sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name(NAME)[1])

    def sentinel(self, which: int = 0) -> Any:
        return redis.Redis(port=self.ports[which], password=SENTINEL_PASSWORD, **self._tls)

    def client(self, port: int) -> Any:
        return redis.Redis(port=port, password=PASSWORD, **self._tls)

    @property
    def _tls(self) -> dict[str, Any]:
        return {"ssl": True, "ssl_ca_certs": str(self.ca_file)} if self.ca_file else {}

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
def guarded_by_sentinels(count: int = 3, *, tls: Authority | None = None) -> Iterator[Guarded]:
    """Run one primary, one replica and `count` sentinels on this machine, with `tls` or without."""
    program = program_with_tls() if tls else SHIPPED
    secured = tls.options() | {"tls-replication": "yes"} if tls else {}
    first, second, *ports = (free_port() for _ in range(2 + count))
    login = {"requirepass": PASSWORD, "masterauth": PASSWORD}
    with ExitStack() as stack:
        servers = {}
        for port, follows in ((first, {}), (second, {"replicaof": f"127.0.0.1 {first}"})):
            options = login | secured | follows | _at(port, tls)
            servers[port] = PrivateRedis(program=program, options=options)
            stack.enter_context(servers[port])
        running = Guarded(servers, tuple(ports), tls.file if tls else None)
        for port in ports:
            told = {"quorum": count // 2 + 1, "primary": first}
            lines = [f"{name} {value}" for name, value in (secured | _at(port, tls)).items()]
            conf = "\n".join([*lines, _CONF.format(**told)])
            stack.enter_context(_sentinel(program, conf))
        wait_until(lambda: _known_to_all(running), seconds=30, what="the sentinels")
        yield running


def _at(port: int, tls: Authority | None) -> dict[str, str]:
    return {"port": "0", "tls-port": str(port)} if tls else {"port": str(port)}


@contextmanager
def _sentinel(program: Path, text: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="sentinel-") as folder:
        conf = Path(folder) / "sentinel.conf"
        conf.write_text(text)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, conf, "--sentinel"], cwd=folder, stdout=log, stderr=log
            )
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
bind 127.0.0.1
requirepass {SENTINEL_PASSWORD}
sentinel sentinel-pass {SENTINEL_PASSWORD}
sentinel monitor {NAME} 127.0.0.1 {{primary}} {{quorum}}
sentinel auth-pass {NAME} "{PASSWORD}"
sentinel down-after-milliseconds {NAME} 1000
sentinel failover-timeout {NAME} 5000
"""
