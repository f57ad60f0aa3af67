"""Claims about `examples/publishing`: what they publish is heard."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from notifier.adapters import keys
from notifier.core.events import TYPES, Event, parse_entry
from tests import cast
from tests.redis_servers import SHIPPED, PrivateRedis, free_port
from tests.shape.sources import ROOT

EXAMPLES = ROOT / "examples" / "publishing"
EVENTS = ROOT / "examples" / "contract" / "events"


@pytest.fixture
def server() -> Iterator[PrivateRedis]:
    with PrivateRedis(tcp=True) as running:
        yield running


def run(
    *command: str | Path, url: str, given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    # redis-cli lies beside the shipped server.
    path = f"{SHIPPED.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"REDIS_URL": url, "PATH": path}
    return subprocess.run(
        command, env=environment, input=given, capture_output=True, timeout=60, check=False
    )


def heard(server: PrivateRedis) -> list[Event]:
    """What a listener reads, oldest first."""
    with redis.Redis.from_url(server.url) as client:
        return [parse_entry(fields) for _, fields in client.xrange(keys.EVENTS)]


@pytest.mark.parametrize("example", ["publish.py", "with_publisher.py"])
def test_an_example_in_python_invites(server: PrivateRedis, example: str) -> None:
    told = run(sys.executable, EXAMPLES / example, server.url, url="")

    assert told.returncode == 0, told.stderr
    (event,) = heard(server)
    assert event.type == "conference.invitation"
    assert told.stdout.decode().strip() == event.id


def test_the_plain_example_knows_nothing_of_the_notifier() -> None:
    assert "notifier import" not in (EXAMPLES / "publish.py").read_text()


def test_the_example_in_shell_publishes_files(server: PrivateRedis) -> None:
    files = [EVENTS / f"{word}.json" for word in TYPES]

    told = run(EXAMPLES / "publish.sh", *files, url=server.url)

    assert told.returncode == 0, told.stderr
    assert [event.type for event in heard(server)] == list(TYPES)


def test_the_example_in_shell_publishes_what_comes_through_a_pipe(server: PrivateRedis) -> None:
    odd = cast.conference(name="O'Hara's \"50%\" $(rm) `review` \\ ✓\n")
    sent = cast.event("conference.update", {"conference": odd})

    told = run(EXAMPLES / "publish.sh", "-", url=server.url, given=cast.raw(sent))

    assert told.returncode == 0, told.stderr
    assert [event.conference for event in heard(server)] == [odd]


def test_the_example_in_shell_says_when_it_failed(server: PrivateRedis) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set(keys.EVENTS, "not a stream")

    refused = run(EXAMPLES / "publish.sh", EVENTS / "call.missed.json", url=server.url)
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    unanswered = run(EXAMPLES / "publish.sh", EVENTS / "call.missed.json", url=nowhere)

    assert refused.returncode == unanswered.returncode == 1
    assert b"WRONGTYPE" in refused.stderr
    assert unanswered.stderr


def test_the_example_in_shell_says_how_it_is_used(server: PrivateRedis) -> None:
    told = run(EXAMPLES / "publish.sh", url=server.url)

    assert told.returncode == 2
    assert told.stderr.startswith(b"usage:")
