"""A Redis for what strangers publish, empty for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from notifier.adapters.connection import connect_sync
from tests.adapters.desk import Desk, desk
from tests.redis_servers import PrivateRedis


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateRedis]:
    """A Redis server for all tests of the session."""
    with PrivateRedis(options={"appendfsync": "everysec"}) as redis:
        yield redis


@pytest_asyncio.fixture
async def office(server: PrivateRedis) -> AsyncIterator[Desk]:
    """A desk on an empty Redis."""
    with connect_sync(server.url) as client:
        client.flushall()
    async with desk(server.url) as opened:
        yield opened
