"""Claims about holding everything back, and letting it go on, from the command line."""

from pathlib import Path

import pytest

from notifier.core.delivery import Delivery, advance
from notifier.core.outcomes import Accepted
from notifier.ports.ledger import Ending
from notifier.wiring import Parts
from tests.cast import BORIS, CHEN, event
from tests.cli.deployment import SETTINGS, Deployment, soon
from tests.faults.restored import back_up, restore


@pytest.fixture
def running(empty: Deployment) -> Deployment:
    """Boris is told and exported, and Chen is owed a letter."""
    assert empty.run("settings", "apply", empty.file("settings.toml", SETTINGS)).status == 0
    empty.hear(event("conference.invitation", {"conference": soon(), "participants": [BORIS]}))
    empty.with_parts(end_all)
    empty.hear(
        event("conference.invitation", {"conference": soon(id="c2"), "participants": [CHEN]})
    )
    return empty


def test_nothing_leaves_between_quarantine_and_resume(running: Deployment) -> None:
    said = running.run("quarantine", "--reason", "moving to a new machine")

    assert said.status == 0
    assert running.with_parts(ready_to_leave) == 0
    doctor = running.run("doctor", "--json")
    [look] = [each for each in doctor.json if each["name"] == "quarantine"]
    assert (look["status"], doctor.status) == ("fail", 1)
    assert "moving to a new machine" in look["found"]
    assert "notifier resume" in look["advice"]

    said = running.run("resume", "--yes")

    assert said.status == 0, said.err
    assert "1 would be sent." in said.out
    assert running.with_parts(ready_to_leave) == 1


def test_a_dry_run_shows_and_changes_nothing(running: Deployment) -> None:
    running.run("quarantine")

    said = running.run("resume", "--dry-run", "--json")

    assert (said.status, said.err) == (0, "")
    assert said.json["lifted"] is False
    [owed] = said.json["summary"]["owed"]
    assert (owed["kind"], owed["waiting"], owed["past_deadline"]) == ("invitation", 1, 0)
    assert running.with_parts(ready_to_leave) == 0


def test_who_is_asked_and_says_no_changes_nothing(running: Deployment) -> None:
    running.run("quarantine")

    said = running.run("resume", given=b"n\n")

    assert said.status == 1
    assert running.with_parts(ready_to_leave) == 0


def test_without_a_quarantine_there_is_nothing_to_resume(running: Deployment) -> None:
    said = running.run("resume", "--yes")

    assert said.status == 0
    assert "not in quarantine" in said.out


def test_without_an_export_it_asks_for_one_or_for_a_decision(running: Deployment) -> None:
    running.run("quarantine")
    elsewhere = str(running.folder / "elsewhere")

    refused = running.run("resume", "--yes", NOTIFIER_DATA=elsewhere)

    assert refused.status == 1
    assert "--sent-log" in refused.err
    assert "--without-log" in refused.err
    assert running.run("resume", "--yes", "--without-log", NOTIFIER_DATA=elsewhere).status == 0


def test_a_restored_copy_is_noticed_by_the_command_itself(
    running: Deployment, tmp_path: Path
) -> None:
    back_up(running.redis, tmp_path / "copy")
    running.with_parts(end_all)
    restore(running.redis, tmp_path / "copy")

    said = running.run("resume", "--yes", "--json")

    assert said.status == 0, said.err
    assert "older" in said.json["summary"]["reason"]
    assert (said.json["marked"], said.json["written_back"]) == (1, 0)
    assert running.with_parts(ready_to_leave) == 0


def test_a_sent_log_of_another_machine_counts(running: Deployment, tmp_path: Path) -> None:
    back_up(running.redis, tmp_path / "copy")
    running.with_parts(end_all)
    restore(running.redis, tmp_path / "copy")
    [log] = (running.folder / "data" / "export").glob("*.jsonl")
    elsewhere = str(running.folder / "elsewhere")

    said = running.run("resume", "--yes", "--json", "--sent-log", str(log), NOTIFIER_DATA=elsewhere)

    assert said.status == 0, said.err
    assert said.json["marked"] == 1


def test_a_doctor_sees_an_export_that_does_not_get_on(running: Deployment) -> None:
    async def fall_behind(parts: Parts) -> None:
        await parts.client.delete("notifier:log", "notifier:exported")
        await parts.client.xadd("notifier:log", {"d": "d" * 20, "s": "sent"}, id="1000-0")

    running.with_parts(fall_behind)

    [look] = [each for each in running.run("doctor", "--json").json if each["name"] == "export"]

    assert look["status"] == "warn"
    assert "1970-01-01" in look["found"]


async def end_all(parts: Parts) -> None:
    """Send all that waits, as a worker does, and export it, as a listener does."""
    await parts.lookout.look()
    for hint in await parts.ledger.take(limit=100):
        for claimed in await parts.ledger.claim([hint.delivery]):
            after = ended(claimed.delivery)
            await parts.ledger.record([Ending(before=claimed.delivery, after=after)])
    await parts.exporter.export()
    await parts.lookout.look()


async def ready_to_leave(parts: Parts) -> int:
    """Count what a worker would be hinted at now."""
    await parts.lookout.look()
    return len(await parts.ledger.take(limit=100))


def ended(delivery: Delivery) -> Delivery:
    return advance(delivery, Accepted("250 ok"), now=delivery.updated, jitter=0)
