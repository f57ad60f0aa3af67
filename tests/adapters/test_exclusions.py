"""Claims about federation on a real Redis: rows say who was kept out, and *Apply* counts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from notifier.adapters import keys
from notifier.adapters.erased_deliveries import ErasedDeliveries
from notifier.adapters.export import Exporter
from notifier.adapters.export_files import ExportFiles
from notifier.adapters.reconciling import Reconciler
from notifier.core.delivery import Delivery, State
from notifier.core.erasure import traces_of
from notifier.core.exclusion import Exclusion, Party
from notifier.core.people import Person
from notifier.core.reasons import Reason
from notifier.remembering import SLICE
from tests.adapters.desk import Desk
from tests.cast import (
    BORIS,
    CHEN,
    DANA,
    ELSEWHERE,
    NOW,
    START,
    conference,
    event,
    person,
    plain,
    schedule,
)

pytestmark = pytest.mark.asyncio

MASK = "*.example.net"
OWNER = Exclusion(party=Party.OWNER, server=ELSEWHERE, by=MASK)
LATER = schedule(start=(START + timedelta(hours=4)).replace(tzinfo=None))
RECIPIENT = Exclusion(party=Party.RECIPIENT, server=ELSEWHERE, by=MASK)


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


async def allow(office: Desk) -> None:
    await office.settings.apply({"federation": {"mode": "blacklist", "blacklist": []}})


async def block(office: Desk) -> None:
    await office.settings.apply({"federation": {"mode": "blacklist", "blacklist": [MASK]}})


def about(what: str, revision: int, **changes: Any) -> dict[str, Any]:
    return event(f"conference.{what}", {"conference": held(revision, **changes)})


def invited(revision: int, *people: Person, **changes: Any) -> dict[str, Any]:
    told = {"conference": held(revision, **changes), "participants": list(people)}
    return event("conference.invitation", told)


def held(revision: int, **changes: Any) -> dict[str, Any]:
    ours = {"notifications": {"reminders": ["5m"]}} | changes
    planned: dict[str, Any] = plain(conference(revision)) | plain(ours)
    return planned


async def of_kind(office: Desk, kind: str) -> list[Delivery]:
    return [each for each in await office.deliveries() if each.kind == kind]


def excluded(deliveries: list[Delivery]) -> dict[str, Exclusion | None]:
    return {each.recipient.key: each.excluded for each in deliveries}


async def test_r48_the_next_event_after_apply_follows_it(office: Desk) -> None:
    call = {"caller": BORIS, "recipient": DANA, "time": "2026-11-23T09:30:00Z"}
    stands = []
    for change in (allow, block, allow):
        await change(office)
        await office.hear(event("call.missed", call))
        stands.append(sorted(each.state for each in await office.deliveries()))

    assert stands == [
        [State.PENDING],
        [State.PENDING, State.SKIPPED],
        [State.PENDING, State.PENDING, State.SKIPPED],
    ]


async def test_r45_a_list_that_spreads_says_of_each_who_was_kept_out(office: Desk) -> None:
    await block(office)
    many = [person(number) for number in range(SLICE)]
    await office.hear(invited(1, DANA, *many))

    await office.hear(about("reschedule", 2, name="Another", schedule=plain(LATER)))

    told = excluded(await of_kind(office, "reschedule") + await of_kind(office, "invitation"))
    assert told.pop(str(DANA.id)) == RECIPIENT
    assert len(told) == SLICE
    assert set(told.values()) == {None}


async def test_r45_a_list_whose_owner_is_kept_out_is_told_nothing(office: Desk) -> None:
    await allow(office)
    await office.hear(invited(1, BORIS, CHEN, owner=DANA))
    await office.deliver()
    await block(office)

    await office.hear(about("cancellation", 2, owner=DANA))

    rows = await of_kind(office, "cancellation")
    assert [(each.state, each.excluded) for each in rows] == [(State.SKIPPED, OWNER)] * 2


@pytest.mark.parametrize(
    ("owner", "kept_out"),
    [(None, {str(DANA.id): RECIPIENT, str(BORIS.id): None}), (DANA, OWNER)],
    ids=["on the list", "owner"],
)
async def test_r48_reminders_follow_what_is_applied_before_their_moment(
    office: Desk, owner: Person | None, kept_out: Any
) -> None:
    await allow(office)
    await office.hear(invited(1, BORIS, DANA, **({"owner": owner} if owner else {})))
    await office.deliver()
    await block(office)

    office.now = START - timedelta(minutes=5)
    await office.notifier.tick()

    found = excluded(await of_kind(office, "reminder"))
    everybody = dict.fromkeys((str(DANA.id), str(BORIS.id)), kept_out)
    assert found == (everybody if owner else kept_out)


async def test_a_row_is_read_as_it_was_planned_and_others_do_not_grow(office: Desk) -> None:
    await block(office)
    await office.hear(invited(1, BORIS, DANA))

    rows = {each.recipient.key: each for each in await office.deliveries()}
    raw = await office.client.hgetall(keys.delivery(rows[str(BORIS.id)].id))
    assert (rows[str(DANA.id)].reason, rows[str(DANA.id)].excluded) == ("federation", RECIPIENT)
    assert not {b"who", b"at", b"by"} & set(raw)


async def test_a_row_of_the_version_before_says_federation_alone(office: Desk) -> None:
    await block(office)
    await office.hear(invited(1, DANA))
    [row] = await office.deliveries()
    await office.client.hdel(keys.delivery(row.id), "who", "at", "by")

    [read] = await office.deliveries()

    assert (read.reason, read.excluded) == (Reason.FEDERATION, None)


async def test_the_export_says_who_was_kept_out_and_gives_it_back(
    office: Desk, tmp_path: Path
) -> None:
    await block(office)
    await office.hear(invited(1, BORIS, DANA))
    files = ExportFiles(tmp_path / "export")
    await Exporter(office.client, files, office.settings).export()
    [before] = [each for each in await office.deliveries() if each.excluded]
    await office.client.delete(keys.delivery(before.id))

    [line] = list(files.lines())
    await Reconciler(office.client, office.ledger).write({line.id: line})

    assert line.excluded == RECIPIENT
    [after] = [each for each in await office.deliveries() if each.excluded]
    assert (after.id, after.reason, after.excluded) == (before.id, "federation", RECIPIENT)


async def test_an_erased_person_leaves_no_server_behind(office: Desk, tmp_path: Path) -> None:
    await block(office)
    await office.hear(invited(1, DANA))
    files = ExportFiles(tmp_path / "export")
    await Exporter(office.client, files, office.settings).export()

    files.erase([str(DANA.email)])
    await ErasedDeliveries(office.client, stand_in="erased-1").of_notice(
        (await office.deliveries())[0].notice, traces_of(str(DANA.email))
    )

    assert [each.excluded for each in files.lines()] == [None]
    assert [each.excluded for each in await office.deliveries()] == [None]
