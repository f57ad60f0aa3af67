"""Erasing while the service runs, and after it broke off anywhere."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import pytest
import pytest_asyncio
import redis.asyncio

from notifier.adapters import keys
from notifier.adapters.connection import connect
from notifier.adapters.export_files import ExportFiles
from notifier.adapters.suppressions import RedisSuppressions
from notifier.adapters.untold_marks import untold_mark
from notifier.admin.erasing import Erased, Erasing
from notifier.core.delivery import Delivery, State, advance
from notifier.core.outcomes import Accepted, Deferred, Refused, Unanswered
from notifier.core.people import person_key
from notifier.core.settings import Settings
from notifier.remembering import Claimed
from tests.adapters.desk import Desk
from tests.cast import ANNA, BORIS, CHEN, conference, event, person, schedule
from tests.everywhere import holding, values

pytestmark = pytest.mark.asyncio

ADDRESS: Final = "boris@example.org"
WORDS: Final = ("boris", "petit")
SECRET: Final = "the same on every machine"


async def _nothing_to_settle() -> None:
    """No journal here."""


def _erasing(client: Any, folder: Path) -> Erasing:
    return Erasing(
        client=client,
        suppressions=RedisSuppressions(client, SECRET),
        export=ExportFiles(folder / "export"),
        settle=_nothing_to_settle,
    )


async def erase(office: Desk, folder: Path, *, patience_seconds: float = 0) -> Erased:
    erasing = _erasing(office.client, folder)
    return await erasing.erase(ADDRESS, Settings(), patience_seconds=patience_seconds)


def invitation(*people: Any, **changes: Any) -> dict[str, Any]:
    start = (datetime.now(UTC) + timedelta(days=4)).replace(microsecond=0, tzinfo=None)
    held = conference(**({"schedule": schedule(start=start)} | changes))
    return event("conference.invitation", {"conference": held, "participants": list(people)})


async def claim(office: Desk) -> dict[str, Claimed]:
    """Claim all that is ready, by the person's ID."""
    ids = [each.delivery for each in await office.ledger.take(limit=1000)]
    claims = await office.ledger.claim(ids)
    return {each.delivery.recipient.key: each for each in claims}


async def row_of(office: Desk, claimed: Claimed) -> Delivery:
    [row] = await office.ledger.deliveries([claimed.delivery.id])
    return row


async def test_the_fence_stops_what_a_worker_holds(office: Desk, tmp_path: Path) -> None:
    await office.hear(invitation(BORIS, CHEN))
    claims = await claim(office)

    erased = await erase(office, tmp_path)

    assert erased.removed["stopped"] == 1
    assert await office.ledger.fence([claims[BORIS.id or ""]]) == ["lost"]
    assert await office.ledger.fence([claims[CHEN.id or ""]]) == ["ok"]
    row = await row_of(office, claims[BORIS.id or ""])
    assert (row.state, row.reason) == (State.SUPERSEDED, "erased")


async def test_a_whole_attempt_after_it_sends_nothing(office: Desk, tmp_path: Path) -> None:
    await office.hear(invitation(BORIS, CHEN))
    claims = await claim(office)
    await erase(office, tmp_path)

    settings = await office.settings.current()
    for claimed in claims.values():
        await office.courier.deliver(claimed, settings)

    assert [each.recipient for each in office.postman.sent] == ["chen@example.cn"]
    assert holding(values(_url(office)), WORDS) == {}


async def test_p2_what_is_with_the_server_already_is_recorded_and_then_cleaned(
    office: Desk, tmp_path: Path
) -> None:
    await office.hear(invitation(BORIS, CHEN))
    claimed = (await claim(office))[BORIS.id or ""]
    assert await office.ledger.fence([claimed]) == ["ok"]

    early = await erase(office, tmp_path)
    await _record(office, claimed, Accepted(f"250 2.1.5 <{ADDRESS}> queued"))
    late = await erase(office, tmp_path)

    assert [each.startswith("1 mails are with the mail server") for each in early.waiting] == [True]
    assert late.waiting == ()
    row = await row_of(office, claimed)
    assert (row.state, row.reason) == (State.SENT, "250 2.1.5 <(erased)> queued")
    assert holding(values(_url(office)), WORDS) == {}


