"""A process dies at any instruction: nothing is lost, nothing is doubled beyond a counted doubt.

Every point at which a process can be told to kill itself is tried, each with real processes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from notifier.crash_points import Point
from tests.accounts import Told, differing, doubled, doubts, each_told
from tests.redis_servers import gone
from tests.settling import door_is_empty, let_leases_end, settle
from tests.smtp_servers import wait_until
from tests.stage import LISTENER, PEOPLE, WORKER, Stage, planned, reminded_in, stage

# Who passes a point, and when. A point that is in none of these has not been tried.
HEARING: Final = [Point.READ, Point.COMMITTING, Point.COMMITTED, Point.SPREAD]
HINTING: Final = [Point.TAKEN, Point.HINTED]
TICKING: Final = [Point.DUE_FOUND, Point.REMINDED]
BEFORE_THE_BODY: Final = [Point.CLAIMED, Point.COMPOSED, Point.FENCING]
BEHIND_THE_FENCE: Final = [Point.FENCED, Point.BODY_GIVEN, Point.ANSWERED, Point.RECORDED]
ALONE: Final = [Point.LEASE_OVER, Point.KEPT]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage with a listener and a worker."""
    with stage(tmp_path_factory.mktemp("crew")) as found:
        found.ensure(LISTENER, WORKER)
        yield found


def test_every_point_is_tried() -> None:
    tried = [*HEARING, *HINTING, *TICKING, *BEFORE_THE_BODY, *BEHIND_THE_FENCE, *ALONE]

    assert sorted(tried) == sorted(Point)


@pytest.mark.parametrize("point", HEARING)
def test_fault_22_a_killed_listener_applies_each_event_once(opened: Stage, point: Point) -> None:
    die(opened, LISTENER, point)

    assert_told_once(opened, point)
    assert_no_doubt(opened, point)


@pytest.mark.parametrize("point", HINTING)
def test_fault_23_what_no_hint_reached_is_sent_once(opened: Stage, point: Point) -> None:
    die(opened, LISTENER, point)

    assert_told_once(opened, point)
    assert_no_doubt(opened, point)


@pytest.mark.parametrize("point", BEFORE_THE_BODY)
def test_fault_25_a_worker_killed_before_the_body_doubles_nothing(
    opened: Stage, point: Point
) -> None:
    die(opened, WORKER, point)

    assert_told_once(opened, point)
    assert_no_doubt(opened, point)


@pytest.mark.parametrize("point", BEHIND_THE_FENCE)
def test_fault_26_a_worker_killed_behind_the_fence_doubles_no_more_than_its_doubts(
    opened: Stage, point: Point
) -> None:
    die(opened, WORKER, point)

    assert_told_once(opened, point)
    # Beside the letter that died, others of its batch may have been on the wire.
    assert point is Point.RECORDED or doubts(opened.rows_about(*names(point)).values()) > 0


def test_fault_26_an_answer_on_the_disk_alone_leaves_no_doubt(opened: Stage) -> None:
    # The answer is on its way for as long as it takes to notice that Redis has frozen.
    opened.ensure(LISTENER)
    before = len(opened.server.seen.mails)
    opened.road.answered.delay_seconds = 0.7
    victim = opened.replace(WORKER, NOTIFIER_FAULT=f"{Point.KEPT}:1")
    opened.invite("kept", PEOPLE[:1])
    opened.server.seen.wait_for_mails(before + 1)

    opened.redis.freeze()
    wait_until(lambda: gone(victim.pid), seconds=20, what="the crash")
    opened.redis.thaw()
    opened.road.heal()
    settle(opened.client)

    [row] = opened.rows_about("kept").values()
    assert (row["state"], row.get("doubts", "")) == ("sent", "")
    assert len(opened.mails_about("kept")) == 1


@pytest.mark.parametrize("point", TICKING)
def test_a_tick_that_is_killed_has_reminded_once(opened: Stage, point: Point) -> None:
    about = f"soon-{point}"
    opened.ensure(LISTENER)
    opened.invite(about, start=reminded_in(3))
    settle(opened.client)

    die(opened, LISTENER, point)
    opened.wait_for_mails(2 * len(PEOPLE), about)

    kinds = ("invitation", "reminder")
    assert each_told(opened.mails_about(about)) == everybody((kind, about) for kind in kinds)
    assert doubled(opened.mails_about(about)) == 0


