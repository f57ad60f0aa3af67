"""The processes of a machine share what it remembers of Redis, and none takes it for a backup."""

from pathlib import Path
from typing import Any

import pytest

from notifier.adapters import keys
from notifier.adapters.connection import connect
from notifier.adapters.lookout import Lookout
from notifier.adapters.mark_file import MarkFile


class Overtaken(Lookout):
    """A lookout during whose look another process records an outcome, and looks too."""

    def __init__(self, client: Any, marks: MarkFile) -> None:
        super().__init__(client, marks)
        self._other = (client, Lookout(client, marks))

    async def sight(self) -> Any:
        seen = await super().sight()
        client, other = self._other
        await client.xadd(keys.LOG, {"d": "a delivery", "s": "sent"})
        assert await other.look(patience=0)
        return seen


@pytest.mark.asyncio
async def test_a_mark_that_moves_on_during_a_look_means_no_restored_backup(
    redis_url: str, tmp_path: Path
) -> None:
    marks = MarkFile(tmp_path / "mark")
    async with connect(redis_url) as client:
        assert await Lookout(client, marks).look(patience=0)

        assert await Overtaken(client, marks).look(patience=0)

        assert not await client.exists(keys.QUARANTINE)


@pytest.mark.parametrize("left", [b"", b"\x00" * 60, b'{"ledger": "\xff", "last": "1-0"}'])
def test_a_mark_that_a_disk_has_spoilt_is_none(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "mark"
    path.write_bytes(left)

    assert MarkFile(path).read() is None
