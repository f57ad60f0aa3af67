"""Secrets that are easily recognised, put everywhere; then everything that comes out is searched.

What refusals of settings quote: `tests/core/test_settings.py`. Secrets in containers:
`tests/deployment/test_compose.py` and `test_parts.py`. Names: `tests/stories/test_privacy.py`.
"""

import base64
import contextlib
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import psutil
import pytest
from cryptography.fernet import Fernet

from notifier.adapters.connection import SyncClient, connect_sync
from tests import cast
from tests.cli.warm import warm
from tests.redis_servers import PrivateRedis, free_port
from tests.smtp_scripts import ScriptedServer, scripted_server
from tests.smtp_servers import MailServer, mail_server, wait_until

pytestmark = pytest.mark.slow

MARK: Final = "5ecr3t"
SMTP: Final = f"smtp-{MARK}"
# With signs that a URL must write otherwise.
REDIS: Final = f"redis/{MARK}#@x"
PANEL: Final = f"panel-{MARK}"
TOKEN: Final = f"token-{MARK}"
KEY: Final = Fernet.generate_key().decode()
INSTALLER_KEY: Final = MARK.encode().hex() * 5 + "0000"

# The marks of the secrets, as they are and as they cross the wire to a mail server.
SOUGHT: Final = (
    MARK.encode(),
    KEY.rstrip("=").encode(),
    INSTALLER_KEY.encode(),
    bytes.fromhex(INSTALLER_KEY),
    base64.b64encode(SMTP.encode()),
    base64.b64encode(f"\0conf@example.com\0{SMTP}".encode()),
)

SETTINGS: Final = """
[server]
domain = "conf.example.com"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
authentication = "password"
username = "conf@example.com"
password = "{password}"
sender_address = "conf@example.com"
{backup}
[network]
web_address = "conf.example.com"
external = [{{host = "conf.example.com"}}]
installer_keys = "7:{installer_key}"
"""

# A second server that is never needed; its password lies in Redis with the first one's.
BACKUP: Final = f"""
[[smtp.backup]]
host = "127.0.0.1"
port = 1
authentication = "password"
username = "spare"
password = "spare-{MARK}"
"""

# Settings that are refused, each with a secret in or beside the fault.
REFUSED: Final = (
    f'[smtp]\npassword = "{MARK}',
    f"[smtp]\npassword = {MARK}\n",
    f'[smtp]\npassword = ["{MARK}"]\n',
    f'[smtp]\npassword = {{a = "{MARK}"}}\n',
    f'[smtp]\nclient_secret = ["{MARK}"]\n',
    f'[smtp]\npassword = "{MARK}\\nx"\n',
    f'[smtp]\npassword = "{MARK}"\nport = "x"\n',
    f'[smtp]\npassword = "{MARK * 1000}"\n',
    f'[smtp]\npassword = "{MARK}"\npassword = "{MARK}2"\n',
    f'[network]\ninstaller_keys = "7:{INSTALLER_KEY}x"\n',
    f'[network]\ninstaller_keys = [{{number = 7, key = "{INSTALLER_KEY}"}}]\n',
    f'[network]\ninstaller_keys = "7:{INSTALLER_KEY}"\nhttps_port = "x"\n',
)