async def test_p3_a_doubt_about_an_erased_person_is_not_sent_once_more(
    office: Desk, tmp_path: Path
) -> None:
    await office.hear(invitation(BORIS))
    claimed = (await claim(office))[BORIS.id or ""]
    assert await office.ledger.fence([claimed]) == ["ok"]
    await erase(office, tmp_path)

    await _record(office, claimed, Unanswered("cut"))
    await office.client.zadd("notifier:later", {claimed.delivery.id: 0})
    await office.notifier.sweep()
    await office.deliver()

    assert office.postman.sent == []
    row = await row_of(office, claimed)
    assert (row.state, row.reason) == (State.SUPERSEDED, "erased")


async def _record(office: Desk, claimed: Claimed, outcome: Any) -> None:
    before = msgspec.structs.replace(claimed.delivery, state=State.IN_DATA)
    after = advance(before, outcome, now=datetime.now(UTC), jitter=0)
    await office.record(before, after)


async def test_a_server_that_quoted_the_address_to_others_is_cleaned(
    office: Desk, tmp_path: Path
) -> None:
    await office.hear(invitation(CHEN))
    office.postman.outcome = Refused(f"550 5.7.1 ask {ADDRESS}, not boris@example.org.uk")
    await office.deliver()

    erased = await erase(office, tmp_path)

    assert erased.removed["replies"] == 1
    [row] = await office.deliveries()
    assert row.reason == "550 5.7.1 ask (erased), not boris@example.org.uk"
    assert row.recipient.address == "chen@example.cn"


async def test_a_list_that_is_being_spread_leaves_the_person_out(
    office: Desk, tmp_path: Path
) -> None:
    people = [person(number) for number in range(900)]
    await office.hear(invitation(BORIS, *people))
    await office.client.delete(keys.untold(conference().id))  # as if all of that had left
    start = (datetime.now(UTC) + timedelta(days=9)).replace(microsecond=0, tzinfo=None)
    moved = conference(revision=2, schedule=schedule(start=start))
    await office.put(event("conference.reschedule", {"conference": moved}))
    await office.notifier.hear(await office.inbox.read(limit=10, block_seconds=0.1))
    await office.notifier.spread()

    await erase(office, tmp_path)
    while await office.notifier.spread():
        pass

    told = [row for row in await office.deliveries() if row.kind == "reschedule"]
    assert {row.recipient.address for row in told} - {""} == {each.email for each in people}
    assert holding(values(_url(office)), WORDS) == {}


async def test_nothing_says_any_more_that_they_were_never_told(
    office: Desk, tmp_path: Path
) -> None:
    await office.hear(invitation(BORIS, CHEN))
    marks = keys.untold(conference().id)

    await erase(office, tmp_path)

    assert await office.client.smembers(marks) == {str(untold_mark(person_key(CHEN), 0)).encode()}


async def test_a_letter_that_comes_back_after_its_person_was_erased_marks_nobody(
    office: Desk, tmp_path: Path
) -> None:
    await office.hear(invitation(BORIS))
    claims = await claim(office)
    claimed = claims[BORIS.id or ""]
    await office.ledger.fence([claimed])
    await erase(office, tmp_path)

    under_way = msgspec.structs.replace(claimed.delivery, state=State.IN_DATA)
    later = advance(under_way, Deferred("451 later"), now=datetime.now(UTC), jitter=0)
    await office.record(under_way, later)

    assert await office.client.exists(keys.untold(conference().id)) == 0


async def test_what_others_wrote_meanwhile_is_not_undone(office: Desk, tmp_path: Path) -> None:
    """The listener writes a conference between our look at it and our word."""
    await office.hear(invitation(CHEN, owner=BORIS))
    eager = _Meddling.of(office)

    async with eager:
        eager.office = office
        await _erasing(eager, tmp_path).erase(ADDRESS, Settings(), patience_seconds=0)

    found = (await office.memory.recall({"df0a2adebe": ()}))["df0a2adebe"]
    assert eager.meddled
    assert found.known
    assert (found.known.conference.revision, found.known.conference.name) == (2, "Renamed")
    assert found.known.conference.owner == ANNA


