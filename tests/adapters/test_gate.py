"""The gate lets a Redis in that keeps what it is told, and says why of every other."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest

from notifier.adapters.connection import connect, connect_sync
from notifier.adapters.gate import Fault, GateClosed, ensure_fit, inspect
from tests.redis_servers import PROGRAMS, PrivateRedis, free_port
from tests.smtp_servers import wait_until

each_server = pytest.mark.parametrize("program", list(PROGRAMS.values()), ids=list(PROGRAMS))


def asked(
    url: str,
    look: Callable[..., Coroutine[Any, Any, Any]] = inspect,
    *,
    clock: Callable[[], float] = time.time,
) -> Any:
    async def ask() -> Any:
        async with connect(url) as client:
            return await look(client, clock=clock)

    return asyncio.run(ask())


def names(faults: list[Fault]) -> list[str]:
    return [fault.name for fault in faults]


@each_server
def test_a_redis_set_up_for_the_ledger_is_let_in(program: Path) -> None:
    with PrivateRedis(program=program) as server:
        assert asked(server.url) == []
        asked(server.url, ensure_fit)


@each_server
@pytest.mark.parametrize(
    ("options", "name", "words"),
    [
        ({"appendonly": "no"}, "append_only", "keeps no append-only file"),
        ({"maxmemory-policy": "allkeys-lru"}, "eviction", "has maxmemory-policy allkeys-lru"),
        ({"appendfsync": "no"}, "append_fsync", "has appendfsync no"),
        ({"replicaof": f"127.0.0.1 {free_port()}"}, "role", "is a replica"),
    ],
)
def test_a_redis_that_could_lose_deliveries_is_refused(
    program: Path, options: dict[str, str], name: str, words: str
) -> None:
    with PrivateRedis(program=program, options=options) as server:
        faults = asked(server.url)

        assert names(faults) == [name]
        assert faults[0].closes
        assert words in faults[0].sentence
        with pytest.raises(GateClosed, match=words):
            asked(server.url, ensure_fit)


@each_server
def test_a_cluster_is_refused(program: Path) -> None:
    with PrivateRedis(program=program, options={"cluster-enabled": "yes"}, tcp=True) as server:
        faults = asked(server.url)

    assert names(faults) == ["mode"]
    assert "runs in cluster mode" in faults[0].sentence


def test_fsync_every_second_is_advice_and_no_refusal() -> None:
    with PrivateRedis(options={"appendfsync": "everysec"}) as server:
        faults = asked(server.url)
        asked(server.url, ensure_fit)

    assert [(fault.name, fault.closes) for fault in faults] == [("append_every_second", False)]


@pytest.mark.parametrize("error", [-3600.0, -5.5, 5.5, 3600.0])
def test_a_clock_that_differs_by_more_than_five_seconds_is_refused(error: float) -> None:
    with PrivateRedis() as server:
        faults = asked(server.url, clock=lambda: time.time() + error)

    assert names(faults) == ["clock"]
    # What the question took is taken off, so 5.5 may be told as 5 or 6.
    assert re.search(r"differ by (5|6|3599|3600) s", faults[0].sentence)


@pytest.mark.parametrize("error", [-4.5, 4.5])
def test_a_clock_that_differs_a_little_is_let_in(error: float) -> None:
    with PrivateRedis() as server:
        assert asked(server.url, clock=lambda: time.time() + error) == []


def test_a_slow_answer_is_not_taken_for_a_wrong_clock() -> None:
    looks = iter([time.time() - 60, time.time() + 60])
    with PrivateRedis() as server:
        assert asked(server.url, clock=lambda: next(looks)) == []


def test_an_absent_redis_is_named_with_its_address() -> None:
    with pytest.raises(GateClosed, match=r"Redis at 127\.0\.0\.1:1 cannot be reached") as closed:
        asked("redis://127.0.0.1:1/0", ensure_fit)

    assert [fault.name for fault in closed.value.faults] == ["unreachable"]


def test_a_user_without_the_right_to_config_is_let_in() -> None:
    rule = "limited on nopass ~* &* +@all -config -time"
    with PrivateRedis(options={"user": rule}) as server:
        url = server.url.replace("unix://", "unix://limited:x@")

        assert asked(url) == []


def test_a_user_without_the_right_to_info_is_told_which_right_is_missing() -> None:
    with PrivateRedis(options={"user": "limited on nopass ~* &* +@all -info"}) as server:
        faults = asked(server.url.replace("unix://", "unix://limited:x@"))

    assert names(faults) == ["refused"]
    assert "give its user the right to INFO" in faults[0].sentence


def test_a_wrong_password_is_told_and_not_repeated() -> None:
    with PrivateRedis(options={"requirepass": "right"}) as server:
        faults = asked(server.url.replace("unix://", "unix://:hush@"))

    assert names(faults) == ["unreachable"]
    assert "hush" not in faults[0].sentence


def test_all_faults_are_told_at_once_one_line_each() -> None:
    options = {"appendonly": "no", "maxmemory-policy": "volatile-ttl"}
    with PrivateRedis(options=options) as server, pytest.raises(GateClosed) as closed:
        asked(server.url, ensure_fit)

    assert len(str(closed.value).splitlines()) == 2


FACTS: dict[str, Any] = {
    "redis_version": "6.2.14",
    "maxmemory_policy": "noeviction",
    "aof_enabled": 1,
    "aof_last_write_status": "ok",
}


class Told:
    """A client of a Redis that says of itself what the test wants."""

    def __init__(self, **facts: Any) -> None:
        self.facts = FACTS | facts
        self.connection_pool = self
        self.connection_kwargs = {"path": "/run/redis.sock"}

    async def info(self) -> dict[str, Any]:
        return self.facts

    async def config_get(self, name: str) -> dict[str, str]:
        return {name: "always"}

    async def time(self) -> tuple[int, int]:
        return 1_700_000_000, 0


def test_a_redis_that_does_not_tell_what_it_evicts_is_refused() -> None:
    told = Told()
    del told.facts["maxmemory_policy"]

    [fault] = asyncio.run(inspect(told, clock=lambda: 1_700_000_000.0))  # type: ignore[arg-type]  # only what is asked of a client

    assert "has maxmemory-policy unknown" in fault.sentence


def test_a_redis_that_cannot_write_its_snapshot_is_an_alarm_and_no_refusal() -> None:
    with PrivateRedis(options={"rdb-key-save-delay": "1000000"}) as server:
        with connect_sync(server.url) as client:
            for number in range(20):
                client.set(f"key {number}", "x")
            client.bgsave()
            [child] = psutil.Process(server.pid).children()
            child.kill()
            wait_until(lambda: client.info()["rdb_last_bgsave_status"] == "err")

        [fault] = asked(server.url)
        asked(server.url, ensure_fit)

    assert (fault.name, fault.closes, fault.alarm) == ("snapshot", False, True)


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({}, []),
        ({"redis_version": "8.4.0"}, []),
        ({"redis_version": "7.2.4", "valkey_version": "9.0.0"}, []),
        ({"redis_version": "6.0.20"}, ["version"]),
        ({"redis_version": "5.0.14"}, ["version"]),
        ({"loading": 1}, ["loading"]),
        # Redis 7 says while it reads its append-only file that it keeps none.
        ({"loading": 1, "aof_enabled": 0}, ["loading"]),
        ({"aof_last_write_status": "err"}, ["append_only_write"]),
        ({"redis_mode": "sentinel"}, ["mode"]),
        ({"maxmemory": 1000, "used_memory": 749}, []),
        ({"maxmemory": 1000, "used_memory": 750}, ["nearly_full"]),
        ({"maxmemory": 1000, "used_memory": 899}, ["nearly_full"]),
        ({"maxmemory": 1000, "used_memory": 900}, ["full"]),
        ({"maxmemory": 1000, "used_memory": 2000}, ["full"]),
        ({"maxmemory": 0, "used_memory": 2000}, []),
    ],
)
def test_what_no_server_here_can_be_made_to_say_is_judged_from_its_words(
    facts: dict[str, Any], fault: list[str]
) -> None:
    found = asyncio.run(inspect(Told(**facts), clock=lambda: 1_700_000_000.0))  # type: ignore[arg-type]  # only what is asked of a client

    assert names(found) == fault
