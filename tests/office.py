"""A Redis, empty for each test, and a desk on it: fixtures for the conftests of some folders."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from notifier.adapters.connection import connect_sync
from tests.adapters.desk import Desk, desk
from tests.redis_servers import PrivateRedis


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateRedis]:
    """A Redis server for all tests of the session."""
    # Durability has its own tests; here the disk would only cost time.
    with PrivateRedis(options={"appendfsync": "everysec"}) as redis:
        yield redis


@pytest.fixture
def redis_url(server: PrivateRedis) -> str:
    """Give the URL of the server, emptied."""
    with connect_sync(server.url) as client:
        client.flushall()
    return server.url


@pytest_asyncio.fixture
async def office(redis_url: str) -> AsyncIterator[Desk]:
    """A desk on an empty Redis."""
    async with desk(redis_url) as opened:
        yield opened
