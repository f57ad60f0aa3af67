"""A consumer group that vanishes: nothing is lost from the stream, and nothing applied twice."""

import time

import pytest
from redis.exceptions import ResponseError

from tests.adapters.desk import Desk, desk
from tests.cast import BORIS, CHEN, NOW, conference, event

pytestmark = pytest.mark.asyncio


async def test_a_group_that_vanished_is_made_anew_and_nothing_is_lost_or_doubled(
    office: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    office.now = NOW
    heard = event("conference.invitation", told("c1", BORIS))
    await office.hear(heard)
    await office.deliver()
    # Read and not applied yet, and not read yet.
    await office.put(event("conference.invitation", told("c2", CHEN)))
    assert len(await office.inbox.read(limit=10, block_seconds=0.01)) == 1
    await office.put(heard)

    await office.client.xgroup_destroy("notifier:events", "notifier")
    with pytest.raises(ResponseError, match="NOGROUP"):
        await office.inbox.read(limit=10, block_seconds=0.01)
    await office.inbox.open()
    await office.hear()
    await office.deliver()

    assert [each.recipient for each in office.postman.sent] == [
        "boris@example.org",
        "chen@example.cn",
    ]
    assert await office.counter("events_duplicate") == 2
    assert "group" in caplog.text


async def test_a_first_group_is_nothing_to_tell_of(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(redis_url):
        assert "group" not in caplog.text


async def test_trimming_with_several_groups_follows_ours_and_without_ours_drops_nothing(
    office: Desk,
) -> None:
    for number in range(300):
        await office.client.xadd("notifier:events", {"event": b"{}"}, id=f"{number + 1}-0")
    await office.client.xgroup_create("notifier:events", "another", id="$")

    await office.inbox.trim(now=time.time())
    assert await office.client.xlen("notifier:events") == 300

    await office.client.xgroup_destroy("notifier:events", "notifier")
    assert await office.inbox.trim(now=time.time()) == 0
    assert await office.client.xlen("notifier:events") == 300


def told(number: str, person: object) -> dict[str, object]:
    return {"conference": conference(id=number), "participants": [person]}
