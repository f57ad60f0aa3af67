"""The nemesis: kills, freezes and cuts at random, as one seed says, and sets right what it did."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import psutil

from tests.chaos.house import PLACES, House
from tests.fault_proxy import FaultProxy

# Between two faults (seconds).
PAUSE: Final = (0.2, 1.2)
# How long somebody stays frozen, away or cut off (seconds).
TROUBLE: Final = (0.3, 2.5)
# Bytes that may still pass before a connection is cut: within a command, a body, an answer.
CUT_AFTER: Final = (1, 3000)

Fault = Callable[["Nemesis"], None]


class Nemesis:
    """Torments a house; `done` counts what it did."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.done: Counter[str] = Counter()
        self.house = house
        self.chance = chance
        self._mendings: dict[str, tuple[float, Callable[[], None]]] = {}

    def torment(self, seconds: float) -> None:
        """Do harm for so long, then set everything right."""
        end = time.monotonic() + seconds
        following = time.monotonic()
        while (now := time.monotonic()) < end:
            self._mend(now)
            if now >= following:
                name = self.chance.choice([*FAULTS, *MORE_OF])
                FAULTS[name](self)
                self.done[name] += 1
                following = now + self.chance.uniform(*PAUSE)
            time.sleep(0.02)
        self._mend(float("inf"))

    def later(self, what: str, mending: Callable[[], None]) -> None:
        """Set right after a while what was done to `what`; it is left alone until then."""
        when = time.monotonic() + self.chance.uniform(*TROUBLE)
        self._mendings[what] = (when, mending)

    def spared(self, what: str) -> bool:
        """Whether something is in trouble already."""
        return what in self._mendings

    def _mend(self, now: float) -> None:
        for what, (when, mending) in list(self._mendings.items()):
            if when <= now:
                del self._mendings[what]
                mending()
        self.house.staff(except_for=self._mendings)


def kill(nemesis: Nemesis) -> None:
    """Kill -9 a part with all its children; somebody else takes its place."""
    place = nemesis.chance.choice(list(PLACES))
    if not nemesis.spared(place):
        nemesis.house.parts[place].kill()
        nemesis.later(place, lambda: nemesis.house.start(place))


def kill_child(nemesis: Nemesis) -> None:
    """Kill -9 the child of a worker, which forks another."""
    for child in _children(nemesis):
        child.kill()


def kill_parent(nemesis: Nemesis) -> None:
    """Kill -9 the parent of a worker; its child is on its own."""
    place = _worker(nemesis)
    if not nemesis.spared(place):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(nemesis.house.parts[place].pid).kill()
        # The orphan may still finish what it has; after that nobody asks it for anything.
        nemesis.later(place, lambda: _replace(nemesis.house, place))


def freeze(nemesis: Nemesis) -> None:
    """Stop a part in its tracks, children and all."""
    place = nemesis.chance.choice(list(PLACES))
    if not nemesis.spared(place):
        part = nemesis.house.parts[place]
        part.freeze()
        nemesis.later(place, part.thaw)


def freeze_child(nemesis: Nemesis) -> None:
    """Stop the child of a worker; its parent goes on."""
    for child in _children(nemesis):
        if not nemesis.spared(str(child.pid)):
            child.suspend()
            nemesis.later(str(child.pid), partial(_resume, child))


def kill_redis(nemesis: Nemesis) -> None:
    if not nemesis.spared("redis"):
        nemesis.house.redis.kill()
        nemesis.later("redis", nemesis.house.restart_redis)


def freeze_redis(nemesis: Nemesis) -> None:
    if not nemesis.spared("redis"):
        nemesis.house.redis.freeze()
        nemesis.later("redis", nemesis.house.redis.thaw)


def on_the_road(to: str, harm: Callable[[FaultProxy, random.Random], None]) -> Fault:
    """Make a fault of something that a proxy can do; after a while it lets all pass again.

    What it swallowed is missed on that connection for ever, so the connection is cut then.
    """

    def fault(nemesis: Nemesis) -> None:
        proxy: FaultProxy = getattr(nemesis.house, to)
        if not nemesis.spared(to):
            harm(proxy, nemesis.chance)
            nemesis.later(to, lambda: _heal(proxy))

    return fault


def _cut_inside(proxy: FaultProxy, chance: random.Random) -> None:
    way = chance.choice([proxy.asked, proxy.answered])
    way.cut_after = chance.randint(*CUT_AFTER)


HARM: Final[Mapping[str, Callable[[FaultProxy, random.Random], None]]] = {
    "cut": lambda proxy, _chance: proxy.cut(),
    "reset": lambda proxy, _chance: proxy.reset(),
    "refuse": lambda proxy, _chance: proxy.refuse(),
    "swallow": lambda proxy, _chance: proxy.swallow(),
    "swallow replies": lambda proxy, _chance: proxy.swallow_replies(),
    "cut the reply": lambda proxy, _chance: proxy.cut_reply(),
    "delay": lambda proxy, chance: proxy.delay(chance.uniform(0.01, 0.2)),
    "cut inside": _cut_inside,
}

# More of what leaves a body without an answer: it is the only way to a double.
MORE_OF: Final = ("mail: swallow replies", "mail: cut the reply", "freeze a child", "kill a child")

FAULTS: Final[Mapping[str, Fault]] = {
    "kill a part": kill,
    "kill a child": kill_child,
    "kill a parent": kill_parent,
    "freeze a part": freeze,
    "freeze a child": freeze_child,
    "kill Redis": kill_redis,
    "freeze Redis": freeze_redis,
    **{f"mail: {name}": on_the_road("to_mail", harm) for name, harm in HARM.items()},
    **{f"Redis: {name}": on_the_road("to_redis", harm) for name, harm in HARM.items()},
}


def _worker(nemesis: Nemesis) -> str:
    return nemesis.chance.choice([place for place, role in PLACES.items() if role == "worker"])


def _children(nemesis: Nemesis) -> list[Any]:
    place = _worker(nemesis)
    return [] if nemesis.spared(place) else nemesis.house.parts[place].children()


def _replace(house: House, place: str) -> None:
    house.parts[place].kill()
    house.start(place)


def _resume(child: Any) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        child.resume()


def _heal(proxy: FaultProxy) -> None:
    proxy.heal()
    proxy.cut()