def test_a_sweep_that_is_killed_frees_what_a_dead_worker_held(opened: Stage) -> None:
    victim = opened.replace(LISTENER, NOTIFIER_FAULT=f"{Point.LEASE_OVER}:1")
    worker = opened.replace(WORKER, NOTIFIER_FAULT=f"{Point.CLAIMED}:1")
    opened.invite("freed")
    wait_until(lambda: gone(worker.pid), seconds=20, what="the death of the worker")

    let_leases_end(opened.client)
    wait_until(lambda: gone(victim.pid), seconds=20, what="the death of the sweep")
    opened.replace(LISTENER)
    settle(opened.client)

    assert each_told(opened.mails_about("freed")) == everybody([("invitation", "freed")])
    assert doubled(opened.mails_about("freed")) == 0


@pytest.mark.parametrize(
    ("point", "kinds"), [(Point.FENCING, set()), (Point.FENCED, {"cancellation"})]
)
def test_an_end_is_told_to_whom_a_dead_worker_may_have_invited_and_to_nobody_else(
    opened: Stage, point: Point, kinds: set[str]
) -> None:
    about = f"ended-{point}"
    opened.ensure(LISTENER)
    victim = opened.replace(WORKER, NOTIFIER_FAULT=f"{point}:1")
    opened.invite(about, PEOPLE[:1])
    wait_until(lambda: gone(victim.pid), seconds=20, what=f"the crash at {point}")

    opened.publish("conference.cancellation", {"conference": planned(about, revision=2)})
    wait_until(lambda: len(opened.rows_about(about)) == 2, seconds=20, what="the cancellation")
    let_leases_end(opened.client)
    opened.ensure(WORKER)
    settle(opened.client)

    assert {mail.told.kind for mail in opened.mails_about(about)} == kinds


def die(opened: Stage, role: str, point: Point) -> None:
    """Move one conference and invite to another; a part dies meanwhile and is replaced."""
    moved, new = names(point)
    opened.ensure(LISTENER, WORKER)
    opened.invite(moved)
    settle(opened.client)
    if point in HINTING:
        wait_until(lambda: door_is_empty(opened.client), what="a worker that is to be hinted at")
    victim = opened.replace(role, NOTIFIER_FAULT=f"{point}:1")
    later = planned(moved, start=datetime.now(UTC) + timedelta(days=50), revision=2)
    opened.publish("conference.reschedule", {"conference": later})
    opened.invite(new)
    wait_until(lambda: gone(victim.pid), seconds=20, what=f"the crash at {point}")
    # What is claimed now, the dead had; whoever lives on is left alone.
    let_leases_end(opened.client)
    opened.ensure(role)
    settle(opened.client)


def names(point: Point) -> tuple[str, str]:
    """The conferences of one crash: one that is moved, and a new one."""
    return f"moved-{point}", f"new-{point}"


def assert_told_once(opened: Stage, point: Point) -> None:
    """Claim that everybody was told everything, and nothing twice beyond what was doubted."""
    moved, new = names(point)
    mails, rows = opened.mails_about(moved, new), opened.rows_about(moved, new).values()
    told = [("invitation", moved), ("reschedule", moved), ("invitation", new)]
    assert {row["state"] for row in rows} == {"sent"}, list(rows)
    assert each_told(mails) == everybody(told)
    assert doubled(mails) <= doubts(rows)
    assert differing(mails) == set()


def assert_no_doubt(opened: Stage, point: Point) -> None:
    """Claim that no mail was on the wire."""
    assert doubts(opened.rows_about(*names(point)).values()) == 0


def everybody(told: Iterable[tuple[str, str]]) -> Counter[Told]:
    """Everybody was told each of these kinds of a conference once."""
    return Counter(Told(kind, about, str(each.email)) for kind, about in told for each in PEOPLE)
