"""What happens during the chaos, and what each person must have been told at its end.

This is the oracle: it knows only what was published and the rules, nothing of the ledger.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from notifier.core.events import Conference
from notifier.core.people import Person
from tests.cast import ANNA, HOME, conference, event, schedule

# The kinds of notice that one person was told, each at most once.
Kinds = frozenset[str]


@dataclass(frozen=True)
class Story:
    """Some events in their order, and for each address the sets of kinds that are right.

    An `orderly` story says nothing before the last thing it said was heard. In the others two
    listeners may hear the second event first, and then less is told.
    """

    name: str
    events: tuple[dict[str, Any], ...]
    right: dict[str, frozenset[Kinds]]
    orderly: bool = True
    # How long after its first event the second is published (seconds).
    pause: float = 0.0


Teller = Callable[[str, random.Random], Story]


def invited(name: str, chance: random.Random) -> Story:
    """People are invited, and that is all."""
    people = _people(name, chance.randint(1, 4))
    return Story(name, (_invitation(name, people),), _told(people, {"invitation"}))


def registered(name: str, chance: random.Random) -> Story:
    """Somebody signs up."""
    [person] = people = _people(name, 1)
    data = {"conference": _planned(name), "participant": person}
    return Story(name, (event("conference.registration", data),), _told(people, {"registration"}))


def missed(name: str, chance: random.Random) -> Story:
    """Somebody was called and away."""
    [person] = people = _people(name, 1)
    data = {"caller": ANNA, "recipient": person, "time": datetime.now(UTC)}
    return Story(name, (event("call.missed", data),), _told(people, {"missed_call"}))


def moved(name: str, chance: random.Random) -> Story:
    """A conference is moved: an invitation that has not left gives way to one with the new time.

    One that was lost on the wire may have arrived: its people hear of the move.
    """
    people = _people(name, chance.randint(1, 3))
    move = event("conference.reschedule", {"conference": _planned(name, 2, days=50)})
    return _in_two(
        name,
        chance,
        (_invitation(name, people), move),
        ordered=_told(people, {"invitation", "reschedule"}, {"invitation"}, {"reschedule"}),
        disordered=_told(people, {"invitation"}),
    )


def cancelled(name: str, chance: random.Random) -> Story:
    """A conference is cancelled: an invitation that has not left never does, and all is silence."""
    people = _people(name, chance.randint(1, 3))
    end = event("conference.cancellation", {"conference": _planned(name, 2)})
    return _in_two(
        name,
        chance,
        (_invitation(name, people), end),
        ordered=_told(people, {"invitation", "cancellation"}, {"cancellation"}, set()),
        disordered=_told(people, set()),
    )


def removed(name: str, chance: random.Random) -> Story:
    """One of those invited is taken off the list again."""
    gone, *others = _people(name, chance.randint(2, 4))
    data = {"conference": _planned(name, 2), "participants": [gone]}
    others_told = _told(others, {"invitation"})
    return _in_two(
        name,
        chance,
        (_invitation(name, [gone, *others]), event("conference.removal", data)),
        ordered=_told([gone], {"invitation", "removal"}, {"removal"}, set()) | others_told,
        disordered=_told([gone], set()) | others_told,
    )


def cancelled_first(name: str, chance: random.Random) -> Story:
    """A cancellation overtakes its invitation: silence."""
    people = _people(name, chance.randint(1, 3))
    end = event("conference.cancellation", {"conference": _planned(name, 2)})
    return Story(name, (end, _invitation(name, people)), _told(people, set()))


def moved_first(name: str, chance: random.Random) -> Story:
    """A move overtakes its invitation: one invitation, with the new time."""
    people = _people(name, chance.randint(1, 3))
    move = event("conference.reschedule", {"conference": _planned(name, 2, days=50)})
    return Story(name, (move, _invitation(name, people)), _told(people, {"invitation"}))


def updated(name: str, chance: random.Random) -> Story:
    """A silent change is told to nobody."""
    people = _people(name, chance.randint(1, 2))
    change = event("conference.update", {"conference": _planned(name, 2)})
    return Story(name, (_invitation(name, people), change), _told(people, {"invitation"}))


def reminded(name: str, chance: random.Random, *, due_in: float) -> Story:
    """A conference whose reminder, five minutes before, is due in so many seconds."""
    people = _people(name, chance.randint(1, 3))
    start = datetime.now(UTC) + timedelta(minutes=5, seconds=due_in)
    told = _told(people, {"invitation", "reminder"})
    return Story(name, (_invitation(name, people, start=start),), told)


TELLERS: Final[Sequence[Teller]] = (
    invited,
    registered,
    missed,
    moved,
    cancelled,
    removed,
    cancelled_first,
    moved_first,
    updated,
)


def stories(count: int, chance: random.Random) -> Iterator[Story]:
    """Tell so many stories, each with people of its own."""
    for number in range(count):
        teller = chance.choice(TELLERS)
        yield teller(f"{teller.__name__}-{number}", chance)


def _in_two(
    name: str,
    chance: random.Random,
    events: tuple[dict[str, Any], dict[str, Any]],
    *,
    ordered: dict[str, frozenset[Kinds]],
    disordered: dict[str, frozenset[Kinds]],
) -> Story:
    """A story of two events, in which the second may be heard first, or never is."""
    orderly = chance.random() < 0.5
    right = ordered if orderly else {each: ordered[each] | disordered[each] for each in ordered}
    return Story(name, events, right, orderly, pause=chance.choice([0.0, 0.0, 0.5, 2.0]))


def _people(name: str, count: int) -> list[Person]:
    """People whom no other story knows."""
    return [
        Person(id=f"{name}.{number}@{HOME}", email=f"{name}.{number}@example.org")
        for number in range(count)
    ]


def _told(people: Sequence[Person], *right: set[str]) -> dict[str, frozenset[Kinds]]:
    return {str(each.email): frozenset(map(frozenset, right)) for each in people}


def _planned(
    name: str, revision: int = 1, *, days: int = 40, start: datetime | None = None
) -> Conference:
    """A conference far away, or at `start`."""
    start = start or datetime.now(UTC).replace(minute=0, second=0) + timedelta(days=days)
    local = start.replace(tzinfo=None, microsecond=0)
    when = schedule(start=local, time_zone="Etc/UTC")
    return conference(revision, id=name, schedule=when)


def _invitation(
    name: str, people: Sequence[Person], *, start: datetime | None = None
) -> dict[str, Any]:
    data = {"conference": _planned(name, start=start), "participants": people}
    return event("conference.invitation", data)
