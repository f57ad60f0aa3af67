"""A Redis that goes back in time: copies of what it keeps, made and put back."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from notifier.adapters.export import Exporter
from notifier.adapters.export_files import ExportFiles
from notifier.adapters.mark_file import MarkFile
from notifier.admin.resuming import Resumption
from tests.adapters.desk import Desk, desk
from tests.cast import NOW
from tests.hints import lose_hints
from tests.redis_servers import PrivateRedis

# What a server writes of its data, in every version.
DATA = ("appendonly.aof", "appendonlydir", "dump.rdb")


def back_up(redis: PrivateRedis, copy: Path) -> None:
    """Copy the data of a running server, as a backup does."""
    copy.mkdir(parents=True)
    for name in DATA:
        there = redis.folder / name
        if there.is_dir():
            shutil.copytree(there, copy / name)
        elif there.exists():
            shutil.copy2(there, copy / name)


def restore(redis: PrivateRedis, copy: Path) -> None:
    """Stop the server and start it again with the data of a copy."""
    redis.kill()
    empty(redis)
    for there in copy.iterdir():
        (shutil.copytree if there.is_dir() else shutil.copy2)(there, redis.folder / there.name)
    redis.start()


def empty(redis: PrivateRedis) -> None:
    """Take away what a stopped server has kept."""
    for name in DATA:
        there = redis.folder / name
        if there.is_dir():
            shutil.rmtree(there)
        else:
            there.unlink(missing_ok=True)


class Machine:
    """One machine: its data folder, with what it exported and what it remembers."""

    def __init__(self, folder: Path) -> None:
        self.files = ExportFiles(folder / "export")
        self.marks = MarkFile(folder / "mark")

    @asynccontextmanager
    async def desk(self, redis: PrivateRedis) -> AsyncIterator[Desk]:
        """Start the notifier on this machine: it looks before it works, and works on Monday.

        What the workers before it were hinted at has to be found again, or nothing would leave for
        a minute, whatever else is held back.
        """
        async with desk(redis.url, marks=self.marks) as office:
            office.now = NOW
            await lose_hints(office.client, office.ledger)
            await office.lookout.look()
            yield office

    async def work(self, office: Desk) -> None:
        """Send what may leave, and note it."""
        await office.deliver()
        await self.note(office)

    async def note(self, office: Desk) -> None:
        """Export and look, as a listener does every second."""
        await Exporter(office.client, self.files, office.settings).export()
        await office.lookout.look()

    def resumption(self, office: Desk) -> Resumption:
        """Give what `notifier resume` on this machine works with."""
        return Resumption(
            client=office.client, ledger=office.ledger, lookout=office.lookout, files=self.files
        )
