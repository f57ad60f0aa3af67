"""What is true of one conference once some of its events are known, in the order of revisions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tests.year.lives import Said
from tests.year.wall_time import Plain, moved_starts, starts

MAILTO: Final = "#mailto:"


@dataclass
class Standing:
    """How a conference stands, when it begins, its own offsets (minutes), who is on its list."""

    phase: str = "unheard"
    starts: frozenset[datetime] = frozenset()
    moved: frozenset[datetime] = (
        frozenset()
    )  # those of them that the rule would hold at another time
    schedule: Plain | None = None
    own: tuple[int, ...] | None = None
    listed: dict[str, Plain] = field(default_factory=dict)


def replay(known: Iterable[Said]) -> Standing:
    """Give what the events amount to, whenever they were heard."""
    standing = Standing()
    for said in sorted(known, key=lambda each: int(each.data["conference"]["revision"])):
        _ACTS[said.type](standing, said)
    return standing


def _invited(standing: Standing, said: Said) -> None:
    if standing.phase == "cancelled":
        standing.listed.clear()  # it is made anew
    _take(standing, said, revives=True)
    for person in said.data.get("participants") or [said.data["participant"]]:
        _join(standing, person)


def _join(standing: Standing, person: Plain) -> None:
    key = key_of(person)
    told = {name: value for name, value in person.items() if value}
    standing.listed[key] = standing.listed.get(key, {}) | told


def _removed(standing: Standing, said: Said) -> None:
    _take(standing, said)
    for person in said.data["participants"]:
        standing.listed.pop(key_of(person), None)


def _rescheduled(standing: Standing, said: Said) -> None:
    _take(standing, said, revives=True)


def _updated(standing: Standing, said: Said) -> None:
    _take(standing, said)


def _cancelled(standing: Standing, said: Said) -> None:
    room = said.data["conference"]["schedule"] is None
    phase = "room" if room and standing.phase in ("unheard", "planned", "ended") else "cancelled"
    _take(standing, said)
    standing.phase = phase


def _ended(standing: Standing, said: Said) -> None:
    _take(standing, said)
    conference = said.data["conference"]
    if standing.phase != "planned":
        return
    goes_on = conference["schedule"]["recurrence"] and any(
        start > said.at for start in standing.starts
    )
    if not goes_on:
        standing.phase = "ended"


_ACTS: Final = {
    "conference.invitation": _invited,
    "conference.registration": _invited,
    "conference.removal": _removed,
    "conference.reschedule": _rescheduled,
    "conference.update": _updated,
    "conference.cancellation": _cancelled,
    "conference.end": _ended,
}


def _take(standing: Standing, said: Said, *, revives: bool = False) -> None:
    """Take the times and offsets that an event names; what was deleted wants to be revived."""
    conference = said.data["conference"]
    schedule = conference["schedule"]
    own = conference["notifications"]["reminders"]
    begins = starts(schedule) if schedule else frozenset()
    over = standing.phase == "ended" and begins == standing.starts
    asleep = standing.phase == "cancelled" and not revives
    standing.starts = begins
    standing.schedule = schedule
    standing.moved = begins & moved_starts(schedule) if schedule else frozenset()
    standing.own = None if own is None else tuple(sorted({minutes_of(each) for each in own}))
    if not over and not asleep:
        standing.phase = "planned" if schedule else "room"


def minutes_of(text: str) -> int:
    return int(text[:-1]) * {"m": 1, "h": 60, "d": 1440}[text[-1]]


def key_of(person: Plain) -> str:
    """Who somebody is: the ID, else the address in lower case."""
    identity = person.get("id")
    if identity and not identity.startswith(MAILTO):
        return str(identity)
    return MAILTO + str((identity or "").removeprefix(MAILTO) or person["email"]).lower()
