"""Finding what went to an address: short entries, and those that the version before wrote."""

import time
from pathlib import Path
from typing import Any, Final

import pytest

from notifier.adapters import keys
from notifier.adapters.archive import Asked, RedisArchive
from notifier.adapters.export_files import ExportFiles
from notifier.adapters.retention import Retention
from notifier.adapters.suppressions import RedisSuppressions
from notifier.admin.erasing import Erasing
from notifier.core.delivery import Delivery
from notifier.core.settings import Settings
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW, conference, event
from tests.office import server

# One Redis is enough here: whatever reads an index is asked on both elsewhere.
__all__ = ["server"]

pytestmark = pytest.mark.asyncio

ADDRESS: Final = "boris@example.org"
OTHER: Final = "chen@example.cn"
LONG_AGO: Final = 1_700_000_000


def invitation(*people: Any, about: str = "df0a2adebe", **changes: Any) -> dict[str, Any]:
    held = conference(id=about, **changes)
    return event("conference.invitation", {"conference": held, "participants": people})


async def listed(office: Desk, address: str) -> list[Delivery]:
    archive = RedisArchive(office.client)
    return [each async for each in archive.deliveries(Asked(recipient=address))]


async def as_before(office: Desk, row: Delivery) -> None:
    """Write the entry of a delivery as the version before this one did."""
    place, former = keys.address_places(row.recipient.address, row.id)
    assert await office.client.lrem(place[0], 1, place[1]) == 1
    await office.client.rpush(*former)


async def places(office: Desk, *rows: Delivery) -> list[str]:
    """Give the lists in which one of these deliveries stands."""
    found = [key.decode() async for key in office.client.scan_iter("notifier:addressed:*")]
    ids = tuple(row.id for row in rows)
    return [
        key
        for key in found
        for entry in await office.client.lrange(key, 0, -1)
        if entry.decode().endswith(ids)
    ]


async def test_what_went_to_an_address_is_found_however_it_is_written(office: Desk) -> None:
    await office.hear(invitation(BORIS, CHEN))

    found = await listed(office, "Boris@Example.ORG")

    assert [each.recipient.address for each in found] == [ADDRESS]


async def test_a_stranger_whose_entry_begins_alike_is_not_given(office: Desk) -> None:
    await office.hear(invitation(BORIS, CHEN))
    [chens, _boris] = await office.deliveries()
    # As if both addresses had the same digits.
    await office.client.rpush(*keys.address_place(ADDRESS, chens.id))

    assert [each.recipient.address for each in await listed(office, ADDRESS)] == [ADDRESS]


async def test_somebody_of_whom_only_a_stranger_is_indexed_is_looked_for_by_id(
    office: Desk,
) -> None:
    await office.hear(invitation(BORIS, CHEN))
    [chens, _boris] = await office.deliveries()
    await office.client.rpush(*keys.address_place(BORIS.id or "", chens.id))

    assert [each.recipient.key for each in await listed(office, BORIS.id or "")] == [BORIS.id]


async def test_what_the_version_before_wrote_is_found_behind_what_is_new(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [old] = await office.deliveries()
    await as_before(office, old)
    await office.hear(invitation(BORIS, about="another"))

    assert [each.conference for each in await listed(office, ADDRESS)] == ["another", "df0a2adebe"]


@pytest.mark.parametrize("version", ["this", "before"])
async def test_whatever_wrote_it_an_entry_goes_with_its_delivery(
    office: Desk, version: str
) -> None:
    office.now = NOW
    await office.hear(invitation(BORIS, CHEN))
    await office.deliver()
    rows = await office.deliveries()
    for row in rows:
        if version == "before":
            await as_before(office, row)
        await office.client.hset(keys.delivery(row.id), "updated", LONG_AGO)
        await office.client.zadd(keys.NOTICES, {row.notice: LONG_AGO})
    await office.client.set(keys.EXPORTED, f"{int(time.time() * 1000)}-0")

    assert await Retention(office.client, office.settings).forget(now=time.time()) == 2

    assert await places(office, *rows) == []


@pytest.mark.parametrize("version", ["this", "before"])
async def test_whatever_wrote_it_an_entry_of_somebody_erased_is_gone(
    office: Desk, tmp_path: Path, version: str
) -> None:
    await office.hear(invitation(BORIS, CHEN))
    [chens, his] = await office.deliveries()
    if version == "before":
        await as_before(office, his)
    erasing = Erasing(
        client=office.client,
        suppressions=RedisSuppressions(office.client, "secret"),
        export=ExportFiles(tmp_path / "export"),
        settle=_nothing,
    )

    await erasing.erase(ADDRESS, Settings(), patience_seconds=0)

    assert await places(office, his) == []
    assert await places(office, chens) == [keys.address_place(OTHER)[0]]


async def _nothing() -> None:
    """No journal here."""


async def test_an_entry_is_its_delivery_and_four_digits(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [row] = await office.deliveries()

    [place] = await places(office, row)

    [entry] = await office.client.lrange(place, 0, -1)
    assert len(entry) == 4 + len(row.id)
    # As many lists as there are three digits: each further one would cost more than its entries.
    assert len(place.removeprefix("notifier:addressed:")) == 3
