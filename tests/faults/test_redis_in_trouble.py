"""Redis is full, killed, frozen or away while mails are under way: all goes on when it is back.

One `notifier up` over one Redis for the whole module: a test that leaves something broken behind
makes the next one fail, as it should.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.adapters.connection import SOCKET_TIMEOUT_SECONDS, connect_sync
from tests.cast import raw, samples
from tests.faults.scene import Scene, staged
from tests.redis_servers import PrivateRedis


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with (
        PrivateRedis(tcp=True) as redis,
        staged(tmp_path_factory.mktemp("road"), redis) as scene,
    ):
        yield scene


def test_fault_29_a_killed_redis_comes_back_with_all_it_acknowledged(scene: Scene) -> None:
    before = scene.parts()
    with scene.publisher() as publisher:
        scene.tell(100, publisher)

        scene.redis.kill()
        told = scene.refused(publisher)
        scene.redis.start()
        scene.tell(100, publisher)

    scene.all_told()
    assert told.startswith("1 not published: ")
    assert scene.parts() == before


def test_fault_30_while_redis_is_away_everybody_waits_and_catches_up(scene: Scene) -> None:
    before = scene.parts()
    with scene.publisher() as publisher:
        scene.tell(100, publisher)

        scene.redis.kill()
        gone = time.monotonic()
        while time.monotonic() - gone < 12:
            scene.refused(publisher)
        asked = scene.proxy.connections
        time.sleep(2)
        # Nobody hammers at a door that stays closed: a handful of processes, each with its pauses.
        assert scene.proxy.connections - asked < 100

        scene.redis.start()
        scene.tell(20, publisher)

    scene.all_told()
    assert scene.parts() == before


def test_fault_31_a_frozen_redis_is_left_and_found_again(scene: Scene) -> None:
    before = scene.parts()
    with scene.publisher() as publisher:
        scene.tell(60, publisher)

        scene.redis.freeze()
        told = scene.refused(publisher)
        time.sleep(SOCKET_TIMEOUT_SECONDS + 3)
        scene.redis.thaw()
        scene.tell(20, publisher)

    scene.all_told()
    assert "it did not answer in time" in told
    assert scene.parts() == before


def test_fault_31_a_half_open_connection_is_given_up(scene: Scene) -> None:
    before = scene.parts()
    with scene.publisher() as publisher:
        scene.tell(60, publisher)

        scene.proxy.swallow()
        time.sleep(SOCKET_TIMEOUT_SECONDS + 3)
        scene.proxy.heal()
        scene.tell(20, publisher)

    scene.all_told()
    assert scene.parts() == before


def test_fault_32_a_full_redis_takes_nothing_new_and_loses_nothing(
    scene: Scene, tmp_path: Path
) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(raw(samples()["call.missed"]))
    before = scene.parts()
    with scene.publisher() as publisher, connect_sync(scene.redis.url) as client:
        scene.tell(100, publisher)

        client.config_set("maxmemory", 1)
        told = scene.refused(publisher)
        commands = [
            scene.running.notifier("settings", "apply", "-"),
            scene.running.notifier("publish", str(file)),
        ]
        status, found = scene.doctor()
        time.sleep(5)
        client.config_set("maxmemory", 0)
        scene.tell(20, publisher)

    scene.all_told()
    assert "it is full" in told
    for command in commands:
        assert command.returncode == 1
        assert command.stderr.count("\n") == 1
        assert "raise its maxmemory" in command.stderr
    assert (status, "of its maxmemory" in found) == ("fail", True)
    assert scene.parts() == before
