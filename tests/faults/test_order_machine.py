"""A search for orders, delays and sends after which somebody was told the wrong thing.

A publisher does what is true in its own world (publisher_world.py). What it says of that is heard
in any order, some at once, some late, some twice, by two listeners; mails leave, are put off or
lost in between, and something may be heard while a letter is on its way. After each step, what is
remembered equals the publisher's world as far as it was heard, and each letter that left made sense
(readers.py, sense.py): it was true, said nothing twice, took back only what its reader was told,
and fits what their calendar holds. In the end everybody believes what is so, and the next reminder
is that of a second notifier that heard the same in the right order, once each; where nothing had
left before all was heard, so are the letters.

Where the claims are weaker than "as in the right order", and why:

* What is made anew under an ID that was deleted (with an empty list), and all that follows, is
  heard after that deletion; what was a room for a while and is a plan again, after what lies
  between. To who has not heard of it, it looks like a silent change of one life, and those who were
  on the first list are on the second.
* A second cancellation is heard after what lies between: `virtual_room` in it says "turned into a
  room" of a plan and "deleted" of a room.
* Whoever signed up, was removed and is back may keep the old link, if the removal is heard last.
  Whoever signed up, and was invited once more after a deletion, may be taken for invited only, if
  the return before that is heard last.
* What was put off may be the very same again after a doubt (P3), and a cancellation of one life may
  arrive after the invitation to the next: it is about another entry in the calendar.
* Times that changed silently last need not be known: nobody tells of them.
* With switches turned off nobody is asked what they believe, nor whether they were told before.
* Letters are compared only while nothing that was ever planned is over: who hears of it afterwards
  tells nobody.
* Letters are compared, and looked at for what they take back, in the first life of a conference
  alone: which of a later life's letters somebody had is not known yet in each order.

What it can find was seen on 2026-11-26, by breaking the product in one place at a time: a plan that
cannot be brought back; an old snapshot that wins; a cancellation that is believed though something
newer is known; an invitation or a removal that wins over a newer row; letters to people who were
removed, or of what was cancelled; a removal or cancellation of what nobody knows; two removals for
one; a new life under the old UID. Not found: rows that are not raised by a later invitation, a
second invitation after a removal in between, a move told to newcomers (tests/core has a test of
each).
"""

import asyncio
import os
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from notifier.core.notice import Kind
from notifier.core.people import person_key
from tests.faults.order_house import ANSWERS, House, Left
from tests.faults.publisher_world import (
    PEOPLE,
    PLANS,
    Deed,
    Did,
    Publisher,
    begins_after,
    world_after,
)
from tests.faults.readers import Reader, read
from tests.faults.repeatable import logged_faults, repeatable
from tests.faults.sense import misled, unheralded, untrue
from tests.redis_servers import PrivateRedis

# The same examples each time; a longer search, by chance, is for whoever has the time:
# MODEL_EXAMPLES=5000, with --hypothesis-seed=1. One in some hundred still finds something, all seen
# so far in conferences that were deleted or a room and brought back more than once.
EXAMPLES: Final = int(os.environ.get("MODEL_EXAMPLES", "150"))
STEPS: Final = 20
WHAT: Final = (
    *["invite"] * 3,
    *["move"] * 3,
    *["remove"] * 2,
    *["cancel"] * 2,
    "register",
    "open",
    "end",
    "update",
    "slip",
    "own",
)
# Within the settling time and beyond, to the next tries, and over starts and ends.
SECONDS: Final = (0, 1, 4, 61, 901, 1900, 6 * 3600, 30 * 3600, 4 * 86400)
TABLES: Final = {
    "reminders": {"offsets": ["1d", "15m"]},
    "federation": {"mode": "blacklist"},
    "notifications": {"settle_seconds": 3},
}
SWITCHES: Final = ("invitations", "registrations", "reschedules", "cancellations", "removals")
PLACES: Final = st.lists(st.integers(0, 9), min_size=1, max_size=3)


