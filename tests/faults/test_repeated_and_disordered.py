"""Events that come twice, late, early, or from a publisher that lost its memory."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from notifier.adapters.vitals import Vitals
from notifier.admin.publishers import publishers_look
from notifier.core.outcomes import Outcome
from notifier.ports.mail import Fence, Letter
from tests import cast
from tests.adapters.desk import Desk, Postman, desk
from tests.cast import BORIS, CHEN, NOW
from tests.faults.events import (
    Said,
    cancellation,
    invitation,
    removal,
    reschedule,
    told,
    unacknowledged,
    untold,
    update,
)

pytestmark = pytest.mark.asyncio

A = cast.schedule()
B = cast.schedule(start=A.start + timedelta(days=3))
C = cast.schedule(start=A.start + timedelta(days=6))


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


async def hear_and_deliver(office: Desk, *events: Said) -> None:
    """Hear events one by one, each delivered before the next: nothing waits to be overtaken."""
    for each in events:
        await office.hear(each)
        await office.deliver()


# ---- twice ---------------------------------------------------------------------------------


async def test_fault_04_the_same_event_twice_is_one_application(office: Desk) -> None:
    twice = invitation(BORIS)

    await office.hear(twice, twice)
    await office.hear(twice)
    await office.deliver()

    assert await told(office) == [("invitation", "Boris")]
    assert len(office.postman.sent) == 1
    assert await office.counter("events_applied") == 1
    assert await office.counter("events_duplicate") == 2
    assert await unacknowledged(office) == 0


async def test_fault_04_an_entry_that_is_read_twice_is_one_application(office: Desk) -> None:
    await office.put(invitation(BORIS))
    entries = await office.inbox.read(limit=10, block_seconds=0.01)

    await office.notifier.hear(entries + entries)
    await office.notifier.hear(entries)
    await office.deliver()

    assert len(office.postman.sent) == 1
    assert await office.counter("events_applied") == 1


async def test_fault_04_an_id_belongs_to_its_source(office: Desk) -> None:
    first = invitation(BORIS)

    await office.hear(first, invitation(CHEN, revision=2) | {"id": first["id"], "source": "/b"})

    assert await office.counter("events_applied") == 2


@pytest.mark.parametrize(
    "said",
    [
        [lambda: invitation(BORIS)],
        [lambda: invitation(BORIS), lambda: reschedule(2, schedule=B)],
        [lambda: invitation(BORIS), lambda: cancellation(2)],
        [lambda: invitation(BORIS), lambda: removal(BORIS, revision=2)],
    ],
    ids=["invitation", "reschedule", "cancellation", "removal"],
)
async def test_fault_05_the_same_under_a_new_id_tells_nobody_twice(
    office: Desk, said: list[Callable[[], Said]]
) -> None:
    once = [each() for each in said]
    again = [each() for each in said]
    assert {each["id"] for each in once}.isdisjoint(each["id"] for each in again)

    await hear_and_deliver(office, *once)
    before = await told(office)
    await hear_and_deliver(office, *again)

    assert await told(office) == before
    assert len(office.postman.sent) == len(once)


# ---- out of order --------------------------------------------------------------------------


async def test_fault_06_a_move_before_its_invitation_is_one_invitation_to_the_new_time(
    office: Desk,
) -> None:
    await hear_and_deliver(office, reschedule(2, schedule=B), invitation(BORIS, schedule=A))

    assert await told(office) == [("invitation", "Boris")]
    [letter] = office.postman.sent
    assert b"November 30" in letter.content or b"30 novembre" in letter.content
    assert b"27 novembre" not in letter.content


async def test_fault_07_a_cancellation_before_its_invitation_is_silence(office: Desk) -> None:
    await hear_and_deliver(office, cancellation(2), invitation(BORIS, CHEN))

    assert office.postman.sent == []
    assert await untold(office) == [
        ("Boris", "skipped", "cancelled"),
        ("Chen", "skipped", "cancelled"),
    ]
    assert await office.client.zcard("notifier:due") == 0


# ---- gaps: events carry the whole conference, so none has to wait for another --------------


async def test_fault_08_a_revision_without_the_one_before_is_applied_at_once(office: Desk) -> None:
    await hear_and_deliver(office, invitation(BORIS), reschedule(3, schedule=C))

    assert await told(office) == [("invitation", "Boris"), ("reschedule", "Boris")]

    await hear_and_deliver(office, reschedule(2, schedule=B))

    assert len(office.postman.sent) == 2
    remembered = (await office.memory.recall({"df0a2adebe": ()}))["df0a2adebe"].known
    assert remembered
    assert remembered.conference.schedule == C


async def test_fault_08_nobody_hears_twice_in_any_order(office: Desk, redis_url: str) -> None:
    for number, order in enumerate(permutations([1, 2, 3])):
        own: dict[str, Any] = {"id": f"conference-{number}"}
        said = {
            1: invitation(BORIS, **own),
            2: reschedule(2, schedule=B, **own),
            3: reschedule(3, schedule=C, **own),
        }
        before = len(office.postman.sent)

        await hear_and_deliver(office, *(said[each] for each in order))

        letters = [letter.content for letter in office.postman.sent[before:]]
        # The last that was told is the truth, and nothing was told twice.
        assert b"3 d=C3=A9cembre" in letters[-1], order
        assert len(set(letters)) == len(letters), order


# ---- a publisher that was restored from yesterday ------------------------------------------


async def test_fault_09_revisions_that_went_back_tell_nobody_and_are_counted(office: Desk) -> None:
    await hear_and_deliver(office, invitation(BORIS, revision=7), reschedule(8, schedule=B))
    before = len(office.postman.sent)

    restored = NOW + timedelta(hours=2)
    office.now = restored
    later = {"time": restored.isoformat()}
    await hear_and_deliver(
        office,
        reschedule(4, schedule=C) | later,
        cancellation(5) | later,
        update(6, name="Another name") | later,
    )

    assert len(office.postman.sent) == before
    assert await office.counter("events_behind") == 3
    look = publishers_look(await Vitals(office.client).behind())
    assert look.status == "warn"
    assert "/core/eu-1" in look.found


async def test_fault_09_events_that_are_merely_late_are_no_alarm(office: Desk) -> None:
    early = {"time": (NOW - timedelta(minutes=5)).isoformat()}
    await hear_and_deliver(
        office,
        invitation(BORIS) | early,
        reschedule(3, schedule=C),
        reschedule(2, schedule=B) | early,
        reschedule(3, schedule=C),
    )

    assert await office.counter("events_behind") == 0
    assert publishers_look(await Vitals(office.client).behind()).status == "ok"


# ---- removed while the letter waits --------------------------------------------------------


async def test_whoever_is_taken_off_before_a_list_is_told_again_hears_of_neither(
    office: Desk,
) -> None:
    await hear_and_deliver(office, invitation(BORIS, CHEN), cancellation(2))

    await office.hear(reschedule(3, schedule=B), removal(BORIS, revision=4, schedule=B))
    await office.deliver()

    assert await told(office) == [
        ("cancellation", "Boris"),
        ("cancellation", "Chen"),
        ("invitation", "Boris"),
        ("invitation", "Chen"),
        ("invitation", "Chen"),
    ]
    assert await untold(office) == [
        ("Boris", "skipped", "removed"),
        ("Boris", "superseded", "never_told"),
    ]


async def test_whoever_is_taken_off_after_a_list_was_told_again_hears_of_both(
    office: Desk,
) -> None:
    await hear_and_deliver(office, invitation(BORIS), cancellation(2), reschedule(3, schedule=B))

    await hear_and_deliver(office, removal(BORIS, revision=4, schedule=B))

    assert await told(office) == [
        ("cancellation", "Boris"),
        ("invitation", "Boris"),
        ("invitation", "Boris"),
        ("removal", "Boris"),
    ]
    assert await untold(office) == []


class SlowServer(Postman):
    """Takes so long over the envelope that something happens before the last look."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        await self._meanwhile()
        return await super().send(letter, fence)


async def test_fault_10_somebody_removed_meanwhile_is_not_sent_the_invitation(
    redis_url: str,
) -> None:
    gone = removal(BORIS, revision=2)
    server = SlowServer(lambda: office.hear(gone))

    async with desk(redis_url, make_mailer=lambda _smtp: server) as office:
        office.now = NOW
        await office.hear(invitation(BORIS, CHEN))
        await office.deliver()

        assert await told(office) == [("invitation", "Chen")]
        assert sorted(await untold(office)) == [
            ("Boris", "superseded", "never_told"),
            ("Boris", "superseded", "removed"),
        ]
        assert server.stopped == ["removed"]
        assert len(server.sent) == 1
