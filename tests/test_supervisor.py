"""`notifier up` brings every part up, keeps it up, and leaves nothing behind."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import psutil
import pytest

from notifier.adapters.connection import connect_sync
from notifier.supervisor import Role
from tests.redis_servers import PrivateRedis, free_port, gone
from tests.supervised import BEATING, CHATTY, DEAF, HANGING, PARENT, panel, part

PATIENCE_SECONDS = 20.0


def eventually(claim: Callable[[], bool]) -> None:
    """Wait until the claim holds; fail if it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


class Up:
    """A supervisor with its parts, in a process of its own."""

    def __init__(self, data: Path, *roles: Role, **environ: str) -> None:
        self.port = free_port()
        self._errors = tempfile.NamedTemporaryFile()  # noqa: SIM115  (closed in `__exit__`)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.supervised", msgspec.json.encode(roles).decode()],
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                "NOTIFIER_DATA": str(data),
                "NOTIFIER_PANEL_PORT": str(self.port),
                **environ,
            },
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        self.all: list[int] = []

    @property
    def errors(self) -> str:
        return Path(self._errors.name).read_text()

    def ready(self) -> str:
        """The Redis URL, once the line that says `ready` has come."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        found = re.fullmatch(r"ready redis=(\S+) panel=(\S+)\n", line)
        assert found, f"{line!r}, and on standard error:\n{self.errors}"
        assert found[2] == f"http://127.0.0.1:{self.port}"
        self.note_processes()
        return found[1]

    def note_processes(self) -> None:
        """Remember every process that is there now, to see later that it has gone."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.all = [child.pid for child in children]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit status after the signal."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def nothing_left(self) -> bool:
        return all(gone(pid) for pid in self.all)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.note_processes()
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()
        for pid in filter(psutil.pid_exists, self.all):
            eventually(lambda pid=pid: gone(pid))  # type: ignore[misc]  # bound at once


@pytest.fixture
def data() -> Iterator[Path]:
    # Not tmp_path: a socket's path must be short to be where it is expected.
    folder = Path(tempfile.mkdtemp(prefix="up-"))
    yield folder
    shutil.rmtree(folder)


def process_of(name: str, url: str) -> int:
    with connect_sync(url) as client:
        return int(client.get(f"pid:{name}") or 0)


def test_it_says_ready_once_when_every_part_answers(data: Path) -> None:
    with Up(data, part("listen"), part("worker"), panel()) as up:
        url = up.ready()

        assert url == f"unix://{data}/redis/redis.sock?db=0"
        with connect_sync(url) as client:
            assert client.ping()
        assert up.end() == 0
        assert up.process.stdout is not None
        assert up.process.stdout.read() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_cleanly_and_leaves_no_process(data: Path, number: signal.Signals) -> None:
    with Up(data, part("listen"), part("worker", PARENT), panel()) as up:
        up.ready()
        # Redis, the guard, three parts and one part's child.
        assert len(up.all) == 6

        assert up.end(number) == 0
        assert up.nothing_left()


def test_it_stops_the_other_way_round_and_redis_last(data: Path) -> None:
    with Up(data, part("listen"), part("worker"), part("beat")) as up:
        up.ready()
        assert up.end() == 0

    with Up(data, part("listen")) as again, connect_sync(again.ready()) as client:
        # Each could still tell Redis, and what they told was kept.
        assert client.lrange("goodbyes", 0, -1) == [b"beat", b"worker", b"listen"]


def test_a_part_that_does_not_stop_is_killed_when_its_time_is_over(data: Path) -> None:
    with Up(data, part("worker", DEAF, stop_seconds=0.3)) as up:
        up.ready()

        assert up.end() == 0
        assert up.nothing_left()
        assert "worker did not stop within 0.3 s and is killed" in up.errors


def test_a_part_that_hangs_is_started_again(data: Path) -> None:
    hanging = Role(name="listen", arguments=("-c", HANGING, "listen"), silent_seconds=0.5)

    with Up(data, hanging) as up:
        url = up.ready()
        first = process_of("listen", url)

        eventually(lambda: process_of("listen", url) != first)
        assert "listen runs but has shown no life for too long" in up.errors
        assert up.end() == 0


def test_a_second_signal_ends_the_waiting(data: Path) -> None:
    with Up(data, part("worker", DEAF, stop_seconds=1000)) as up:
        up.ready()
        up.process.send_signal(signal.SIGINT)
        eventually(lambda: "up     | stopping\n" in up.errors)

        assert up.end(signal.SIGINT) == 0
        assert up.nothing_left()


