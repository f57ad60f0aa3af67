"""The house in which the chaos takes place: two of every part, and a proxy on every road."""

import contextlib
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from notifier.adapters.connection import RedisError
from tests.crew import Crew, Part
from tests.fault_proxy import FaultProxy, fault_proxy
from tests.redis_servers import INSTALLED, SHIPPED, PrivateRedis
from tests.settling import looking
from tests.smtp_servers import Record, mail_server, wait_until

# Who works here, by the place they fill.
PLACES: Final = {
    f"{role} {number}": role for role in ("listen", "worker", "beat") for number in (1, 2)
}
START_SECONDS: Final = 90


@dataclass
class House:
    """Everything that runs, each of it within reach."""

    crew: Crew
    redis: PrivateRedis
    to_redis: FaultProxy
    to_mail: FaultProxy
    seen: Record
    parts: dict[str, Part] = field(default_factory=dict)
    gave_up: list[str] = field(default_factory=list)  # ended without being killed

    def start(self, place: str) -> None:
        """Put somebody new into a place."""
        self.parts[place] = self.crew.start(PLACES[place])

    def staff(self, except_for: Container[str] = ()) -> None:
        """Fill every place whose part has ended by itself, and note that it did."""
        for place, part in list(self.parts.items()):
            if place not in except_for and not part.running:
                self.gave_up.append(f"{place}: {part.said[-300:]}")
                part.kill()
                self.start(place)

    def restart_redis(self) -> None:
        """Start the Redis that was killed; what it kept is there."""
        self.redis.start()

    def calm(self) -> None:
        """End all faults: everything runs, and no connection remembers what was swallowed."""
        self.redis.thaw()
        for proxy in (self.to_redis, self.to_mail):
            proxy.heal()
            proxy.cut()
        for part in self.parts.values():
            part.thaw()
        self.staff()


@contextlib.contextmanager
def house(folder: Path) -> Iterator[House]:
    """Open a house; everybody is at work when it is given."""
    with contextlib.ExitStack() as stack:
        program = Path(INSTALLED) if INSTALLED else SHIPPED
        redis = stack.enter_context(PrivateRedis(program=program, tcp=True))
        server = stack.enter_context(mail_server())
        to_redis = stack.enter_context(fault_proxy(redis.port))
        to_mail = stack.enter_context(fault_proxy(server.port))
        crew = stack.enter_context(Crew(folder, f"redis://127.0.0.1:{to_redis.port}/0"))
        crew.apply(server.settings(port=to_mail.port), reminders={"offsets": ["5m"]})
        opened = House(crew, redis, to_redis, to_mail, server.seen)
        for place in PLACES:
            opened.start(place)
        wait_until(lambda: _at_work(opened), seconds=START_SECONDS, what="everybody to work")
        yield opened


def _at_work(opened: House) -> bool:
    """Whether every role has shown life."""
    opened.staff()
    with contextlib.suppress(RedisError), looking(opened.redis.url) as client:
        beats = [f"notifier:heartbeat:{role}" for role in set(PLACES.values())]
        return int(client.exists(*beats)) == len(beats)
    return False
