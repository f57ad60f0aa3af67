"""The disk of Redis is full: nothing is taken that could not be kept, and all goes on with room."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from notifier.adapters.connection import connect_sync
from tests.faults.scene import Scene, staged
from tests.redis_servers import PrivateRedis
from tests.small_disk import SmallDisk, small_disk
from tests.smtp_servers import wait_until

Place = tuple[Scene, SmallDisk]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("road")
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder))
        options = {"dir": str(disk.path), "appendfsync": "everysec"}
        redis = PrivateRedis(tcp=True, within=disk.within, options=options)
        stack.enter_context(redis)
        yield stack.enter_context(staged(folder, redis)), disk


def test_fault_32_a_redis_that_cannot_write_takes_nothing_and_loses_nothing(place: Place) -> None:
    scene, disk = place
    before = scene.parts()
    with scene.publisher() as publisher:
        scene.tell(50, publisher)

        disk.fill()
        wait_until(lambda: writes_fail(scene), seconds=20, what="a failed write")
        told = scene.refused(publisher)
        command = scene.running.notifier("settings", "apply", "-")
        status, found = scene.doctor()
        disk.clear()
        scene.tell(20, publisher)

    scene.all_told()
    assert "it cannot write to its disk" in told
    assert command.returncode == 1
    # Even PING is refused; who gets through to INFO reads there that the last write failed.
    assert "disk" in command.stderr
    assert command.stderr.count("\n") == 1
    assert (status, "write" in found) == ("fail", True)
    assert scene.parts() == before


def test_fault_32_a_redis_that_ends_for_want_of_room_comes_back_with_all_it_acknowledged(
    place: Place,
) -> None:
    scene, disk = place
    before = scene.parts()
    with scene.publisher() as publisher:
        with connect_sync(scene.redis.url) as client:
            # With this, Redis ends rather than go on with what it cannot keep.
            client.config_set("appendfsync", "always")
        scene.tell(50, publisher)

        disk.fill()
        wait_until(lambda: not scene.redis.runs, seconds=20, what="the end of Redis")
        told = scene.refused(publisher)
        disk.clear()
        scene.redis.start()
        scene.tell(20, publisher)

    scene.all_told()
    assert told.startswith("1 not published: ")
    assert scene.parts() == before


def writes_fail(scene: Scene) -> bool:
    with connect_sync(scene.redis.url) as client:
        return bool(client.info("persistence")["aof_last_write_status"] != "ok")
