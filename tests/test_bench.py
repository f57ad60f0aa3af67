"""The measurements themselves: what they write is what events would leave, what they show is so."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import psutil
import pytest

from bench import conferences, events, federation, plots, processes, redis_memory, report, webinar
from bench.__main__ import main
from bench.figures import Curve, Figure, Goal, Picture, Plot, Result, quantile
from bench.scale import QUICK
from notifier.adapters.connection import connect_sync
from notifier.core.due import next_due
from notifier.core.federation.federation import Federation, judged
from notifier.core.settings import Reminders, Settings
from tests.office import redis_url, server

__all__ = ["redis_url", "server"]

SETTINGS = Settings(reminders=Reminders(offsets=conferences.PRESET))
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)

PLOT = Plot(
    title="Time by size",
    along="conferences",
    unit="ms",
    curves=[
        Curve("a tick", [(1_000, 0.3), (1_000_000, 0.4)]),
        Curve("an event", [(1_000, 3.0), (1_000_000, 4.0)]),
    ],
)
RESULT = Result(
    name="index",
    title="The due index",
    conditions=["on a quiet machine"],
    figures=[Figure(what="a tick", unit="ms", values=[0.3, 2.5, 3.0], goal=Goal("≤", 2))],
    plots=[PLOT],
)


@pytest.mark.parametrize("number", range(40))
def test_an_ordinary_conference_is_indexed_at_its_next_moment(number: int) -> None:
    [step] = conferences.ordinary(number)

    assert step.known is not None
    assert step.due == next_due(step.known, SETTINGS, after=datetime.now(UTC))
    assert step.due is not None
    assert step.due > datetime.now(UTC) + timedelta(hours=1)
    assert step.known.conference.id == step.conference == conferences.id_of(number)


def test_a_conference_that_is_to_fall_due_falls_due_then() -> None:
    [step] = conferences.due(7, at=SOON)

    assert step.known is not None
    assert step.due == SOON
    assert next_due(step.known, SETTINGS, after=SOON - timedelta(seconds=1)) == SOON


def test_the_list_of_a_webinar_is_written_in_slices() -> None:
    steps = conferences.webinar(7, people=1_000)

    assert [len(step.rows) for step in steps] == [400, 400, 200]
    assert len({row.key for step in steps for row in step.rows}) == 1_000


def test_a_long_list_is_indexed_with_its_last_slice() -> None:
    steps = conferences.due(7, at=SOON, people=1_000)

    assert [step.due for step in steps] == [None, None, SOON]
    assert [step.reindex for step in steps] == [False, False, True]
    assert len({row.key for step in steps for row in step.rows}) == 1_000


@pytest.mark.parametrize(
    ("made", "people"),
    [(conferences.ordinary, 3), (partial(conferences.due, at=SOON, people=500), 500)],
    ids=["ordinary", "due"],
)
def test_all_that_is_written_stands_in_redis(
    redis_url: str, made: Callable[[int], conferences.Steps], people: int
) -> None:
    conferences.write(redis_url, made, range(5))

    with connect_sync(redis_url) as client:
        assert client.scard("notifier:conferences") == 5
        assert client.zcard("notifier:due") == 5
        assert client.hlen(f"notifier:list:{conferences.id_of(1)}") == people


def test_processes_share_what_is_to_be_written(redis_url: str) -> None:
    conferences.write(redis_url, conferences.ordinary, range(501))

    with connect_sync(redis_url) as client:
        assert client.scard("notifier:conferences") == 501


def test_a_writer_that_stumbles_stops_the_measurement(redis_url: str) -> None:
    with pytest.raises(RuntimeError, match="could not be written"):
        conferences.write(redis_url, _stumbling, range(501))


def _stumbling(number: int) -> conferences.Steps:
    raise ValueError(f"{number} cannot be made")


@pytest.mark.parametrize(("share", "value"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)])
def test_a_quantile_is_one_of_the_values(share: float, value: float) -> None:
    values = [float(each) for each in range(100, 0, -1)]

    assert quantile(values, share) == value


def test_a_plot_names_its_curves_and_sizes() -> None:
    root = ET.fromstring(plots.drawn(PLOT))

    texts = {text for each in root.iter() if (text := (each.text or "").strip())}
    assert {"Time by size", "a tick", "an event", "1 000", "1 000 000"} <= texts


def test_the_page_shows_the_table_the_plot_and_what_was_not_kept(tmp_path: Path) -> None:
    report.keep(RESULT, {"cores": "2"}, tmp_path)

    page = (tmp_path / "README.md").read_text()
    assert "| a tick | 2.50 | 0.300 – 3 | ms | ≤ 2 | **no** |" in page
    assert "![Time by size](index.svg)" in page
    assert (tmp_path / "index.svg").read_bytes() == plots.drawn(PLOT)


def test_several_plots_and_pictures_have_files_of_their_own(tmp_path: Path) -> None:
    memory = msgspec.structs.replace(PLOT, key="memory", title="Memory by size")
    flames = Picture(key="worker", title="A worker process", svg="<svg/>")
    result = msgspec.structs.replace(RESULT, plots=[PLOT, memory], pictures=[flames])

    report.keep(result, {"cores": "2"}, tmp_path)

    page = (tmp_path / "README.md").read_text()
    assert "![Memory by size](index-memory.svg)" in page
    assert "![A worker process](index-worker.svg)" in page
    assert (tmp_path / "index-worker.svg").read_text() == "<svg/>"
    assert "<svg/>" not in (tmp_path / "index.json").read_text()


def test_invitations_share_nobody() -> None:
    told = [msgspec.json.decode(each)["data"] for each in events.invitations(3, 4, "turn")]

    assert [each["conference"]["id"] for each in told] == ["turn-0", "turn-1", "turn-2"]
    assert len({person["email"] for each in told for person in each["participants"]}) == 12


def test_a_webinar_tells_everybody_by_one_event() -> None:
    result = webinar.measure(msgspec.structs.replace(QUICK, webinar=600, warm_up=20))

    # It would not have come to an end, had not all of them and nobody twice got a mail.
    figures = {figure.what: figure.median for figure in result.figures}
    assert figures["notifier"] == pytest.approx(600 / figures["all told after"])
    assert figures["Redis, a delivery"] > figures["of it in notifier:delivery:…"] > 100
    assert figures["in all: processor for a mail, all of ours"] > 0


def test_processes_are_named_by_their_parts_and_weighed() -> None:
    with child("workers.listen") as listener, child(" worker ") as worker:
        found = processes.named(map(psutil.Process, (listener, worker, worker, worker)))

        assert list(found) == ["listener", "worker", "worker, child", "worker, child 2"]
        assert processes.peak_rss(found["worker"]) > 1_000_000
        assert set(processes.cpu_seconds(found.values())) == {
            "listener",
            "worker",
            "worker, child",
        }


@contextmanager
def child(mark: str) -> Iterator[int]:
    """A process whose command line has the mark; it ends with its standard input."""
    asked = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()", mark]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid


def test_the_memory_of_redis_is_told_by_family(redis_url: str) -> None:
    with connect_sync(redis_url) as client:
        for number in range(1_000):
            client.set(f"notifier:notice:{number}:x", b"x" * 100)
        client.rpush("notifier:log", *(b"y" * 1_000 for _entry in range(100)))
        found = redis_memory.by_family(client)

    assert set(found) == {"notifier:notice", "notifier:log"}
    assert 100_000 < found["notifier:notice"] < 300_000
    assert 100_000 < found["notifier:log"] < 200_000


@pytest.mark.parametrize("shape", federation.SHAPES)
def test_half_of_the_servers_that_a_list_is_asked_about_are_covered(shape: str) -> None:
    listed, servers = federation.SHAPES[shape](1_000)

    policy = Federation(mode="blacklist", blacklist=tuple(listed))
    kept_out = [not judged(each, policy, home=federation.HOME).admitted for each in servers]
    assert kept_out == [True, False] * (federation.ASKED // 2)
    assert 900 <= len(set(listed)) == len(listed)


def test_a_measurement_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "road", "raod"])

    with pytest.raises(SystemExit):
        main()

    assert "raod" in capsys.readouterr().err
