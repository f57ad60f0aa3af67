"""How the tests wait: what is owed is hurried when nothing moves, and named when it stays."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from notifier.adapters import keys
from tests.settling import looking, settle

DELIVERY = "doubted"
DOUBT_SECONDS = 900


def test_a_doubt_is_over_when_only_the_audit_goes_on_counting(redis_url: str) -> None:
    with looking(redis_url) as client:
        owe_a_doubt(client)

        with auditing_and_delivering(redis_url):
            settle(client, seconds=20, patience=0.5)

        assert client.zcard(keys.LATER) == 0


def test_what_stays_owed_is_told_with_its_reason(redis_url: str) -> None:
    with looking(redis_url) as client:
        owe_a_doubt(client)

        with pytest.raises(AssertionError) as found:
            settle(client, seconds=0)

    assert f"'{keys.LATER}': 1" in str(found.value)
    assert "'state': 'unknown', 'why': 'no answer', 'doubts': '1'" in str(found.value)


def owe_a_doubt(client: Any) -> None:
    """Put off a delivery as the ledger does when its answer never came."""
    client.xgroup_create(keys.EVENTS, keys.GROUP, mkstream=True)
    row = {"kind": "invitation", "state": "unknown", "why": "no answer", "doubts": "1"}
    client.hset(keys.delivery(DELIVERY), mapping=row)
    client.zadd(keys.LATER, {DELIVERY: time.time() + DOUBT_SECONDS})


@contextmanager
def auditing_and_delivering(redis_url: str) -> Iterator[None]:
    """Count as the audit does, without end, and deliver what is put off no longer."""
    over = threading.Event()

    def work() -> None:
        with looking(redis_url) as client:
            while not over.wait(0.05):
                client.hincrby(keys.COUNTERS, "index_checked", 40)
                client.zremrangebyscore(keys.LATER, "-inf", time.time())

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()
