"""A Redis that could lose what it is told: every process refuses it, and says why."""

import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from notifier.adapters.connection import connect_sync
from tests.cast import raw, samples
from tests.cli.deployment import Deployment, Said
from tests.redis_sentinels import guarded_by_sentinels
from tests.redis_servers import PrivateRedis, free_port
from tests.shifted_clock import ShiftedClock

PARTS: Final = (("listen",), ("worker", "--workers", "1"), ("beat",), ("panel",), ("up",))
# Everything that writes, and `up`, which runs all of it.
PROCESSES: Final = (
    *PARTS,
    ("publish", "-"),
    ("settings", "apply", "-"),
    ("deliveries", "resend", "0" * 20),
    ("rejected", "replay", "--all"),
)
# They ask the same question; three of them are asked about every kind of Redis.
SOME: Final = (("listen",), ("publish", "-"), ("settings", "apply", "-"))


def refused(deployment: Deployment, words: tuple[str, ...], **environ: str) -> Said:
    """Run a process that must end by itself, with one sentence and nothing else."""
    given = {"publish": raw(samples()["call.missed"]), "settings": b'[server]\nname = "New"\n'}
    run = deployment.start if words in PARTS else deployment.run
    said = run(*words, given=given.get(words[0], b""), NOTIFIER_PANEL_PORT="0", **environ)

    assert said.status == 1, said.err
    assert said.out == ""
    # Celery warns about running as root before that.
    assert said.err.count("Redis at ") == 1, said.err
    assert "Traceback" not in said.err
    return said


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment on a Redis that throws away what it has no room for."""
    with PrivateRedis(options={"maxmemory-policy": "allkeys-lru"}) as redis:
        yield Deployment(redis, tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("words", PROCESSES, ids=" ".join)
def test_fault_33_every_process_refuses_a_redis_that_evicts(
    cache: Deployment, words: tuple[str, ...]
) -> None:
    said = refused(cache, words)

    assert "maxmemory-policy allkeys-lru, which throws away deliveries" in said.err
    assert "set maxmemory-policy noeviction." in said.err
    with connect_sync(cache.redis.url) as client:
        assert client.dbsize() == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"appendonly": "no"}, "keeps no append-only file, so a restart forgets deliveries"),
        ({"appendfsync": "no"}, "has appendfsync no"),
        ({"replicaof": f"127.0.0.1 {free_port()}"}, "is a replica, which cannot be written"),
        ({"cluster-enabled": "yes"}, "runs in cluster mode, where one step cannot touch all keys"),
    ],
    ids=["no file", "no fsync", "replica", "cluster"],
)
def test_fault_33_a_redis_that_could_lose_deliveries_is_refused(
    options: Mapping[str, str], sentence: str, tmp_path: Path
) -> None:
    with PrivateRedis(options=options, tcp=True) as redis:
        for words in SOME:
            assert sentence in refused(Deployment(redis, tmp_path), words).err


def test_fault_33_an_old_redis_is_refused(tmp_path: Path) -> None:
    with PrivateRedis() as redis, old_redis() as port:
        for words in SOME:
            url = f"redis://127.0.0.1:{port}/0"
            said = refused(Deployment(redis, tmp_path), words, NOTIFIER_REDIS_URL=url)
            assert "is version 6.0.20, and 6.2 is the oldest that will do" in said.err


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_fault_33_a_redis_whose_clock_differs_is_refused(tmp_path: Path, seconds: int) -> None:
    clock = ShiftedClock(tmp_path)
    clock.set(seconds)
    with PrivateRedis(environment=clock.environment) as redis:
        for words in SOME:
            said = refused(Deployment(redis, tmp_path), words)
            assert "let both follow a time server" in said.err


def test_fault_33_a_replica_is_refused_although_it_is_followed_by_sentinels(
    tmp_path: Path,
) -> None:
    with guarded_by_sentinels(1) as guarded:
        [replica] = [port for port in guarded.servers if port != guarded.primary]
        deployment = Deployment(guarded.servers[replica], tmp_path)
        url = f"redis://127.0.0.1:{replica}/0"
        applied = deployment.run(
            *("settings", "apply", "-"),
            given=b'[server]\nname = "New"\n',
            NOTIFIER_REDIS_URL=guarded.url,
        )

        said = refused(
            deployment,
            ("settings", "apply", "-"),
            NOTIFIER_REDIS_URL=url,
            NOTIFIER_REDIS_PASSWORD="p@ss/w:rd",
        )

    assert applied.status == 0, applied.err
    assert "name its primary in NOTIFIER_REDIS_URL, or its sentinels" in said.err


class _OldRedis(socketserver.StreamRequestHandler):
    """Says of itself what Redis 6.0 says; none is to be had here."""

    INFO: Final = (
        b"redis_version:6.0.20\r\nredis_mode:standalone\r\nrole:master\r\n"
        b"aof_enabled:1\r\nmaxmemory_policy:noeviction\r\n"
    )

    def handle(self) -> None:
        while header := self.rfile.readline():
            words = [self._word() for _ in range(int(header[1:]))]
            self.wfile.write(self._answer(words[0].upper()))

    def _answer(self, command: bytes) -> bytes:
        match command:
            case b"INFO":
                return b"$%d\r\n%b\r\n" % (len(self.INFO), self.INFO)
            case b"CONFIG":
                return b"*2\r\n$11\r\nappendfsync\r\n$6\r\nalways\r\n"
            case b"TIME":
                return b"*2\r\n$10\r\n%d\r\n$1\r\n0\r\n" % time.time()
            case _:
                return b"+OK\r\n"

    def _word(self) -> bytes:
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:-2]


@contextmanager
def old_redis() -> Iterator[int]:
    """Listen on a port of this machine as an old Redis would; give the port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _OldRedis) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
