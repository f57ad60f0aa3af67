"""The worker's side of Celery, where Redis dies at a bad moment."""

import pytest

from tests.redis_servers import PrivateRedis
from workers.app import app
from workers.listen import PAUSE_SECONDS, shortened


def test_fault_29_whoever_outlives_the_connection_is_told_of_a_lost_one() -> None:
    with PrivateRedis(tcp=True) as server:
        connection = app.connection(f"redis://127.0.0.1:{server.port}/0")
        channel = connection.channel()

        connection.collect()

        # Celery bears these, and ends at all others. An acknowledgement goes the same way.
        with pytest.raises(connection.connection_errors):
            channel.queue_purge("mail")


def test_fault_30_celery_never_gives_up_on_a_redis_that_stays_away() -> None:
    # By default it does so after 46 minutes.
    assert app.conf.broker_connection_max_retries is None
    assert app.conf.broker_connection_retry_on_startup
    # A full or read-only Redis counts as one that is away.
    assert app.conf.broker_channel_error_retry


def test_fault_30_listeners_do_not_come_back_all_at_once() -> None:
    longest = PAUSE_SECONDS[1]

    pauses = {shortened(longest) for _ in range(100)}

    assert len(pauses) > 90
    assert all(longest / 2 <= pause <= longest for pause in pauses)
