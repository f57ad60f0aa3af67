"""What time does to reminders: each leaves at its moment, or says what is left, or not at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifier.core.delivery import State
from notifier.core.reasons import Reason
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW, conference, event, plain, schedule

pytestmark = pytest.mark.asyncio

DAY = timedelta(days=1)


def invitation(*offsets: str, **changes: Any) -> dict[str, Any]:
    """Invite Boris and Chen to a conference that reminds at these offsets."""
    held = plain(conference(**changes)) | {"notifications": {"reminders": list(offsets)}}
    return event("conference.invitation", {"conference": held, "participants": [BORIS, CHEN]})


async def states(office: Desk, kind: str) -> list[State]:
    return [row.state for row in await office.deliveries() if row.kind == kind]


async def test_fault_37_what_is_claimed_during_a_jump_is_neither_sent_nor_too_late(
    office: Desk,
) -> None:
    # Redis's own clock tells when what was put off may go.
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    local = schedule(start=start.replace(tzinfo=None), time_zone="Etc/UTC")
    office.now = start - DAY
    await office.hear(invitation("5m", schedule=local))
    await office.deliver()
    office.now = start - timedelta(minutes=5)
    await office.notifier.tick()

    office.clocks.another = start + DAY
    await office.deliver()

    assert len(office.postman.sent) == 2
    reminders = [row for row in await office.deliveries() if row.kind == "reminder"]
    assert {(row.state, row.reason, row.attempts) for row in reminders} == {
        (State.PENDING, Reason.CLOCK, 0)
    }

    office.clocks.another = None
    await office.notifier.sweep()
    await office.deliver()

    assert await states(office, "reminder") == [State.SENT, State.SENT]


async def test_fault_37_what_has_no_deadline_leaves_during_a_jump(office: Desk) -> None:
    office.now, office.clocks.trusted, office.clocks.another = NOW, False, NOW + DAY

    await office.hear(invitation("5m"))
    await office.deliver()

    assert await states(office, "invitation") == [State.SENT, State.SENT]


async def test_fault_37_nothing_is_forgotten_by_a_clock_that_is_not_trusted(office: Desk) -> None:
    office.now = NOW
    said = invitation("5m")
    await office.hear(said)
    far_ago = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    for event_key in await office.client.zrange("notifier:seen", 0, -1):
        await office.client.zadd("notifier:seen", {event_key: far_ago})

    office.clocks.trusted = False
    await office.notifier.tidy()
    await office.hear(said)

    assert await office.counter("events_duplicate") == 1
    office.clocks.trusted = True
    await office.notifier.tidy()
    assert await office.client.zcard("notifier:seen") == 0