def test_a_part_that_was_killed_is_started_again_without_what_it_left(data: Path) -> None:
    with Up(data, part("worker", PARENT), part("listen")) as up:
        url = up.ready()
        worker, child = process_of("worker", url), process_of("grandchild", url)
        listener = process_of("listen", url)

        os.kill(worker, signal.SIGKILL)

        eventually(lambda: gone(child))
        eventually(lambda: process_of("worker", url) != worker)
        assert "worker was ended by SIGKILL; it is started again in 1 s" in up.errors
        assert process_of("listen", url) == listener
        up.note_processes()
        assert up.end() == 0
        assert up.nothing_left()


def test_a_killed_redis_comes_back_with_all_it_was_told(data: Path) -> None:
    with Up(data, part("listen")) as up:
        url = up.ready()
        with connect_sync(url) as client:
            client.set("told", "yes")
            server = int(client.info()["process_id"])

        os.kill(server, signal.SIGKILL)
        eventually(lambda: gone(server))
        eventually(lambda: "redis was ended by SIGKILL" in up.errors)

        with connect_sync(url) as client:
            eventually(lambda: _get(client, "told") == b"yes")
        assert up.end() == 0


def _get(client: object, key: str) -> object:
    import redis  # noqa: PLC0415

    assert isinstance(client, redis.Redis)
    try:
        return client.get(key)
    except redis.ConnectionError:
        return None


def test_kill_9_of_the_supervisor_leaves_no_process(data: Path) -> None:
    with Up(data, part("listen"), part("worker", PARENT), panel()) as up:
        up.ready()

        up.end(signal.SIGKILL)

        eventually(up.nothing_left)
        with Up(data, part("listen")) as again:
            again.ready()
            assert again.end() == 0


def test_kill_9_of_the_guard_changes_nothing(data: Path) -> None:
    with Up(data, part("worker", PARENT)) as up:
        up.ready()
        guard = _guard(up)
        assert guard is not None

        os.kill(guard, signal.SIGKILL)
        eventually(lambda: _guard(up) not in {guard, None})
        up.note_processes()
        up.end(signal.SIGKILL)

        eventually(up.nothing_left)


def _guard(up: Up) -> int | None:
    for child in psutil.Process(up.process.pid).children():
        # A killed one has no command any more, and is a child until it is buried.
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.cmdline()[:1] == ["/bin/sh"]:
                return child.pid
    return None


