"""Postfix's smtp-sink, a mail server that takes everything, and its counterpart smtp-source."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bench.sinks.own import own
from bench.sinks.sink import Sink, listens
from bench.waiting import wait_until

# Where they are unpacked to if the system has none: beside the libraries, and gone with them.
UNPACKED: Final = Path(sys.prefix) / "share" / "postfix"
SEARCHED: Final = os.pathsep.join(
    [os.environ.get("PATH", os.defpath), "/usr/sbin", str(UNPACKED / "usr" / "sbin")]
)
ENVIRONMENT: Final = os.environ | {"LD_LIBRARY_PATH": str(UNPACKED / "usr" / "lib" / "postfix")}
# Its count of sessions is no count of connections: it is raised when one ends.
COUNTED: Final = re.compile(rb"mesg=(\d+)")
# The longest line of counts that smtp-sink prints, and then some (bytes).
TAIL: Final = 200


@dataclass(frozen=True)
class PostfixSink:
    """A running smtp-sink and the file that it prints its count to."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    counted: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def mails(self) -> int:
        with self.counted.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            found = COUNTED.findall(file.read())
        return int(found[-1]) if found else 0

    def wait_for(self, total: int) -> float:
        return wait_until(lambda: self.mails() >= total, what=f"{total} mails")


@contextlib.contextmanager
def sink(port: int) -> Iterator[Sink]:
    """Run smtp-sink, or the sink of our own where it cannot be had."""
    program = found("smtp-sink")
    if program is None:
        with own(port) as instead:
            yield instead
        return
    with tempfile.TemporaryDirectory() as folder:
        counted = Path(folder) / "counted"
        with counted.open("wb") as output:
            process = subprocess.Popen(_command(program, port), stdout=output, env=ENVIRONMENT)
        try:
            wait_until(lambda: listens(process.pid), what="the sink")
            yield PostfixSink("smtp-sink", port, process, counted)
        finally:
            process.terminate()
            process.wait()


def source(to: Sink, *, mails: int, size: int, sessions: int = 20) -> float | None:
    """Let smtp-source send mails over kept connections; give mails/s, None without it."""
    program = found("smtp-source")
    if program is None:
        return None
    before = to.mails()
    asked = [program, "-d", "-s", str(sessions), "-m", str(mails), "-l", str(size)]
    asked += ["-f", "conf@example.com", "-t", "person@example.org", f"127.0.0.1:{to.port}"]
    began = time.monotonic()
    subprocess.run(asked, env=ENVIRONMENT, check=True)
    return mails / (to.wait_for(before + mails) - began)


@cache
def found(program: str) -> str | None:
    """Give the program's path; without one, Debian's package is unpacked, not installed."""
    path = shutil.which(program, path=SEARCHED)
    if path or UNPACKED.exists() or not shutil.which("apt-get"):
        return path
    _unpack()
    return shutil.which(program, path=SEARCHED)


def _unpack() -> None:
    UNPACKED.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        fetched = subprocess.run(
            ["apt-get", "-qq", "download", "postfix"],
            cwd=folder,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, UNPACKED], check=fetched.returncode == 0)


def _command(program: str, port: int) -> list[str]:
    # As root it wants to know who it shall be instead.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return [program, "-c", *user, f"127.0.0.1:{port}", "1000"]
