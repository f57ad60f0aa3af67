"""`python -m notifier.supervisor.alive ROLE`: whether a part makes progress, for a container.

Exit status 0: it does. 1: it does not, or nobody can tell; standard error says why.
What the supervisor does for `notifier up`, the container's health check does with this.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence

import msgspec
import psutil

from notifier.adapters.connection import AsyncClient, RedisError, connect
from notifier.adapters.embedded import EmbeddedRedis
from notifier.adapters.heartbeats import Heartbeats
from notifier.config import Config, ConfigError, load
from notifier.supervisor.ports import knock_at
from notifier.supervisor.ready import answers
from notifier.supervisor.roles import ROLES, Role, filled, filling, named

# A health check is itself given some seconds only.
PATIENCE_SECONDS = 5.0
# Who makes progress shows life once a second.
LOOK_AGAIN_SECONDS = 1.5


class Verdict(msgspec.Struct, frozen=True):
    """What is wrong with a part, if anything, and whether only a new process will mend it."""

    fault: str | None = None
    hopeless: bool = False


def main(arguments: Sequence[str]) -> int:
    """Look once at the role that is asked about; the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        config = load(os.environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    role = named(asked.role)
    age = None if asked.end_below is None else age_below(asked.end_below)
    verdict = asyncio.run(look(role, config, age=age))
    if verdict.fault:
        sys.stderr.write(f"{role.name} {verdict.fault}\n")
    if verdict.hopeless and asked.end_below is not None:
        end_below(asked.end_below)
    return 1 if verdict.fault else 0


async def look(role: Role, config: Config, *, age: float | None = None) -> Verdict:
    """Ask the part over HTTP, or Redis for its heartbeat.

    `age`: for how many seconds the part has run; left out, no part is called hopeless.
    """
    if role.answers is not None:
        return await _ask(role, config)
    async with connect(config.redis_url or EmbeddedRedis(config.data).url) as client:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await _feel(role, client, age=age)
        except (RedisError, OSError) as error:
            # Not the part's fault: it waits for Redis as we do.
            return Verdict(f"cannot be judged: Redis does not answer ({str(error) or 'in time'})")


async def _ask(role: Role, config: Config) -> Verdict:
    assert role.answers is not None
    reachable = msgspec.structs.replace(
        filling(config),
        panel_host=knock_at(config.panel_host),
        flower_host=knock_at(config.flower_host),
    )
    url = filled(role.answers, reachable)
    return Verdict() if await answers(url) else Verdict(f"does not answer at {url}")


async def _feel(role: Role, client: AsyncClient, *, age: float | None) -> Verdict:
    hearts = Heartbeats(client)
    beats = await hearts.last([role.name])
    if beats is None:
        return Verdict("cannot be judged: Redis does not answer")
    beat = beats[role.name]
    silence = time.time() - float(beat) if isinstance(beat, bytes) else float("inf")
    limit = role.silent_seconds
    assert limit is not None, f"{role.name} has a heartbeat and no limit for its silence"
    if silence <= limit:
        return Verdict()
    if not await hearts.may_beat():
        return Verdict("cannot be judged: Redis takes no writes")
    # The clock may have been set since it was last heard of.
    await asyncio.sleep(LOOK_AGAIN_SECONDS)
    if await hearts.last([role.name]) not in (beats, None):
        return Verdict()
    # Part and Redis must both have been up for as long as the silence may last: neither a start
    # nor an outage of Redis makes a part hopeless.
    redis_age = float((await client.info("server"))["uptime_in_seconds"])
    hopeless = age is not None and min(age, redis_age) > limit
    since = "has never shown life" if beat is None else f"has shown no life for {silence:.0f} s"
    return Verdict(f"{since}; more than {limit:.0f} s are too many", hopeless)


def age_below(parent: int) -> float:
    """For how long the youngest part below this process has run; endless where there is none."""
    started = [child.create_time() for child in psutil.Process(parent).children()]
    return time.time() - max(started) if started else float("inf")


def end_below(parent: int) -> None:
    """Kill the part itself: whoever was silent for so long has nothing on the wire any more.

    The container's first process is its init, which the kernel protects and which ends with the
    part; then the container is started anew.
    """
    for child in psutil.Process(parent).children():
        child.kill()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m notifier.supervisor.alive")
    parser.add_argument("role", choices=[role.name for role in ROLES])
    parser.add_argument(
        "--end-below",
        type=int,
        metavar="PID",
        help="kill the children of this process if the part hangs for good",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
