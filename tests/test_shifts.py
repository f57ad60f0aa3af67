"""Claims about shifts: what an awake worker claims, holds, and lets go."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from notifier.core.mail_servers import Smtp
from notifier.core.settings import Settings
from notifier.hinting import HINT_SIZE
from notifier.ports.ledger import LedgerAway
from notifier.shifts import RENEW_SECONDS, SHIFT_SECONDS, SPARE_HANDS, Shifts

pytestmark = pytest.mark.asyncio

LINES = 2
SETTINGS = Settings(smtp=Smtp(connections=LINES))


class Work:
    """A ledger with a queue, and a courier whose letters leave when the test says so."""

    def __init__(self, ready: int = 0, *, held_back: Sequence[str] = ()) -> None:
        self.ready = deque(f"ready {number}" for number in range(ready))
        self.crashed: set[str] = set()
        self.claims: list[int] = []  # how many more were asked for each time
        self.delivered: list[str] = []
        self.under_way = 0
        self.most_held = 0
        self.renewed: list[list[str]] = []
        self.away_after: int | None = None  # claims after which the ledger is away
        self.doors = {each: asyncio.Event() for each in held_back}
        self.seconds = 0.0
        self.seconds_a_letter = 0.0
        self.shifts = Shifts(ledger=self, courier=self, steady=lambda: self.seconds)  # type: ignore[arg-type]

    async def claim(
        self, ids: Sequence[str], *, more: int = 0, roads: int = 1, rate: int = 0
    ) -> list[Any]:
        await asyncio.sleep(0)
        if self.away_after is not None and len(self.claims) >= self.away_after:
            raise LedgerAway("gone")
        self.claims.append(more)
        if self.crashed & set(ids):
            more = 0  # as the script does
        found = [*ids, *(self.ready.popleft() for _ in range(min(more, len(self.ready))))]
        self.under_way += len(found)
        self.most_held = max(self.most_held, self.under_way)
        token = str(len(self.claims))
        return [claimed(each, token, crashes=each in self.crashed) for each in found]

    async def renew(self, claims: Sequence[Any]) -> int:
        assert len({each.delivery.token for each in claims}) == 1
        self.renewed.append(sorted(each.delivery.id for each in claims))
        return len(claims)

    async def deliver(self, one: Any, settings: Settings) -> None:
        await asyncio.sleep(0)
        if one.delivery.id in self.doors:
            await self.doors[one.delivery.id].wait()
        self.seconds += self.seconds_a_letter
        self.under_way -= 1
        self.delivered.append(one.delivery.id)


def claimed(name: str, token: str, *, crashes: bool) -> Any:
    return SimpleNamespace(delivery=SimpleNamespace(id=name, token=token, crashes=int(crashes)))


async def until(claim: Callable[[], Any]) -> None:
    """Wait until a claim holds; nothing here tells when it begins to."""
    async with asyncio.timeout(10):
        while not claim():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_an_awake_worker_delivers_what_nobody_was_hinted_at() -> None:
    work = Work(ready=1000)

    await work.shifts.work(["hinted"], SETTINGS)

    assert len(set(work.delivered)) == len(work.delivered) == 1001
    assert work.delivered[0] == "hinted"


async def test_one_letter_that_lingers_keeps_no_line_idle() -> None:
    work = Work(ready=1000, held_back=["hinted"])

    shift = asyncio.create_task(work.shifts.work(["hinted"], SETTINGS))
    await until(lambda: len(work.delivered) == 1000)
    work.doors["hinted"].set()
    await shift

    assert work.delivered[-1] == "hinted"


async def test_a_worker_whose_letters_leave_slowly_holds_few() -> None:
    work = Work(ready=300)
    work.seconds_a_letter = 0.1 * SHIFT_SECONDS

    await work.shifts.work(["hinted"], SETTINGS)

    assert work.most_held <= max(HINT_SIZE, 2 * LINES + SPARE_HANDS)


async def test_a_worker_whose_letters_leave_fast_holds_a_fraction_of_a_second_s_worth() -> None:
    work = Work(ready=3000)
    work.seconds_a_letter = 1 / 2000

    await work.shifts.work(["hinted"], SETTINGS)

    assert 250 <= work.most_held <= 500


async def test_after_its_time_a_worker_claims_no_more_and_lets_go_of_what_it_holds() -> None:
    work = Work(ready=3000)
    work.seconds_a_letter = SHIFT_SECONDS / 1000

    await work.shifts.work(["hinted"], SETTINGS)

    assert 1000 <= len(work.delivered) < 1500
    assert work.under_way == 0
    assert len(work.ready) + len(work.delivered) == 3001


async def test_a_worker_kept_by_a_lingering_letter_beyond_its_time_goes_on_claiming() -> None:
    work = Work(ready=1500, held_back=["hinted"])
    work.seconds_a_letter = SHIFT_SECONDS / 1000

    shift = asyncio.create_task(work.shifts.work(["hinted"], SETTINGS))
    await until(lambda: work.seconds >= SHIFT_SECONDS and work.under_way == 1)
    left = len(work.ready)
    work.seconds = 2 * SHIFT_SECONDS
    await until(lambda: not work.ready)
    work.doors["hinted"].set()
    await shift

    assert 0 < left < 1500


async def test_what_killed_a_worker_travels_alone() -> None:
    work = Work(ready=100)
    work.crashed = {"suspect"}

    await work.shifts.work(["suspect"], SETTINGS)

    assert work.delivered == ["suspect"]
    assert len(work.claims) == 1


async def test_an_empty_queue_is_looked_at_once_more_when_all_has_left() -> None:
    work = Work(held_back=["hinted"])

    shift = asyncio.create_task(work.shifts.work(["hinted"], SETTINGS))
    await until(lambda: work.claims)
    work.ready.append("came meanwhile")
    work.doors["hinted"].set()
    await shift

    assert work.delivered == ["hinted", "came meanwhile"]


async def test_all_that_waits_is_renewed_claim_by_claim() -> None:
    names = [f"stuck {number}" for number in range(HINT_SIZE)]
    work = Work(ready=3, held_back=[*names, "ready 0", "ready 1", "ready 2"])

    shift = asyncio.create_task(work.shifts.work(names[:3], SETTINGS))
    await until(lambda: work.under_way == 6)
    work.seconds = RENEW_SECONDS
    await until(lambda: work.renewed)
    for door in work.doors.values():
        door.set()
    await shift

    assert [each for part in work.renewed for each in part] == [
        *("ready 0", "ready 1", "ready 2"),
        *names[:3],
    ]


async def test_what_is_held_leaves_although_the_ledger_goes_away() -> None:
    work = Work(ready=1000)
    work.away_after = 2

    with pytest.raises(LedgerAway):
        await work.shifts.work(["hinted"], SETTINGS)

    assert work.under_way == 0
    assert work.delivered