class _Meddling(redis.asyncio.Redis):
    """A client during whose first write of a conference another one comes first."""

    office: Desk
    meddled = False

    @classmethod
    def of(cls, office: Desk) -> "_Meddling":
        return cls(connection_pool=office.client.connection_pool, protocol=2)

    async def set(self, name: Any, *args: Any, **kwargs: Any) -> Any:
        if not self.meddled:
            self.meddled = True
            renamed = conference(revision=2, name="Renamed")
            await self.office.hear(event("conference.update", {"conference": renamed}))
        return await super().set(name, *args, **kwargs)


# ---- breaking off ------------------------------------------------------------------------------


class _Cut(Exception):
    """The process ends here."""


class _Breaking(redis.asyncio.Redis):
    """A client whose process ends before its nth command or pipeline."""

    left = 0

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        self._count()
        client: Any = super()  # untyped in redis-py
        return await client.execute_command(*args, **options)

    def pipeline(self, *args: Any, **options: Any) -> Any:
        self._count()
        return super().pipeline(*args, **options)

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _Cut


@pytest_asyncio.fixture
async def breaking(redis_url: str) -> AsyncIterator[_Breaking]:
    client = _Breaking(unix_socket_path=urlsplit(redis_url).path, protocol=2)
    async with client:
        yield client


async def test_p7_broken_off_anywhere_and_run_again_nothing_is_left(
    office: Desk, breaking: _Breaking, tmp_path: Path
) -> None:
    """The address is removed first from what names the ID: what names the ID alone must go too."""
    by_id = msgspec.structs.replace(BORIS, email=None, name="Petit")
    await office.hear(
        invitation(BORIS, CHEN),
        invitation(by_id, id="by-id"),
        invitation(CHEN, id="owned", owner=by_id),
        event("recipient.bounced", {"address": ADDRESS, "status": "5.1.1"}),
    )
    await office.client.xadd("notifier:rejected", {"event": f"{ADDRESS} is no event"})
    await office.client.xadd("notifier:rejected", {"event": "nor is this"})
    whole = await _photographed(office)
    broken = 0

    for point in range(1000):
        await _restored(office, whole)
        breaking.left = point
        try:
            await _erasing(breaking, tmp_path).erase(ADDRESS, Settings(), patience_seconds=0)
        except _Cut:
            broken += 1
        else:
            break
        await erase(office, tmp_path)
        found = holding(values(_url(office)), WORDS)
        assert found == {}, f"broken off before command {point}"
        assert await office.client.xlen("notifier:rejected") == 1

    assert broken > 30


async def _photographed(office: Desk) -> dict[bytes, bytes]:
    return {key: await office.client.dump(key) async for key in office.client.scan_iter("*")}


async def _restored(office: Desk, whole: dict[bytes, bytes]) -> None:
    await office.client.flushall()
    for key, content in whole.items():
        await office.client.restore(key, 0, content)


def _url(office: Desk) -> str:
    return f"unix://{office.client.connection_pool.connection_kwargs['path']}?db=0"


async def test_an_id_without_an_address_is_followed(office: Desk, tmp_path: Path) -> None:
    by_id = msgspec.structs.replace(BORIS, email=None)
    await office.hear(invitation(by_id, id="first"), invitation(BORIS, id="second"))

    erased = await erase(office, tmp_path)

    assert erased.removed["lists"] == 2
    assert holding(values(_url(office)), WORDS) == {}


async def test_a_redis_that_forbids_it_is_said_to_remember(
    office: Desk, redis_url: str, tmp_path: Path
) -> None:
    await office.hear(invitation(BORIS))
    await office.client.acl_setuser(
        "poor", enabled=True, nopass=True, keys=["*"], commands=["+@all", "-bgrewriteaof"]
    )
    async with connect(redis_url.replace("unix://", "unix://poor:x@")) as client:
        erased = await _erasing(client, tmp_path).erase(ADDRESS, Settings(), patience_seconds=0)

    assert "our user may not have it written anew" in erased.may_still_hold[0]
    assert holding(values(redis_url), WORDS) == {}


async def test_what_only_another_group_has_read_is_not_taken_for_applied(
    office: Desk, tmp_path: Path
) -> None:
    await office.hear(invitation(CHEN))
    await office.put(invitation(BORIS, CHEN, id="unheard"))
    await office.client.xgroup_create("notifier:events", "another", id="$")

    said = await erase(office, tmp_path)

    assert "1 events that name the person are not heard yet" in said.waiting[0]
    await office.hear()
    invited = [row for row in await office.deliveries() if row.conference == "unheard"]
    assert len(invited) == 2
