"""Claims about the recorder, with a ledger that is slow to answer."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from notifier import recording
from notifier.core.delivery import Delivery, State
from notifier.ports.ledger import Ending, LedgerAway
from notifier.recording import Recorder
from tests.test_log import DELIVERY

pytestmark = pytest.mark.asyncio


class Frozen:
    """A ledger that answers nothing until it thaws."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.thawed = asyncio.Event()
        self.fault: Exception | None = None

    async def record(self, endings: Sequence[Ending]) -> list[bool | Exception]:
        self.asked.append([each.before.id for each in endings])
        await self.thawed.wait()
        if self.fault:
            raise self.fault
        return [True for _each in endings]


class Paper:
    """A journal that says when something is put into it."""

    def __init__(self) -> None:
        self.kept: set[str] = set()

    def keep(self, ending: Ending) -> None:
        self.kept.add(ending.before.id)

    def endings(self) -> list[Ending]:
        return []

    def forget(self, ending: Ending) -> None:
        self.kept.discard(ending.before.id)


class Office:
    """A recorder between the two."""

    def __init__(self) -> None:
        self.ledger, self.journal = Frozen(), Paper()
        ledger: Any = self.ledger
        self.recorder = Recorder(ledger, self.journal)

    def record(self, name: str) -> "asyncio.Task[None]":
        before: Delivery = msgspec.structs.replace(DELIVERY, id=name)
        after = msgspec.structs.replace(before, state=State.SENT)
        return asyncio.create_task(self.recorder.record(before, after))

    async def wait_until_kept(self, *names: str) -> None:
        async with asyncio.timeout(10 * recording.PATIENCE_SECONDS):
            while self.journal.kept != set(names):  # noqa: ASYNC110 -- nothing tells when it is
                await asyncio.sleep(0.01)


async def test_what_ends_during_a_silence_goes_to_the_disk_without_patience_of_its_own() -> None:
    office = Office()
    first = office.record("first")
    await office.wait_until_kept("first")

    second = office.record("second")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert office.journal.kept == {"first", "second"}
    office.ledger.thawed.set()
    await asyncio.gather(first, second)
    assert office.journal.kept == set()


async def test_what_a_ledger_did_not_take_in_the_end_stays_on_the_disk() -> None:
    office = Office()
    office.ledger.fault = LedgerAway("gone")
    recorded = office.record("first")
    await office.wait_until_kept("first")

    office.ledger.thawed.set()
    await recorded

    assert office.journal.kept == {"first"}


async def test_what_ends_while_another_is_written_is_written_together() -> None:
    office = Office()
    recorded = [office.record("first")]
    await asyncio.sleep(0.01)

    recorded += [office.record("second"), office.record("third")]
    await asyncio.sleep(0.01)
    office.ledger.thawed.set()
    await asyncio.gather(*recorded)

    assert office.ledger.asked == [["first"], ["second", "third"]]
    assert office.journal.kept == set()
