"""Claims about batching: who travels with whom, and what becomes of them."""

import asyncio
from collections.abc import Sequence

import pytest

from notifier.batching import TURNS, Batches

pytestmark = pytest.mark.asyncio


class Ferry:
    """Carries words; each crossing ends when the test says so."""

    def __init__(self, *, most: int = 100, patience_seconds: float | None = None) -> None:
        self.crossings: list[list[str]] = []
        self.landed: list[asyncio.Future[None]] = []
        self.batches: Batches[str, str] = Batches(
            self._cross, most=most, patience_seconds=patience_seconds
        )

    async def _cross(self, words: Sequence[str]) -> Sequence[str | Exception]:
        self.crossings.append(list(words))
        self.landed.append(asyncio.get_running_loop().create_future())
        await self.landed[-1]
        return [ValueError(each) if each == "bad" else each.upper() for each in words]

    def ask(self, *words: str) -> list["asyncio.Task[str]"]:
        return [asyncio.create_task(self.batches.ask(each)) for each in words]

    async def land(self) -> None:
        """Let the last crossing end."""
        await rest()
        self.landed[-1].set_result(None)
        await rest()


async def rest() -> None:
    """Let everybody go as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_whoever_comes_alone_leaves_at_once() -> None:
    ferry = Ferry()

    [alone] = ferry.ask("one")
    await ferry.land()

    assert ferry.crossings == [["one"]]
    assert await alone == "ONE"


async def test_whoever_comes_during_a_crossing_takes_the_next_one_together() -> None:
    ferry = Ferry()
    first = ferry.ask("one")
    await rest()

    others = ferry.ask("two") + ferry.ask("three")
    await rest()
    assert ferry.crossings == [["one"]]
    await ferry.land()
    await ferry.land()

    assert ferry.crossings == [["one"], ["two", "three"]]
    assert await asyncio.gather(*first, *others) == ["ONE", "TWO", "THREE"]


async def test_where_many_travelled_others_are_waited_for_as_long_as_each_turn_brings_one() -> None:
    ferry = Ferry()
    ferry.ask("one", "two")
    await ferry.land()

    ferry.ask("three")
    await asyncio.sleep(0)
    ferry.ask("four")
    await asyncio.sleep(0)
    ferry.ask("five")
    await ferry.land()
    ferry.ask("six")
    await ferry.land()

    assert ferry.crossings == [["one", "two"], ["three", "four", "five"], ["six"]]


async def test_where_many_travelled_nobody_is_waited_for_who_does_not_come() -> None:
    ferry = Ferry()
    ferry.ask("one", "two")
    await ferry.land()

    ferry.ask("three")
    for _turn in range(TURNS):  # to ask, to set out, to look around, and one to spare
        await asyncio.sleep(0)

    assert ferry.crossings[1:] == [["three"]]
    await ferry.land()


async def test_nobody_is_waited_for_without_end() -> None:
    ferry = Ferry()
    ferry.ask("one", "two")
    await ferry.land()

    for number in range(3 * TURNS):
        ferry.ask(str(number))
        await asyncio.sleep(0)
    await ferry.land()

    assert len(ferry.crossings[1]) in range(2, TURNS + 3)


async def test_where_one_travelled_alone_nobody_is_waited_for() -> None:
    ferry = Ferry()
    ferry.ask("one")
    await ferry.land()

    ferry.ask("two")
    await asyncio.sleep(0)
    ferry.ask("three")
    await ferry.land()

    assert ferry.crossings[:2] == [["one"], ["two"]]


async def test_no_crossing_carries_more_than_its_fill() -> None:
    ferry = Ferry(most=2)

    asked = ferry.ask("one", "two", "three")
    await ferry.land()
    await ferry.land()

    assert ferry.crossings == [["one", "two"], ["three"]]
    assert await asyncio.gather(*asked) == ["ONE", "TWO", "THREE"]


async def test_the_fault_of_one_is_told_to_that_one_alone() -> None:
    ferry = Ferry()

    asked = ferry.ask("one", "bad", "three")
    await ferry.land()

    first, bad, third = await asyncio.gather(*asked, return_exceptions=True)
    assert (first, third) == ("ONE", "THREE")
    assert isinstance(bad, ValueError)


async def test_a_crossing_that_fails_is_told_to_all_of_it_and_the_next_one_leaves() -> None:
    ferry = Ferry()
    lost = ferry.ask("one", "two")
    await rest()
    later = ferry.ask("three")

    ferry.landed[-1].set_exception(OSError("sunk"))
    await rest()
    await ferry.land()

    assert all(isinstance(each.exception(), OSError) for each in lost)
    assert await later[0] == "THREE"


async def test_whoever_gives_up_keeps_no_other_waiting() -> None:
    ferry = Ferry()
    gone, stays = ferry.ask("one", "two")
    await rest()

    gone.cancel()
    await ferry.land()

    assert await stays == "TWO"


async def test_a_crossing_that_does_not_end_holds_up_the_next_one_for_its_patience_only() -> None:
    ferry = Ferry(patience_seconds=0.01)
    stuck = ferry.ask("one")
    await rest()

    others = ferry.ask("two")
    async with asyncio.timeout(10):
        while len(ferry.crossings) < 2:  # noqa: ASYNC110 -- nothing tells when it leaves
            await asyncio.sleep(0.001)
    await ferry.land()

    assert await others[0] == "TWO"
    ferry.landed[0].set_result(None)
    assert await stuck[0] == "ONE"
