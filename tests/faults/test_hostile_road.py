"""The whole notifier, its own processes and a mail server with TLS and login, under hostile input.

The other claims about hostile input name each fault alone; here they all come at once, mixed with
sound events, and no process may end over any of them.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from notifier.core.times.zones import EDITION
from tests.faults.letters import opened
from tests.faults.test_bad_entries import TOO_MUCH, UNREADABLE
from tests.faults.test_hostile_words import HOSTILE
from tests.smtp_servers import Authority, mail_server
from tests.stories.road import Road, road
from tests.stories.test_main_road import LOGIN, invite, planned

BADLY_PLANNED: dict[str, dict[str, Any]] = {
    "unknown zone": {"time_zone": "Mars/Olympus"},
    "every second": {"recurrence": "FREQ=SECONDLY"},
    "a milliard times": {"recurrence": "FREQ=DAILY;COUNT=1000000000"},
    "never": {"recurrence": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """The whole notifier, with a template that an administrator has broken."""
    folder = tmp_path_factory.mktemp("hostile")
    broken = folder / "templates" / "en" / "invitation" / "body.html"
    broken.parent.mkdir(parents=True)
    broken.write_text("{{ conf_name|truncate(2) }}{% for a in range(10 ** 9) %}", encoding="utf-8")
    authority = Authority()
    with (
        mail_server(
            security="starttls",
            context=authority.context(),
            ca_file=authority.file(folder),
            login=LOGIN,
        ) as server,
        road(folder, server, login=LOGIN) as opened_road,
    ):
        yield opened_road


def guest(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": f"#mailto:guest{number}@example.org", "name": f"Guest {number}", **changes}


def test_fault_02_hostile_input_ends_no_process_and_holds_up_nobody(running: Road) -> None:
    before = processes(running)

    bad = put_unreadable(running) + put_too_much(running) + publish_badly_planned(running)
    publish_hostile_words(running)
    publish_thrice(running)

    expected = [*range(len(UNREADABLE)), *range(200, 200 + len(HOSTILE)), 300]
    running.seen.wait_for_mails(len(expected), seconds=60)
    running.settled()
    assert Counter(mail.recipients for mail in running.seen.mails) == Counter(
        (f"guest{number}@example.org",) for number in expected
    )
    assert not any("Bcc" in opened(mail.content) for mail in running.seen.mails)
    with running.redis() as client:
        assert client.xlen("notifier:rejected") == bad
    assert processes(running) == before


def put_unreadable(running: Road) -> int:
    """Put what is no event, a sound one behind each; give how many."""
    for number, (fields, _reason, _path) in enumerate(UNREADABLE.values()):
        [(name, value)] = fields.items()
        running.put(value, name if isinstance(name, bytes) else name.encode())
        running.publish("conference.invitation", invite(planned(f"u{number}"), guest(number)))
    return len(UNREADABLE)


def put_too_much(running: Road) -> int:
    for sent, _reason in TOO_MUCH.values():
        running.put(sent)
    return len(TOO_MUCH)


def publish_badly_planned(running: Road) -> int:
    for number, wrong in enumerate(BADLY_PLANNED.values(), start=100):
        held = planned(f"p{number}")
        held["schedule"] |= wrong
        running.publish("conference.invitation", invite(held, guest(number)))
    return len(BADLY_PLANNED)


def publish_hostile_words(running: Road) -> None:
    """Invite somebody by hostile words, beside somebody with an address that is two."""
    two = {"id": "#mailto:a@x.org, b@y.org", "name": "Eve"}
    for number, words in enumerate(HOSTILE.values(), start=200):
        held = planned(f"h{number}", name=words[:240]) | {"description": words}
        running.publish("conference.invitation", invite(held, guest(number, name=words), two))


def publish_thrice(running: Road) -> None:
    for _again in range(3):
        running.publish("conference.invitation", invite(planned("t"), guest(300)), id="thrice")


def processes(running: Road) -> dict[int, str]:
    """The parts by their process ids; the children of the pool may be renewed."""
    family = psutil.Process(running.process.pid).children()
    return {each.pid: " ".join(each.cmdline()[:4]) for each in family}


def test_fault_15_a_listener_notes_which_zones_it_follows(running: Road) -> None:
    with running.redis() as client:
        made_by = client.get("notifier:zones")

    assert made_by is not None
    assert made_by.decode().startswith(f"{EDITION}/")


def test_fault_20_the_operator_is_told_of_the_broken_template(running: Road) -> None:
    looked = running.notifier("doctor", "--json")

    found = [look["found"] for look in json.loads(looked.stdout) if look["name"] == "templates"]
    said = "the last good one is used, else the shipped one"
    assert any("body.html:1" in each and said in each for each in found)
