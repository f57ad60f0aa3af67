"""Claims about the due index as it ought to be: what is mended, and that nothing right ever is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.events import Event
from notifier.core.indexed import AGAIN, AHEAD, Mend, indexed_due, mended, put_off
from notifier.core.life import Known
from notifier.core.settings import Settings
from notifier.core.times.schedule import Moved, Schedule
from notifier.hearing import after, listen
from notifier.ports.inbox import Entry
from notifier.remembering import Remembered
from notifier.reminding import reminding
from tests import cast
from tests.cast import BORIS, NOW, START
from tests.core.story import (
    Story,
    cancellation,
    end,
    invitation,
    removal,
    reschedule,
    settings,
    update,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PRESET = settings(reminders={"offsets": ["1d", "5m"]})
OFF = settings(notifications={"reminders": False})
FIRST = START - DAY


def planned(**changes: Any) -> Known:
    return Story(invitation(1, BORIS, **changes)).known


def looked(
    known: Known | None = None,
    *,
    chosen: Settings = PRESET,
    entry: datetime | None = None,
    now: datetime = NOW,
    catching_up: bool = True,
) -> Mend | None:
    """What an audit writes where the index holds `entry`."""
    score = entry.timestamp() if entry else None
    return mended(known, chosen, entry=score, now=now, catching_up=catching_up)


# ---- what is mended ------------------------------------------------------------------------


def test_an_entry_that_is_right_is_left_alone() -> None:
    assert looked(planned(), entry=FIRST) is None


@pytest.mark.parametrize("entry", [None, FIRST - HOUR, FIRST + HOUR, START, FIRST + 30 * DAY])
def test_an_entry_that_is_lost_or_moved_is_put_right(entry: datetime | None) -> None:
    assert looked(planned(), entry=entry) == Mend(due=FIRST)


@pytest.mark.parametrize(
    "event", [cancellation(2), end(2), update(2, launch="virtual_room")], ids=lambda each: each.type
)
def test_r16_what_is_over_leaves_the_index(event: Event) -> None:
    known = Story(invitation(1, BORIS), event).known

    assert looked(known, entry=FIRST) == Mend(due=None)
    assert looked(known) is None


def test_an_entry_of_what_nobody_knows_leaves_the_index() -> None:
    assert looked(entry=FIRST) == Mend(due=None)
    assert looked() is None


def test_what_is_due_is_left_to_whoever_reminds() -> None:
    assert looked(planned(), entry=FIRST, now=FIRST) is None
    assert looked(planned(), entry=FIRST - HOUR, now=FIRST) is None
    assert looked(entry=FIRST, now=FIRST + MINUTE) is None


@pytest.mark.parametrize("milliseconds", [0, 1, 250, 999])
def test_what_was_put_off_is_left_until_then(milliseconds: int) -> None:
    now = NOW + timedelta(milliseconds=milliseconds)
    entry = put_off(now)

    assert now < entry <= now + AGAIN + timedelta(seconds=1)
    for later in (now, now + HOUR / 2, entry):
        assert looked(planned(), entry=entry, now=later) is None


# ---- what is caught up ---------------------------------------------------------------------


def test_r16_an_entry_that_was_lost_is_caught_up_when_its_moment_has_passed() -> None:
    assert looked(planned(), now=FIRST + MINUTE) == Mend(due=FIRST)


def test_a_moment_that_a_law_moved_into_the_past_is_caught_up() -> None:
    assert looked(planned(), entry=FIRST + HOUR, now=FIRST + MINUTE) == Mend(due=FIRST)


def test_r13_what_new_settings_add_in_the_past_reminds_nobody() -> None:
    now = FIRST + MINUTE
    known = planned()

    mend = looked(known, now=now, catching_up=False)

    assert mend is not None
    assert mend.due == START - 5 * MINUTE
    assert mend.known == msgspec.structs.replace(known, reminded_until=now)
    # Nor does any look that comes later.
    assert looked(mend.known, entry=mend.due, now=now) is None


def test_r13_what_new_settings_add_ahead_needs_no_more_than_an_entry() -> None:
    assert looked(planned(), catching_up=False) == Mend(due=FIRST)


def test_r13_what_settings_turn_off_leaves_the_index() -> None:
    assert looked(planned(), chosen=OFF, entry=FIRST, catching_up=False) == Mend(due=None)


# ---- clocks --------------------------------------------------------------------------------


def test_a_look_from_the_future_is_taken_back() -> None:
    known = msgspec.structs.replace(planned(), reminded_until=START)

    mend = looked(known)

    assert mend is not None
    assert (mend.due, mend.known) == (FIRST, msgspec.structs.replace(known, reminded_until=NOW))


def test_clocks_that_differ_by_no_more_than_they_may_are_no_alarm() -> None:
    known = msgspec.structs.replace(planned(), reminded_until=NOW + AHEAD)

    assert looked(known, entry=FIRST) is None


# ---- no false alarm ------------------------------------------------------------------------

MONDAYS = Schedule(
    start=datetime(2026, 11, 23, 12, 0),
    time_zone="Europe/Paris",
    duration=3600,
)


def series(rule: str, **changes: Any) -> Schedule:
    return msgspec.structs.replace(MONDAYS, recurrence=rule, **changes)


HOURS = ",".join(str(hour) for hour in range(24))
PLANS: list[dict[str, Any]] = [
    {},
    {"schedule": cast.schedule(time_zone="Europe/Berlin")},
    {"schedule": cast.schedule(duration=60)},
    {"schedule": MONDAYS},
    {"schedule": series("FREQ=WEEKLY")},
    {"schedule": series("FREQ=WEEKLY;INTERVAL=1")},
    {"schedule": series("FREQ=DAILY;COUNT=3")},
    # The same fifty coming starts, and what differs lies beyond.
    {"schedule": series(f"FREQ=DAILY;BYHOUR={HOURS};COUNT=60")},
    {"schedule": series(f"FREQ=DAILY;BYHOUR={HOURS}")},
    # An occurrence that may be over is moved, and nothing that is still to come.
    {
        "schedule": series(
            "FREQ=WEEKLY",
            moved=(
                Moved(
                    original=MONDAYS.start,
                    start=MONDAYS.start + timedelta(minutes=30),
                    duration=3600,
                ),
            ),
        )
    },
    {"launch": "virtual_room"},
    {"notifications": {"reminders": ["2h", "30d"]}},
    {"notifications": {"reminders": []}},
]
SPOKEN: list[Callable[..., Event]] = [
    lambda revision, **plan: invitation(revision, BORIS, **plan),
    lambda revision, **plan: removal(revision, BORIS, **plan),
    reschedule,
    update,
    cancellation,
    end,
]
OFFSETS = [[], ["1d"], ["5m"], ["30d", "1d", "1h"], ["1m"]]


class Desk:
    """One conference, its entry in the index, and whoever writes it, without a Redis."""

    def __init__(self) -> None:
        self.now = NOW
        self.entry: float | None = None
        self.remembered = Remembered()
        self.settings = PRESET
        self.asked = False  # settings have changed, and the walk has not come by yet
        self._writes = 0

    def hear(self, spoken: Callable[..., Event], revision: int, plan: dict[str, Any]) -> None:
        event = spoken(revision, said_at=self.now, **plan)
        entry = Entry(id="1-0", fields={})
        heard = listen(entry, event, self.remembered, self.settings, now=self.now, uid=self._name())
        self.remembered = after(self.remembered, heard)
        step = heard.commitments[0]
        if step.reindex:
            self._write(step.due)

    def wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    def tick(self) -> None:
        """What a tick does with what is due."""
        if self.entry is not None and self.entry <= self.now.timestamp():
            step = reminding("c", self.remembered, self.settings, now=self.now, uid=self._name())
            self._know(step.known)
            self._write(step.due)

    def apply(self, offsets: list[str], *, on: bool) -> None:
        self.settings = settings(reminders={"offsets": offsets}, notifications={"reminders": on})
        self.asked = True

    def walk(self) -> None:
        """What a walk does that follows new settings."""
        mend = self.look(catching_up=False)
        self.asked = False
        if mend:
            self._know(mend.known)
            self._write(mend.due)

    def look(self, *, catching_up: bool) -> Mend | None:
        known = self.remembered.known
        return mended(known, self.settings, entry=self.entry, now=self.now, catching_up=catching_up)

    def _name(self) -> str:
        self._writes += 1
        return f"write-{self._writes}"

    def _know(self, known: Known | None) -> None:
        if known:
            self.remembered = msgspec.structs.replace(self.remembered, known=known)

    def _write(self, due: datetime | None) -> None:
        self.entry = due.timestamp() if due else None


Step = Callable[[Desk], None]
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        partial,
        st.just(Desk.hear),
        spoken=st.sampled_from(SPOKEN),
        revision=st.integers(min_value=1, max_value=9),
        plan=st.sampled_from(PLANS),
    ),
    st.builds(partial, st.just(Desk.wait), minutes=st.integers(min_value=0, max_value=3 * 1440)),
    st.builds(partial, st.just(Desk.apply), offsets=st.sampled_from(OFFSETS), on=st.booleans()),
    st.sampled_from([Desk.tick, Desk.walk]),
)


@given(st.lists(steps, max_size=16))
def test_whatever_happens_an_audit_finds_nothing(history: list[Step]) -> None:
    desk = Desk()

    for step in history:
        step(desk)
        assert desk.asked or desk.look(catching_up=True) is None

    # A walk and a tick later the index says what follows from the conference, and nothing is due.
    desk.walk()
    desk.tick()
    known = desk.remembered.known
    ought = indexed_due(known, desk.settings) if known else None
    assert desk.entry == (ought.timestamp() if ought else None)
    assert ought is None or ought > desk.now


def test_starts_that_differ_only_beyond_the_first_fifty_are_indexed_by_the_new_rule() -> None:
    desk = Desk()
    desk.apply(["30d"], on=True)
    desk.hear(invitation, 1, {"schedule": series(f"FREQ=DAILY;BYHOUR={HOURS};COUNT=60")})
    before = desk.entry

    desk.hear(update, 2, {"schedule": series(f"FREQ=DAILY;BYHOUR={HOURS}")})

    # A month ahead of the next hour; there were no more than sixty.
    assert before is None
    assert desk.entry is not None
    assert NOW < datetime.fromtimestamp(desk.entry, UTC) <= NOW + HOUR
