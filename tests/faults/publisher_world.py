"""What a publisher does to one conference, and how that stands: plain rules, in the right order.

Nothing here asks the notifier what it thinks: a deed is what somebody did, a world is a dict, and
`world_after` lets one deed after the other happen to it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import msgspec

from notifier.core.events import Choices, Conference
from notifier.core.people import Person, person_key
from notifier.core.times.schedule import Schedule, last_end, next_occurrence
from tests.cast import ANNA, BORIS, CHEN, DANA, HOME, conference, event, schedule

PEOPLE: Final = (BORIS, CHEN, DANA)
OWNERS: Final = (ANNA, DANA)
CONFERENCE: Final = "df0a2adebe"


def _at(day: int, hour: int, minute: int, rule: str | None = None) -> Schedule:
    start = datetime(2026, 11, 1, hour, minute) + timedelta(days=day - 1)
    return schedule(start=start, recurrence=rule)


# No two begin at the same minute of an hour, but for a single one and its series: a letter says by
# its minute which one it is about.
PLANS: Final = (
    _at(23, 11, 0),  # in half an hour
    _at(24, 15, 10),
    _at(24, 15, 10, "FREQ=WEEKLY"),
    _at(26, 10, 20),
    _at(27, 15, 30),
    _at(27, 15, 30, "FREQ=WEEKLY"),
    _at(31, 9, 40),
    _at(25, 16, 50, "FREQ=DAILY;COUNT=3"),
)
Times = tuple[int, bool]


def times_of(plan: Schedule | None) -> Times | None:
    """Give the minute at which it begins and whether it is a series; None for a room."""
    return (plan.start.minute, plan.recurrence is not None) if plan else None


PLAN_OF: Final = {times_of(plan): plan for plan in PLANS}


class Did(StrEnum):
    """What a publisher tells of, by the type of its event."""

    INVITE = "conference.invitation"
    REGISTER = "conference.registration"
    MOVE = "conference.reschedule"
    CANCEL = "conference.cancellation"  # or turned into a room
    REMOVE = "conference.removal"
    UPDATE = "conference.update"
    END = "conference.end"


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done, with the whole conference as it was from then on."""

    number: int
    did: Did
    at: datetime
    said: Conference
    people: tuple[Person, ...] = ()
    # The numbers of the deeds without which this one cannot be understood.
    only_after: frozenset[int] = frozenset()

    @property
    def revision(self) -> int:
        return self.said.revision

    @property
    def plan(self) -> Schedule | None:
        return self.said.schedule

    @property
    def named(self) -> str:
        whom = ", ".join(each.name or "" for each in self.people)
        return f"{self.number}: {self.did.partition('.')[2]} {whom} {times_of(self.plan)}"

    def names(self, key: str) -> bool:
        """Tell whether it is about this person."""
        return key in {person_key(each) for each in self.people}

    def told(self, **attributes: str) -> dict[str, Any]:
        """Give the event that tells of it."""
        data: dict[str, Any] = {"conference": self.said}
        if self.did in (Did.INVITE, Did.REMOVE):
            data["participants"] = self.people
        if self.did is Did.REGISTER:
            [data["participant"]] = self.people
        marks = {"id": f"deed-{self.number}", "time": self.at.isoformat()} | attributes
        return event(self.did, data, **marks)


class World(msgspec.Struct):
    """How the conference stands."""

    phase: str = ""  # planned, room, cancelled, ended; empty before it is heard of
    said: Conference | None = None
    # Who is on the list, with the link of whoever signed up.
    people: dict[str, str | None] = {}

    @property
    def plan(self) -> Schedule | None:
        return self.said.schedule if self.said else None

    def ahead(self, at: datetime) -> bool:
        """Tell whether it is a plan, and something of it is still to begin."""
        return self.phase == "planned" and begins_after(self.plan, at)

    def over(self, at: datetime) -> bool:
        """Tell whether nothing takes place any more, though nobody deleted it."""
        if self.phase == "planned" and self.plan:
            end = last_end(self.plan)
            return end is not None and end <= at
        return self.phase == "ended"


def begins_after(plan: Schedule | None, at: datetime) -> bool:
    return plan is not None and next_occurrence(plan, after=at) is not None


def world_after(deeds: Iterable[Deed]) -> World:
    """Let deeds happen in their right order."""
    world = World()
    for deed in sorted(deeds, key=_in_order):
        _happen(world, deed)
    return world


def _in_order(deed: Deed) -> tuple[int, int]:
    return deed.revision, deed.number


def _happen(world: World, deed: Deed) -> None:
    _change_phase(world, deed)
    world.said = deed.said
    for each in deed.people:
        key = person_key(each)
        if deed.did is Did.REMOVE:
            world.people.pop(key, None)
        else:
            world.people[key] = each.unique_link or world.people.get(key)


def _change_phase(world: World, deed: Deed) -> None:
    alive = "planned" if deed.plan else "room"
    match deed.did, world.phase:
        case Did.CANCEL, "room" | "cancelled":
            world.phase = "cancelled"
        case Did.CANCEL, _:
            world.phase = "cancelled" if deed.plan else "room"
        case (
            Did.INVITE | Did.REGISTER,
            "cancelled",
        ):  # made anew, by somebody who starts from nothing
            world.phase, world.people = alive, {}
        case Did.MOVE, "cancelled":  # brought back, with everybody
            world.phase = alive
        case _, "cancelled":
            pass
        case Did.END, _:
            goes_on = deed.plan and deed.plan.recurrence and begins_after(deed.plan, deed.at)
            world.phase = "room" if not deed.plan else "planned" if goes_on else "ended"
        case _, "ended":
            world.phase = "ended" if deed.plan == world.plan else alive
        case _:
            world.phase = alive


