"""Claims about how a conference stands at a moment, as people see it."""

from datetime import datetime, timedelta

import pytest

from notifier.core.events import Event
from notifier.core.life import Phase
from notifier.core.stage import Stage, stage
from tests import cast
from tests.cast import BORIS, END, NOW, START
from tests.core.story import Story, cancellation, end, invitation

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
WEEKLY = cast.schedule(recurrence="FREQ=WEEKLY;COUNT=2")
ROOM = {"launch": "virtual_room"}

MOMENTS: list[tuple[str, list[Event], datetime, Stage]] = [
    ("before its start", [invitation(1, BORIS)], START - SECOND, Stage.PLANNED),
    ("at its start", [invitation(1, BORIS)], START, Stage.RUNNING),
    ("before its end", [invitation(1, BORIS)], END - SECOND, Stage.RUNNING),
    ("at its end", [invitation(1, BORIS)], END, Stage.ENDED),
    ("said to be over", [invitation(1, BORIS), end(2)], START + SECOND, Stage.ENDED),
    ("a series that meets", [invitation(1, BORIS, schedule=WEEKLY)], START, Stage.RUNNING),
    ("between two meetings", [invitation(1, BORIS, schedule=WEEKLY)], END, Stage.PLANNED),
    ("the last meeting", [invitation(1, BORIS, schedule=WEEKLY)], START + WEEK, Stage.RUNNING),
    ("after the last meeting", [invitation(1, BORIS, schedule=WEEKLY)], END + WEEK, Stage.ENDED),
    ("deleted while running", [invitation(1, BORIS), cancellation(2)], START, Stage.CANCELLED),
    ("a room", [invitation(1, BORIS, **ROOM)], START, Stage.ROOM),
    ("a room that was a plan", [invitation(1, BORIS), cancellation(2, **ROOM)], START, Stage.ROOM),
]


@pytest.mark.parametrize(
    ("said", "at", "expected"), [row[1:] for row in MOMENTS], ids=[row[0] for row in MOMENTS]
)
def test_what_people_see_follows_the_clock(
    said: list[Event], at: datetime, expected: Stage
) -> None:
    assert stage(Story(*said).known, at=at) is expected


def test_every_stage_is_seen_and_none_but_running_is_the_clocks_alone() -> None:
    assert {expected for *_, expected in MOMENTS} == set(Stage)
    assert {str(each) for each in Stage} - {str(each) for each in Phase} == {"running"}


def test_looking_remembers_nothing() -> None:
    story = Story(invitation(1, BORIS))
    known = story.known

    stage(known, at=END + WEEK)

    assert stage(known, at=NOW) is Stage.PLANNED
    assert known.phase is Phase.PLANNED
