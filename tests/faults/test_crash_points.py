"""A process dies at any instruction: nothing is lost, nothing is doubled beyond a counted doubt.

Every point at which a process can be told to kill itself is tried, each with real processes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import psutil
import pytest

from notifier.core.people import Person
from notifier.crash_points import Point
from tests.accounts import (
    Arrived,
    Told,
    deliveries,
    differing,
    doubled,
    doubts,
    each_told,
    read_mail,
)
from tests.cast import ANNA, conference, event, person, raw, schedule
from tests.crew import Crew, Part
from tests.fault_proxy import FaultProxy, fault_proxy
from tests.redis_servers import PrivateRedis, gone
from tests.settling import let_leases_end, looking, settle
from tests.smtp_servers import MailServer, mail_server, wait_until

PEOPLE: Final = [person(number) for number in range(3)]
ADDRESSES: Final = [str(each.email) for each in PEOPLE]

# Who passes a point. A point that is missing here has not been tried.
LISTENER: Final = "listen"
WORKER: Final = "worker"
PASSED_BY: Final[Mapping[Point, str]] = {
    Point.READ: LISTENER,
    Point.COMMITTING: LISTENER,
    Point.COMMITTED: LISTENER,
    Point.SPREAD: LISTENER,
    Point.DUE_FOUND: LISTENER,
    Point.REMINDED: LISTENER,
    Point.LEASE_OVER: LISTENER,
    Point.TAKEN: LISTENER,
    Point.HINTED: LISTENER,
    Point.CLAIMED: WORKER,
    Point.COMPOSED: WORKER,
    Point.FENCING: WORKER,
    Point.FENCED: WORKER,
    Point.BODY_GIVEN: WORKER,
    Point.ANSWERED: WORKER,
    Point.RECORDED: WORKER,
}
# Where bodies, of this letter or of others in its batch, may have left without an answer.
BEHIND_THE_FENCE: Final = {Point.FENCED, Point.BODY_GIVEN, Point.ANSWERED, Point.RECORDED}


@dataclass
class Stage:
    """A notifier whose parts can be replaced, over one Redis and one mail server."""

    crew: Crew
    redis: PrivateRedis
    client: Any
    server: MailServer
    road: FaultProxy  # between the workers and the mail server
    parts: dict[str, Part] = field(default_factory=dict)

    def replace(self, role: str, fault: str = "") -> psutil.Process:
        """Kill the part that plays a role, if there is one, and start another.

        Give the process that does its work.
        """
        if role in self.parts:
            self.parts[role].kill()
            let_leases_end(self.client)
        part = self.parts[role] = self.crew.start(role, NOTIFIER_FAULT=fault)
        return part.hand() if role == WORKER else psutil.Process(part.pid)

    def publish(self, event_type: str, data: Mapping[str, Any]) -> None:
        self.client.xadd("notifier:events", {"event": raw(event(event_type, data))})

    def mails_about(self, *conferences: str) -> list[Arrived]:
        """Give the mails about these conferences."""
        arrived = [read_mail(each) for each in list(self.server.seen.mails)]
        return [each for each in arrived if each.told.conference in conferences]

    def reminded(self, conference_id: str) -> bool:
        """Whether everybody was reminded."""
        kinds = [each.told.kind for each in self.mails_about(conference_id)]
        return kinds.count("reminder") >= len(PEOPLE)

    def rows_about(self, *conferences: str) -> list[dict[str, str]]:
        """Give the deliveries about these conferences."""
        return [row for row in deliveries(self.client).values() if row["conf"] in conferences]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A listener and a worker; nobody ticks but the listener."""
    with (
        PrivateRedis() as redis,
        mail_server() as server,
        fault_proxy(server.port) as road,
        looking(redis.url) as client,
        Crew(tmp_path_factory.mktemp("crew"), redis.url) as crew,
    ):
        crew.apply(server.settings(port=road.port), reminders={"offsets": ["5m"]})
        opened = Stage(crew, redis, client, server, road)
        opened.replace(LISTENER)
        opened.replace(WORKER)
        wait_until(lambda: client.exists("notifier:heartbeat:listen"), seconds=30)
        yield opened