# What somebody may want to do, and the event that tells of it.
_DOES: Final = {
    "invite": Did.INVITE,
    "register": Did.REGISTER,
    "remove": Did.REMOVE,
    "cancel": Did.CANCEL,
    "open": Did.CANCEL,
    "end": Did.END,
    "slip": Did.UPDATE,
    "update": Did.UPDATE,
    "own": Did.UPDATE,
}


class Publisher:
    """Does things that are true in its own world, each with a revision and a time of its own."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []

    @property
    def world(self) -> World:
        return world_after(self.deeds)

    @property
    def lived_once(self) -> bool:
        """Tell whether it never was a plan again after it had been none."""
        phases = [world_after(self.deeds[: at + 1]).phase for at in range(len(self.deeds))]
        turns = pairwise(phases)
        return not any(before != "planned" == then for before, then in turns)

    def do(self, what: str, whom: list[int], plan: int, now: datetime) -> Deed:
        """Do `what`, or what comes nearest to it as things stand."""
        people = tuple(PEOPLE[each] for each in whom)
        did = self._possible(what, now)
        if did is Did.REGISTER:
            people = (self._signed_up(people[0]),)
        named = people if did in (Did.INVITE, Did.REGISTER, Did.REMOVE) else ()
        return self._did(did, now, named, **self._changes(what, did, plan, now))

    def _possible(self, what: str, now: datetime) -> Did:
        """Give what can be done to the conference as it stands, else to move it."""
        world = self.world
        if not world.phase:
            return Did.INVITE
        if world.phase == "cancelled":
            return Did.INVITE if what in ("invite", "register", "open") else Did.MOVE
        planned = world.phase == "planned"
        begun = planned and not begins_after(_single(world.plan), now)
        forbidden = {"open": not planned, "end": not begun, "slip": not planned or world.over(now)}
        return Did.MOVE if forbidden.get(what) else _DOES.get(what, Did.MOVE)

    def _changes(self, what: str, did: Did, plan: int, now: datetime) -> dict[str, Any]:
        """Give what is different about the conference afterwards."""
        phase = self.world.phase
        if did is Did.MOVE or (did is Did.INVITE and phase in ("", "cancelled")):
            a_room = not phase and what == "open"
            return {"schedule": None if a_room else self._plan(plan, now)}
        if did is Did.CANCEL:
            return {"schedule": None} if what == "open" else {}
        if did is not Did.UPDATE:
            return {}
        if what == "slip":
            return {"schedule": self._plan(plan, now)}
        if what == "own":
            own = (("15m",), ("1d", "5m"), None)[plan % 3]
            return {"notifications": Choices(reminders=own)}
        return {"name": f"Review {len(self.deeds)}", "owner": OWNERS[plan % 2]}

    def _plan(self, number: int, now: datetime) -> Schedule:
        """Give a plan that is still ahead: this one, or one further on."""
        further = PLANS[number:] + PLANS[:number]
        return next(each for each in further if begins_after(each, now))

    def _signed_up(self, person: Person) -> Person:
        mark = person_key(person).strip("#")[:9]
        return msgspec.structs.replace(person, unique_link=f"https://{HOME}/c/x?p={mark}")

    def _did(
        self, did: Did, now: datetime, people: tuple[Person, ...] = (), **changes: Any
    ) -> Deed:
        said = self.deeds[-1].said if self.deeds else conference(0)
        kept = {
            name: getattr(said, name) for name in ("name", "owner", "schedule", "notifications")
        }
        kept |= changes
        launch = "scheduled" if kept["schedule"] else "virtual_room"
        number = len(self.deeds) + 1
        deed = Deed(
            number=number,
            did=did,
            at=now,
            said=conference(number, launch=launch, **kept),
            people=people,
            only_after=self._needed(did),
        )
        self.deeds.append(deed)
        return deed

    def _needed(self, did: Did) -> frozenset[int]:
        """Give what must have been heard first, where the order cannot be told from the events.

        What is made anew under an ID that was deleted, or was a room for a while, looks like a
        silent change to whoever has not heard of that, and so does what follows; and whether a room
        was deleted, or a plan turned into one, only what went before can tell.
        """
        if not self.deeds:
            return frozenset()
        last, turns = self.deeds[-1], self._turns()
        needed = last.only_after
        if _makes_anew(did, self.world):
            needed |= {turns[-1].number}
        if world_after(self.deeds[:-1]).phase == "room" and self.world.phase == "planned":
            needed |= {each.number for each in turns}
        gone = any(each.did is Did.CANCEL for each in turns)
        return needed | {each.number for each in turns if gone and did is Did.CANCEL}

    def _turns(self) -> list[Deed]:
        """Give the deeds that changed the phase, after the first."""
        phases = [world_after(self.deeds[: at + 1]).phase for at in range(len(self.deeds))]
        return [self.deeds[at] for at in range(1, len(phases)) if phases[at] != phases[at - 1]]


def _makes_anew(did: Did, world: World) -> bool:
    return did in (Did.INVITE, Did.REGISTER) and world.phase == "cancelled"


def _single(plan: Schedule | None) -> Schedule | None:
    """The first occurrence alone: a series ends, too, when one of its meetings does."""
    return msgspec.structs.replace(plan, recurrence=None) if plan else None
