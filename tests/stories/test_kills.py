"""Whatever is killed or goes away: nothing is lost, nobody is told twice, the rest goes on."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.smtp_servers import MailServer, mail_server, wait_until
from tests.stories.road import Road, road
from tests.stories.test_main_road import invite, planned

PEOPLE = 300


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Road]:
    """Run the whole notifier, and a mail server."""
    with mail_server() as server, road(tmp_path, server) as opened:
        yield opened


@pytest.mark.parametrize("victims", [["workers.listen"], ["worker"], ["beat"], ["redis-server"]])
def test_a_killed_part_loses_nothing_and_doubles_nothing(running: Road, victims: list[str]) -> None:
    for number in range(PEOPLE // 2):
        running.publish("conference.invitation", invite(planned(f"c{number}"), guest(number)))

    killed = kill(running, victims)

    for number in range(PEOPLE // 2, PEOPLE):
        publish_patiently(running, number)
    everybody = {f"guest{number}@example.org" for number in range(PEOPLE)}
    everybody_told(running, everybody)
    assert killed
    assert doubled(running) <= doubts(running)


def test_a_mail_server_that_goes_away_costs_no_try(tmp_path: Path) -> None:
    with mail_server() as first:
        port = first.port
        opened = road(tmp_path, first)
        running = opened.__enter__()
    try:
        for number in range(20):
            running.publish("conference.invitation", invite(planned(f"c{number}"), guest(number)))
        wait_until(lambda: waiting(running) == 20, what="everything to be put off")

        with mail_server(port=port) as second:
            second.seen.wait_for_mails(20, seconds=90)
            running.settled()
            assert_each_once(second, 20)
        rows = json.loads(running.notifier("deliveries", "list", "--json").stdout)
        assert {(row["state"], row["attempts"]) for row in rows} == {("sent", 0)}
    finally:
        opened.__exit__(None, None, None)


def guest(number: int) -> dict[str, str]:
    """Give one of many people."""
    return {"id": f"guest{number}@conf.example.com", "email": f"guest{number}@example.org"}


def kill(running: Road, victims: list[str]) -> list[int]:
    """Kill -9 every process of these parts, children first; give their ids."""
    found = [
        process
        for process in psutil.Process(running.process.pid).children(recursive=True)
        if set(victims) & set(process.cmdline()) or process.name() in victims
    ]
    for process in reversed(found):
        process.kill()
    return [process.pid for process in found]


def publish_patiently(running: Road, number: int) -> None:
    """Publish as a careful publisher does: again, with the same id, until Redis says yes."""
    data = invite(planned(f"c{number}"), guest(number))

    def published() -> bool:
        try:
            running.publish("conference.invitation", data, id=f"guest {number}")
        except (OSError, AssertionError):
            return False
        return True

    wait_until(published, seconds=30, what="Redis")


def everybody_told(running: Road, everybody: set[str]) -> None:
    """Wait until everybody has mail.

    What the dead hold is freed when a lease is over, after minutes. Nobody wants to test for that
    long: when nothing has moved for two seconds, all leases are declared over.
    """
    end = time.monotonic() + 90
    seen, moved = -1, time.monotonic()
    while not {mail.recipients[0] for mail in running.seen.mails} >= everybody:
        assert time.monotonic() < end, "some people were not told"
        if len(running.seen.mails) != seen:
            seen, moved = len(running.seen.mails), time.monotonic()
        elif time.monotonic() - moved > 2:
            running.expire()
            moved = time.monotonic()
        time.sleep(0.05)


def doubled(running: Road) -> int:
    """Count mails beyond the first of each recipient; each must be the very same mail."""
    ids: dict[str, set[bytes]] = {}
    for mail in running.seen.mails:
        ids.setdefault(mail.recipients[0], set()).add(mail.content)
    assert all(len(contents) == 1 for contents in ids.values())
    return len(running.seen.mails) - len(ids)


def doubts(running: Road) -> int:
    """Count how often the ledger was left without an answer."""
    with running.redis() as client:
        rows = [client.hget(key, "doubts") for key in client.scan_iter("notifier:delivery:*")]
    return sum(int(doubts) for doubts in rows if doubts)


def waiting(running: Road) -> int:
    """Count deliveries that were put off."""
    answer = running.command(b"ZCARD", b"notifier:later")
    return int(answer.removeprefix(b":"))


def assert_each_once(server: MailServer, count: int) -> None:
    """Claim that `count` people have one mail each."""
    recipients = Counter(mail.recipients for mail in server.seen.mails)
    assert len(recipients) == count
    assert set(recipients.values()) == {1}
