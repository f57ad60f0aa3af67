"""What finished deliveries of a long list leave to their notice, and who reads them still."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from notifier.adapters import keys
from notifier.adapters.export import Exporter
from notifier.adapters.export_files import ExportFiles
from notifier.adapters.leaning import LONG_LIST
from notifier.adapters.places import BEGINNING
from notifier.adapters.rows import NOTICED
from notifier.admin.deliveries import why_not_again
from notifier.core.delivery import Delivery, State
from notifier.core.outcomes import Deferred, Outcome, Refused, Unanswered
from tests.adapters.desk import Desk
from tests.cast import NOW, conference, event, person

pytestmark = pytest.mark.asyncio

SHARED = frozenset(name.encode() for name in NOTICED)


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


def invitation(number: int = LONG_LIST) -> dict[str, Any]:
    people = [person(each) for each in range(number)]
    return event("conference.invitation", {"conference": conference(), "participants": people})


async def fields(office: Desk, row: Delivery) -> set[bytes]:
    return set(await office.client.hkeys(keys.delivery(row.id)))


async def finished(office: Desk, number: int = LONG_LIST) -> list[Delivery]:
    await office.hear(invitation(number))
    await office.deliver()
    return await office.deliveries()


async def test_a_finished_delivery_says_by_its_notice_what_all_of_a_list_have_in_common(
    office: Desk,
) -> None:
    await office.hear(invitation())
    planned = await office.deliveries()
    [some, *_] = planned
    before = await office.client.memory_usage(keys.delivery(some.id))

    await office.deliver()

    assert not SHARED & await fields(office, some)
    # A million of them lie here; bytes.
    assert await office.client.memory_usage(keys.delivery(some.id)) <= before - 32
    assert await office.deliveries() == [
        msgspec.structs.replace(each, state=State.SENT, reason="250 2.0.0 ok") for each in planned
    ]


async def test_a_short_list_leaves_nothing_to_its_notice(office: Desk) -> None:
    [row, *_] = await finished(office, LONG_LIST - 1)

    assert await fields(office, row) >= SHARED


@pytest.mark.parametrize(
    ("outcome", "leaning"),
    [
        (Refused("550 5.7.1 no"), True),
        (Deferred("451 4.3.0 later"), False),
        (Unanswered("cut after the dot"), False),
    ],
)
async def test_what_is_still_owed_leaves_nothing_to_its_notice(
    office: Desk, outcome: Outcome, *, leaning: bool
) -> None:
    office.postman.outcome = outcome
    [row, *_] = await finished(office)

    assert (not SHARED & await fields(office, row)) is leaning
    assert leaning or await fields(office, row) >= SHARED


async def test_the_export_tells_of_a_long_list_as_of_a_short_one(
    office: Desk, tmp_path: Path
) -> None:
    rows = await finished(office)
    files = ExportFiles(tmp_path)

    await Exporter(office.client, files, office.settings).export()

    lines = list(files.lines(after=BEGINNING))
    assert {each.id for each in lines} == {each.id for each in rows}
    assert {(each.kind, each.conference, each.created) for each in lines} == {
        ("invitation", "df0a2adebe", NOW)
    }


async def test_what_is_asked_for_again_says_everything_itself_and_goes_in_the_same_words(
    office: Desk,
) -> None:
    [row, *_] = await finished(office)
    first = {each.recipient: each.content for each in office.postman.sent}
    office.postman.sent.clear()

    assert await office.ledger.resend(row)

    assert await fields(office, row) >= SHARED
    [waiting] = [each for each in await office.deliveries() if each.id == row.id]
    assert _decided(waiting) == _decided(row)
    await office.deliver()
    [again] = office.postman.sent
    assert again.content == first[again.recipient]


def _decided(row: Delivery) -> Sequence[object]:
    return row.kind, row.conference, row.created, row.deadline


@pytest.mark.parametrize("damage", [None, b'{"kind": 7}', b"\xff"])
async def test_of_a_notice_that_is_lost_it_is_still_told_who_got_it(
    office: Desk, damage: bytes | None
) -> None:
    [row, *_] = await finished(office)
    await office.client.delete(keys.notice(row.notice))
    if damage:
        await office.client.set(keys.notice(row.notice), damage)

    found = await office.deliveries()

    assert len(found) == LONG_LIST
    [his] = [each for each in found if each.id == row.id]
    assert (his.recipient, his.state, his.reason) == (row.recipient, row.state, row.reason)
    refused = why_not_again(his, None, now=NOW)
    assert refused is not None
    assert "notice is lost" in refused


async def test_a_list_that_is_none_keeps_no_outcome_from_being_written(office: Desk) -> None:
    await office.hear(invitation())
    [row, *_] = await office.deliveries()
    await office.client.set(keys.notice_deliveries(row.notice), "no list")

    await office.deliver()

    assert {each.state for each in await office.deliveries()} == {State.SENT}
