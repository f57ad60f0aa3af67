"""The users of Redis: each may do what it must, and nothing else."""

import ast
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError
from redis.retry import Retry

from notifier.adapters import keys
from notifier.adapters.connection import connect
from notifier.adapters.gate import ensure_fit
from notifier.adapters.lua_scripts import Call, Scripts
from notifier.core.people import Person
from notifier.publisher import Publisher
from tests.deployment.guarded import (
    SHIPPED,
    GuardedRedis,
    guarded_redis,
    start_command,
    start_environment,
)
from tests.redis_servers import PROGRAMS
from tests.shape.sources import ROOT, modules, tree

PASSWORDS = ("redis_service", "redis_flower", "redis_publisher")


@pytest.fixture(scope="module", params=list(PROGRAMS.values()), ids=list(PROGRAMS))
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GuardedRedis]:
    with guarded_redis(request.param, tmp_path_factory.mktemp("guarded")) as running:
        with running.client("inspector") as client:
            client.set("another:application", "private")
            client.set("notifier:conference:1", "private")
            client.hset("notifier:delivery:1", "address", "boris@example.org")
            client.lpush("notifier:celery:mail", "a hint")
        yield running


def _stranger(server: GuardedRedis, **login: Any) -> Any:
    """A client that asks once; usually one asks again, a refusal may pass."""
    return redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0), **login)


def test_nobody_gets_in_without_a_password(server: GuardedRedis) -> None:
    stranger = _stranger(server)

    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


@pytest.mark.parametrize("user", ["default", "publisher", "service", "flower", "root"])
def test_nobody_gets_in_with_a_wrong_password(server: GuardedRedis, user: str) -> None:
    stranger = _stranger(server, username=user, password="{redis_service}")

    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_only_digests_of_passwords_reach_redis(server: GuardedRedis) -> None:
    written = server.users.read_text(encoding="utf-8")

    assert [p for p in PASSWORDS if (server.secrets / p).read_text().strip() in written] == []
    assert "{" not in written
    assert server.users.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("found", ["", None], ids=["empty", "missing"])
