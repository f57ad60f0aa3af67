"""A connection to Redis that closes behind the back of its client is a fault of the connection."""

import asyncio
from typing import Any

import pytest
import uvloop
from redis.exceptions import ConnectionError as Unconnected

from notifier.adapters.connection import connect
from tests.fault_proxy import FaultProxy, fault_proxy
from tests.redis_servers import PrivateRedis


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_writing_to_a_closed_connection_is_no_fault_of_ours(loop: object) -> None:
    async def write(road: FaultProxy) -> None:
        async with connect(f"redis://127.0.0.1:{road.port}/0") as client:
            pool: Any = client.connection_pool
            line = await pool.get_connection()
            await asyncio.to_thread(road.reset)
            await asyncio.sleep(0.2)
            # An answer that is on its way must not be lost as our mistake: it is kept, and told
            # again, only where Redis is known to be away.
            with pytest.raises(Unconnected):
                await line.send_command("PING")

    with PrivateRedis(tcp=True) as redis, fault_proxy(redis.port) as road:
        assert callable(loop)
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(write(road))
