"""The agenda of the year: the looks at the clock, between all that happens and all that is sent."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from tests.year.oracle import Reminder, Story, moments
from tests.year.wall_time import BEGINNING, END
from tests.year.world import Decided, Heard, World

# Their letters really leave: claimed, fenced, sent and recorded.
SENDING_ZONES: Final = ("Europe/Paris", "Australia/Lord_Howe", "America/New_York")


class Look(NamedTuple):
    """A tick."""

    at: datetime


class Posted(NamedTuple):
    """A worker comes to one reminder, for everybody who gets it."""

    at: datetime
    reminder: Reminder


Step = Look | Heard | Decided | Posted


def looks(world: World, stories: Iterable[Story]) -> list[datetime]:
    """Give the moments of all ticks, which nobody asks the notifier for.

    Some come at irregular intervals of minutes to hours. Around each moment that matters by the
    brute force there is one just before and one at it or just after. None during an outage; one
    when it ends.
    """
    chance = Random(world.seed)
    found = {*_at_intervals(chance), *(each.end for each in world.outages)}
    for moment in sorted({moment for story in stories for moment in moments(story)}):
        found |= {moment - _SECOND, moment + _SECOND * chance.choice((0, 0, 1, 2, 7, 25))}
    away = [(each.begin, each.end) for each in world.outages]
    return sorted(at for at in found if not any(begin <= at < end for begin, end in away))


_SECOND: Final = timedelta(seconds=1)


def _at_intervals(chance: Random) -> Iterator[datetime]:
    at = BEGINNING
    while at < END:
        yield at
        minutes = chance.choice((2, 30, 120, 240, 240)) * chance.uniform(0.2, 1.8)
        at += timedelta(seconds=max(1, round(60 * minutes)))


def posted(world: World, reminders: Iterable[Reminder]) -> Iterator[Posted]:
    """Give when a worker comes to the reminders of a share of the conferences.

    Many at once; some wait for minutes to days, or until something is heard of their conference,
    so that what they say may be overtaken. None waits over a decision about reminders: what that
    undoes is no longer owed, or is on its way.
    """
    chance = Random(world.seed)
    news = _news(world)
    for each in reminders:
        if world.zones[each.conference] in SENDING_ZONES and not each.expired:
            at = _awake(world, _when(chance, each, news.get(each.conference, [])))
            decided_between = any(each.look < decided.at < at for decided in world.decided)
            yield Posted(each.look + _LATER if decided_between else at, each)


def _news(world: World) -> dict[str, list[datetime]]:
    news: dict[str, list[datetime]] = {}
    for heard in world.heard:
        news.setdefault(heard.said.data["conference"]["id"], []).append(heard.at)
    return news


def _when(chance: Random, reminder: Reminder, news: list[datetime]) -> datetime:
    coming = [at for at in news if reminder.look < at < reminder.start]
    if coming and chance.random() < 0.6:
        return coming[0] + timedelta(seconds=chance.choice((1, 60)))
    wait = chance.choice((0, 0, 0, 3, 30, 240, 1500)) * chance.uniform(0.5, 1)
    return reminder.look + timedelta(minutes=wait)


def _awake(world: World, at: datetime) -> datetime:
    ends = (each.end for each in world.outages if each.deaf and each.begin <= at < each.end)
    return next(ends, at).replace(microsecond=0) + _LATER


# Nothing else happens at three quarters of a second.
_LATER: Final = timedelta(seconds=0.75)


def agenda(world: World, ticks: Iterable[datetime], posts: Iterable[Posted]) -> list[Step]:
    """Give all that happens, in order."""
    steps: list[Step] = [*world.heard, *world.decided, *map(Look, ticks), *posts]
    return sorted(steps, key=lambda each: each.at)
