"""A disk of a few megabytes that a test fills: a tmpfs in a namespace of its own."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.smtp_servers import wait_until


class SmallDisk:
    """Mounted at `path` for the processes that are started `within`, and for nobody else."""

    def __init__(self, path: Path, keeper: int) -> None:
        self.path = path
        self._keeper = keeper

    @property
    def within(self) -> Sequence[str]:
        """The words that go before the command of a process that is to see the disk."""
        return (
            "nsenter",
            "--target",
            str(self._keeper),
            "--mount",
            "--user",
            "--preserve-credentials",
        )

    @property
    def _seen(self) -> Path:
        return Path(f"/proc/{self._keeper}/root{self.path}")

    def fill(self) -> None:
        """Leave not one byte."""
        try:
            with (self._seen / "ballast").open("wb") as ballast:
                while True:
                    ballast.write(bytes(4096))
                    ballast.flush()
        except OSError:
            pass

    def clear(self) -> None:
        """Make room again."""
        (self._seen / "ballast").unlink()


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 4) -> Iterator[SmallDisk]:
    """Keep a disk at `folder`/disk; needs root, or a kernel that lets users have namespaces."""
    path = folder / "disk"
    path.mkdir()
    ready, said = folder / "mounted", folder / "mount.log"
    script = (
        f"mount -t tmpfs -o size={megabytes}m none '{path}' && touch '{ready}' && exec sleep 1h"
    )
    with said.open("wb") as log:
        keeper = subprocess.Popen(
            ["unshare", "--mount", "--user", "--map-root-user", "sh", "-c", script], stderr=log
        )
    try:
        wait_until(lambda: ready.exists() or keeper.poll() is not None, what="the small disk")
        assert ready.exists(), (
            f"no small disk for user {os.getuid()}, who may not mount one: {said.read_text()}"
        )
        yield SmallDisk(path, keeper.pid)
    finally:
        keeper.kill()
        keeper.wait()
