"""compose.yaml's command lines, as plain processes, with the users of the shipped ACL file."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from notifier.adapters.taking import LEFT_TO_ONE
from notifier.hinting import HINT_SIZE
from notifier.supervisor import ROLES
from tests.deployment.guarded import guarded_redis
from tests.deployment.parts import Parts, running_parts
from tests.redis_servers import PROGRAMS
from tests.smtp_servers import MailServer, mail_server, wait_until
from tests.stories.test_main_road import BORIS, CHEN, invite, planned

# More than a worker at the door is left with: what it leaves is sent by a task, which Flower shows.
CROWD: Final = [
    {"id": f"#mailto:guest{number}@example.org", "name": f"Guest {number}"}
    for number in range(LEFT_TO_ONE + HINT_SIZE)
]
SECRETS: Final = ("boris", "chen", "Petit", "Quarterly review", "@example")


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module", params=list(PROGRAMS.values()), ids=list(PROGRAMS))
def parts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mail: MailServer
) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("parts")
    (folder / "redis").mkdir()
    with (
        guarded_redis(request.param, folder / "redis") as redis,
        running_parts(folder / "parts", redis, mail) as running,
    ):
        yield running


def test_what_a_publisher_says_arrives_as_mail(parts: Parts, mail: MailServer) -> None:
    before = len(mail.seen.mails)

    parts.publish("conference.invitation", invite(planned("first"), BORIS, CHEN))

    arrived = mail.seen.wait_for_mails(before + 2, seconds=20)[before:]
    assert sorted(each.recipients[0] for each in arrived) == [
        "boris@example.org",
        "chen@example.net",
    ]


def test_flower_shows_kinds_and_ids_and_no_person(parts: Parts, mail: MailServer) -> None:
    before = len(mail.seen.mails)
    parts.publish("conference.invitation", invite(planned("second"), BORIS, CHEN, *CROWD))
    mail.seen.wait_for_mails(before + 2 + len(CROWD), seconds=30)

    task = finished_delivery(parts)
    pages = {
        path: parts.flower(path)
        for path in ("/", "/tasks", "/broker", TASKS, f"/task/{task['uuid']}")
    }
    pages |= {"/worker": parts.flower(f"/worker/{task['worker']}")}

    assert "invitation" in task["kwargs"]
    assert any(each["id"] in task["kwargs"] for each in told(parts, "deliveries", "list"))
    assert task["uuid"] in pages[f"/task/{task['uuid']}"]
    assert [(p, s) for p, text in pages.items() for s in SECRETS if s in text] == []


def test_the_command_line_works_inside_the_panels_container(parts: Parts) -> None:
    parts.publish("not an event", {})
    parts.publish("conference.invitation", invite(planned("third"), BORIS))
    wait_until(lambda: told(parts, "deliveries", "list") != [], seconds=20, what="the deliveries")
    wait_until(lambda: told(parts, "rejected", "list") != [], seconds=20, what="the burial")

    [buried] = told(parts, "rejected", "list")
    deliveries = told(parts, "deliveries", "list")
    doctor = told(parts, "doctor")

    assert buried["path"]
    assert deliveries
    assert [each for each in doctor if each["status"] == "fail"] == []


def test_no_part_writes_a_file_outside_the_data_volume(parts: Parts) -> None:
    """Their root filesystem can only be read."""
    assert list((parts.folder / "work").iterdir()) == []
    assert [each.name for each in (parts.folder / "data").iterdir()] == ["data"]
    written = {each.name for each in (parts.folder / "data" / "data").iterdir()}
    assert {"export", "mark"} <= written <= {"export", "mark", "journal"}


def test_those_that_write_share_the_data_volume(parts: Parts) -> None:
    volume = f"data:{parts.services['listen']['environment']['NOTIFIER_DATA']}"

    having = {name for name, each in parts.services.items() if volume in each.get("volumes", ())}

    assert having == {"listen", "worker"}


def test_nothing_that_the_parts_asked_for_was_refused(parts: Parts) -> None:
    logs = {role.name: parts.log(role.name).read_text(encoding="utf-8") for role in ROLES}
    # redis-py asks for news that only a rented Redis sends (CLIENT MAINT_NOTIFICATIONS). Servers
    # from 7.0 on do not know the question; the oldest one sees a CLIENT that was not allowed.
    refused = [each for each in parts.redis.refusals() if " client command " not in each]

    assert refused == []
    assert [name for name, text in logs.items() if "NOPERM" in text] == []
    assert [name for name, text in logs.items() if "Traceback" in text] == []


def test_no_log_line_tells_a_password(parts: Parts) -> None:
    passwords = [path.read_text().strip() for path in parts.redis.secrets.iterdir()]
    logs = {role.name: parts.log(role.name).read_text(encoding="utf-8") for role in ROLES}

    assert [name for name, text in logs.items() for word in passwords if word in text] == []


TASKS: Final = (
    "/tasks/datatable?draw=1&start=0&length=100&search[value]=notifier.deliver"
    "&order[0][column]=0&order[0][dir]=asc&columns[0][data]=name"
)


def finished_delivery(parts: Parts) -> dict[str, Any]:
    """Give what Flower knows of a finished task that sent mails."""
    found: list[dict[str, Any]] = []

    def seen() -> bool:
        rows = json.loads(parts.flower(TASKS))["data"]
        found[:] = [
            row for row in rows if row["name"] == "notifier.deliver" and row["state"] == "SUCCESS"
        ]
        return bool(found)

    wait_until(seen, seconds=20, what="a finished task in Flower")
    return found[0]


def told(parts: Parts, *words: str) -> Any:
    """Give what a command prints as JSON."""
    done = parts.notifier(*words, "--json")
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)
