"""A stage for faults: a listener and a worker in processes of their own, replaced at will.

Redis, the mail server and the roads to them are shared by the tests of a module; each test takes
conferences of its own.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil

from notifier.core.events import Conference
from notifier.core.people import Person
from tests.accounts import Arrived, deliveries, read_mail
from tests.cast import ANNA, conference, event, person, raw, schedule
from tests.crew import Crew, Part
from tests.fault_proxy import FaultProxy, fault_proxy
from tests.redis_servers import PrivateRedis
from tests.settling import let_leases_end, looking
from tests.smtp_servers import MailServer, mail_server, wait_until

LISTENER: Final = "listen"
WORKER: Final = "worker"

PEOPLE: Final = [person(number) for number in range(3)]


@dataclass
class Stage:
    """A notifier whose parts can be replaced, over one Redis and one mail server."""

    crew: Crew
    redis: PrivateRedis
    client: Any
    server: MailServer
    road: FaultProxy  # between the workers and the mail server
    parts: dict[str, Part] = field(default_factory=dict)

    def replace(self, role: str, **environment: str) -> psutil.Process:
        """Kill the part that plays a role, if there is one, and start another.

        Give the process that does its work.
        """
        self.dismiss(role)
        part = self.parts[role] = self.crew.start(role, **environment)
        return part.hand() if role == WORKER else psutil.Process(part.pid)

    def dismiss(self, role: str) -> None:
        """Kill the part that plays a role, and leave nobody in its place."""
        if role in self.parts:
            self.parts.pop(role).kill()
            let_leases_end(self.client)

    def ensure(self, *roles: str) -> None:
        """Have these roles played, by whomever."""
        for role in roles:
            if role not in self.parts or not self.parts[role].running:
                self.replace(role)

    def publish(self, event_type: str, data: Mapping[str, Any], **attributes: Any) -> None:
        """Say that something happened."""
        said = raw(event(event_type, data, **attributes))
        self.client.xadd("notifier:events", {"event": said})

    def invite(
        self, about: str, people: Sequence[Person] = PEOPLE, *, start: datetime | None = None
    ) -> None:
        """Invite people to a conference, which is far away unless a start is given."""
        data = {"conference": planned(about, start=start), "participants": people}
        self.publish("conference.invitation", data)

    def mails_about(self, *conferences: str) -> list[Arrived]:
        """Give the mails about these conferences."""
        arrived = [read_mail(each) for each in list(self.server.seen.mails)]
        return [each for each in arrived if each.told.conference in conferences]

    def rows_about(self, *conferences: str) -> dict[str, dict[str, str]]:
        """Give the deliveries about these conferences, by their ids."""
        rows = deliveries(self.client)
        return {id_: row for id_, row in rows.items() if row["conf"] in conferences}

    def states(self, *conferences: str) -> set[str]:
        """Give the states in which the deliveries about these conferences are."""
        return {row["state"] for row in self.rows_about(*conferences).values()}

    def wait_for_state(self, state: str, about: str, *, seconds: float = 20) -> None:
        """Wait until all deliveries about a conference are in a state."""
        wait_until(lambda: self.states(about) == {state}, seconds=seconds, what=state)

    def wait_for_mails(self, count: int, about: str, *, seconds: float = 20) -> None:
        """Wait for so many mails about a conference."""
        wait_until(
            lambda: len(self.mails_about(about)) >= count, seconds=seconds, what=f"{count} mails"
        )


@contextlib.contextmanager
def stage(folder: Path, **environment: str) -> Iterator[Stage]:
    """Open a stage on which nobody plays yet; nobody ticks but the listener.

    The environment is for Redis alone.
    """
    with (
        PrivateRedis(environment=environment) as redis,
        mail_server() as server,
        fault_proxy(server.port) as road,
        looking(redis.url) as client,
        Crew(folder, redis.url) as crew,
    ):
        crew.apply(server.settings(port=road.port), reminders={"offsets": ["5m"]})
        yield Stage(crew, redis, client, server, road)


def planned(about: str, *, start: datetime | None = None, revision: int = 1) -> Conference:
    """A conference of Anna's, far away unless a start is given."""
    start = start or datetime.now(UTC) + timedelta(days=40)
    local = start.replace(tzinfo=None, microsecond=0)
    when = schedule(start=local, time_zone="Etc/UTC")
    return conference(revision=revision, id=about, owner=ANNA, schedule=when)


def reminded_in(seconds: float) -> datetime:
    """A start whose reminder, five minutes before, is due in so many seconds."""
    return datetime.now(UTC) + timedelta(minutes=5, seconds=seconds)
