"""A container's health check: what it says of a part, and when it ends one."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

import psutil
import pytest

from notifier.adapters.connection import connect_sync
from notifier.config import Config, load
from notifier.supervisor import Role, named
from notifier.supervisor.alive import Verdict, age_below, end_below, look
from tests.redis_servers import PrivateRedis, free_port, gone
from tests.smtp_servers import wait_until

# Redis tells its own age in whole seconds.
PART: Final = Role(name="listen", arguments=(), silent_seconds=0.5)
LONG_AGO: Final = 1000.0


@pytest.fixture
def redis() -> Iterator[PrivateRedis]:
    with PrivateRedis() as server:
        yield server


def config(redis: PrivateRedis) -> Config:
    return load({"NOTIFIER_REDIS_URL": redis.url})


def beat(redis: PrivateRedis, *, ago: float) -> None:
    with connect_sync(redis.url) as client:
        client.set("notifier:heartbeat:listen", f"{time.time() - ago:.3f}")


@pytest.mark.asyncio
async def test_a_part_that_has_just_shown_life_is_well(redis: PrivateRedis) -> None:
    beat(redis, ago=5)

    assert await look(named("listen"), config(redis), age=LONG_AGO) == Verdict()


@pytest.mark.asyncio
async def test_a_part_that_never_showed_life_is_not_well(redis: PrivateRedis) -> None:
    found = await look(named("listen"), config(redis), age=3)

    assert found == Verdict("has never shown life; more than 120 s are too many")


@pytest.mark.asyncio
async def test_a_part_that_hangs_is_hopeless(redis: PrivateRedis) -> None:
    beat(redis, ago=600)
    wait_for_age(redis, 1)

    found = await look(PART, config(redis), age=LONG_AGO)

    assert found.hopeless
    assert (found.fault or "").startswith("has shown no life for 60")


@pytest.mark.asyncio
async def test_a_part_is_well_that_shows_life_by_another_clock(redis: PrivateRedis) -> None:
    beat(redis, ago=86_400)
    wait_for_age(redis, 1)

    looking = asyncio.create_task(look(PART, config(redis), age=LONG_AGO))
    await asyncio.sleep(0.5)
    beat(redis, ago=86_400)

    assert await looking == Verdict()


@pytest.mark.asyncio
async def test_fault_32_nobody_is_hopeless_while_redis_is_full(redis: PrivateRedis) -> None:
    beat(redis, ago=600)
    wait_for_age(redis, 1)
    with connect_sync(redis.url) as client:
        client.config_set("maxmemory", 1)

    found = await look(PART, config(redis), age=LONG_AGO)

    assert found == Verdict("cannot be judged: Redis takes no writes")


@pytest.mark.asyncio
async def test_a_part_that_has_just_started_may_have_an_old_heartbeat(redis: PrivateRedis) -> None:
    beat(redis, ago=600)
    wait_for_age(redis, 1)

    found = await look(PART, config(redis), age=0.1)

    assert found.fault
    assert not found.hopeless


@pytest.mark.asyncio
async def test_a_part_whose_redis_was_away_gets_its_time_again(redis: PrivateRedis) -> None:
    beat(redis, ago=600)
    redis.kill()
    redis.start()

    found = await look(named("listen"), config(redis), age=LONG_AGO)

    assert found.fault
    assert not found.hopeless


@pytest.mark.asyncio
async def test_without_redis_nobody_can_tell(redis: PrivateRedis) -> None:
    redis.kill()

    found = await look(named("listen"), config(redis), age=LONG_AGO)

    assert found == Verdict("cannot be judged: Redis does not answer")


@pytest.mark.asyncio
async def test_a_part_with_pages_must_answer() -> None:
    port = free_port()
    panel = load({"NOTIFIER_PANEL_HOST": "0.0.0.0", "NOTIFIER_PANEL_PORT": str(port)})

    found = await look(named("panel"), panel)

    assert found == Verdict(f"does not answer at http://127.0.0.1:{port}/healthz")


INIT: Final = """
import subprocess, sys
part = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
print(part.pid, flush=True)
sys.exit(part.wait())
"""


def test_what_is_ended_is_the_part_and_not_its_init() -> None:
    init = subprocess.Popen([sys.executable, "-c", INIT], stdout=subprocess.PIPE)
    assert init.stdout is not None
    part = int(init.stdout.readline())
    assert 0 <= age_below(init.pid) < 60

    end_below(init.pid)

    wait_until(lambda: gone(part), what="the end of the part")
    # As an init does: it ends with the part, and the container with it.
    assert init.wait(10) != 0
    init.stdout.close()


def test_a_process_without_parts_is_as_old_as_can_be() -> None:
    sleeper = subprocess.Popen(["sleep", "1000"])
    try:
        assert psutil.Process(sleeper.pid).children() == []
        assert age_below(sleeper.pid) == float("inf")
    finally:
        sleeper.kill()
        sleeper.wait()


def test_the_check_says_in_one_line_what_it_found() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "notifier.supervisor.alive", "beat"],
        env={"NOTIFIER_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == "beat cannot be judged: Redis does not answer\n"


def wait_for_age(redis: PrivateRedis, seconds: int) -> None:
    with connect_sync(redis.url) as client:
        wait_until(lambda: client.info("server")["uptime_in_seconds"] >= seconds)
