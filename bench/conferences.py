"""Conferences as they stand in memory once events have told of them, written in bulk.

By the very step that writes an event, and without the events: a million of them through the stream
would take a quarter of an hour.
"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from multiprocessing import get_context
from typing import Any, Final

import msgspec
import uvloop

from bench import events
from notifier.adapters.connection import connect
from notifier.adapters.memory import RedisMemory
from notifier.core.conference import apply
from notifier.core.due import next_due
from notifier.core.events import parse
from notifier.core.life import Known, Member
from notifier.core.people import Person
from notifier.core.settings import Reminders, Settings
from notifier.remembering import Commitment

# The steps that write one conference: one, or as many as its list has slices.
Steps = Sequence[Commitment]

# When conferences without an offset of their own remind.
PRESET: Final = ("1d", "10m")

# Of ten conferences: six weekly series, three that take place once, one monthly series.
_RULES: Final = ("FREQ=WEEKLY",) * 6 + (None,) * 3 + ("FREQ=MONTHLY",)
_ZONES: Final = ("Europe/Paris", "Europe/London", "America/New_York", "Asia/Tokyo", "UTC")
# Plans that conferences have in common: their moments fall all over the coming weeks.
_PLANS: Final = 2000
# Nothing may fall due while it is measured what it costs that nothing is due.
_QUIET: Final = timedelta(hours=2)
# Conferences that travel to Redis in one go, and people in one step.
_BATCH: Final = 200
_SLICE: Final = 400


def ordinary(number: int) -> Steps:
    """Give one of the many, with two to four people: the same number, the same conference."""
    known, row, at = _plans()[number % len(_plans())]
    people = [_person(f"person-{number}-{each}") for each in range(2 + number % 3)]
    return [_step(number, known, [_row(row, each) for each in people], at)]


def due(number: int, *, at: datetime, people: int = 1) -> Steps:
    """Give one whose reminder for that many people falls due `at` (aware UTC, whole seconds)."""
    known, row = _due(at)
    rows = [_row(row, _person(f"due-{number}-{each}")) for each in range(people)]
    slices = [rows[place : place + _SLICE] for place in range(0, people, _SLICE)]
    whole = [_step(number, known, some, None) for some in slices]
    return [*whole[:-1], _step(number, known, slices[-1], at)]


def webinar(number: int, *, people: int) -> Steps:
    """Give one in forty days with a long list, all of whom have been invited."""
    known, row = _told_of(events.conference("plan")["schedule"], now=datetime.now(UTC))
    told = msgspec.convert(events.people(people), list[Person])
    rows = [_row(row, each) for each in told]
    slices = [rows[place : place + _SLICE] for place in range(0, people, _SLICE)]
    return [_step(number, known, some, None) for some in slices]


def id_of(number: int) -> str:
    """Give the id of the conference with this number."""
    return f"c{number:09x}"


def write(url: str, conference: Callable[[int], Steps], numbers: range) -> None:
    """Write the conferences with these numbers; many in as many processes as there are cores."""
    if len(numbers) <= _BATCH:
        _write_share(url, conference, numbers)
        return
    # Not forked: the sink of a measurement may run on a thread of this process.
    apart = get_context("spawn")
    writers = os.cpu_count() or 1
    running = [
        apart.Process(target=_write_share, args=(url, conference, numbers[place::writers]))
        for place in range(writers)
    ]
    for each in running:
        each.start()
    for each in running:
        each.join()
    if any(each.exitcode for each in running):
        raise RuntimeError("conferences could not be written; what went wrong stands above")


def _write_share(url: str, conference: Callable[[int], Steps], numbers: range) -> None:
    uvloop.run(_written(url, conference, numbers))


async def _written(url: str, conference: Callable[[int], Steps], numbers: range) -> None:
    client = connect(url)
    memory = RedisMemory(client)
    for place in range(0, len(numbers), _BATCH):
        some = numbers[place : place + _BATCH]
        steps = [step for number in some for step in conference(number)]
        answers = await memory.commit(steps)
        if set(answers) != {"applied"}:
            raise RuntimeError(f"conferences were not written: {sorted(set(answers))}")
    await client.aclose()


def _step(number: int, known: Known, rows: Sequence[Member], at: datetime | None) -> Commitment:
    own = msgspec.structs.replace(
        known.conference,
        id=id_of(number),
        name=f"{known.conference.name} {number}",
        owner=msgspec.structs.replace(
            known.conference.owner, id=f"owner-{number}@conf.example.com"
        ),
    )
    uid = f"{number:032x}"
    return Commitment(
        conference=own.id,
        next_etag=uid,
        known=msgspec.structs.replace(known, conference=own, uid=uid),
        bump=True,
        reindex=at is not None,
        due=at,
        rows=tuple(rows),
    )


@lru_cache(maxsize=1)
def _plans() -> list[tuple[Known, Member, datetime]]:
    """Give plans as events tell of them, with when they remind next."""
    now = datetime.now(UTC)
    settings = Settings(reminders=Reminders(offsets=PRESET))
    found: list[tuple[Known, Member, datetime]] = []
    for number in range(_PLANS):
        known, row = _told_of(_schedule(number, now), now=now)
        at = next_due(known, settings, after=now)
        if at and at > now + _QUIET:
            found.append((known, row, at))
    return found


def _schedule(number: int, now: datetime) -> dict[str, Any]:
    """Give a plan: a series has been going on for some weeks, what is held once is to come."""
    rule = _RULES[number % len(_RULES)]
    day = now.replace(hour=8 + number % 10, minute=number % 4 * 15, second=0, microsecond=0)
    away = timedelta(days=-(number % 300) if rule else 3 + number % 120)
    return {
        "start": (day + away).replace(tzinfo=None).isoformat(),
        "time_zone": _ZONES[number % len(_ZONES)],
        "duration": 3600,
        "recurrence": rule,
    }


@lru_cache(maxsize=4096)
def _due(at: datetime) -> tuple[Known, Member]:
    start = (at + timedelta(minutes=10)).replace(tzinfo=None)
    schedule = {"start": start.isoformat(), "time_zone": "UTC", "duration": 3600}
    return _told_of(schedule, now=at - timedelta(days=2), offsets=("10m",))


def _told_of(
    schedule: dict[str, Any], *, now: datetime, offsets: Sequence[str] = ()
) -> tuple[Known, Member]:
    """Give what remains of an invitation, by the road that an event takes."""
    told = events.conference("plan") | {"schedule": schedule}
    if offsets:
        told["notifications"] = {"reminders": list(offsets)}
    event = parse(events.invitation(told, events.people(1)))
    change = apply(None, {}, msgspec.structs.replace(event, time=now), now=now, uid="plan")
    assert change.after is not None
    return change.after, change.rows[0]


def _row(like: Member, person: Person) -> Member:
    return msgspec.structs.replace(like, person=person)


def _person(name: str) -> Person:
    return Person(
        id=f"{name}@conf.example.com",
        name=f"Anna Lena Müller {name}",
        email=f"{name}@example.org",
        language="en",
        time_zone="Europe/Paris",
    )