class Deployment:
    """A running `notifier up` with secrets everywhere, and all that it has shown so far."""

    def __init__(self, folder: Path, redis: PrivateRedis, mail: MailServer) -> None:
        self.folder = folder
        self.redis = redis
        self.mail = mail
        self.shown: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        (folder / "redis_password").write_text(REDIS + "\n")
        (folder / "api_token").write_text(TOKEN)
        self.environment = os.environ | {
            "NOTIFIER_REDIS_URL": redis.url,
            "NOTIFIER_REDIS_PASSWORD_FILE": str(folder / "redis_password"),
            "NOTIFIER_SECRET_KEY": KEY,
            "NOTIFIER_PANEL_PASSWORD": PANEL,
            "NOTIFIER_API_TOKEN_FILE": str(folder / "api_token"),
            "NOTIFIER_PANEL_PORT": str(free_port()),
            "NOTIFIER_FLOWER_PORT": str(free_port()),
            "NOTIFIER_DATA": str(folder / "data"),
            "NOTIFIER_LOG_LEVEL": "DEBUG",
        }

    def run(self, *arguments: str, **environ: str) -> bytes:
        """Run a command; keep what it prints."""
        _status, out, err = warm().ask(arguments, self.environment | environ, b"")
        self.shown[" ".join((*arguments, *environ))] = out + err
        return out + err

    def celery(self, *arguments: str) -> bytes:
        """Ask the workers as Flower does; keep what is printed."""
        done = subprocess.run(
            [sys.executable, "-m", "celery", "-A", "workers.app", *arguments],
            env=self.environment,
            capture_output=True,
            timeout=120,
            check=False,
        )
        self.shown[" ".join(arguments)] = done.stdout + done.stderr
        return done.stdout + done.stderr

    def fetch(self, name: str, page: str) -> None:
        """Ask for a page of ours on this machine; keep what it shows."""
        answer = httpx.get(f"http://127.0.0.1:{page}", timeout=30, follow_redirects=True)
        self.shown[f"{name} /{page.partition('/')[2]}"] = answer.content
        self.statuses[f"{name} /{page.partition('/')[2]}"] = answer.status_code

    def settings(self, text: str, name: str = "settings.toml") -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def client(self) -> SyncClient:
        return connect_sync(self.redis.url.replace("redis://", f"redis://:{_quoted(REDIS)}@"))

    def log(self) -> bytes:
        return (self.folder / "up.log").read_bytes()


