"""The supervisor's smaller pieces: commands, waits, signs of life, ports."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from notifier.adapters.connection import connect
from notifier.adapters.heartbeats import Heartbeats
from notifier.config import Config, load
from notifier.supervisor import PortTakenError, command, filling, named
from notifier.supervisor.child import next_wait
from notifier.supervisor.ports import knock_at, settled
from notifier.supervisor.pulse import Pulse
from notifier.supervisor.ready import Watch, answers
from notifier.supervisor.roles import ROLES
from tests.redis_servers import PrivateRedis, free_port


def config(**environ: str) -> Config:
    return load({"HOME": "/home/anna", **environ})


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateRedis]:
    with PrivateRedis() as server:
        yield server


@asynccontextmanager
async def empty(server: PrivateRedis) -> AsyncIterator[Redis]:
    async with connect(server.url) as client:
        await client.flushall()
        yield client


@pytest.mark.parametrize(
    ("wait", "ran", "following"),
    [(0, 0.1, 1), (1, 0.1, 2), (2, 59.9, 4), (16, 0, 30), (30, 0, 30), (30, 60, 1)],
)
def test_a_part_waits_longer_each_time_until_it_has_run_for_a_minute(
    wait: float, ran: float, following: float
) -> None:
    assert next_wait(wait, ran=ran) == following


def test_the_parts_start_in_the_order_of_the_flow() -> None:
    assert [role.name for role in ROLES] == ["listen", "worker", "beat", "flower", "panel"]


def test_a_command_is_filled_from_the_deployment() -> None:
    words = filling(config(NOTIFIER_LOG_LEVEL="debug"), workers=5)

    told = command(named("worker"), words)

    assert told[:3] == [sys.executable, "-m", "celery"]
    assert {"workers.app", "worker", "--concurrency=5", "--loglevel=DEBUG"} <= set(told)


def test_no_command_has_a_gap_left() -> None:
    words = filling(config())

    assert not [text for role in ROLES for text in command(role, words) if "{" in text]


def test_an_unasked_number_of_workers_is_one_or_two() -> None:
    assert filling(config()).workers in {1, 2}


async def _waiting_for(watch: Watch) -> set[str]:
    """What is still missing after a few looks."""
    try:
        async with asyncio.timeout(0.4):
            await watch.wait()
    except TimeoutError:
        pass
    return watch.waiting


@pytest.mark.asyncio
async def test_a_heartbeat_from_an_earlier_run_makes_nobody_ready(server: PrivateRedis) -> None:
    async with empty(server) as client:
        await client.set("notifier:heartbeat:listen", "1700000000")
        hearts = Heartbeats(client)
        before = await hearts.last(["listen", "worker"])
        assert before == {"listen": b"1700000000", "worker": None}
        watch = Watch(hearts, before=before, urls={})

        await client.set("notifier:heartbeat:worker", "1700000001")
        assert await _waiting_for(watch) == {"listen"}

        await client.set("notifier:heartbeat:listen", "1700000002")
        assert await _waiting_for(watch) == set()


async def _serve(status: str) -> tuple[asyncio.Server, str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/healthz"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "works"),
    [("200 OK", True), ("204 No Content", True), ("302 Found", False), ("503 Busy", False)],
)
async def test_only_success_counts_as_an_answer(status: str, works: bool) -> None:
    server, url = await _serve(status)

    async with server:
        assert await answers(url) is works


@pytest.mark.asyncio
async def test_nobody_at_the_port_is_no_answer() -> None:
    assert not await answers(f"http://127.0.0.1:{free_port()}/healthz")


class Silence:
    """A pulse of one role with a limit of 100 s, on a clock that is set by hand."""

    def __init__(self, client: Redis) -> None:
        self.now = 0.0
        self.told: list[str] = []
        self.pulse = Pulse(
            Heartbeats(client),
            limits={"listen": 100.0},
            silent=self.told.append,
            clock=lambda: self.now,
        )

    async def look(self, *, at: float) -> list[str]:
        self.now = at
        await self.pulse.look()
        return self.told


@pytest.mark.asyncio
async def test_a_heartbeat_that_stands_still_is_told_once_per_life(server: PrivateRedis) -> None:
    async with empty(server) as client:
        await client.set("notifier:heartbeat:listen", "1")
        silence = Silence(client)

        assert await silence.look(at=0) == []
        assert await silence.look(at=100) == []
        assert await silence.look(at=101) == ["listen"]
        assert await silence.look(at=110) == ["listen"]
        assert await silence.look(at=211) == ["listen", "listen"]


@pytest.mark.asyncio
async def test_a_heartbeat_that_moves_is_never_told(server: PrivateRedis) -> None:
    async with empty(server) as client:
        silence = Silence(client)
        for moment in range(0, 1000, 90):
            await client.set("notifier:heartbeat:listen", moment)

            assert await silence.look(at=moment) == []


@pytest.mark.asyncio
async def test_fault_32_silence_while_redis_is_full_is_nobodys_fault() -> None:
    with PrivateRedis() as server:
        async with connect(server.url) as client:
            await client.set("notifier:heartbeat:listen", "1")
            silence = Silence(client)
            await silence.look(at=0)

            await client.config_set("maxmemory", 1)
            assert await silence.look(at=101) == []

            await client.config_set("maxmemory", 0)
            assert await silence.look(at=202) == []
            assert await silence.look(at=303) == ["listen"]


@pytest.mark.asyncio
async def test_silence_while_redis_was_away_is_nobodys_fault() -> None:
    with PrivateRedis() as server:
        async with connect(server.url) as client:
            await client.set("notifier:heartbeat:listen", "1")
            silence = Silence(client)
            await silence.look(at=0)

            server.kill()
            await silence.look(at=5000)
            server.start()

            assert await silence.look(at=5001) == []
            assert await silence.look(at=5050) == []


def test_a_port_of_zero_becomes_a_free_one() -> None:
    found = settled(config(NOTIFIER_PANEL_PORT="0", NOTIFIER_FLOWER_PORT="0"))

    assert found.panel_port > 0
    assert found.flower_port > 0


def test_flower_moves_aside_and_the_panel_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        moved = settled(config(NOTIFIER_PANEL_PORT="0", NOTIFIER_FLOWER_PORT=str(port)))
        with pytest.raises(PortTakenError, match=f"cannot listen on port {port}"):
            settled(config(NOTIFIER_PANEL_PORT=str(port)))

    assert moved.flower_port not in {0, port}


def test_a_host_that_is_not_ours_is_told_for_flower_too() -> None:
    with pytest.raises(PortTakenError, match=r"Flower cannot listen on 192\.0\.2\.1 \(Cannot"):
        settled(config(NOTIFIER_PANEL_PORT="0", NOTIFIER_FLOWER_HOST="192.0.2.1"))


def test_a_host_that_is_not_ours_is_told_like_a_taken_port() -> None:
    with pytest.raises(PortTakenError, match=r"port 0 of 192\.0\.2\.1 \(Cannot assign"):
        settled(config(NOTIFIER_PANEL_HOST="192.0.2.1", NOTIFIER_PANEL_PORT="0"))


@pytest.mark.parametrize(
    ("host", "seen"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("panel.example.com", "panel.example.com"),
    ],
)
def test_the_panels_address_can_be_opened_from_here(host: str, seen: str) -> None:
    assert knock_at(host) == seen
