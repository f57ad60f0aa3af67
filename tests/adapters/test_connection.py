"""Clients made from a URL wait as long as is said, and no longer."""

import asyncio
import time

import pytest
import redis.exceptions
from kombu.connection import Connection

from notifier.adapters.broker import broker
from notifier.adapters.connection import (
    LONGEST_BLOCK_SECONDS,
    SOCKET_TIMEOUT_SECONDS,
    connect,
    connect_sync,
    without_password,
)
from tests.redis_servers import PrivateRedis


@pytest.mark.parametrize("tcp", [False, True])
def test_both_clients_speak_in_bytes_over_either_kind_of_socket(tcp: bool) -> None:
    async def told(url: str) -> bytes | str | None:
        async with connect(url) as client:
            await client.set("who", "Änna")
            return await client.get("who")

    with PrivateRedis(tcp=tcp) as server, connect_sync(server.url) as client:
        assert asyncio.run(told(server.url)) == "Änna".encode()
        assert client.get("who") == "Änna".encode()


def test_the_longest_block_is_no_time_out() -> None:
    assert LONGEST_BLOCK_SECONDS < SOCKET_TIMEOUT_SECONDS


def test_a_block_longer_than_redis_py_would_wait_ends_quietly() -> None:
    with PrivateRedis() as server, connect_sync(server.url) as client:
        began = time.monotonic()
        found = client.xread({"quiet": "$"}, block=5500)

    assert not found
    # redis-py's own limit of 5 s would have ended it, or asked again.
    assert 5.5 <= time.monotonic() - began < 7


def test_a_missing_server_is_told_within_a_second() -> None:
    began = time.monotonic()

    with (
        connect_sync("redis://127.0.0.1:1/0") as client,
        pytest.raises(redis.exceptions.ConnectionError),
    ):
        client.ping()

    assert time.monotonic() - began < 3


def test_a_client_finds_its_server_again_after_a_restart() -> None:
    with PrivateRedis() as server, connect_sync(server.url) as client:
        client.set("kept", "yes")
        server.kill()
        server.start()

        assert client.get("kept") == b"yes"


@pytest.mark.parametrize(
    ("url", "for_celery"),
    [
        ("redis://:pw@host:1/2", "redis://:pw@host:1/2"),
        ("rediss://host/0", "rediss://host/0"),
        ("unix:///run/r.sock?db=0", "redis+socket:///run/r.sock?virtual_host=0"),
        ("unix:///run/r.sock", "redis+socket:///run/r.sock?virtual_host=0"),
        ("unix:///a%20b/r.sock?db=3", "redis+socket:///a%20b/r.sock?virtual_host=3"),
        ("unix://me:p%40w@/r.sock?db=0", "redis+socket://me:p%40w@/r.sock?virtual_host=0"),
        ("unix:///r.sock?password=p%40w", "redis+socket://:p%40w@/r.sock?virtual_host=0"),
    ],
)
def test_celery_gets_the_url_it_can_read(url: str, for_celery: str) -> None:
    assert broker(url).url == for_celery


def test_kombu_reaches_the_same_database_through_the_url_made_for_it() -> None:
    with PrivateRedis() as server, connect_sync(f"{server.url[:-1]}3") as client:
        with Connection(broker(f"{server.url[:-1]}3").url) as connection:
            connection.SimpleQueue("letters").put({"ids": [1]})

        assert client.llen("letters") == 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://me:hush@host:1/2", "redis://host:1/2"),
        ("unix://:hush@/run/r.sock?db=1", "unix:///run/r.sock?db=1"),
        ("unix:///run/r.sock?db=1&password=hush", "unix:///run/r.sock?db=1"),
    ],
)
def test_a_shown_url_tells_no_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
