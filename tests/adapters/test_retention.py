"""What is forgotten, when, and what never is."""

import time
from typing import Any

import pytest
import pytest_asyncio

from notifier.adapters import retention as retention_module
from notifier.adapters.retention import Retention
from notifier.core.delivery import State
from notifier.core.outcomes import Unanswered
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW, conference, event, person

pytestmark = pytest.mark.asyncio

DAY = 86_400


@pytest_asyncio.fixture(autouse=True)
async def _exported_up_to_now(office: Desk) -> None:
    office.now = NOW
    await office.client.set("notifier:exported", f"{int(time.time() * 1000)}-0")


async def test_a_finished_delivery_is_forgotten_with_its_notice_and_its_indexes(
    office: Desk,
) -> None:
    await sent(office, BORIS)
    await age(office, days=15)

    assert await Retention(office.client, office.settings).forget(now=time.time()) == 1

    left = {key.decode() async for key in office.client.scan_iter("notifier:*")}
    assert not {key for key in left if "delivery" in key or "notice:" in key or "address" in key}
    assert await office.client.zcard("notifier:notices") == 0


@pytest.mark.parametrize(("days", "kept"), [(13, 1), (15, 0)])
async def test_it_can_be_looked_up_for_as_long_as_the_settings_say(
    office: Desk, days: int, kept: int
) -> None:
    await sent(office, BORIS)
    await age(office, days=days)

    await Retention(office.client, office.settings).forget(now=time.time())

    assert len(await office.deliveries()) == kept


async def test_what_no_file_holds_is_not_forgotten(office: Desk) -> None:
    await sent(office, BORIS)
    await age(office, days=15)
    await office.client.set("notifier:exported", f"{int((time.time() - 15 * DAY) * 1000)}-0")

    assert await Retention(office.client, office.settings).forget(now=time.time()) == 0

    await office.client.delete("notifier:exported")
    assert await Retention(office.client, office.settings).forget(now=time.time()) == 0


async def test_nothing_is_forgotten_in_quarantine(office: Desk) -> None:
    await sent(office, BORIS)
    await age(office, days=15)
    await office.lookout.close("a copy", point="0-0")

    assert await Retention(office.client, office.settings).forget(now=time.time()) == 0


async def test_what_waits_or_is_in_doubt_stays_whatever_its_age(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    office.postman.outcome = Unanswered("cut")
    await office.deliver()
    await office.hear(invitation(CHEN, number=2))
    await age(office, days=100)

    assert await Retention(office.client, office.settings).forget(now=time.time()) == 0

    assert {row.state for row in await office.deliveries()} == {State.UNKNOWN, State.PENDING}


async def test_what_a_person_asked_for_again_stays(office: Desk) -> None:
    await sent(office, BORIS)
    await age(office, days=15)
    [row] = await office.deliveries()
    await office.ledger.resend(row)

    assert await Retention(office.client, office.settings).forget(now=time.time()) == 0


async def test_one_unfinished_delivery_holds_up_no_other_notice(office: Desk) -> None:
    await sent(office, *(person(n) for n in range(5)), number=2)
    await office.hear(invitation(BORIS, CHEN))
    [boris] = [each for each in await office.deliveries() if each.recipient.name == "Boris Petit"]
    await office.deliver_only(boris.id)
    await age(office, days=15)
    retention = Retention(office.client, office.settings)

    await forget_all(retention)

    [left] = await office.deliveries()
    assert left.recipient.name == "Chen Li"
    assert await office.client.zcard("notifier:notices") == 1


async def test_long_lists_go_in_slices(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention_module, "SLICE", 100)
    await sent(office, *(person(n) for n in range(250)))
    await sent(office, BORIS, number=2)
    await age(office, days=15)

    rounds = await forget_all(Retention(office.client, office.settings))

    # The rest of a list and the first slice of the next may fall into one round.
    assert sum(rounds) == 251
    assert max(rounds) < 200
    assert await office.deliveries() == []


async def test_the_log_is_trimmed_by_age_alone_and_never_beyond_the_export(office: Desk) -> None:
    now = int(time.time() * 1000)
    await office.client.delete("notifier:log")
    old = [f"{now - 20 * DAY * 1000 + n}-0" for n in range(500)]
    for place in [*old, f"{now - DAY * 1000}-0"]:
        await office.client.xadd("notifier:log", {"d": "d", "s": "sent"}, id=place)
    await office.client.set("notifier:exported", old[250])

    await Retention(office.client, office.settings).forget(now=time.time())
    assert await office.client.xlen("notifier:log") == 501

    await office.client.set("notifier:exported", f"{now}-0")
    await Retention(office.client, office.settings).forget(now=time.time())
    # Whole blocks go: what is left of the old ones is less than a block.
    assert 1 <= await office.client.xlen("notifier:log") <= 101


async def sent(office: Desk, *people: Any, number: int = 1) -> None:
    await office.hear(invitation(*people, number=number))
    await office.deliver()


async def age(office: Desk, *, days: int) -> None:
    """Let everything have been finished so many days ago."""
    then = time.time() - days * DAY
    async for key in office.client.scan_iter("notifier:delivery:*", count=1000):
        await office.client.hset(key, "updated", f"{then:.3f}")
    for notice in await office.client.zrange("notifier:notices", 0, -1):
        await office.client.zadd("notifier:notices", {notice: then - 1})


async def forget_all(retention: Retention) -> list[int]:
    """Forget until there is nothing more to forget."""
    rounds: list[int] = []
    while forgotten := await retention.forget(now=time.time()):
        rounds.append(forgotten)
    return rounds


def invitation(*people: Any, number: int = 1) -> dict[str, Any]:
    told = {"conference": conference(id=f"c{number}"), "participants": list(people)}
    return event("conference.invitation", told)
