"""The short way to Redis and back keeps what the long way promises."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import hiredis
import pytest
import uvloop
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unconnected
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as Unanswered

from notifier.adapters.connection import AsyncClient, connect
from notifier.adapters.lua_scripts import Scripts
from notifier.reaching.steadfast import Trips
from tests.fault_proxy import FaultProxy, fault_proxy
from tests.redis_servers import PrivateRedis

SECONDS: Final = 0.3
# What takes longer than this has come to a stop (seconds).
STUCK_SECONDS: Final = 20

# Its types know tuples of one.
pack: Final[Any] = hiredis.pack_command


@pytest.fixture(scope="module")
def redis() -> Iterator[PrivateRedis]:
    with PrivateRedis(tcp=True, options={"appendfsync": "no"}) as server:
        yield server


@pytest.fixture
def road(redis: PrivateRedis) -> Iterator[FaultProxy]:
    with fault_proxy(redis.port) as proxy:
        yield proxy


def on_a_loop(test: Callable[[FaultProxy], Awaitable[None]]) -> Callable[[FaultProxy], None]:
    """Run a test on the kind of loop that the processes have."""

    @functools.wraps(test)
    def run(road: FaultProxy) -> None:
        async def whole() -> None:
            async with asyncio.timeout(STUCK_SECONDS):
                await test(road)

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(whole())

    return run


def client_at(road: FaultProxy, *, replays: int = 3) -> AsyncClient:
    client = connect(f"redis://127.0.0.1:{road.port}/0")
    options: dict[str, Any] = client.connection_pool.connection_kwargs
    options["socket_timeout"] = SECONDS
    options["retry"] = Retry(NoBackoff(), replays)
    return client


async def say(client: AsyncClient, *words: str | int) -> Any:
    return await Trips(client.connection_pool).take(pack(words))


async def say_together(client: AsyncClient, *sentences: tuple[str | int, ...]) -> list[Any]:
    """Say all of these in one turn of the loop; give answers and faults."""
    trips = Trips(client.connection_pool)
    said = [trips.take(pack(words)) for words in sentences]
    return await asyncio.gather(*said, return_exceptions=True)


async def connections(client: AsyncClient) -> int:
    return int((await client.info("stats"))["total_connections_received"])


@on_a_loop
async def test_one_call_after_the_other_travels_over_one_connection(road: FaultProxy) -> None:
    async with client_at(road) as client:
        before = await connections(client)

        answers = [await say(client, "ECHO", each) for each in range(20)]

        assert answers == [b"%d" % each for each in range(20)]
        assert await connections(client) == before


@on_a_loop
async def test_calls_at_one_time_get_each_its_own_answer(road: FaultProxy) -> None:
    async with client_at(road) as client:
        for _round in range(3):
            answers = await asyncio.gather(*(say(client, "ECHO", each) for each in range(9)))

            assert answers == [b"%d" % each for each in range(9)]


@on_a_loop
async def test_what_is_asked_in_one_turn_travels_over_one_connection(road: FaultProxy) -> None:
    async with client_at(road) as client:
        before = await connections(client)

        answers = await say_together(client, *(("ECHO", each) for each in range(9)))

        assert answers == [b"%d" % each for each in range(9)]
        assert await connections(client) == before


@on_a_loop
async def test_what_redis_refuses_one_is_told_to_that_one_alone(road: FaultProxy) -> None:
    async with client_at(road) as client:
        before, bad, after = await say_together(client, ("ECHO", 1), ("HM",), ("ECHO", 2))

        assert isinstance(bad, ResponseError)
        assert (before, after) == (b"1", b"2")


@on_a_loop
async def test_whoever_gives_up_leaves_its_companions_their_own_answers(road: FaultProxy) -> None:
    async with client_at(road) as client:
        await say(client, "PING")
        trips = Trips(client.connection_pool)
        road.delay(SECONDS / 5)
        calls = [asyncio.create_task(trips.take(pack(("ECHO", each)))) for each in range(3)]
        await asyncio.sleep(SECONDS / 5)

        calls[1].cancel()

        assert [await calls[0], await calls[2]] == [b"0", b"2"]


@on_a_loop
async def test_companions_that_were_cut_off_all_go_again(road: FaultProxy) -> None:
    async with client_at(road, replays=1) as client:
        await client.delete("calls", "others")
        await asyncio.sleep(SECONDS / 3)  # the road has done with that answer
        road.cut_reply()

        assert await say_together(client, ("INCR", "calls"), ("INCR", "others")) == [2, 2]


@on_a_loop
async def test_who_has_its_answer_does_not_go_again_with_the_others(road: FaultProxy) -> None:
    async with client_at(road, replays=1) as client:
        await client.delete("calls", "others")
        await asyncio.sleep(SECONDS / 3)  # the road has done with that answer
        road.answered.cut_after = len(b":1\r\n")

        assert await say_together(client, ("INCR", "calls"), ("INCR", "others")) == [1, 2]
        assert await say(client, "GET", "calls") == b"1"


@on_a_loop
async def test_companions_that_cannot_be_sent_are_all_told(road: FaultProxy) -> None:
    async with client_at(road, replays=0) as client:
        await say(client, "PING")
        road.delay(2 * SECONDS)

        faults = await say_together(client, ("ECHO", 1), ("ECHO", 2))

        assert [type(each) for each in faults] == [Unanswered, Unanswered]


@on_a_loop
async def test_who_comes_while_others_are_under_way_waits_for_none_of_them(
    road: FaultProxy,
) -> None:
    async with client_at(road) as client:
        await client.delete("bell")
        trips = Trips(client.connection_pool)
        slow = asyncio.create_task(trips.take(pack(("BLPOP", "bell", 5))))
        await asyncio.sleep(SECONDS / 4)

        await trips.take(pack(("RPUSH", "bell", "rung")))

        assert await slow == [b"bell", b"rung"]


@on_a_loop
async def test_what_redis_refuses_is_raised_and_the_connection_goes_on(road: FaultProxy) -> None:
    async with client_at(road) as client:
        before = await connections(client)

        with pytest.raises(ResponseError):
            await say(client, "HM")

        assert await say(client, "ECHO", "next") == b"next"
        assert await connections(client) == before


@on_a_loop
async def test_silence_ends_and_its_late_answer_is_nobodys(road: FaultProxy) -> None:
    async with client_at(road, replays=0) as client:
        await say(client, "PING")
        road.delay(2 * SECONDS)

        with pytest.raises(Unanswered):
            await say(client, "ECHO", "late")

        road.heal()
        await asyncio.sleep(2 * SECONDS)
        assert await say(client, "ECHO", "next") == b"next"


@on_a_loop
async def test_the_answer_of_a_cancelled_call_is_nobodys(road: FaultProxy) -> None:
    async with client_at(road) as client:
        await say(client, "PING")
        road.delay(SECONDS / 2)
        call = asyncio.create_task(say(client, "ECHO", "cancelled"))
        await asyncio.sleep(SECONDS / 4)

        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

        road.heal()
        assert await say(client, "ECHO", "next") == b"next"


@on_a_loop
async def test_a_connection_that_closed_while_it_lay_ready_is_not_written_to(
    road: FaultProxy,
) -> None:
    async with client_at(road, replays=0) as client:
        await say(client, "PING")
        await asyncio.to_thread(road.cut)
        await asyncio.sleep(SECONDS)

        # It is not sent again: nothing was sent before it found another connection.
        assert await say(client, "ECHO", "whole") == b"whole"


@on_a_loop
async def test_a_call_whose_answer_was_cut_off_is_made_again(road: FaultProxy) -> None:
    async with client_at(road, replays=1) as client:
        await client.delete("calls")
        await asyncio.sleep(SECONDS / 3)  # the road has done with that answer
        road.cut_reply()

        assert await say(client, "INCR", "calls") == 2


@on_a_loop
async def test_a_call_is_made_no_oftener_than_told(road: FaultProxy) -> None:
    async with client_at(road, replays=0) as client:
        await client.delete("calls")
        await asyncio.sleep(SECONDS / 3)  # the road has done with that answer
        road.cut_reply()

        with pytest.raises(Unconnected):
            await say(client, "INCR", "calls")

        road.heal()
        assert await say(client, "GET", "calls") == b"1"


@on_a_loop
async def test_a_connection_that_lay_for_long_is_asked_first(road: FaultProxy) -> None:
    async with client_at(road) as client:
        await say(client, "PING")
        pings = (await client.info("commandstats"))["cmdstat_ping"]["calls"]
        pool: Any = client.connection_pool
        line = await pool.get_connection()
        line.next_health_check = 0
        await pool.release(line)

        await say(client, "ECHO", "after")

        assert (await client.info("commandstats"))["cmdstat_ping"]["calls"] == pings + 1


@on_a_loop
async def test_a_script_that_redis_forgot_is_told_again(road: FaultProxy) -> None:
    async with client_at(road) as client:
        scripts = Scripts(client)
        before = await scripts.run("pace", ["pace"], ["100.000", 1, 1])
        await client.script_flush()

        after = await scripts.run("pace", ["pace"], ["100.000", 1, 1])

        assert after > before
