"""Parts are killed and frozen at the worst moments: no letter is lost, none is doubled unseen."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.adapters import keys
from notifier.core.reasons import Reason
from notifier.crash_points import Point
from tests.cast import person
from tests.fault_proxy import fault_proxy
from tests.settling import leave_behind, let_leases_end, settle
from tests.smtp_servers import wait_until
from tests.stage import LISTENER, PEOPLE, WORKER, Stage, stage

# Celery's list of hints, and what its workers have taken from it and not finished.
HINTS = "notifier:celery:mail"
UNFINISHED = "notifier:celery:unacked"

# Long enough to act between two replies of the mail server, on a busy machine too (seconds).
SLOWLY = 0.7
# A worker has started within this time, on a busy machine too (seconds).
START_SECONDS = 10


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("crew")) as opened:
        yield opened


@pytest.fixture
def opened(whole: Stage) -> Iterator[Stage]:
    """A stage with a listener, roads that are clear, and nobody left over from the last test."""
    whole.ensure(LISTENER)
    # What killed workers had taken is given back after an hour; no test waits for that.
    whole.client.delete(HINTS, UNFINISHED, f"{UNFINISHED}_index")
    yield whole
    whole.road.heal()
    whole.dismiss(WORKER)


def test_fault_21_a_letter_that_kills_its_worker_is_poison_and_the_others_arrive(
    opened: Stage,
) -> None:
    opened.invite("poison", [person(number) for number in range(6)])
    wait_until(lambda: len(opened.rows_about("poison")) == 6, what="six deliveries")
    victim = min(opened.rows_about("poison"))

    opened.replace(WORKER, NOTIFIER_FAULT=f"{Point.COMPOSED}@{victim}")
    settle(opened.client, seconds=90)

    rows = opened.rows_about("poison")
    failed = rows.pop(victim)
    assert (failed["state"], failed["why"], failed["crashes"]) == ("failed", Reason.POISON, "3")
    assert {row["state"] for row in rows.values()} == {"sent"}
    assert Counter(mail.delivery for mail in opened.mails_about("poison")) == Counter(rows.keys())


def test_fault_22_a_listener_killed_between_two_slices_applies_its_event_once(
    opened: Stage, tmp_path: Path
) -> None:
    opened.dismiss(LISTENER)
    applied = counted(opened, "events_applied")
    with fault_proxy(opened.redis.folder / "socket", at=tmp_path / "road") as road:
        road.asked.swallow_after = 300_000
        reader = opened.crew.start(LISTENER, NOTIFIER_REDIS_URL=f"unix://{tmp_path}/road?db=0")
        opened.invite("sliced", [person(number) for number in range(1000)])
        wait_until(lambda: road.asked.swallowed, seconds=30, what="the middle of the event")
        wait_until(lambda: bool(opened.rows_about("sliced")), what="the first slice")
        reader.kill()
    half = len(opened.rows_about("sliced"))
    leave_behind(opened.client)
    opened.ensure(LISTENER)
    wait_until(lambda: counted(opened, "events_applied") > applied, seconds=30, what="the rest")

    rows = opened.rows_about("sliced").values()
    assert 0 < half < 1000
    assert Counter(row["to"] for row in rows) == Counter(
        f"user{number}@example.org" for number in range(1000)
    )
    assert counted(opened, "events_applied") == applied + 1
    forget(opened, "sliced")


def test_fault_24_a_ring_that_its_worker_died_with_costs_a_sweep_and_no_letter(
    opened: Stage,
) -> None:
    opened.replace(WORKER)
    # It came last, and is rung first.
    opened.client.zadd(keys.DOOR, {"died": time.time() + 60})

    opened.invite("rung")
    settle(opened.client)

    assert opened.client.lrange(keys.bell("died"), 0, -1)
    assert len(opened.mails_about("rung")) == len(PEOPLE)
    assert opened.states("rung") == {"sent"}


def test_fault_24_a_hint_that_died_in_the_socket_of_a_worker_is_given_again(opened: Stage) -> None:
    opened.replace(WORKER)
    wait_until(lambda: waits_for_hints(opened), seconds=30, what="a worker that waits")
    opened.parts[WORKER].freeze()
    opened.invite("socket")
    wait_until(lambda: opened.client.zcard(keys.HINTED) == len(PEOPLE), what="the hint")
    # Popped for a worker that will never read it.
    assert opened.client.llen(HINTS) == opened.client.hlen(UNFINISHED) == 0

    opened.replace(WORKER)
    settle(opened.client)

    assert opened.states("socket") == {"sent"}
    assert len(opened.mails_about("socket")) == len(PEOPLE)


def test_fault_27_a_worker_that_was_frozen_before_the_fence_sends_nothing_more(
    opened: Stage,
) -> None:
    frozen = opened.replace(WORKER)
    sleeper = opened.parts.pop(WORKER)
    opened.road.answered.delay_seconds = SLOWLY
    opened.invite("late", PEOPLE[:1])
    opened.wait_for_state("sending", "late")
    frozen.suspend()

    let_leases_end(opened.client)
    opened.road.heal()
    opened.replace(WORKER)
    opened.wait_for_state("sent", "late", seconds=30)
    frozen.resume()
    wait_until(lambda: "the claim was lost" in sleeper.said, seconds=30, what="the lost claim")
    settle(opened.client)

    [row] = opened.rows_about("late").values()
    assert (row["state"], row.get("doubts", "")) == ("sent", "")
    assert len(opened.mails_about("late")) == 1
    sleeper.kill()


def test_fault_28_an_answer_that_comes_after_the_lease_is_a_fact(opened: Stage) -> None:
    before = len(opened.server.seen.mails)
    opened.road.answered.delay_seconds = SLOWLY
    frozen = opened.replace(WORKER)
    opened.invite("fact", PEOPLE[:1])
    opened.server.seen.wait_for_mails(before + 1, seconds=30)
    frozen.suspend()

    let_leases_end(opened.client)
    opened.wait_for_state("unknown", "fact")
    frozen.resume()
    opened.wait_for_state("sent", "fact")
    [delivery] = opened.rows_about("fact")
    opened.client.zadd(keys.READY, {delivery: 0})  # as if the doubt had been hinted at meanwhile
    wait_until(lambda: opened.client.zcard(keys.READY) == 0, what="the hint")
    settle(opened.client)

    [row] = opened.rows_about("fact").values()
    assert (row["state"], row["doubts"]) == ("sent", "1")
    assert len(opened.mails_about("fact")) == 1


def test_fault_34_a_hint_that_is_doubled_while_a_letter_is_on_its_way_is_refused(
    opened: Stage,
) -> None:
    opened.road.answered.delay_seconds = 2 * START_SECONDS
    opened.replace(WORKER)
    opened.invite("cut", PEOPLE[:1])
    opened.wait_for_state("sending", "cut")

    opened.client.client_kill_filter(_type="normal", skipme=True)
    [unfinished] = opened.client.hvals(UNFINISHED)
    # As kombu gives back what a lost connection left unacknowledged; the letter is on its way.
    opened.client.lpush(HINTS, json.dumps(json.loads(unfinished)[0]))
    second = opened.crew.start(WORKER)
    wait_until(lambda: opened.client.llen(HINTS) == 0, seconds=30, what="the doubled hint")
    assert opened.states("cut") == {"sending"}
    opened.road.heal()
    opened.road.cut()
    settle(opened.client)

    assert len(opened.mails_about("cut")) == 1
    second.kill()


def waits_for_hints(opened: Stage) -> bool:
    """Whether a worker has asked Redis for its next hint, and waits."""
    return any(each["cmd"] == "brpop" for each in opened.client.client_list())


def counted(opened: Stage, name: str) -> int:
    """Give one of the totals."""
    return int(opened.client.hget(keys.COUNTERS, name) or 0)


def forget(opened: Stage, about: str) -> None:
    """Take what is owed because of a conference out of the queues: it was only to be planned."""
    opened.dismiss(LISTENER)
    for queue in (keys.READY, keys.HINTED):
        opened.client.zrem(queue, *opened.rows_about(about))
    opened.client.delete(HINTS)
