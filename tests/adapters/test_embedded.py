"""The embedded Redis keeps what it is told, through kill -9, and belongs to one notifier."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.adapters.connection import connect_sync
from notifier.adapters.embedded import (
    LONGEST_SOCKET_PATH,
    EmbeddedRedis,
    EmbeddedRedisError,
    find_server,
)
from notifier.adapters.folder_lock import FolderLockError
from tests.redis_servers import PROGRAMS, SHIPPED, gone


@pytest.fixture(params=list(PROGRAMS.values()), ids=list(PROGRAMS))
def search_path(request: pytest.FixtureRequest) -> str:
    """A PATH on which this one server is found."""
    program: Path = request.param
    return "" if program == SHIPPED else str(program.parent)


@pytest.fixture
def redis(tmp_path: Path, search_path: str) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path / "data", search_path=search_path) as redis:
        yield redis


def test_it_answers_once_it_has_started(redis: EmbeddedRedis) -> None:
    with connect_sync(redis.url) as client:
        assert client.ping()


def test_it_is_set_up_as_the_ledger_needs_it(redis: EmbeddedRedis) -> None:
    wanted = {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "save": "",
        "hash-max-ziplist-value": "256",
    }

    with connect_sync(redis.url) as client:
        found = {name: client.config_get(name)[name] for name in wanted}

    assert found == wanted


def test_a_delivery_with_a_long_field_stays_compact(redis: EmbeddedRedis) -> None:
    with connect_sync(redis.url) as client:
        client.hset("delivery", mapping={"state": "failed", "reason": "r" * 200})

        assert client.object("ENCODING", "delivery") in {b"ziplist", b"listpack"}


def test_only_its_user_may_open_it(redis: EmbeddedRedis) -> None:
    assert stat.S_IMODE(redis.socket_path.stat().st_mode) == 0o700
    assert stat.S_IMODE(redis.folder.stat().st_mode) == 0o700


def test_what_it_acknowledged_survives_kill_9(tmp_path: Path, search_path: str) -> None:
    data = tmp_path / "data"
    first = EmbeddedRedis(data, search_path=search_path)
    first.start()
    with connect_sync(first.url) as client:
        for number in range(500):
            client.xadd("notifier:events", {"event": str(number)})
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
    first.stop()

    second = EmbeddedRedis(data, search_path=search_path)
    with second, connect_sync(second.url) as client:
        assert client.xlen("notifier:events") == 500


def test_it_stops_without_leaving_a_process_and_may_start_again(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path)
    redis.start()
    pid = redis.pid
    assert pid is not None
    redis.stop()

    assert gone(pid)
    assert not redis.answers()
    redis.start()
    assert redis.answers()
    redis.stop()


def test_a_second_notifier_is_told_who_has_the_data_folder(redis: EmbeddedRedis) -> None:
    with pytest.raises(FolderLockError, match=rf"\(process {os.getpid()}\) already uses the data"):
        EmbeddedRedis(redis.folder.parent).start()


KILLED_HOLDER = """
import os, sys
from pathlib import Path
from notifier.adapters.embedded import EmbeddedRedis
redis = EmbeddedRedis(Path(sys.argv[1]))
redis.start()
print(redis.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_the_redis_of_a_killed_holder_keeps_the_folder_until_it_has_ended(tmp_path: Path) -> None:
    holder = subprocess.run(
        [sys.executable, "-c", KILLED_HOLDER, str(tmp_path)], stdout=subprocess.PIPE, check=False
    )
    orphan = int(holder.stdout)
    successor = EmbeddedRedis(tmp_path)

    assert not gone(orphan)
    end = subprocess.Popen(["/bin/sh", "-c", f"sleep 0.3; kill {orphan}"])
    successor.start()

    assert gone(orphan)
    assert successor.answers()
    successor.stop()
    end.wait()


def test_a_data_folder_with_a_long_path_has_its_socket_elsewhere(tmp_path: Path) -> None:
    data = tmp_path / ("deep" * 30) / "data"

    with EmbeddedRedis(data) as redis, connect_sync(redis.url) as client:
        client.set("kept", "yes")
        path = redis.socket_path

        assert len(str(path)) <= LONGEST_SOCKET_PATH
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        # Another process finds it by the data folder alone.
        assert EmbeddedRedis(data).url == redis.url


@pytest.mark.parametrize("name", ["with space", 'quo"te', "back\\slash", "ümlaut", "per%20cent"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    with EmbeddedRedis(tmp_path / name) as redis, connect_sync(redis.url) as client:
        assert client.ping()


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EmbeddedRedisError, match=r"file/data/redis .*cannot be made \(Not a dir"):
        EmbeddedRedis(tmp_path / "file" / "data").start()


def test_a_damaged_file_is_told_with_the_last_words_of_the_server(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path, search_path="") as redis, connect_sync(redis.url) as client:
        client.set("kept", "yes")
    (redis.folder / "appendonly.aof").write_bytes(b"*3\r\n$3\r\nSETx" + b"broken" * 100)

    with pytest.raises(EmbeddedRedisError, match=r"The embedded Redis ended .*Bad file format"):
        EmbeddedRedis(tmp_path, search_path="").start()


def server_that_says(folder: Path, words: str, *, name: str = "redis-server") -> str:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{words}'\n")
    program.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("name", "words", "version"),
    [
        ("redis-server", "Redis server v=7.4.1 sha=00000000:0 malloc=jemalloc", (7, 4, 1)),
        ("valkey-server", "Valkey server v=9.0.0 sha=00000000:0 malloc=jemalloc", (9, 0, 0)),
    ],
)
def test_a_server_on_the_path_is_preferred(
    tmp_path: Path, name: str, words: str, version: tuple[int, ...]
) -> None:
    server = find_server(server_that_says(tmp_path, words, name=name))

    assert (server.program, server.version) == (tmp_path / name, version)


@pytest.mark.parametrize("words", ["Redis server v=6.0.16 sha=0", "not a server at all"])
def test_a_server_on_the_path_that_will_not_do_is_passed_over(tmp_path: Path, words: str) -> None:
    assert find_server(server_that_says(tmp_path, words)).program == SHIPPED


def test_an_old_server_gives_way_to_a_newer_one_beside_it(tmp_path: Path) -> None:
    server_that_says(tmp_path, "Redis server v=6.0.16 sha=0")
    path = server_that_says(tmp_path, "Valkey server v=8.0.1 sha=0", name="valkey-server")

    assert find_server(path).program == tmp_path / "valkey-server"