def test_redis_does_not_start_without_its_passwords(tmp_path: Path, found: str | None) -> None:
    command = start_command(tmp_path)
    secret = tmp_path / "secrets" / "redis_flower"
    secret.unlink()
    if found is not None:
        secret.write_text(found)

    done = subprocess.run(
        command,
        env=start_environment(tmp_path, PROGRAMS["shipped"]),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert done.returncode != 0
    assert "redis_flower" in done.stderr


@pytest.mark.asyncio
async def test_the_gate_lets_the_parts_in_and_sees_how_redis_writes(server: GuardedRedis) -> None:
    async with connect(server.url("service")) as client:
        await ensure_fit(client)

        assert await client.config_get("appendfsync") == {"appendfsync": "always"}


def test_a_publisher_may_say_what_happened(server: GuardedRedis) -> None:
    boris = Person(id="boris@conf.example.com", email="boris@example.org")

    with Publisher(server.url("publisher"), source="/core/test") as publisher:
        publisher.missed_call(caller=boris, recipient=boris, time=datetime.now(UTC))

    with server.client("inspector") as inspector:
        assert inspector.xlen("notifier:events") == 1


def test_a_publisher_may_read_where_clients_find_the_server(server: GuardedRedis) -> None:
    with server.client("inspector") as inspector:
        inspector.set(keys.NETWORK, '{"revision":1}')

    with server.client("publisher") as publisher:
        assert publisher.get(keys.NETWORK) == b'{"revision":1}'


EVENT: Final = "notifier:events"

# What a publisher that fell into wrong hands could try.
NOT_FOR_PUBLISHERS: Final = (
    f"XREAD STREAMS {EVENT} 0",
    f"XRANGE {EVENT} - +",
    f"XLEN {EVENT}",
    f"XTRIM {EVENT} MAXLEN 0",
    f"XDEL {EVENT} 1-1",
    f"DEL {EVENT}",
    f"XGROUP DESTROY {EVENT} notifier",
    f"RENAME {EVENT} {EVENT}2",
    "XADD notifier:rejected * event x",
    "XADD another * event x",
    "GET notifier:conference:1",
    "HGETALL notifier:delivery:1",
    "LPUSH notifier:celery:mail x",
    "SET notifier:settings x",
    "GET notifier:settings",
    f"SET {keys.NETWORK} x",
    f"DEL {keys.NETWORK}",
)
# Nobody needs these, and each of them would be the end of secrecy or of the ledger.
FOR_NOBODY: Final = (
    "GET another:application",
    "SET another:application x",
    "EVAL return{} 0",
    "KEYS *",
    "SCAN 0",
    "FLUSHALL",
    "FLUSHDB",
    "SWAPDB 0 1",
    "CONFIG SET appendonly no",
    "ACL LIST",
    "ACL SETUSER default on nopass",
    "CLIENT LIST",
    "CLIENT KILL TYPE normal",
    "MONITOR",
    "SHUTDOWN NOSAVE",
    "REPLICAOF 127.0.0.1 1",
    "PUBLISH another x",
    "PSUBSCRIBE *",
    "PSUBSCRIBE notifier:celery:/0.*",
)
NOT_FOR_FLOWER: Final = (
    "HGETALL notifier:delivery:1",
    "GET notifier:conference:1",
    "HGET notifier:list:1 boris",
    "GET notifier:settings",
    "DEL notifier:delivery:1",
    f"XADD {EVENT} * event x",
    f"XRANGE {EVENT} - +",
    "INFO",
    "CONFIG GET *",
)


@pytest.mark.parametrize(
    ("user", "command"),
    [
        *(("publisher", command) for command in NOT_FOR_PUBLISHERS + FOR_NOBODY),
        *(("flower", command) for command in NOT_FOR_FLOWER + FOR_NOBODY),
        *(("service", command) for command in FOR_NOBODY),
    ],
)
def test_what_a_user_has_no_business_with_is_refused(
    server: GuardedRedis, user: str, command: str
) -> None:
    with server.client(user) as client, pytest.raises(NoPermissionError):
        client.execute_command(*command.split(" "))


def test_flower_may_look_at_the_queues(server: GuardedRedis) -> None:
    with server.client("flower") as flower:
        assert flower.llen("notifier:celery:mail") == 1


# How redis-py calls what has another name in the protocol.
SPOKEN: Final = {
    "config_get": "config|get",
    "delete": "del",
    "sscan_iter": "sscan",
    "hscan_iter": "hscan",
    "script_load": "script|load",
    "xgroup_create": "xgroup|create",
    "xinfo_groups": "xinfo|groups",
    "xinfo_stream": "xinfo|stream",
    "xpending_range": "xpending",
}
CLIENTS: Final = {"_client", "client", "pipeline", "untyped", "_redis"}
# They build commands or belong to the connection.
SILENT: Final = {"aclose", "close", "from_url", "pipeline", "register_script", "transaction"}


def test_the_service_may_do_what_the_code_does() -> None:
    """One that the code has newly learnt belongs into examples/redis/users.acl."""
    said = {SPOKEN.get(name, name) for module in modules() for name in _commands(ROOT / module)}

    assert len(said) > 20
    assert said - _granted("service") == set()


@pytest.mark.asyncio
async def test_the_service_may_teach_redis_scripts_that_it_does_not_know(
    server: GuardedRedis,
) -> None:
    with server.client("inspector") as inspector:
        inspector.script_flush()

    async with connect(server.url("service")) as client:
        call: Call = ("take_due", [keys.DUE, keys.DUE_TURN], [0, 1, "me", 1000])
        answers = await Scripts(client).run_all([call])

    assert answers == [[]]


def test_the_service_may_do_what_the_scripts_do() -> None:
    scripts = (ROOT / "notifier" / "adapters" / "lua").glob("*.lua")
    said = {
        name.lower() for path in scripts for name in re.findall(r"call\('(\w+)'", path.read_text())
    }

    assert len(said) > 10
    assert said - _granted("service") == set()


def _commands(path: Path) -> Iterator[str]:
    """What a module says to a client of Redis."""
    for node in ast.walk(tree(path.relative_to(ROOT))):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=who) | ast.Attribute(attr=who), attr=name)
            ) if who in CLIENTS and name not in SILENT and hasattr(redis.Redis, name):
                yield name


def _granted(user: str) -> set[str]:
    lines = (SHIPPED / "users.acl").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.strip().startswith("#"))
    [part] = [each for each in text.split("\nuser ") if each.startswith(f"{user} ")]
    return set(re.findall(r"\+(\S+)", part))
