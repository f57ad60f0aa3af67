"""Fifty thousand deliveries wait, for one reason after the other: Redis holds them, nobody else.

What waits lies in the ledger. A process holds what is on its lines and the little that comes next;
no more is claimed, hinted at or queued. The bounds are far from what is seen, and farther from what
fifty thousand rows or letters would take.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from notifier import Publisher
from tests.cast import conference, event, person
from tests.redis_servers import PrivateRedis
from tests.smtp_scripts import HANG, ScriptedServer, scripted_server
from tests.smtp_servers import wait_until
from tests.stories.road import Road, road

# `BACKLOG=5000` looks quickly.
BACKLOG: Final = int(os.environ.get("BACKLOG", "50000"))
EVENT: Final = 1000
# By how much any process may grow, whatever it is that holds up the mails (bytes). Fifty thousand
# rows as Python has them are 100 MB, their letters 800.
GROWTH: Final = 40 << 20
# Claimed by two workers together: their connections, and at most what they send in half a second.
HELD: Final = 2000
# The same at twenty mails a second.
HELD_AT_A_RATE: Final = 200
# Hints on their way, and tasks that wait in Celery's queue.
HINTED: Final = 1000
TASKS: Final = 100
# What is tried before we look: several times what is held at one time.
TRIES: Final = 300
PATIENCE_SECONDS: Final = 120.0
QUEUES: Final = ("ready", "later", "hinted", "leases")

pytestmark = pytest.mark.slow


@dataclass
class Backlog:
    """The road, its mail server, and how large its processes were when little waited."""

    running: Road
    server: ScriptedServer
    url: str
    folder: Path
    sizes: dict[int, int] = field(default_factory=dict)

    def tell(self, events: int) -> None:
        """Invite a thousand people to each of so many conferences, until all are owed a mail."""
        planned = self.planned()
        with Publisher(self.url, "/core/test") as publisher:
            for number in range(events):
                told = {
                    "conference": conference(id=f"c{planned}-{number}"),
                    # Everybody once: an address that was refused gets no further mail.
                    "participants": [person(planned + number * EVENT + n) for n in range(EVENT)],
                }
                publisher.publish(event("conference.invitation", told))
        wait_until(
            lambda: self.planned() >= planned + events * EVENT,
            seconds=PATIENCE_SECONDS,
            what="the whole backlog",
        )

    def limit(self, rate: int) -> None:
        """Let no more mails than these leave in a second; 0: all."""
        file = self.folder / "rate.toml"
        file.write_text(f"[smtp]\nrate = {rate}\n")
        assert self.running.notifier("settings", "apply", str(file)).returncode == 0

    def ask(self, *command: Any) -> Any:
        with self.running.redis() as client:
            return client.execute_command(*command)

    def counted(self, name: str) -> int:
        with self.running.redis() as client:
            return int(client.hget("notifier:counters", name) or 0)

    def wait_for(self, name: str, more: int) -> None:
        """Wait until a total has risen by so much."""
        total = self.counted(name) + more
        wait_until(lambda: self.counted(name) >= total, seconds=PATIENCE_SECONDS, what=name)

    def waiting(self) -> int:
        return sum(self.ask("ZCARD", f"notifier:{each}") for each in QUEUES)

    def planned(self) -> int:
        return self.waiting() + self.counted("deliveries_sent")

    def processes(self) -> list[psutil.Process]:
        """Give all of the notifier's, but not its Redis."""
        up = psutil.Process(self.running.process.pid)
        return [up, *up.children(recursive=True)]

    def grown(self) -> dict[str, int]:
        """Give the megabytes by which each process is larger than when little waited."""
        return {
            _name(each): (each.memory_info().rss - self.sizes[each.pid]) >> 20
            for each in self.processes()
            if each.pid in self.sizes
        }


@pytest.fixture(scope="module")
def backlog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backlog]:
    """Fifty thousand people are told of something, at twenty mails a second."""
    folder = tmp_path_factory.mktemp("road")
    closing = ExitStack()
    server = closing.enter_context(scripted_server())
    with PrivateRedis(tcp=True, options={"appendfsync": "everysec"}) as redis:
        environ = {"NOTIFIER_REDIS_URL": redis.url}
        with road(folder, server, environ=environ) as running:
            found = Backlog(running, server, redis.url, folder)
            found.limit(20)
            found.tell(1)
            server.seen.wait_for_mails(40, seconds=PATIENCE_SECONDS)
            found.sizes = {each.pid: each.memory_info().rss for each in found.processes()}
            found.tell(BACKLOG // EVENT)
            yield found
            # Whoever waits for an answer is told that none will come, and need not be killed.
            closing.close()


def test_a_rate_fills_no_process_and_claims_little_ahead(backlog: Backlog) -> None:
    hold_little(backlog)
    assert backlog.ask("ZCARD", "notifier:leases") <= HELD_AT_A_RATE


def test_fault_39_a_server_that_wants_everybody_later_fills_no_process(backlog: Backlog) -> None:
    backlog.limit(0)
    backlog.server.say(RCPT="451 4.3.0 later")

    backlog.wait_for("deliveries_pending", TRIES)

    hold_little(backlog)


def test_fault_39_a_server_that_refuses_everybody_fills_no_process(backlog: Backlog) -> None:
    backlog.server.say(RCPT="550 5.1.1 nobody of that name")

    backlog.wait_for("deliveries_failed", TRIES)

    hold_little(backlog)


def test_fault_32_a_redis_without_room_fills_no_process(backlog: Backlog) -> None:
    backlog.server.say()
    backlog.wait_for("deliveries_sent", 100)

    backlog.ask("CONFIG", "SET", "maxmemory", 1)
    try:
        wait_until(lambda: _stands(backlog.server), seconds=PATIENCE_SECONDS, what="a stop")
        hold_little(backlog)
    finally:
        backlog.ask("CONFIG", "SET", "maxmemory", 0)

    backlog.wait_for("deliveries_sent", 100)


def test_fault_39_a_server_that_says_nothing_fills_no_process(backlog: Backlog) -> None:
    backlog.server.say(BODY=HANG)

    wait_until(lambda: backlog.server.hanging >= 5, seconds=PATIENCE_SECONDS, what="silence")

    hold_little(backlog)


def hold_little(backlog: Backlog) -> None:
    """Claim that the processes hold little and are no larger than before."""
    assert backlog.waiting() > BACKLOG // 2
    assert backlog.ask("ZCARD", "notifier:leases") <= HELD
    assert backlog.ask("ZCARD", "notifier:hinted") <= HINTED
    assert backlog.ask("LLEN", "notifier:celery:mail") <= TASKS
    grown = backlog.grown()
    assert {name for name, each in grown.items() if each > GROWTH >> 20} == set(), grown


def _name(process: psutil.Process) -> str:
    words = [each for each in process.cmdline() if "\n" not in each]
    return " ".join([str(process.pid), *words[:6]])


def _stands(server: ScriptedServer) -> bool:
    """Tell whether nothing has arrived for a second."""
    before = len(server.seen.mails)
    time.sleep(1)
    return len(server.seen.mails) == before
