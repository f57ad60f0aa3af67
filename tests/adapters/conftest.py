"""Redis for the adapters: each program that this machine has."""

from collections.abc import Iterator

import pytest

from tests.office import office, redis_url
from tests.redis_servers import PROGRAMS, PrivateRedis

__all__ = ["office", "redis_url", "server"]


@pytest.fixture(scope="session", params=sorted(PROGRAMS))
def server(request: pytest.FixtureRequest) -> Iterator[PrivateRedis]:
    """A Redis server for all tests of the session."""
    # Durability has its own tests; here the disk would only cost time.
    options = {"appendfsync": "everysec"}
    with PrivateRedis(program=PROGRAMS[request.param], options=options) as redis:
        yield redis
