"""What Redis holds cannot be read by this version of the program: it stops itself, and no other."""

import pytest

from notifier.core.delivery import State
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW
from tests.faults.events import cancellation, invitation, told

pytestmark = pytest.mark.asyncio

ZONE, GONE = b"Europe/Paris", b"US/Pacific-New"
NO_TEXT = b'{"key": "\xff"}'


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


@pytest.mark.parametrize("place", ["notice", "conference", "person"])
async def test_fault_15_letters_that_are_claimed_with_an_unreadable_one_leave(
    office: Desk, place: str
) -> None:
    await office.hear(invitation(BORIS, id="lost"), invitation(CHEN, id="sound"))
    await _spoil(office, place)

    await office.deliver()

    assert await told(office) == [("invitation", "Chen")]
    states = {row.recipient.name.split()[0]: row.state for row in await office.deliveries()}
    # The other waits for the end of its lease.
    assert states == {"Boris": State.SENDING, "Chen": State.SENT}


@pytest.mark.parametrize("place", ["notice", "conference", "person"])
async def test_fault_15_any_number_of_unreadable_notices_hold_up_none_behind_them(
    office: Desk, place: str
) -> None:
    lost = [f"lost-{number}" for number in range(12)]
    await office.hear(*(invitation(BORIS, id=each) for each in lost))
    await office.hear(invitation(CHEN, id="sound"))
    await office.put(*(cancellation(2, id=each) for each in lost), cancellation(2, id="sound"))
    await office.notifier.hear(await office.inbox.read(limit=100, block_seconds=0.01))
    await _spoil(office, place)

    while await office.notifier.spread():
        pass
    await office.notifier.tick()

    names = [row.recipient.name for row in await office.deliveries() if row.kind == "cancellation"]
    assert names == ["Chen Li"]
    # They wait for a version that can read them.
    assert await office.client.zcard("notifier:spreading") == len(lost)


async def _spoil(office: Desk, place: str) -> None:
    """Make the notices, the memory or the lists of all conferences but the sound one illegible."""
    if place == "notice":
        for notice in await office.client.zrange("notifier:notices", 0, -1):
            key = b"notifier:notice:" + notice
            text = await office.client.get(key)
            if b'"sound"' not in text:
                await office.client.set(key, text.replace(ZONE, GONE))
        return
    prefix = "notifier:list:" if place == "person" else "notifier:conference:"
    async for key in office.client.scan_iter(f"{prefix}lost*"):
        for field, text in (await office.client.hgetall(key)).items():
            spoilt = text.replace(ZONE, GONE) if place == "conference" else NO_TEXT
            await office.client.hset(key, field, spoilt)
