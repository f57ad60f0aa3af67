"""The year as a whole: who says what when, when it is heard, when nobody looks, what is decided."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from tests.year.lives import Life, Said
from tests.year.wall_time import BEGINNING, END, ZONES

CONFERENCES: Final = 2_000


class Outage(NamedTuple):
    """Nobody looks at the clock from one moment to the other; where `deaf`, nobody hears either."""

    begin: datetime
    end: datetime
    deaf: bool


class Heard(NamedTuple):
    """One event at the moment at which it is heard, be it for the first time or again."""

    at: datetime
    said: Said


class Decided(NamedTuple):
    """What the administrator applies: reminders on or off, and the preset."""

    at: datetime
    on: bool
    offsets: tuple[str, ...]

    @property
    def tables(self) -> dict[str, Any]:
        offsets = list(self.offsets)
        return {"notifications": {"reminders": self.on}, "reminders": {"offsets": offsets}}


class World(NamedTuple):
    """Everything that happens in the year, but for the looks at the clock."""

    seed: int
    zones: dict[str, str]
    lives: dict[str, list[Said]]
    outages: list[Outage]
    heard: list[Heard]
    decided: list[Decided]


def world(seed: int, conferences: int = CONFERENCES) -> World:
    """Make the world of a seed."""
    chance = Random(seed)
    made = [Life(chance, n, ZONES[n % len(ZONES)]) for n in range(conferences)]
    lives = {life.id: life.tell() for life in made}
    outages = list(_outages(chance))
    return World(
        seed=seed,
        zones={life.id: life.zone for life in made},
        lives=lives,
        outages=outages,
        heard=sorted(_heard(chance, lives.values(), outages), key=lambda each: each.at),
        decided=[Decided(_quiet(at, outages), on, offsets) for at, on, offsets in _DECISIONS],
    )


# ---- nobody looks --------------------------------------------------------------------------

_LENGTHS: Final = tuple(
    timedelta(hours=each)
    for each in (0.1, 0.5, 1, 3, 6, 9, 12, 14, 20, 24, 36, 48, 60, 80, 100, 120)
)


def _outages(chance: Random) -> Iterator[Outage]:
    """One in three weeks, of minutes to days; in every other one events wait as well."""
    share = (END - BEGINNING) / len(_LENGTHS)
    for number, length in enumerate(chance.sample(_LENGTHS, len(_LENGTHS))):
        begin = BEGINNING + share * number + (share - length - _MARGIN) * chance.random()
        begin = begin.replace(microsecond=0)
        yield Outage(begin, begin + length, deaf=number % 2 == 0)


_MARGIN: Final = timedelta(days=2)

# ---- hearing -------------------------------------------------------------------------------

# Nothing else happens at quarters and halves of a second.
_QUARTER: Final = timedelta(seconds=0.25)
_HALF: Final = timedelta(seconds=0.5)


def _heard(chance: Random, lives: Iterable[list[Said]], outages: list[Outage]) -> Iterator[Heard]:
    """Most events are heard at once, some late, some twice; what is settled waits for the rest."""
    before_the_first_look = {each: chance.random() < 0.5 for each in outages}
    for life in lives:
        earliest = latest = BEGINNING
        for said in life:
            at = max(earliest, said.at) + _delay(chance)
            if said.settled:
                at = earliest = max(at, latest) + timedelta(seconds=1)
            latest = max(latest, at)
            yield Heard(_audible(at, outages, before_the_first_look), said)
            if chance.random() < 0.08:
                again = at + timedelta(days=2 * chance.random() ** 2)
                yield Heard(_audible(again, outages, before_the_first_look), said)


def _delay(chance: Random) -> timedelta:
    luck = chance.random()
    if luck < 0.72:
        return timedelta(seconds=3 * chance.random())
    if luck < 0.86:
        return timedelta(hours=chance.random())
    return timedelta(days=2 * chance.random())


def _audible(at: datetime, outages: list[Outage], early: dict[Outage, bool]) -> datetime:
    for each in outages:
        if each.deaf and each.begin <= at < each.end:
            return each.end - _HALF if early[each] else each.end + _HALF
    return at.replace(microsecond=0) + _QUARTER


# ---- deciding ------------------------------------------------------------------------------


def _day(month: int, day: int, hour: int = 12) -> datetime:
    """At twenty seconds and a half past a minute: no reminder is due so close to it."""
    return BEGINNING.replace(month=month, day=day, hour=hour, second=20, microsecond=500_000)


_DECISIONS: Final = (
    (BEGINNING - timedelta(hours=1), True, ("1d", "15m")),
    (_day(2, 3), True, ("1d", "2h", "5m")),
    (_day(3, 20, 7), False, ("1d", "2h", "5m")),
    (_day(3, 26, 18), True, ("1d", "2h", "5m")),
    (_day(5, 2), True, ()),
    (_day(5, 30, 9), True, ("3d", "10m")),
    (_day(7, 14), False, ()),
    (_day(8, 1), False, ("45m",)),
    (_day(8, 9, 15), True, ("45m",)),
    (_day(9, 30), True, ("7d", "1h", "1m")),
    (_day(11, 17), True, ("1d", "30m")),
)


def _quiet(at: datetime, outages: list[Outage]) -> datetime:
    """The administrator waits until everything runs again."""
    for each in outages:
        if each.begin <= at < each.end + _MARGIN / 2:
            return at + timedelta(days=(each.end + _MARGIN / 2 - at).days + 1)
    return at
