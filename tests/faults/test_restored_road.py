"""A whole notifier over a restored copy of its Redis: silent until a person has looked."""

import json
import shutil
from pathlib import Path

import pytest

from tests.smtp_servers import mail_server, wait_until
from tests.stories.road import Road, road
from tests.stories.test_kills import guest
from tests.stories.test_main_road import invite, planned

NO_SOCKET = shutil.ignore_patterns("*.sock")


@pytest.mark.slow
def test_fault_40_a_restored_notifier_is_silent_until_it_is_resumed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with mail_server() as server:
        with road(tmp_path, server) as running:
            tell(running, 1)
            running.new_mails(1)
            running.settled()
            shutil.copytree(data / "redis", tmp_path / "copy", ignore=NO_SOCKET)
            tell(running, 2)
            running.new_mails(1)
            running.settled()
        assert len(exported(data)) == 2
        shutil.rmtree(data / "redis")
        (tmp_path / "copy").rename(data / "redis")

        with road(tmp_path, server) as running:
            # Its publisher does not know how far it got, and says the last once more.
            tell(running, 2)
            tell(running, 3)
            wait_until(lambda: owed(running) == 2, what="both to be planned")
            doctor = running.notifier("doctor", "--json")
            quarantine = {each["name"]: each for each in json.loads(doctor.stdout)}["quarantine"]
            assert quarantine["status"] == "fail"
            assert "Redis is older than what this machine remembers" in quarantine["found"]
            assert len(server.seen.mails) == 2

            resumed = running.notifier("resume", "--yes", "--json")

            assert resumed.returncode == 0, resumed.stderr
            assert json.loads(resumed.stdout)["marked"] == 1
            server.seen.wait_for_mails(3)
            running.settled()
            tell(running, 2)
            running.settled()
            told = [mail.recipients[0] for mail in server.seen.mails]
            assert told == [f"guest{number}@example.org" for number in (1, 2, 3)]


def tell(running: Road, number: int) -> None:
    """Publish an invitation of one person, always as the same event."""
    data = invite(planned(f"c{number}"), guest(number))
    running.publish("conference.invitation", data, id=f"invitation {number}")


def owed(running: Road) -> int:
    return int(running.command(b"ZCARD", b"notifier:ready").removeprefix(b":"))


def exported(data: Path) -> list[str]:
    return [
        line for file in (data / "export").glob("*.jsonl") for line in file.read_text().splitlines()
    ]
