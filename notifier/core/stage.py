"""How a conference stands at one moment, as people see it: by what was said, and by the clock."""

from datetime import datetime
from enum import StrEnum

from notifier.core.life import Known, Phase
from notifier.core.times.schedule import ended, running


class Stage(StrEnum):
    """How a conference stands at a moment.

    PLANNED has a start ahead, RUNNING is between a start and its end, ENDED has no start ahead or
    was said to be over, CANCELLED was deleted, ROOM is a virtual room, open at any time. A series
    is planned between two of its meetings. Deliberately absent: anything to remember. What is
    remembered is the Phase; this is asked of it anew at every moment.
    """

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"
    ROOM = "room"


def stage(known: Known, *, at: datetime) -> Stage:
    """Give how a conference stands at `at` (aware UTC)."""
    match known.phase:
        case Phase.PLANNED:
            return _by_the_clock(known, at)
        case Phase.ROOM:
            return Stage.ROOM
        case Phase.CANCELLED:
            return Stage.CANCELLED
        case Phase.ENDED:
            return Stage.ENDED


def _by_the_clock(known: Known, at: datetime) -> Stage:
    schedule = known.conference.schedule
    assert schedule is not None  # what is planned has one
    if running(schedule, at=at):
        return Stage.RUNNING
    return Stage.ENDED if ended(schedule, at=at) else Stage.PLANNED
