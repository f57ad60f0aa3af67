"""Nobody's address, name or letter is seen by Celery, by Flower or in a log line (P6)."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from notifier.adapters import keys
from tests.settling import door_is_empty
from tests.smtp_scripts import scripted_server
from tests.smtp_servers import mail_server, wait_until
from tests.stories.road import Road, road
from tests.stories.test_main_road import BORIS, CHEN, invite, planned

SECRETS = (b"boris", b"chen@", b"Petit", b"Quarterly review")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Road]:
    """Run the whole notifier, and a mail server."""
    with mail_server() as server, road(tmp_path, server) as opened:
        yield opened


def test_celery_carries_kinds_and_ids_only(running: Road) -> None:
    with Monitor(running.redis_url) as monitor, running.redis() as client:
        # Nobody waits at the door while a hint is on its way, so that the next one is hinted at.
        client.zadd(keys.HINTED, {"on its way": time.time() + 60})
        wait_until(lambda: door_is_empty(client), what="a worker that is to be hinted at")
        running.publish("conference.invitation", invite(planned("quiet"), BORIS, CHEN))
        running.new_mails(2)
        client.zrem(keys.HINTED, "on its way")
        running.settled()

    celery = [line for line in monitor.lines if b"notifier:celery:" in line]
    hints = [line for line in celery if b"notifier.deliver" in line]
    assert hints
    assert [line for line in celery if any(secret in line for secret in SECRETS)] == []


def test_log_lines_hold_no_person(running: Road, tmp_path: Path) -> None:
    running.publish("conference.invitation", invite(planned("quiet"), BORIS, CHEN))
    running.put(b'{"specversion": "1.0", "id": "boris@example.org", "data": {}}')
    running.new_mails(2)
    running.settled()

    # The lines come through the pipes of the parts, a moment after what they tell.
    told = tmp_path / "up.log"
    wait_until(lambda: told.read_bytes().count(b"accepted") == 2, what="the lines")
    wait_until(lambda: b"rejected" in told.read_bytes(), what="the line")
    assert [secret for secret in SECRETS if secret in told.read_bytes()] == []


def test_a_server_that_quotes_the_recipient_does_not_reach_the_log(tmp_path: Path) -> None:
    refusal = "550 5.1.1 <boris@example.org>: no such user"
    with (
        scripted_server({"RCPT": [refusal]}) as server,
        road(tmp_path, server) as running,
    ):
        running.publish("conference.invitation", invite(planned("quiet"), BORIS))
        running.settled()
        shown = running.notifier("deliveries", "list", "--json").stdout

    assert "550 5.1.1" in shown
    told = tmp_path / "up.log"
    wait_until(lambda: b"550 5.1.1" in told.read_bytes(), what="the line")
    assert b"boris" not in told.read_bytes()


class Monitor:
    """Writes down every command that Redis is given."""

    def __init__(self, url: str) -> None:
        self.lines: list[bytes] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(unquote(urlsplit(url).path))
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> "Monitor":
        self._socket.sendall(b"MONITOR\r\n")
        assert self._socket.recv(5) == b"+OK\r\n"
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        with self._socket.makefile("rb") as said:
            self.lines.extend(said)
