"""The life of one conference: what its server says of it in the course of the year, in order."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final, NamedTuple

from tests.cast import HOME
from tests.year.series import once, series, soon
from tests.year.wall_time import END, Plain, originals, starts, wall


class Said(NamedTuple):
    """One event: when it was said, its id and type, and its data as JSON would carry them.

    Where `settled`, it is heard after all that was said before it and before all that follows.
    """

    at: datetime
    id: str
    type: str
    data: Plain
    settled: bool


# Minutes and their texts; what nobody chooses in a list is the reason why any offset is allowed.
OFFSETS: Final = (
    *("5m", "5m", "10m", "15m", "15m", "30m", "45m", "60m", "1h", "2h", "90m", "3h", "12h"),
    *("1d", "1d", "24h", "25h", "2d", "3d", "7d", "14d", "30d", "1m", "7m", "719h", "43199m"),
)
KINDS: Final = {"once": 40, "daily": 6, "weekly": 22, "monthly": 14, "yearly": 8, "room": 10}
PLANS: Final = ("once", "once", "once", "daily", "weekly", "weekly", "monthly", "monthly", "yearly")
# Users of the server, and people known by address only.
USERS: Final = 300
# How long after its making a conference that never ends is still looked after.
LOOKED_AFTER: Final = timedelta(days=120)


def person(number: int, link: str | None = None) -> Plain:
    """A user here; one in forty has no mailbox."""
    mail = None if number % 40 == 0 else f"user{number}@example.org"
    someone = {"id": f"user{number}@{HOME}", "name": f"User {number}", "email": mail}
    return someone | ({"unique_link": link} if link else {})


def guest(number: int, link: str | None = None) -> Plain:
    """The same person as listed by address only; in one of two spellings of the contract."""
    address = f"User{number}@example.org" if number % 3 == 0 else f"user{number}@example.org"
    someone: Plain = {"id": f"#mailto:{address}"} if number % 2 else {"email": address}
    return someone | ({"unique_link": link} if link else {})


class Life:
    """Tells the life of one conference, by chance."""

    def __init__(self, chance: Random, number: int, zone: str) -> None:
        self.id = f"conference-{number:04}"
        self.zone = zone
        self.said: list[Said] = []
        self._chance = chance
        self._at = soon(chance)
        self._revision = 0
        self._ids = count(1)
        self._name = f"Conference {number}"
        self._owner = person(chance.randint(1, USERS))
        self._offsets = self._choose_offsets()
        self._people: list[Plain] = []
        self._away: list[Plain] = []
        self._phase = "planned"
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        self._kind = kind
        self._schedule: Plain | None = None
        if kind == "room":
            self._phase = "room"
        else:
            self._plan(kind)

    def tell(self) -> list[Said]:
        """Give all that is said of it."""
        self.invite(self._chance.choice((1, 1, 2, 2, 3)))
        for _ in range(self._chance.choice((0, 1, 1, 2, 3, 4, 6, 8))):
            self._later()
            if self._at >= END:
                break
            self._act()
        return self.said

    # ---- time ------------------------------------------------------------------------------

    def _later(self) -> None:
        """Go on to the next moment: often at once, or close to one at which people are reminded."""
        moments, luck = self._moments(), self._chance.random()
        if luck < 0.2:
            self._at += timedelta(minutes=self._chance.choice((0.1, 5, 60)) * self._chance.random())
        elif moments and luck < 0.6:
            near = self._chance.choice(moments)
            off = self._chance.choice((3, 20, 600)) * self._chance.uniform(-1, 1)
            self._at = max(near + timedelta(minutes=off), self._at + timedelta(seconds=40))
        else:
            self._at += LOOKED_AFTER / 3 * self._chance.random()

    def _moments(self) -> list[datetime]:
        """Some moments within the coming weeks at which it might remind."""
        minutes = [_minutes(each) for each in self._offsets or ("1d", "15m")] or [0]
        return [
            start - timedelta(minutes=self._chance.choice((*minutes, 0)))
            for start in self._coming()[:4]
            if start < self._at + LOOKED_AFTER
        ]

    def _coming(self) -> list[datetime]:
        if self._schedule is None:
            return []
        return sorted(each for each in starts(self._schedule) if each > self._at)

    # ---- what happens ----------------------------------------------------------------------

    def _act(self) -> None:
        over = self._phase == "planned" and not self._coming()
        acts = OVER if over else ACTS[self._phase]
        [act] = self._chance.choices(list(acts), list(acts.values()))
        act(self)

    def move(self) -> None:
        """Another time, or another rule; a single one becomes a series, and the reverse (R18)."""
        self._plan(self._chance.choice((*[self._kind] * 6, *PLANS)))
        self._say("conference.reschedule")

    def shift(self) -> None:
        """The same rule an hour or so later or earlier."""
        assert self._schedule is not None
        hours = self._chance.choice((-2, -1, 1, 1, 3))
        moved = deepcopy(self._schedule) | {"exceptions": [], "moved": []}
        start = datetime.fromisoformat(moved["start"]) + timedelta(hours=hours)
        moved["start"] = start.isoformat()
        if originals(moved):
            self._schedule = moved
        self._say("conference.reschedule")

    def move_one(self) -> None:
        """One occurrence at another time."""
        original = self._an_original()
        if original is None:
            return self.move()
        assert self._schedule is not None
        to = original + timedelta(minutes=self._chance.choice((-60, -15, 30, 60, 1440, -2880)))
        entry = {"original": original.isoformat(), "start": to.isoformat(), "duration": 1800}
        others = [each for each in self._schedule["moved"] if each["original"] != entry["original"]]
        self._schedule = self._schedule | {"moved": [*others, entry]}
        return self._say(self._chance.choice(("conference.reschedule", "conference.update")))

    def skip_one(self) -> None:
        """One occurrence is left out."""
        original = self._an_original()
        if original is None or len(self._coming()) < 2:
            return self.move()
        assert self._schedule is not None
        left_out = [*self._schedule["exceptions"], original.isoformat()]
        self._schedule = self._schedule | {"exceptions": left_out}
        return self._say(self._chance.choice(("conference.reschedule", "conference.update")))

    def _an_original(self) -> datetime | None:
        """One of the next regular starts of a series, if it is one."""
        if self._schedule is None or not self._schedule["recurrence"]:
            return None
        now = wall(self._at, self.zone)
        left_out = set(self._schedule["exceptions"])
        found = [
            each
            for each in originals(self._schedule)
            if each > now + timedelta(minutes=2) and each.isoformat() not in left_out
        ]
        return self._chance.choice(found[:3]) if found else None

    def same_again(self) -> None:
        """A reschedule that changes nothing (R20)."""
        self._say("conference.reschedule")

    def rename(self) -> None:
        self._name = f"{self._name}!"
        self._say("conference.update")

    def pass_on(self) -> None:
        """Another owner, whom nobody is told of."""
        self._owner = person(self._chance.randint(1, USERS))
        self._say("conference.update")

    def remind_otherwise(self) -> None:
        self._offsets = self._choose_offsets()
        self._say("conference.update")

    def open(self) -> None:
        """It becomes a virtual room (R22)."""
        self._phase, self._schedule = "room", None
        self._say("conference.cancellation")

    def plan_room(self) -> None:
        self._phase = "planned"
        self._plan(self._chance.choice(PLANS))
        if self._chance.random() < 0.7:
            self._say("conference.reschedule")
        else:
            self.invite(1)

    def cancel(self) -> None:
        was_room = self._phase == "room"
        self._phase = "cancelled"
        # Said of a room that we did not know as one, it would read as "became a room".
        self._say("conference.cancellation", settled=was_room)

    def revive(self) -> None:
        """Back, with its people (as a reschedule says) or as a new one with others."""
        self._phase = "planned"
        if self._schedule is None or not self._coming() or self._chance.random() < 0.5:
            self._plan(self._chance.choice(PLANS))
        if self._chance.random() < 0.5:
            self._say("conference.reschedule")
        else:
            self._away += self._people
            self._people = []
            self.invite(2, settled=True)

    def end(self) -> None:
        """Said to be over, a single one not before it began; a series goes on if there is more."""
        if self._coming() and (self._schedule is None or not self._schedule["recurrence"]):
            return self.rename()
        if not self._coming():
            self._phase = "ended"
        return self._say("conference.end")

    def relaunch(self) -> None:
        """What has ended gets a new start (R19)."""
        self._phase = "planned"
        self._plan("once" if self._kind in ("once", "room") else self._kind)
        if self._chance.random() < 0.8:
            self._say("conference.reschedule")
        else:
            self.invite(1)

    def invite(self, number: int = 1, *, settled: bool = False) -> None:
        """Further people; some are on the list already, some come back."""
        new = [self._newcomer() for _ in range(number)]
        if self._away and self._chance.random() < 0.5:
            new.append(self._away.pop())
        self._people += new
        self._say("conference.invitation", settled=settled, participants=new)

    def _newcomer(self) -> Plain:
        number = self._chance.randint(1, USERS)
        return (guest if self._chance.randrange(8) == 0 else person)(number)

    def twice(self) -> None:
        """Somebody who is on the list is listed by address as well."""
        users = self._users()
        if not users:
            return self.invite()
        number = int(users[0]["name"].split()[1])
        link = f"https://{HOME}/c/{self.id}?p=g{number}"
        if self._chance.random() < 0.5:
            self._people.append(guest(number))
            return self._say("conference.invitation", participants=[guest(number)])
        self._people.append(guest(number, link))
        return self._say("conference.registration", participant=guest(number, link))

    def register(self) -> None:
        """Signing up, for the first time or after an invitation; the link is one's own (R10)."""
        number = self._chance.randint(1, USERS)
        known = self._users()
        if known and self._chance.random() < 0.4:
            number = int(known[-1]["name"].split()[1])
        new = person(number, f"https://{HOME}/c/{self.id}?p={number}")
        self._people.append(new)
        self._say("conference.registration", participant=new)

    def _users(self) -> list[Plain]:
        return [each for each in self._people if HOME in each.get("id", "")]

    def remove(self) -> None:
        if not self._people:
            return self.invite()
        gone = self._people.pop(self._chance.randrange(len(self._people)))
        self._away.append(gone)
        return self._say("conference.removal", participants=[gone])

    # ---- saying it -------------------------------------------------------------------------

    def _plan(self, kind: str) -> None:
        if kind == "once":
            within = timedelta(days=self._chance.choice((1, 3, 20, 60)))
            self._schedule = once(self._chance, self.zone, self._at, within)
        else:
            self._schedule = series(self._chance, self.zone, self._at, kind)
        self._kind = kind

    def _choose_offsets(self) -> list[str] | None:
        """Own offsets, an empty list, or nothing: then it is the preset that holds."""
        luck = self._chance.random()
        if luck < 0.45:
            return None
        if luck < 0.5:
            return []
        number = self._chance.choice((1, 1, 1, 2, 2, 3, 4))
        odd = f"{self._chance.randint(1, 43_200)}m"
        return [self._chance.choice((*OFFSETS, odd)) for _ in range(number)]

    def _say(self, type_: str, *, settled: bool = False, **data: object) -> None:
        self._revision += 1
        room = self._schedule is None
        conference = {
            "id": self.id,
            "revision": self._revision,
            "name": self._name,
            "launch": "virtual_room" if room else "scheduled",
            "owner": self._owner,
            "schedule": self._schedule,
            "notifications": {"invitations": None, "reminders": self._offsets},
        }
        identity = f"{self.id}/{next(self._ids)}"
        told = deepcopy({"conference": conference} | data)
        self.said.append(Said(self._at, identity, type_, told, settled))


def _minutes(text: str) -> int:
    return int(text[:-1]) * {"m": 1, "h": 60, "d": 1440}[text[-1]]


Act = Callable[[Life], None]

# What happens to a conference, and how often, by how it stands.
ACTS: Final[dict[str, dict[Act, float]]] = {
    "planned": {
        Life.move: 4,
        Life.shift: 3,
        Life.move_one: 5,
        Life.skip_one: 2,
        Life.same_again: 1,
        Life.rename: 1,
        Life.pass_on: 1,
        Life.remind_otherwise: 2,
        Life.open: 1.2,
        Life.cancel: 2.5,
        Life.invite: 2,
        Life.twice: 1,
        Life.register: 2,
        Life.remove: 3,
        Life.end: 0.7,
    },
    "room": {Life.plan_room: 6, Life.rename: 1, Life.invite: 1, Life.remove: 1, Life.cancel: 0.5},
    "cancelled": {Life.revive: 1},
    "ended": {Life.relaunch: 5, Life.cancel: 1},
}
OVER: Final[dict[Act, float]] = {Life.relaunch: 4, Life.end: 2, Life.rename: 1, Life.cancel: 1}