def test_kill_9_while_the_parts_come_up_leaves_no_process(data: Path) -> None:
    # Each round dies a little later in its start.
    for moment in range(12):
        with Up(data, part("worker", PARENT), part("listen"), panel()) as up:
            up.all = _once_there_are(moment // 2, up)
            up.end(signal.SIGKILL)

            eventually(up.nothing_left)
            eventually(lambda: not _users_of(data))


def _once_there_are(number: int, up: Up) -> list[int]:
    eventually(lambda: len(_descendants(up)) >= number)
    return _descendants(up)


def _descendants(up: Up) -> list[int]:
    return [child.pid for child in psutil.Process(up.process.pid).children(recursive=True)]


def _users_of(data: Path) -> list[int]:
    """Processes that were told of this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("NOTIFIER_DATA") == str(data):
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def test_a_stop_while_the_parts_come_up_is_heard(data: Path) -> None:
    with Up(data, part("silent", "import time; time.sleep(1000)")) as up:
        eventually(lambda: len(_descendants(up)) == 3)
        up.note_processes()

        assert up.end() == 0
        assert up.nothing_left()


def test_a_taken_port_is_told_before_anything_starts(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Up(data, part("listen"), NOTIFIER_PANEL_PORT=str(port)) as up:
            assert up.process.wait(PATIENCE_SECONDS) == 1

        assert list(data.iterdir()) == []


def test_the_sentence_for_a_taken_port_names_it_and_the_cure(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Up(data, part("listen"), NOTIFIER_PANEL_PORT=str(port)) as up:
            up.process.wait(PATIENCE_SECONDS)

            assert up.errors == (
                f"The panel cannot listen on port {port} of 127.0.0.1 (Address already in use); "
                "stop what uses it, or name another port with --port or NOTIFIER_PANEL_PORT.\n"
            )


def test_a_data_folder_in_use_is_told_with_its_holder(data: Path) -> None:
    with Up(data, part("listen")) as first:
        first.ready()
        with Up(data, part("listen")) as second:
            assert second.process.wait(PATIENCE_SECONDS) == 1
            assert f"Another notifier (process {first.process.pid}) already" in second.errors
        assert first.end() == 0


def test_a_redis_that_may_not_keep_the_ledger_is_refused(data: Path) -> None:
    volatile = PrivateRedis(options={"appendonly": "no"})
    with volatile, Up(data, part("listen"), NOTIFIER_REDIS_URL=volatile.url) as up:
        assert up.process.wait(PATIENCE_SECONDS) == 1
        assert "keeps no append-only file" in up.errors


def test_a_redis_of_ones_own_is_used_and_left_running(data: Path) -> None:
    with PrivateRedis() as server:
        with Up(data, part("listen"), NOTIFIER_REDIS_URL=server.url) as up:
            assert up.ready() == server.url
            assert up.end() == 0
        assert not gone(server.pid)
    assert not (data / "redis").exists()


def test_what_is_to_be_prepared_is_done_before_the_parts_start(data: Path) -> None:
    ask = f'echo "$1" > {data}/prepared'
    role = part("listen", f"assert open({str(data / 'prepared')!r}).read()\n{BEATING}")

    with Up(data, role, TEST_PREPARE=ask) as up:
        assert (data / "prepared").exists() or up.ready()
        assert up.end() == 0
    assert (data / "prepared").read_text().startswith("unix://")


def test_a_failed_preparation_ends_the_start(data: Path) -> None:
    with Up(data, part("listen"), TEST_PREPARE="exit 1") as up:
        assert up.process.wait(PATIENCE_SECONDS) == 1
        assert up.errors.endswith("The preparation failed.\n")
    assert not _users_of(data)


def test_a_part_that_ends_again_and_again_ends_the_start(data: Path) -> None:
    with Up(data, part("listen"), part("broken", "raise SystemExit('no such letter')")) as up:
        assert up.process.wait(PATIENCE_SECONDS) == 1
        assert "broken | no such letter" in up.errors
        assert "The part broken ended 2 times before all were ready" in up.errors


def test_a_redis_that_cannot_read_its_file_ends_the_start_with_its_last_words(data: Path) -> None:
    with Up(data, part("listen")) as up:
        up.ready()
        up.end()
    for file in data.glob("redis/append*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    (data / "redis" / "appendonly.aof").write_bytes(b"broken" * 100)

    with Up(data, part("listen"), PATH="") as up:
        assert up.process.wait(PATIENCE_SECONDS) == 1
        assert "The embedded Redis could not be started; the last words of" in up.errors
        assert "Bad file format" in up.errors


def test_lines_come_under_the_name_of_their_part(data: Path) -> None:
    with Up(data, part("listen", f"print('hello'){BEATING}")) as up:
        up.ready()
        up.end()

        assert "listen | hello\n" in up.errors
        assert "listen | goodbye\n" in up.errors


def test_with_json_logs_every_line_is_json_and_theirs_are_unchanged(data: Path) -> None:
    said = '{"event": "heard", "id": 1}'
    role = part("listen", f"print('{said}')\nprint('no json'){BEATING}")

    with Up(data, role, NOTIFIER_LOG="json") as up:
        up.ready()
        up.end()

        lines = up.errors.splitlines()
    assert said in lines
    assert {"role": "listen", "message": "no json"} in [json.loads(line) for line in lines]


def test_parts_go_on_when_nobody_reads_what_they_print(data: Path) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.supervised"),
            msgspec.json.encode([part("chatty", CHATTY)]).decode(),
        ],
        env={"NOTIFIER_DATA": str(data), "NOTIFIER_PANEL_PORT": "0"},
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    url = process.stdout.readline().split()[1].removeprefix(b"redis=").decode()
    with connect_sync(url) as client:
        first = client.get("notifier:heartbeat:chatty")
        eventually(lambda: client.get("notifier:heartbeat:chatty") != first)

    process.send_signal(signal.SIGTERM)

    assert process.wait(PATIENCE_SECONDS) == 0
    process.stdout.close()
    process.stderr.close()


def test_it_stays_light() -> None:
    heavy = ("celery", "flower", "litestar", "icalendar", "jinja2", "typer", "rich")
    ask = f"import sys, notifier.supervisor; print([m for m in {heavy} if m in sys.modules])"

    found = subprocess.run([sys.executable, "-c", ask], capture_output=True, check=True, text=True)

    assert found.stdout == "[]\n"