def _quoted(secret: str) -> str:
    return secret.replace("/", "%2F").replace("#", "%23").replace("@", "%40")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Let mails leave, logins fail and commands be refused, and Redis go away."""
    folder = tmp_path_factory.mktemp("secrets")
    options = {"requirepass": f'"{REDIS}"'}
    with (
        PrivateRedis(tcp=True, options=options) as redis,
        mail_server(login=("conf@example.com", SMTP)) as mail,
        _quoting() as quoting,
    ):
        deployment = Deployment(folder, redis, mail)
        with _up(deployment):
            _use(deployment, quoting)
            _look(deployment)
            redis.kill()
            wait_until(lambda: b"waiting" in deployment.log(), seconds=60, what="the outage")
            deployment.run("doctor")
            deployment.run("settings", "show", NOTIFIER_LOG="json")
        deployment.shown["log"] = deployment.log()
        deployment.shown["ready"] = (folder / "up.out").read_bytes()
        yield deployment


def _quoting() -> contextlib.AbstractContextManager[ScriptedServer]:
    """A server that quotes what it was given for a password."""
    login = base64.b64encode(f"\0conf@example.com\0{SMTP}".encode()).decode()
    script = {"AUTH": f"535 5.7.8 {SMTP} is wrong: {login}"}
    return scripted_server(script, extensions=("AUTH PLAIN",))


@contextlib.contextmanager
def _up(deployment: Deployment) -> Iterator[None]:
    file = deployment.settings(_written(port=deployment.mail.port, password=SMTP, backup=BACKUP))
    with (
        (deployment.folder / "up.log").open("wb") as log,
        (deployment.folder / "up.out").open("wb") as out,
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "notifier", "up", "--settings", file, "--workers", "1"],
            env=deployment.environment,
            stdout=out,
            stderr=log,
        )
        try:
            wait_until(
                lambda: b"ready" in (deployment.folder / "up.out").read_bytes(),
                seconds=60,
                what="the notifier",
            )
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=90)


def _written(**values: object) -> str:
    return SETTINGS.format(installer_key=INSTALLER_KEY, **values)


def _invite(deployment: Deployment, conference: str) -> None:
    happened = {
        "caller": cast.ANNA,
        "recipient": cast.BORIS,
        "time": "2026-11-23T09:30:00Z",
        "call_string": conference,
    }
    with deployment.client() as client:
        client.xadd("notifier:events", {"event": cast.raw(cast.event("call.missed", happened))})


def _use(deployment: Deployment, quoting: ScriptedServer) -> None:
    """Send a mail; fail to send one; be refused in every way."""
    _invite(deployment, "one")
    deployment.mail.seen.wait_for_mails(1, seconds=30)
    deployment.run("check", "smtp")
    for number, text in enumerate(REFUSED):
        deployment.run("settings", "apply", deployment.settings(text, f"refused-{number}.toml"))
    wrong = _written(port=quoting.port, password=SMTP, backup="")
    wrong = wrong.replace("[network]", "backup = []\n[network]")
    deployment.run("settings", "apply", deployment.settings(wrong, "quoting.toml"))
    _invite(deployment, "two")
    wait_until(lambda: b"login refused" in deployment.log(), seconds=30, what="the refusal")
    deployment.run("check", "smtp", "--json")


def _look(deployment: Deployment) -> None:
    """Show everything that can be shown, and look at what lies in Redis and in /proc."""
    deployment.run("settings", "show")
    deployment.run("settings", "show", "--json")
    deployment.run("settings", "export")
    deployment.run("deliveries", "list")
    deployment.run("deliveries", "list", "--json")
    deployment.run("network", "installer-name", "setup.exe")
    deployment.run("network", "rotate-installer-key")
    deployment.run("network", "read-installer-name", "setup_x64.exe")
    deployment.run("doctor")
    deployment.run("doctor", NOTIFIER_REDIS_PASSWORD_FILE="", NOTIFIER_REDIS_PASSWORD=f"no-{MARK}")
    deployment.run("settings", "show", NOTIFIER_SECRET_KEY=f"no-{MARK}")
    deployment.run("settings", "show", NOTIFIER_SECRET_KEY=Fernet.generate_key().decode())
    deployment.run("doctor", NOTIFIER_REDIS_URL=f"redis://:12/{MARK}@127.0.0.1:1/0")
    deployment.run("doctor", NOTIFIER_REDIS_URL=f"redis://:{MARK}/12@127.0.0.1:1/0")
    for page in ("", "workers", "tasks", "broker", "api/workers?refresh=1", "api/tasks"):
        deployment.fetch("Flower", f"{deployment.environment['NOTIFIER_FLOWER_PORT']}/{page}")
    for page in ("", "healthz", "readyz"):
        deployment.fetch("panel", f"{deployment.environment['NOTIFIER_PANEL_PORT']}/{page}")
    deployment.celery("inspect", "conf")
    deployment.celery("inspect", "stats")
    deployment.celery("report")
    deployment.shown["processes"] = "\n".join(
        " ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)
    ).encode()
    kept = [path for path in deployment.redis.folder.rglob("*") if path.is_file()]
    deployment.shown["Redis"] = b"".join(
        path.read_bytes() for path in kept if path.name not in {"redis.conf", "socket"}
    )


def test_there_was_much_to_be_seen(told: Deployment) -> None:
    """A search that finds nothing says nothing where nothing was said."""
    assert b"accepted" in told.shown["log"]
    assert b"login refused: 535 5.7.8" in told.shown["log"]
    assert b"DEBUG" in told.shown["log"]
    assert b"successfully connected" in told.shown["check smtp"]
    assert b"notifier:celery:" in told.shown["Redis"]
    assert b"broker_url" in told.shown["inspect conf"]
    assert b"sealed with key 8" in told.shown["network rotate-installer-key"]
    assert b"workers.listen" in told.shown["processes"]
    assert told.shown["ready"].startswith(b"ready redis=redis://127.0.0.1")
    assert sum(b"nothing of it was applied" in said for said in told.shown.values()) > 3
    assert len(told.shown) > 20


def test_no_secret_is_shown_anywhere(told: Deployment) -> None:
    found = {
        name: sorted({each for each in SOUGHT if each in said})
        for name, said in told.shown.items()
        if any(each in said for each in SOUGHT)
    }

    assert found == {}


def test_flower_tells_and_does_nothing_over_its_interface(told: Deployment) -> None:
    """It could shut workers down; without a login of its own it answers nobody."""
    assert told.statuses["Flower /workers"] == 200
    assert b"celery" in told.shown["Flower /workers"].lower()
    assert told.statuses["Flower /api/workers?refresh=1"] == 401
    assert told.statuses["Flower /api/tasks"] == 401


def test_the_password_lies_in_redis_encrypted(told: Deployment) -> None:
    locked = re.search(rb'"password":"(gAAAAA[\w=-]+)"', told.shown["Redis"])

    assert locked is not None
    assert Fernet(KEY).decrypt(locked[1]).decode() == SMTP


def test_what_is_on_disk_is_for_its_user_alone(told: Deployment) -> None:
    data = told.folder / "data"
    open_to_others = [
        str(path.relative_to(data))
        for path in (data, *data.iterdir())
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]

    assert open_to_others == []
