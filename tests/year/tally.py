"""How often each kind of thing happened in a year, so that a year without it proves nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Final

from tests.year.agenda import Posted
from tests.year.lives import Said
from tests.year.oracle import Reminder, Story, readers
from tests.year.owed import Row
from tests.year.wall_time import Plain, put_oddly, wall
from tests.year.world import World

# At least so often, or the year is not what it says. Some are rare by nature.
LEAST: Final[Mapping[str, int]] = {
    # What servers said.
    "conference.invitation": 2_000,
    "conference.registration": 100,
    "conference.reschedule": 1_000,
    "conference.update": 400,
    "conference.cancellation": 200,
    "conference.removal": 150,
    "conference.end": 100,
    "one occurrence moved": 150,
    "one occurrence left out": 80,
    "one-off turned series, or the reverse": 200,
    "plan turned room": 50,
    "room turned plan": 100,
    "brought back after a cancellation": 60,
    "planned again after the end": 80,
    "invited again after a removal": 25,
    "own offsets changed": 80,
    "named otherwise": 50,
    "another owner": 40,
    "heard twice": 300,
    "heard after a newer one": 150,
    "heard after an outage": 50,
    # What was reminded of.
    "on time": 8_000,
    "late": 100,
    "late, the nearest of several": 2,
    "expired": 50,
    "of a series": 5_000,
    "of an occurrence with a moved start": 80,
    "of a start that the clocks skip or repeat": 60,
    "by own offsets": 2_000,
    "by the preset": 2_000,
    "by an offset of a month": 80,
    "by an offset of a minute": 200,
    "after a change of the preset, of what was planned before": 1_000,
    "by an own link": 200,
    "of people listed twice": 60,
    "of people without a mailbox": 200,
    # What became of those that were sent.
    "sent": 800,
    "superseded": 40,
    "expired on the way": 20,
}


def of_world(world: World) -> Counter[str]:
    """Count what happened to conferences and to their events."""
    tally: Counter[str] = Counter()
    for life in world.lives.values():
        tally.update(said.type for said in life)
        for before, after in pairwise(life):
            tally.update(_turns(before.data["conference"], after))
        tally["brought back after a cancellation"] += _follows(life, "conference.cancellation")
        tally["planned again after the end"] += _follows(life, "conference.end")
        tally["invited again after a removal"] += _back(life)
    tally.update(_hearings(world))
    return tally


def _turns(before: Plain, said: Said) -> Iterator[str]:
    """Name what changed from one event of a conference to the next."""
    after = said.data["conference"]
    one, other = before["schedule"], after["schedule"]
    if one and other:
        yield from _times(one, other)
    elif one:
        yield "plan turned room"
    elif other:
        yield "room turned plan"
    yield from (word for name, word in _CHANGES.items() if before[name] != after[name])


_CHANGES: Final = {
    "notifications": "own offsets changed",
    "name": "named otherwise",
    "owner": "another owner",
}


def _times(one: Plain, other: Plain) -> Iterator[str]:
    if bool(one["recurrence"]) != bool(other["recurrence"]):
        yield "one-off turned series, or the reverse"
    if len(other["moved"]) > len(one["moved"]):
        yield "one occurrence moved"
    if len(other["exceptions"]) > len(one["exceptions"]):
        yield "one occurrence left out"


def _follows(life: Iterable[Said], gone: str) -> int:
    """Count how often a plan with another start was said right after the word that it is gone."""
    return sum(
        before.type == gone
        and before.data["conference"]["schedule"] is not None
        and after.type in ("conference.reschedule", "conference.invitation")
        for before, after in pairwise(life)
    )


def _back(life: Iterable[Said]) -> int:
    gone: list[Plain] = []
    back = 0
    for said in life:
        people = said.data.get("participants", [])
        if said.type == "conference.removal":
            gone += people
        elif said.type == "conference.invitation":
            back += sum(each in gone for each in people)
    return back


def _hearings(world: World) -> Iterator[str]:
    newest: dict[str, int] = {}
    heard_before: set[str] = set()
    ends = {each.end for each in world.outages if each.deaf}
    for heard in world.heard:
        conference = heard.said.data["conference"]
        if heard.said.id in heard_before:
            yield "heard twice"
        elif conference["revision"] < newest.get(conference["id"], 0):
            yield "heard after a newer one"
        if any(abs(heard.at - end) < timedelta(seconds=1) for end in ends):
            yield "heard after an outage"
        heard_before.add(heard.said.id)
        newest[conference["id"]] = max(newest.get(conference["id"], 0), conference["revision"])


def of_reminders(
    world: World, stories: Mapping[str, Story], reminders: Iterable[Reminder]
) -> Counter[str]:
    """Count what was reminded of, a reminder of several people once."""
    tally: Counter[str] = Counter()
    decided = {each.at for each in world.decided[1:]}
    for reminder in reminders:
        tally.update(_traits(reminder, stories[reminder.conference], world))
        moment = reminder.start - timedelta(minutes=reminder.offset)
        tally["after a change of the preset, of what was planned before"] += any(
            pair.since in decided
            for pair in stories[reminder.conference].pairs
            if (pair.start, pair.offset, pair.moment) == (reminder.start, reminder.offset, moment)
        )
    return tally


def _traits(reminder: Reminder, story: Story, world: World) -> Iterator[str]:
    standing = story.at(reminder.look).standing
    zone, who = world.zones[reminder.conference], readers(standing)
    yield _punctuality(reminder)
    yield "by the preset" if standing.own is None else "by own offsets"
    claims = {
        "late, the nearest of several": _nearest_of_several(reminder, story, world),
        "of a series": len(standing.starts) > 1,
        "of an occurrence with a moved start": reminder.start in standing.moved,
        "of a start that the clocks skip or repeat": put_oddly(wall(reminder.start, zone), zone),
        "by an offset of a month": reminder.offset > 42_000,
        "by an offset of a minute": reminder.offset == 1,
        "of people listed twice": any(each.told_by_id for each in who),
        "by an own link": any(each.link for each in who),
        "of people without a mailbox": any(each.unreachable for each in who),
    }
    yield from (claim for claim, holds in claims.items() if holds)


def _punctuality(reminder: Reminder) -> str:
    moment = reminder.start - timedelta(minutes=reminder.offset)
    if reminder.expired:
        return "expired"
    return "late" if reminder.look - moment > timedelta(minutes=1) else "on time"


def _nearest_of_several(reminder: Reminder, story: Story, world: World) -> bool:
    """Tell whether a farther one of the same start was missed in the same absence."""
    farther = [each for each in story.at(reminder.look).offsets if each > reminder.offset]
    absences = [each for each in world.outages if each.end == reminder.look]
    return not reminder.expired and any(
        absence.begin < reminder.start - timedelta(minutes=offset)
        for absence in absences
        for offset in farther
    )


def of_letters(owed: Iterable[Row], posts: Iterable[Posted]) -> Counter[str]:
    """Count what must become of the deliveries that a worker comes to."""
    turns = {
        (each.reminder.conference, each.reminder.start, each.reminder.offset) for each in posts
    }
    states = Counter(each.state for each in owed if each[:3] in turns)
    on_the_way = {"expired on the way": states["expired"]}
    return Counter({"sent": states["sent"], "superseded": states["superseded"]} | on_the_way)
