"""The log of outcomes and its export: every outcome once, whatever breaks off in the middle."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from notifier.adapters import export as export_module
from notifier.adapters.export import Exporter
from notifier.adapters.export_files import ExportFiles, Line
from notifier.core.delivery import State
from notifier.core.outcomes import Deferred, Refused, Unanswered
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, DANA, NOW, conference, event, person

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


@pytest.fixture
def files(tmp_path: Path) -> ExportFiles:
    """Give the export of a machine that has none yet."""
    return ExportFiles(tmp_path / "export")


async def test_every_outcome_is_one_line_with_what_a_person_asks_for(
    office: Desk, files: ExportFiles
) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()

    assert await exporter(office, files).export() == 1

    [row] = await office.deliveries()
    [said] = lines_on_disk(files)
    place, at = said.pop("log"), said.pop("at")
    assert said == {
        "id": row.id,
        "state": "sent",
        "notice": row.notice,
        "kind": "invitation",
        "conference": row.conference,
        "person": "boris@conf.example.com",
        "recipient": "boris@example.org",
        "reason": "250 2.0.0 ok",
        "message_id": f"<{row.id}@example.com>",
        "created": "2026-11-23T09:30:00Z",
        "updated": "2026-11-23T09:30:00Z",
    }
    assert moment_of(place) == datetime.fromisoformat(at)


async def test_what_is_final_from_the_start_is_a_line_too(office: Desk, files: ExportFiles) -> None:
    nowhere = {"id": "eve@conf.example.com"}
    crooked = {"id": "finn@conf.example.com", "email": "a@x.org, b@y.org"}
    await office.hear(invitation(nowhere, crooked))

    await exporter(office, files).export()

    told = {(each["state"], each["reason"]) for each in lines_on_disk(files)}
    assert told == {("skipped", "no_mailbox"), ("failed", "address")}


async def test_a_doubt_is_a_line_and_a_later_try_is_none(office: Desk, files: ExportFiles) -> None:
    await office.hear(invitation(BORIS))
    office.postman.outcome = Deferred("451 later")
    await office.deliver()
    await office.hear(invitation(CHEN, number=2))
    office.postman.outcome = Unanswered("cut")
    await office.deliver()

    await exporter(office, files).export()

    assert [(each["state"], each["doubts"]) for each in lines_on_disk(files)] == [("unknown", 1)]


async def test_what_is_asked_for_again_is_said_to_be_pending(
    office: Desk, files: ExportFiles
) -> None:
    await office.hear(invitation(BORIS))
    office.postman.outcome = Refused("550 no")
    await office.deliver()
    [row] = await office.deliveries()

    await office.ledger.resend(row)

    await exporter(office, files).export()
    assert [each["state"] for each in lines_on_disk(files)] == ["failed", "pending"]


async def test_an_export_goes_on_where_the_files_end(office: Desk, files: ExportFiles) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()
    await exporter(office, files).export()
    await office.hear(invitation(CHEN, DANA, number=2))
    await office.deliver()

    assert await exporter(office, files).export() == 2
    assert await exporter(office, files).export() == 0

    assert await everything_once(office, files) == 3


@pytest.mark.parametrize("torn", [0, 1, 40, -1])
async def test_a_torn_last_line_is_written_again_once(
    office: Desk, files: ExportFiles, torn: int
) -> None:
    await office.hear(invitation(BORIS, CHEN, DANA))
    await office.deliver()
    await exporter(office, files).export()
    tear(files, torn)

    await exporter(office, files).export()

    assert await everything_once(office, files) == 3


async def test_zeros_that_a_power_failure_left_are_cut_off(
    office: Desk, files: ExportFiles
) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()
    await exporter(office, files).export()
    with only_file(files).open("ab") as file:
        file.write(bytes(10_000) + b"\n" + bytes(3))
    await office.hear(invitation(CHEN, number=2))
    await office.deliver()

    await exporter(office, files).export()

    assert await everything_once(office, files) == 2


async def test_a_long_backlog_is_exported_in_rounds(
    office: Desk, files: ExportFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "BATCH", 10)
    monkeypatch.setattr(export_module, "MOST_BATCHES", 4)
    await office.hear(invitation(*(person(n) for n in range(95))))
    await office.deliver()
    rounds = []

    while written := await exporter(office, files).export():
        rounds.append(written)

    assert rounds == [40, 40, 15]
    assert await everything_once(office, files) == 95


async def test_a_second_exporter_of_the_same_folder_stands_back(
    office: Desk, files: ExportFiles
) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()

    with files.locked() as mine:
        beside = await exporter(office, ExportFiles(files.folder)).export()

    assert (mine, beside) == (True, 0)
    assert await exporter(office, files).export() == 1


async def test_redis_is_told_how_far_the_files_reach_and_never_less(
    office: Desk, files: ExportFiles, tmp_path: Path
) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()
    await exporter(office, files).export()
    place = (await office.client.get("notifier:exported")).decode()

    [(last, _fields)] = await office.client.xrange("notifier:log")
    assert place >= last.decode()
    await office.client.set("notifier:exported", "9999999999999-0")
    await exporter(office, ExportFiles(tmp_path / "another machine")).export()
    assert await office.client.get("notifier:exported") == b"9999999999999-0"


async def test_a_disk_that_cannot_be_written_is_waited_for(
    office: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()
    occupied = tmp_path / "export"
    occupied.write_text("a file where the folder should be")

    assert await exporter(office, ExportFiles(occupied)).export() == 0

    assert "waiting" in caplog.text
    assert await office.client.get("notifier:exported") is None


async def test_days_are_files_and_are_read_from_a_place_on(files: ExportFiles) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    written = [line(midnight + timedelta(hours=hours)) for hours in (-30, -1, 0, 30)]
    with files.locked():
        files.append(written)

    names = sorted(path.name for path in files.folder.glob("*.jsonl"))
    assert names == [f"2026-11-{day}.jsonl" for day in (22, 23, 24, 25)]
    assert list(files.lines(after=written[1].log)) == written[2:]
    assert files.place() == written[-1].log


async def test_an_erased_person_is_in_no_line_and_the_outcomes_stay(
    office: Desk, files: ExportFiles
) -> None:
    await office.hear(invitation(CHEN))
    await office.deliver()
    await office.hear(invitation(BORIS, number=2))
    office.postman.outcome = Refused("550 <boris@example.org> unknown")
    await office.deliver()
    await exporter(office, files).export()
    before = only_file(files).stat()

    assert files.erase(["Boris@example.org"]) == 1

    text = only_file(files).read_text().lower()
    assert "boris" not in text
    assert "chen@example.cn" in text
    assert only_file(files).stat().st_mode == before.st_mode
    assert await everything_once(office, files) == 2
    assert await exporter(office, files).export() == 0


async def test_nobody_else_reads_the_export(office: Desk, files: ExportFiles) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()
    await exporter(office, files).export()

    assert files.folder.stat().st_mode & 0o077 == 0
    assert only_file(files).stat().st_mode & 0o077 == 0


def invitation(*people: Any, number: int = 1) -> dict[str, Any]:
    told = {"conference": conference(id=f"c{number}"), "participants": list(people)}
    return event("conference.invitation", told)


def exporter(office: Desk, files: ExportFiles) -> Exporter:
    return Exporter(office.client, files, office.settings)


def only_file(files: ExportFiles) -> Path:
    [path] = files.folder.glob("*.jsonl")
    return path


def lines_on_disk(files: ExportFiles) -> list[dict[str, Any]]:
    """Read the files as a program that knows nothing of the notifier would."""
    paths = sorted(files.folder.glob("*.jsonl"))
    return [json.loads(each) for path in paths for each in path.read_text().splitlines()]


async def everything_once(office: Desk, files: ExportFiles) -> int:
    """Claim that the files hold the log, entry by entry; give how many there are."""
    entries = await office.client.xrange("notifier:log")
    wanted = [(place.decode(), fields[b"d"].decode()) for place, fields in entries]
    assert [(each["log"], each["id"]) for each in lines_on_disk(files)] == wanted
    return len(wanted)


def tear(files: ExportFiles, kept: int) -> None:
    """Leave only so many bytes of the last line."""
    path = only_file(files)
    content = path.read_bytes()
    last = content.splitlines(keepends=True)[-1]
    os.truncate(path, len(content) - len(last) + len(last[:kept]))


def line(at: datetime) -> Line:
    return Line(log=f"{int(at.timestamp() * 1000)}-0", at=at, id="d" * 20, state=State.SENT)


def moment_of(place: str) -> datetime:
    return datetime.fromtimestamp(int(place.partition("-")[0]) / 1000, tz=UTC)