class Orders(RuleBasedStateMachine):
    """A publisher, what it said and nobody has heard yet, a notifier, and its readers."""

    house: House
    other: House  # which hears everything at once, in the right order
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.publisher = Publisher()
        self.bag: list[Deed] = []
        self.heard: list[Deed] = []
        self.readers = {person_key(each): Reader(person_key(each)) for each in PEOPLE}
        self.faults: list[str] = []
        self.copies = 0
        self.sound = False
        self.stack = ExitStack()
        self.stack.enter_context(repeatable())
        self.logged = self.stack.enter_context(logged_faults())
        self.house.watch = self._watch

    @initialize(
        mute=st.sampled_from([False, False, True]),
        switches=st.sampled_from([False, False, False, True]),
        backwards=st.booleans(),
    )
    def open(self, mute: bool, switches: bool, backwards: bool) -> None:
        """Choose what can happen: `mute`, nothing is sent before all was heard."""
        self.mute, self.switches, self.backwards = mute, switches, backwards
        self._run(self.house.open(**TABLES))

    # What happens in the world.

    @rule(
        what=st.sampled_from(WHAT),
        whom=st.lists(st.integers(0, len(PEOPLE) - 1), min_size=1, max_size=2, unique=True),
        plan=st.integers(0, len(PLANS) - 1),
        at_once=st.booleans(),
    )
    def do(self, what: str, whom: list[int], plan: int, at_once: bool) -> None:
        """Somebody does something; perhaps it is heard at once."""
        deed = self.publisher.do(what, whom, plan, self.house.now)
        note(f"{self.house.now:%d %H:%M:%S} {deed.named}")
        self.bag.append(deed)
        if at_once:
            self._run(self._hear([len(self.bag) - 1], 0))

    @rule(seconds=st.sampled_from(SECONDS), tick=st.booleans())
    def wait(self, seconds: int, tick: bool) -> None:
        self._run(self.house.pass_time(timedelta(seconds=seconds)))
        if tick:
            self._run(self.house.tick())

    @rule(name=st.sampled_from(SWITCHES), on=st.booleans())
    def switch(self, name: str, on: bool) -> None:
        if self.switches:
            self._run(self.house.apply(notifications={name: on}))

    # What the notifier does.

    @rule(places=PLACES, who=st.integers(0, 1))
    def hear(self, places: list[int], who: int) -> None:
        """Some of what was said is heard, in one batch."""
        self._run(self._hear(places, who))

    @rule(first=PLACES, then=PLACES)
    def pass_each_other(self, first: list[int], then: list[int]) -> None:
        """Two listeners read, and the one that read last is first to do something about it."""
        self._run(self._cross(first, then))

    @rule(at=st.integers(0, 9), new_id=st.booleans())
    def hear_again(self, at: int, new_id: bool) -> None:
        if self.heard:
            self._run(self._repeat(self.heard[at % len(self.heard)], new_id))

    @rule(
        most=st.sampled_from([1, 1, 2, 1000, 1000]),
        answer=st.sampled_from(["takes it"] * 4 + list(ANSWERS)),
        meanwhile=st.lists(st.integers(0, 9), max_size=2),
    )
    def send(self, most: int, answer: str, meanwhile: list[int]) -> None:
        """Some of what is ready is sent; something may be heard while a letter is on its way."""
        if self.mute:
            return

        async def hear() -> None:
            await self._hear(meanwhile, 0)

        self._run(self.house.tick())
        self._run(self.house.send(most=most, answer=answer, meanwhile=hear if meanwhile else None))

    # What must hold, whatever happened.

    @invariant()
    def all_is_as_in_the_right_order(self) -> None:
        self._run(self._check(self.house))

    def teardown(self) -> None:
        try:
            if self.sound:
                self._run(self._end())
        finally:
            self.stack.close()

    async def _end(self) -> None:
        while self.bag:
            rest = list(range(len(self.bag)))
            await self._hear(rest[::-1] if self.backwards else rest, 0)
        await self._check(self.house)
        await self.house.tick()
        await self._compare_with_the_right_order()
        await self.house.send_all()
        await self._check(self.house)
        assert self._misled() == []

    async def _compare_with_the_right_order(self) -> None:
        """Let another notifier hear the same in the right order, and compare."""
        if not self.publisher.deeds:
            return
        await self.other.open(**TABLES)
        await self.other.pass_time(self.house.now - self.other.now)
        stored = await self.house.client.hget("notifier:settings", "tables")
        await self.other.client.hset("notifier:settings", "tables", stored)
        for deed in self.publisher.deeds:
            await self.other.hear([deed.told()])
        await self._check(self.other)
        await self.other.tick()
        assert await self.house.next_reminder() == await self.other.next_reminder()
        if self.mute and self._plain() and self._all_ahead():
            await self.other.send_all()
            rightly = _sent(read(each, ()) for each in self.other.left)
            await self.house.send_all()
            ours = _sent(each for reader in self.readers.values() for each in reader.letters)
            assert ours == rightly, f"ours {ours}\nnot  {rightly}"

    def _plain(self) -> bool:
        """Tell whether everybody is told everything, and the conference has lived once only."""
        return not self.switches and self.publisher.lived_once

    def _all_ahead(self) -> bool:
        """Tell whether nothing that was ever planned is over: late news of that is no news."""
        plans = [each.plan for each in self.publisher.deeds]
        return all(plan is None or begins_after(plan, self.house.now) for plan in plans)

    async def _hear(self, places: Sequence[int], who: int) -> None:
        deeds = self._out_of_the_bag(places)
        self.heard += deeds
        note(f"heard {[each.number for each in deeds]}")
        await self.house.hear([each.told() for each in deeds], who=who)

    async def _cross(self, first: list[int], then: list[int]) -> None:
        some, others = self._out_of_the_bag(first), self._out_of_the_bag(then)
        one = await self.house.read([each.told() for each in some], who=0)
        other = await self.house.read([each.told() for each in others], who=1)
        self.heard += others
        await self.house.listen(other, who=1)
        self.heard += some
        await self.house.listen(one, who=0)

    async def _repeat(self, deed: Deed, new_id: bool) -> None:
        self.copies += 1
        await self.house.hear([deed.told(**({"id": f"copy-{self.copies}"} if new_id else {}))])

    def _out_of_the_bag(self, places: Sequence[int]) -> list[Deed]:
        """Take what can be heard now; what was made anew is heard of after its deletion."""
        found: list[Deed] = []
        chosen = (
            [self.bag[each] for each in {p % len(self.bag): None for p in places}]
            if self.bag
            else []
        )
        for each in chosen:
            heard = {deed.number for deed in self.heard + found}
            if each.only_after <= heard:
                self.bag.remove(each)
                found.append(each)
        return found

    def _watch(self, left: Left) -> None:
        said = read(left, (each.number for each in self.heard))
        reader = self.readers[said.to]
        self.faults += [
            *untrue(said, self.heard),
            *reader.repeated(said),
            *reader.calendar(said),
            *(unheralded(reader, said) if self._plain() else ()),
        ]
        reader.letters.append(said)
        note(f"{left.at:%d %H:%M:%S} {said.named} left{'' if said.taken else ', and was lost'}")

    async def _check(self, house: House) -> None:
        self.sound = False
        await self._compare_with_the_world(house)
        self.sound = True

    async def _compare_with_the_world(self, house: House) -> None:
        heard = self.heard if house is self.house else self.publisher.deeds
        assert self.faults == []
        assert [repr(each) for each in self.logged] == []
        known, people = await house.known()
        right = world_after(heard)
        back = {person_key(who) for deed in heard if deed.did is Did.REMOVE for who in deed.people}
        if any(deed.did is Did.CANCEL for deed in heard):
            back |= {
                person_key(who) for deed in heard if deed.did is Did.REGISTER for who in deed.people
            }
        ours = {
            key: right.people.get(key) if key in back else row.person.unique_link
            for key, row in people.items()
        }
        if not heard:
            assert known is None
            return
        assert known is not None
        assert known.conference == right.said
        assert known.phase == right.phase, f"{known.phase}, not {right.phase}"
        assert ours == right.people

    def _misled(self) -> list[str]:
        if self.switches:
            return []
        now = self.house.now
        return [
            fault
            for reader in self.readers.values()
            for fault in misled(reader, self.publisher.deeds, at=now)
        ]

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(coroutine)


def _sent(letters: Any) -> list[tuple[str, str, Any]]:
    return sorted(
        (each.to, str(each.kind), str(each.times))
        for each in letters
        if each.kind is not Kind.REMINDER
    )


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Orders]]:
    """The machine, over houses that all examples live in, one after the other."""
    folder = tmp_path_factory.mktemp("journal")
    with PrivateRedis(options={"appendonly": "no"}) as redis, asyncio.Runner() as runner:
        Orders.runner = runner
        Orders.house = runner.run(_built(redis.url, folder))
        Orders.other = runner.run(_built(redis.url.replace("db=0", "db=1"), folder))
        yield Orders
        runner.run(Orders.house.close())
        runner.run(Orders.other.close())


async def _built(url: str, folder: Path) -> House:
    house = House(url, folder)
    await house.load_scripts()
    return house


@pytest.mark.slow
def test_whatever_the_order_people_are_told_what_is_so(orders: type[Orders]) -> None:
    # One find at a time: the second is often the first in other clothes.
    search = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        report_multiple_bugs=False,
        derandomize="MODEL_EXAMPLES" not in os.environ,
        phases=[Phase.explicit, Phase.generate],
    )
    run_state_machine_as_test(orders, settings=search)
