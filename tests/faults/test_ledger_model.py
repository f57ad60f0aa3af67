"""A search for counter-examples to P1–P5: the whole service, every step held, any luck."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from notifier.core.delivery import FINAL, State
from tests.cast import BORIS, CHEN, DANA, conference, event, person, schedule
from tests.faults.audit import faults_of
from tests.faults.held import Luck
from tests.faults.house import LISTENERS, WORKERS, Books, House
from tests.faults.mail_server import Answer
from tests.faults.repeatable import logged_faults, repeatable
from tests.faults.truths import Truths
from tests.redis_servers import PrivateRedis

NOBODY = person(9, email="not an address")
PEOPLE: Final = (BORIS, CHEN, DANA, NOBODY)
CONFERENCES: Final = ("first", "second")
REVISIONS: Final = range(1, 7)
PLANS: Final = (
    schedule(start=datetime(2026, 11, 23, 11, 0)),  # in half an hour
    schedule(start=datetime(2026, 11, 24, 15, 0)),
    schedule(start=datetime(2026, 11, 27, 15, 0)),
    schedule(start=datetime(2026, 11, 24, 15, 0), recurrence="FREQ=DAILY"),
    None,
)
TYPES: Final = (
    "conference.invitation",
    "conference.invitation",
    "conference.registration",
    "conference.removal",
    "conference.reschedule",
    "conference.cancellation",
    "conference.update",
    "conference.end",
)
SETTINGS: Final = {
    "reminders": {"offsets": ["1d", "15m"]},
    "federation": {"mode": "blacklist"},
}
# The disk has its own tests; here it would only cost time.
MEMORY: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None
# A longer search is for whoever has the time: MODEL_EXAMPLES=5000, with --hypothesis-seed=1.
EXAMPLES: Final = int(os.environ.get("MODEL_EXAMPLES", "150"))
STEPS: Final = 30
SECONDS: Final = (1, 5, 20, 61, 301, 901, 3600, 20 * 3600)


class Service(RuleBasedStateMachine):
    """The service and everything that can befall it."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.events: list[dict[str, Any]] = []
        self.entries: list[str] = []
        self.plans: dict[tuple[str, int], Any] = {}
        self.stack = ExitStack()
        self.stack.enter_context(repeatable())
        self.logged = self.stack.enter_context(logged_faults())
        self.house = self._run(self._house())

    @initialize(settle=st.sampled_from([0, 0, 3]))
    def open(self, settle: int) -> None:
        tables = {**SETTINGS, "notifications": {"settle_seconds": settle}}
        self._run(self.house.open(**tables))

    # What happens in the world.

    @rule(
        type_=st.sampled_from(TYPES),
        conference_=st.sampled_from(CONFERENCES),
        revision=st.sampled_from(REVISIONS),
        plan=st.integers(0, len(PLANS) - 1),
        people=st.sets(st.integers(0, len(PEOPLE) - 1), min_size=1, max_size=4),
    )
    def publish(
        self, type_: str, conference_: str, revision: int, plan: int, people: set[int]
    ) -> None:
        # A revision says the same, whoever tells of it.
        held = PLANS[self.plans.setdefault((conference_, revision), plan)]
        launch = "virtual_room" if held is None else "scheduled"
        said = conference(revision, id=conference_, launch=launch, schedule=held)
        named = [PEOPLE[each] for each in sorted(people)]
        data: dict[str, Any] = {"conference": said}
        if type_ in ("conference.invitation", "conference.removal"):
            data["participants"] = named
        if type_ == "conference.registration":
            data["participant"] = named[0]
        self._publish(type_, data)

    @rule(
        caller=st.integers(0, len(PEOPLE) - 1),
        recipient=st.integers(0, len(PEOPLE) - 1),
    )
    def call_in_vain(self, caller: int, recipient: int) -> None:
        when = self.house.now.isoformat()
        said = {"caller": PEOPLE[caller], "recipient": PEOPLE[recipient], "time": when}
        self._publish("call.missed", said)

    @precondition(lambda self: self.events)
    @rule(at=st.integers(0, 9), same=st.booleans())
    def repeat(self, at: int, same: bool) -> None:
        told = self.events[at % len(self.events)]
        if not same:
            told = {**told, "id": f"event-{len(self.events) + 1}"}
            self.events.append(told)
        self._run(self.house.put(told))

    @rule(seconds=st.sampled_from(SECONDS))
    def wait(self, seconds: int) -> None:
        self._run(self.house.pass_time(timedelta(seconds=seconds)))

    @rule(at=st.integers(0, 9))
    def ask_again(self, at: int) -> None:
        """A person asks for a delivery again."""
        self._run(self._resend(at))

    # What the service does.

    @rule(name=st.sampled_from(LISTENERS), job=st.sampled_from(["hear", "take_over"]))
    def listen(self, name: str, job: str) -> None:
        self._run(self.house.start(name, job))

    @rule(name=st.sampled_from(LISTENERS + WORKERS), job=st.sampled_from(["sweep", "tick"]))
    def look_after(self, name: str, job: str) -> None:
        self._run(self.house.start(name, job))

    @rule()
    def hear_all(self) -> None:
        """One listener hears all that is new, so that there is something to deliver."""
        self._run(self._whole(LISTENERS[0], "hear"))

    @precondition(lambda self: self.house.hints.given)
    @rule(
        name=st.sampled_from(WORKERS),
        at=st.integers(0, 5),
        keep=st.sampled_from([False, False, False, True]),
    )
    def work(self, name: str, at: int, keep: bool) -> None:
        """A worker gets a hint; one that is kept will come a second time."""
        if self.house.processes[name].busy:
            return
        hints = self.house.hints.given
        _kind, ids = hints[at % len(hints)] if keep else hints.pop(at % len(hints))
        self._run(self.house.start(name, "deliver", ids))

    @precondition(lambda self: self.house.hints.given)
    @rule(at=st.integers(0, 5))
    def lose_a_hint(self, at: int) -> None:
        self.house.hints.given.pop(at % len(self.house.hints.given))

    @precondition(lambda self: self._busy())
    @rule(who=st.integers(0, 3), at=st.integers(0, 3), steps=st.integers(1, 8))
    def go_on(self, who: int, at: int, steps: int) -> None:
        self._run(self._steps(who, at, steps))

    @precondition(lambda self: self._busy())
    @rule(who=st.integers(0, 3), at=st.integers(0, 3), luck=st.sampled_from(list(Luck)))
    def have_luck(self, who: int, at: int, luck: Luck) -> None:
        """The next step of somebody goes as luck has it."""
        self._run(self._one(who).go_on(at=at, how=luck))

    @precondition(lambda self: self._busy())
    @rule(who=st.integers(0, 3))
    def finish(self, who: int) -> None:
        self._run(self._one(who).finish())

    @precondition(lambda self: self._busy())
    @rule(who=st.integers(0, 1), answer=st.sampled_from(list(Answer)))
    def answer(self, who: int, answer: Answer) -> None:
        """The mail server has its say, as soon as somebody has a letter for it."""
        process = self.house.processes[WORKERS[who]]
        while process.busy and not {"envelope", "body"} & set(process.steps):
            self._run(process.go_on())
        if process.busy:
            at = next(at for at, name in enumerate(process.steps) if name in ("envelope", "body"))
            self._run(process.go_on(at=at, how=answer))

    # What must hold, whatever happened.

    @invariant()
    def every_promise_holds(self) -> None:
        books = self._run(self.house.books())
        assert self._faults(books) == []

    def teardown(self) -> None:
        try:
            self._run(self._end())
        finally:
            self._run(self.house.close())
            self.runner.close()
            self.stack.close()

    async def _end(self) -> None:
        await self.house.recover()
        books = await self.house.books()
        assert self._faults(books) == []
        assert self.truths.unfinished(books) == []
        assert await self.truths.unheard(self.events, books) == []

    def _faults(self, books: Books) -> list[str]:
        ours = [repr(fault) for fault in self.logged]
        return faults_of(books) + self.truths.doubles(books) + ours

    async def _house(self) -> House:
        folder = self.stack.enter_context(TemporaryDirectory(dir=MEMORY))
        house = House(self.url, Path(folder))
        self.truths = Truths(house)
        house.mail_server.watch = self.truths.watch
        await house.client.flushall()
        return house

    async def _whole(self, name: str, job: str) -> None:
        await self.house.start(name, job)
        await self.house.processes[name].finish()

    async def _steps(self, who: int, at: int, steps: int) -> None:
        process = self._one(who)
        for _ in range(steps):
            if process.busy:
                await process.go_on(at=at)

    async def _resend(self, at: int) -> None:
        books = await self.house.books()
        ended = [
            row for row in books.rows.values() if row.state in FINAL or row.state is State.UNKNOWN
        ]
        ended = [row for row in ended if row.state is not State.SKIPPED]
        if ended:
            await self.truths.asked(ended[at % len(ended)])

    def _publish(self, type_: str, data: dict[str, Any]) -> None:
        number = f"event-{len(self.events) + 1}"
        told = event(type_, data, id=number, time=self.house.now.isoformat())
        self.events.append(told)
        self._run(self.house.put(told))

    def _busy(self) -> list[Any]:
        return [each for each in self.house.processes.values() if each.busy]

    def _one(self, who: int) -> Any:
        busy = self._busy()
        return busy[who % len(busy)]

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(coroutine)


@pytest.fixture(scope="module")
def redis() -> Iterator[PrivateRedis]:
    # Hashes that are never compact, so that a list is read in slices.
    options = {"appendonly": "no", "hash-max-ziplist-entries": "0"}
    with PrivateRedis(options=options) as server:
        yield server


@pytest.mark.slow
def test_no_luck_breaks_a_promise(redis: PrivateRedis) -> None:
    Service.url = redis.url
    run_state_machine_as_test(
        Service,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            print_blob=True,
            report_multiple_bugs=False,
        ),
    )
