"""The brute force: every start times every offset, against every look at the clock.

A reminder is a pair of a start and an offset. It holds from the moment at which both are known to
until one of them is taken back. It is due when the start is that many minutes away, if it held
already by then. The first look after that moment plans it, if it holds still, for everybody who is
on the list at that look; unless a nearer pair of the same start is due by then. Where the
conference has begun by then, it is expired, and forgotten after a fortnight.

Every tick is a look at all conferences. Whoever hears that one of them will take place or remind at
other times looks at that one, too: from then on nobody looks behind the change.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from tests.year.lives import Said
from tests.year.replay import MAILTO, Standing, key_of, minutes_of, replay
from tests.year.wall_time import BEGINNING, END, Plain
from tests.year.world import Decided, World

FORGOTTEN: Final = timedelta(days=14)


class Version(NamedTuple):
    """What is true of a conference from a moment on."""

    at: datetime
    standing: Standing
    offsets: tuple[int, ...]  # in force, whoever chose them
    life: int  # how often it has come back

    @property
    def pairs(self) -> set[tuple[datetime, int]]:
        return {(start, offset) for start in self.standing.starts for offset in self.offsets}

    @property
    def plan(self) -> tuple[object, ...]:
        return self.standing.phase, self.standing.schedule, self.standing.own


class Pair(NamedTuple):
    """A start and an offset that hold from a moment to another."""

    start: datetime
    offset: int
    since: datetime
    until: datetime

    @property
    def moment(self) -> datetime:
        return self.start - timedelta(minutes=self.offset)


class Reminder(NamedTuple):
    """What must be planned of a conference, and at which look."""

    conference: str
    start: datetime
    offset: int
    look: datetime
    expired: bool


@dataclass
class Story:
    """One conference over the year."""

    conference: str
    versions: list[Version]
    pairs: list[Pair]

    def at(self, moment: datetime) -> Version:
        """Give what is true at a moment."""
        return self.versions[bisect_right(self.versions, moment, key=lambda each: each.at) - 1]

    def reminders(self, ticks: Iterable[datetime]) -> Iterator[Reminder]:
        """Give the reminders that these ticks plan, or the changes of the plan between them."""
        looks = sorted({*ticks, *self._changes()})
        for pair in self.pairs:
            place = bisect_left(looks, pair.moment)
            if place == len(looks) or not pair.since < pair.moment or not looks[place] < pair.until:
                continue
            look = looks[place]
            if self._nearer(pair, look) or pair.start < look - FORGOTTEN:
                continue
            expired = pair.start <= look
            yield Reminder(self.conference, pair.start, pair.offset, look, expired)

    def _changes(self) -> Iterator[datetime]:
        """Give the moments at which the plan of this conference was told otherwise."""
        return (after.at for before, after in pairwise(self.versions) if before.plan != after.plan)

    def unsettled(self, start: datetime, offset: int, look: datetime) -> bool:
        """Tell whether something was heard of a missed reminder between its moment and the look.

        Nobody is told of what has begun. Whether it is recorded as missed where its plan has been
        rewritten meanwhile, and by which look, nobody has promised.
        """
        moment = start - timedelta(minutes=offset)
        return start <= look and any(moment < each.at <= look for each in self.versions)

    def _nearer(self, pair: Pair, look: datetime) -> bool:
        offsets = self.at(look).offsets
        return any(o < pair.offset and pair.start - timedelta(minutes=o) <= look for o in offsets)

    def fate(self, reminder: Reminder, key: str, moment: datetime) -> str:
        """Give what becomes of a planned reminder whose turn to be sent comes at a moment."""
        if moment >= reminder.start:
            return "expired"
        planned, now = self.at(reminder.look), self.at(moment)
        nearer = max((o for o in planned.offsets if o < reminder.offset), default=0)
        true = (
            moment < reminder.start - timedelta(minutes=nearer)
            and now.standing.phase == "planned"
            and now.life == planned.life
            and reminder.start in now.standing.starts
            and key in now.standing.listed
        )
        return "sent" if true else "superseded"


def stories(world: World) -> dict[str, Story]:
    """Give the story of every conference."""
    heard: dict[str, list[tuple[datetime, Said]]] = {each: [] for each in world.lives}
    for at, said in world.heard:
        heard[said.data["conference"]["id"]].append((at, said))
    return {each: _story(each, heard[each], world.decided) for each in heard}


def _story(conference: str, heard: list[tuple[datetime, Said]], decided: list[Decided]) -> Story:
    versions = list(_versions(heard, decided))
    return Story(conference, versions, list(_pairs(versions)))


def _versions(heard: list[tuple[datetime, Said]], decided: list[Decided]) -> Iterator[Version]:
    """Give how it stands after everything that is heard of it and every decision."""
    moments: list[tuple[datetime, Said | Decided]] = [*heard]
    moments += [(each.at, each) for each in decided]
    known: dict[str, Said] = {}
    standing, decision, life = Standing(), decided[0], 0
    for at, what in sorted(moments, key=lambda each: each[0]):
        if isinstance(what, Decided):
            decision = what
        elif what.id not in known:
            before = standing.phase
            known[what.id] = what
            standing = replay(known.values())
            life += standing.phase == "planned" and before != "planned"
        yield Version(at, standing, _in_force(standing, decision), life)


def _in_force(standing: Standing, decision: Decided) -> tuple[int, ...]:
    if not decision.on or standing.phase != "planned":
        return ()
    preset = tuple(sorted({minutes_of(each) for each in decision.offsets}))
    return preset if standing.own is None else standing.own


def _pairs(versions: Sequence[Version]) -> Iterator[Pair]:
    holding: dict[tuple[datetime, int], datetime] = {}
    for version in versions:
        now = version.pairs
        for start, offset in holding.keys() - now:
            yield Pair(start, offset, holding.pop((start, offset)), version.at)
        for pair in now - holding.keys():
            holding[pair] = version.at
    for (start, offset), since in holding.items():
        yield Pair(start, offset, since, END)


class Reader(NamedTuple):
    """Somebody on a list: who, by which link they are told of it, and why not if they are not."""

    key: str
    link: str
    unreachable: bool
    told_by_id: bool


def readers(standing: Standing) -> list[Reader]:
    """Give who is on the list.

    Whoever is there by ID and by the address of the same mailbox is one person: told by the ID,
    and by the link that either of the two has.
    """
    links = {key: str(person.get("unique_link", "")) for key, person in standing.listed.items()}
    bare = {key.removeprefix(MAILTO): key for key in links if key.startswith(MAILTO)}
    mailboxes = {key: _mailbox(person) for key, person in standing.listed.items()}
    by_id = {mailbox for key, mailbox in mailboxes.items() if not key.startswith(MAILTO)}
    return [
        Reader(
            key=key,
            link=links[key] or links.get(bare.get(mailbox, ""), ""),
            unreachable=not mailbox,
            told_by_id=key.startswith(MAILTO) and mailbox in by_id,
        )
        for key, mailbox in mailboxes.items()
    ]


def _mailbox(person: Plain) -> str:
    key = key_of(person)
    return key.removeprefix(MAILTO) if key.startswith(MAILTO) else str(person.get("email", ""))


def moments(story: Story) -> Iterator[datetime]:
    """Give the moments around which it matters who looks: those of all that holds, or nearly."""
    for pair in story.pairs:
        near = pair.since - _NEARLY < pair.moment < pair.until + _NEARLY
        if near and BEGINNING < pair.moment < END:
            yield pair.moment


_NEARLY: Final = timedelta(hours=1)
