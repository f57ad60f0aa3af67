"""Where clients find the server, and whom it talks to: applied, kept, and heeded by the next mail.

The file has every setting of both tables, so that none can be forgotten.
"""

import json
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from notifier.core.federation.federation import Federation
from notifier.core.network.network import Network
from tests.smtp_servers import MailServer, mail_server
from tests.stories.road import Road, road
from tests.stories.test_main_road import BORIS, invite, planned, text

TOKEN: Final = "a-token-of-the-core"
FOX: Final = {
    "id": "fox@meet.example.net",
    "name": "Dana Fox",
    "email": "fox@example.net",
    "language": "en",
}
OPEN: Final = """
[federation]
mode = "blacklist"
"""
EVERYTHING: Final = """
[network]
listen_on_all = false
internal = [{host = "127.0.0.1", port = 4311}]
external = [{host = "video.example.com", port = 4308}, {host = "203.0.113.5", port = 4307}]
client_port = 4310
web_address = "video.example.com"
https_port = 8443
installer_keys = ""

[federation]
mode = "blacklist"
whitelist = ["partner.example.org"]
blacklist = [{mask = "*.example.net", comment = "Their calls were spam", added = "2026-08-03"}]
service = "_calls._tcp"
ca_file = ""
"""


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server() as opened:
        yield opened


def test_the_file_has_every_setting_of_both_tables() -> None:
    tables = tomllib.loads(EVERYTHING)

    assert set(tables["network"]) == set(Network.__struct_fields__)
    assert set(tables["federation"]) == set(Federation.__struct_fields__)


def test_they_change_the_very_next_mail_and_survive_a_restart(
    tmp_path: Path, server: MailServer
) -> None:
    file = tmp_path / "everything.toml"
    file.write_text(EVERYTHING, encoding="utf-8")
    environ = {"NOTIFIER_API_TOKEN": TOKEN}

    with road(tmp_path, server, settings=OPEN, environ=environ) as running:
        before = told_of(running, "first", people=2)
        applied = running.notifier("settings", "apply", str(file))
        assert applied.returncode == 0, applied.stderr
        after = told_of(running, "second", people=1)
        shown = settings(running)
    with road(tmp_path, server, again=True, environ=environ) as running:
        running.read, running.published = len(server.seen.mails), 2
        still = told_of(running, "third", people=1)
        kept = settings(running)
        skipped = fates_of_fox(running)
        core, asked = what_the_core_reads(running), asked_over_http(running)

    assert "https://conf.example.com/c/first" in before
    assert "https://video.example.com:8443/c/second#app=1" in after
    assert "https://video.example.com:8443/c/third#app=1" in still
    assert shown == kept
    assert {name: shown[name] for name in ("network", "federation")} == tomllib.loads(EVERYTHING)
    assert skipped == {
        "first": ("sent", None),
        "second": ("skipped", "*.example.net"),
        "third": ("skipped", "*.example.net"),
    }
    assert core["tried"] == [
        {"host": "video.example.com", "port": 4308},
        {"host": "203.0.113.5", "port": 4307},
    ]
    assert core["web_url"] == "https://video.example.com:8443"
    assert asked | {"revision": core["revision"]} == core


def told_of(running: Road, conference: str, *, people: int) -> str:
    """Plan a conference with Boris and the fox; give the letter to Boris, who always gets one."""
    running.publish("conference.invitation", invite(planned(conference), BORIS, FOX))
    running.settled()
    mails = running.new_mails(people)
    [to_boris] = [each for each in mails if each["To"].addresses[0].addr_spec == BORIS["email"]]
    return text(to_boris)


def settings(running: Road) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(running.notifier("settings", "show", "--json").stdout)
    return found


def fates_of_fox(running: Road) -> dict[str, tuple[str, str | None]]:
    """Give what became of each letter to the fox, by conference, and by which entry."""
    said = running.notifier("deliveries", "list", "--recipient", FOX["id"], "--json").stdout
    return {
        each["conference"]: (each["state"], each["excluded"] and each["excluded"]["by"])
        for each in json.loads(said)
    }


def what_the_core_reads(running: Road) -> Any:
    with running.redis() as client:
        return msgspec.json.decode(client.get("notifier:network"))


def asked_over_http(running: Road) -> Any:
    asked = urllib.request.Request(
        f"{running.panel_url}/api/v1/network", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(asked) as answer:
        return msgspec.json.decode(answer.read())
