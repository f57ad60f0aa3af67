"""Where the peers live: an environment for each lock file, made on first use.

They stand beside our own libraries, and are gone with them; they are never part of ours.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

HOMES: Final = Path(sys.prefix) / "share" / "peers"
LOCKS: Final = Path(__file__).parent / "locks"
# Written when all is installed, so that a half-made home is made again.
DONE: Final = ".done"
# The most that one installation may take (seconds).
PATIENCE_SECONDS: Final = 600


class NoHome(Exception):
    """A peer cannot be installed here; the text says what was tried and what was answered."""


def python(lock: str, *, homes: Path = HOMES) -> Path:
    """Give the Python that has exactly what the lock file names; raises NoHome."""
    home = _home(lock, homes)
    program = home / "bin" / "python"
    if not (home / DONE).exists():
        _begin(home)
        uv = str(Path(sys.executable).with_name("uv"))
        _do([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)])
        asked = ["--quiet", "--require-hashes", "--requirement", str(LOCKS / lock)]
        _do([uv, "pip", "install", "--python", str(program), *asked])
        (home / DONE).touch()
    return program


def node(lock: str, *, homes: Path = HOMES) -> Path:
    """Give the folder with what the lock file of npm names; raises NoHome."""
    home = _home(lock, homes)
    if not shutil.which("node") or not shutil.which("npm"):
        raise NoHome("there is no Node here")
    if not (home / DONE).exists():
        _begin(home)
        for name in ("package.json", lock):
            shutil.copy(LOCKS / name, home)
        _do(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], home)
        (home / DONE).touch()
    return home


def _home(lock: str, homes: Path) -> Path:
    """Name the home by what is in it: another lock is another home; raises NoHome."""
    try:
        digest = hashlib.sha256((LOCKS / lock).read_bytes()).hexdigest()
    except OSError as error:
        raise NoHome(f"its lock cannot be read: {error}") from error
    return homes / f"{Path(lock).stem}-{digest[:8]}"


def _begin(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)


def _do(command: Sequence[str], folder: Path | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoHome(f"`{Path(command[0]).name}` failed: {error}") from error
    if done.returncode:
        raise NoHome(f"`{Path(command[0]).name}` said: {(done.stderr or done.stdout)[-500:]}")
