"""`notifier` without its start: each command is a process of its own, forked from one that is warm.

A start takes half a second, nearly all of it for reading modules, and the tests ask hundreds of
commands. Parts that run on are started cold, as at a terminal: `Deployment.start`.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from notifier.cli import COMMANDS, run

ROOT = Path(__file__).parents[2]
# A command that takes longer hangs (seconds).
LONGEST = 60
# Of the descriptors of a command: what it is given, what it prints, and its faults.
STREAMS = ("given", "out", "err")


class Warm:
    """A process that has read all commands; it forks for each that is asked, one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.warm"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        atexit.register(self._process.communicate)

    def ask(
        self, arguments: Sequence[str], environ: Mapping[str, str], given: bytes
    ) -> tuple[int, bytes, bytes]:
        """Run one command to its end; give its status, and what it has printed."""
        with tempfile.TemporaryDirectory() as folder:
            paths = {name: Path(folder, name) for name in STREAMS}
            paths["given"].write_bytes(given)
            asked = {"arguments": arguments, "environ": environ, "folder": folder}
            status = self._told(json.dumps(asked | {"cwd": str(Path.cwd())}).encode())
            return status, paths["out"].read_bytes(), paths["err"].read_bytes()

    def _told(self, asked: bytes) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(asked + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@cache
def warm() -> Warm:
    """Give the one of this session."""
    return Warm()


def serve() -> None:
    """Fork for each line of the standard input; the child goes on as the command, and ends here."""
    asking, telling = _apart()
    _read_everything()
    for line in asking:
        child = os.fork()
        if child == 0:
            asking.close()
            telling.close()
            _become(json.loads(line))
        _child, status = os.waitpid(child, 0)
        telling.write(b"%d\n" % os.waitstatus_to_exitcode(status))
        telling.flush()


def _read_everything() -> None:
    for module in {module for module, _said in COMMANDS.values()} | {"telling"}:
        import_module(f"notifier.cli.{module}")
    # Libraries read more at the first question; the answer goes nowhere.
    run(["schema"])
    sys.stdout.flush()
    # A child that collects garbage would copy every page that it looks at.
    gc.freeze()


def _apart() -> tuple[BinaryIO, BinaryIO]:
    """Move our own talk away from the descriptors that are the commands'."""
    mine = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return mine


def _become(asked: dict[str, Any]) -> None:
    """Be the command that is asked, from here to the end of the process."""
    signal.alarm(LONGEST)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environ"])
    for descriptor, path in enumerate(Path(asked["folder"], name) for name in STREAMS):
        opened = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.exit(run(asked["arguments"]))


if __name__ == "__main__":
    serve()