def test_every_point_is_tried() -> None:
    assert {*PASSED_BY, Point.KEPT} == set(Point)


@pytest.mark.parametrize(("point", "role"), PASSED_BY.items(), ids=PASSED_BY)
def test_a_crash_there_loses_nothing_and_doubles_nothing(
    stage: Stage, point: Point, role: str
) -> None:
    moved, new, soon = f"moved-{point}", f"new-{point}", f"soon-{point}"
    reminding = point in {Point.DUE_FOUND, Point.REMINDED}
    stage.publish("conference.invitation", inviting(moved))
    if reminding:
        stage.publish("conference.invitation", inviting(soon, start=due_in_a_moment()))
    settle(stage.client)

    victim = stage.replace(role, f"{point}:1")
    if point is Point.LEASE_OVER:
        before = stage.replace(WORKER, f"{Point.CLAIMED}:1")
    stage.publish("conference.reschedule", {"conference": later(moved)})
    stage.publish("conference.invitation", inviting(new))
    if point is Point.LEASE_OVER:
        wait_until(lambda: gone(before.pid), seconds=20, what="a worker to die")
        let_leases_end(stage.client)
    wait_until(lambda: gone(victim.pid), seconds=20, what=f"the crash at {point}")
    let_leases_end(stage.client)
    if role == LISTENER:
        stage.replace(LISTENER)
    wait_until(lambda: not reminding or stage.reminded(soon), seconds=20, what="the reminders")
    settle(stage.client)

    mails, rows = stage.mails_about(moved, new, soon), stage.rows_about(moved, new, soon)
    assert {row["state"] for row in rows} == {"sent"}, rows
    assert each_told(mails) == expected(moved, new, *([soon] if reminding else ()))
    assert doubled(mails) <= doubts(rows)
    assert point in BEHIND_THE_FENCE or doubts(rows) == 0
    assert differing(mails) == set()


def test_a_crash_with_the_answer_on_disk_alone_leaves_no_doubt(stage: Stage) -> None:
    # The answer is on its way for as long as it takes to notice that Redis has frozen.
    stage.road.answered.delay_seconds = 0.3
    victim = stage.replace(WORKER, f"{Point.KEPT}:1")
    stage.publish("conference.invitation", inviting("kept", people=PEOPLE[:1]))
    wait_until(lambda: bool(stage.mails_about("kept")), seconds=20, what="the mail")

    stage.redis.freeze()
    wait_until(lambda: gone(victim.pid), seconds=20, what="the crash")
    stage.redis.thaw()
    stage.road.heal()
    settle(stage.client)

    [row] = stage.rows_about("kept")
    assert (row["state"], row.get("doubts", "")) == ("sent", "")
    assert len(stage.mails_about("kept")) == 1


def due_in_a_moment() -> datetime:
    """A start whose reminder, five minutes before, is due when its invitation has been sent."""
    return datetime.now(UTC) + timedelta(minutes=5, seconds=3)


def inviting(
    conference_id: str, *, people: Sequence[Person] = PEOPLE, start: datetime | None = None
) -> dict[str, Any]:
    return {"conference": planned(conference_id, start=start), "participants": people}


def planned(conference_id: str, *, start: datetime | None = None, revision: int = 1) -> Any:
    """A conference of Anna's, far away unless a start is given."""
    start = start or datetime.now(UTC) + timedelta(days=40)
    local = start.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None, microsecond=0)
    when = schedule(start=local)
    return conference(revision=revision, id=conference_id, owner=ANNA, schedule=when)


def later(conference_id: str) -> Any:
    return planned(conference_id, start=datetime.now(UTC) + timedelta(days=50), revision=2)


def expected(moved: str, new: str, soon: str = "") -> Counter[Told]:
    """Everybody is invited to each, told of the move, and reminded of what is soon."""
    kinds = [("invitation", moved), ("reschedule", moved), ("invitation", new)]
    kinds += [("invitation", soon), ("reminder", soon)] if soon else []
    return Counter(Told(kind, about, to) for kind, about in kinds for to in ADDRESSES)
