"""The worker's side of Celery, where Redis dies at a bad moment."""

import pytest

from tests.redis_servers import PrivateRedis
from workers.app import app


def test_fault_29_whoever_outlives_the_connection_is_told_of_a_lost_one() -> None:
    with PrivateRedis(tcp=True) as server:
        connection = app.connection(f"redis://127.0.0.1:{server.port}/0")
        channel = connection.channel()

        connection.collect()

        # Celery bears these, and ends at all others. An acknowledgement goes the same way.
        with pytest.raises(connection.connection_errors):
            channel.queue_purge("mail")
