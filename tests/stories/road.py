"""The whole road in processes of its own, and a publisher that shares no code with the notifier."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from notifier.adapters.connection import connect_sync
from tests.redis_servers import free_port
from tests.smtp_servers import MailServer, Record, wait_until


@dataclass
class Road:
    """A running `notifier up`."""

    process: subprocess.Popen[bytes]
    redis_url: str
    panel_url: str
    environment: dict[str, str]
    seen: Record
    published: int = 0
    read: int = 0
    lines: list[bytes] = field(default_factory=list)

    def publish(self, event_type: str, data: dict[str, Any], **attributes: Any) -> None:
        """XADD one CloudEvent over a bare socket, as a publisher in any language would."""
        self.published += 1
        event = {
            "specversion": "1.0",
            "id": f"event-{self.published}",
            "source": "/core/test",
            "type": event_type,
            "data": data,
        }
        self.put(json.dumps(event | attributes).encode())

    def put(self, value: bytes, name: bytes = b"event") -> None:
        """XADD anything at all."""
        answer = self.command(b"XADD", b"notifier:events", b"*", name, value)
        assert answer.startswith(b"$"), answer

    def command(self, *words: bytes) -> bytes:
        """Say one command in RESP (the protocol of Redis) and give the raw answer."""
        said = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        with socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(10)
            talk.connect(unquote(urlsplit(self.redis_url).path))
            talk.sendall(b"*%d\r\n%s" % (len(words), said))
            return talk.recv(65536)

    def new_mails(self, count: int, *, seconds: float = 20) -> list[EmailMessage]:
        """Give the next `count` mails, sorted by recipient."""
        mails = self.seen.wait_for_mails(self.read + count, seconds=seconds)[self.read :]
        self.read += len(mails)
        messages = [message_from_bytes(each.content, policy=policy.default) for each in mails]
        for envelope, message in zip(mails, messages, strict=True):
            assert envelope.recipients == (message["To"].addresses[0].addr_spec,)
        return sorted(messages, key=lambda message: str(message["To"].addresses[0].addr_spec))

    def settled(self) -> None:
        """Wait until every event is acknowledged and nothing is owed at this moment."""
        wait_until(self._idle, seconds=20, what="rest")

    def redis(self) -> Any:
        """Open a client, for looking and for what only a test may do."""
        return connect_sync(self.redis_url)

    def expire(self) -> None:
        """Let the time be over for everything that is claimed, hinted at or put off."""
        with self.redis() as client:
            for queue in ("leases", "hinted", "later"):
                for waiting in client.zrange(f"notifier:{queue}", 0, -1):
                    client.zadd(f"notifier:{queue}", {waiting: 0}, xx=True)

    def notifier(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the notifier against this road."""
        return subprocess.run(
            [sys.executable, "-m", "notifier", *arguments],
            env=self.environment | {"NOTIFIER_REDIS_URL": self.redis_url} | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _idle(self) -> bool:
        pending = self.command(b"XPENDING", b"notifier:events", b"notifier")
        lag = self.command(b"XINFO", b"GROUPS", b"notifier:events")
        last = self.command(b"XREVRANGE", b"notifier:events", b"+", b"-", b"COUNT", b"1")
        newest = last.split(b"\r\n")[3] if last.count(b"\r\n") > 3 else b"0-0"
        # Behind these: what is acknowledged stands in a queue by then.
        queues = (b"spreading", b"ready", b"hinted", b"leases")
        empty = all(self.command(b"ZCARD", b"notifier:" + each) == b":0\r\n" for each in queues)
        return empty and pending.startswith(b"*4\r\n:0") and newest in lag


@contextlib.contextmanager
def road(
    folder: Path,
    server: MailServer,
    *,
    login: tuple[str, str] | None = None,
    settings: str = "",
    again: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Road]:
    """Run `notifier up` over its own Redis in `folder`, sending to `server`.

    `environ` may name another Redis, and whatever else the deployment decides. A road that runs
    `again` takes the settings as they were left.
    """
    smtp = server.settings(**_password(login))
    file = folder / "settings.toml"
    file.write_text(_SETTINGS.format(smtp=smtp) + settings, encoding="utf-8")
    applied = [] if again else ["--settings", str(file)]
    environment = os.environ | {
        "NOTIFIER_LOG": "json",
        "NOTIFIER_PANEL_PORT": str(free_port()),
        "NOTIFIER_FLOWER_PORT": str(free_port()),
        "NOTIFIER_DATA": str(folder / "data"),
        "NOTIFIER_TEMPLATES": str(folder / "templates"),
        **(environ or {}),
    }
    log = folder / "up.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "notifier", "up", *applied, "--workers", "2"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        redis_url, panel_url = _ready(process, log)
        # A URL with a password is not printed whole.
        redis_url = environment.get("NOTIFIER_REDIS_URL") or redis_url
        yield Road(process, redis_url, panel_url, dict(environment), server.seen)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        assert process.stdout is not None
        process.stdout.close()


def _password(login: tuple[str, str] | None) -> dict[str, str]:
    if login is None:
        return {}
    return {"authentication": "password", "username": login[0], "password": login[1]}


def _ready(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    """Read the one line that `up` prints when all parts answer."""
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    assert line.startswith("ready "), log.read_text(encoding="utf-8")[-4000:]
    words = dict(word.split("=", 1) for word in line.split()[1:])
    return words["redis"], words["panel"]


_SETTINGS = """
[server]
name = "Example Conferences"
domain = "conf.example.com"
language = "en"
time_zone = "Europe/Paris"
[smtp]
host = "{smtp.host}"
port = {smtp.port}
security = "{smtp.security}"
ca_file = "{smtp.ca_file}"
authentication = "{smtp.authentication}"
username = "{smtp.username}"
password = "{smtp.password}"
sender_address = "conf@example.com"
[administrator]
name = "Chris"
email = "admin@example.com"
phone = "+33 1 23 45 67 89"
[network]
web_address = "conf.example.com"
"""
