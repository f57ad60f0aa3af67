"""A Redis that is older than what is remembered of it: nothing leaves until a person looked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notifier.adapters import keys
from notifier.adapters.lookout import ANOTHER, EMPTIED, UNKNOWN
from notifier.core.delivery import State
from notifier.core.outcomes import Refused, Unanswered
from tests.adapters.desk import SETTINGS, Desk
from tests.cast import BORIS, CHEN, conference, event, person
from tests.faults.restored import Machine, back_up, empty, restore
from tests.redis_servers import PROGRAMS, PrivateRedis

EVE = person(4)

pytestmark = pytest.mark.asyncio


@pytest.fixture(params=sorted(PROGRAMS))
def redis(request: pytest.FixtureRequest) -> Iterator[PrivateRedis]:
    with PrivateRedis(program=PROGRAMS[request.param]) as server:
        yield server


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


async def test_fault_40_no_mail_leaves_a_restored_backup(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await two_sent_one_before_the_copy(redis, machine, tmp_path)

    async with machine.desk(redis) as office:
        await machine.work(office)
        await office.hear(invitation(EVE, number=3))
        await machine.work(office)

        assert office.postman.sent == []
        states = {row.recipient.name: row.state for row in await office.deliveries()}
        assert states == {
            "Boris Petit": State.SENT,
            "Chen Li": State.PENDING,
            "User 4": State.PENDING,
        }
        assert "older" in await reason(office)


async def test_fault_40_resuming_sends_what_is_owed_and_nothing_twice(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await two_sent_one_before_the_copy(redis, machine, tmp_path)

    async with machine.desk(redis) as office:
        await office.hear(invitation(EVE, number=3))
        await resume(machine, office)
        await machine.work(office)

        assert sent_to(office) == ["user4@example.org"]
        rows = await office.deliveries()
        assert {row.state for row in rows} == {State.SENT}
        assert [row.reason for row in rows] == ["250 2.0.0 ok"] * 3


async def test_fault_40_whom_the_copy_takes_for_untold_hears_that_it_is_cancelled(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await two_sent_one_before_the_copy(redis, machine, tmp_path)

    async with machine.desk(redis) as office:
        assert await office.client.keys(keys.untold("*")) != []  # Chen was told after the copy
        await resume(machine, office)

        assert await office.client.keys(keys.untold("*")) == []


async def test_fault_40_events_that_are_published_again_tell_nobody_twice(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    after_the_copy = invitation(BORIS, CHEN, number=2)
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        await machine.work(office)
        back_up(redis, tmp_path / "copy")
        await office.hear(after_the_copy)
        await machine.work(office)
    restore(redis, tmp_path / "copy")

    async with machine.desk(redis) as office:
        await resume(machine, office)
        await office.hear(after_the_copy)
        await machine.work(office)

        assert office.postman.sent == []
        told = [row for row in await office.deliveries() if row.conference == "c2"]
        assert [row.state for row in told] == [State.SENT, State.SENT]
        assert await office.client.zscore("notifier:notices", told[0].notice) is not None


async def test_fault_40_what_failed_or_is_in_doubt_is_not_sent_again(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        await machine.work(office)
        await office.hear(invitation(CHEN, number=2), invitation(EVE, number=3))
        back_up(redis, tmp_path / "copy")
        chen, eve = [row for row in await office.deliveries() if row.state is State.PENDING]
        office.postman.outcome = Refused("550 no such user")
        await office.deliver_only(chen.id)
        office.postman.outcome = Unanswered("cut")
        await office.deliver_only(eve.id)
        await machine.work(office)
    restore(redis, tmp_path / "copy")

    async with machine.desk(redis) as office:
        await resume(machine, office)
        await machine.work(office)

        assert office.postman.sent == []
        states = {row.recipient.name: (row.state, row.doubts) for row in await office.deliveries()}
        assert states["Chen Li"] == (State.FAILED, 0)
        assert states["User 4"] == (State.UNKNOWN, 1)
        # A person decides, and then it leaves.
        [doubtful] = await office.ledger.deliveries([eve.id])
        assert await office.ledger.resend(doubtful)
        await machine.work(office)
        assert sent_to(office) == ["user4@example.org"]


async def test_fault_40_what_a_person_asked_for_again_is_still_owed(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        back_up(redis, tmp_path / "copy")
        await machine.work(office)
        [row] = await office.deliveries()
        await office.ledger.resend(row)
        await machine.note(office)
    restore(redis, tmp_path / "copy")

    async with machine.desk(redis) as office:
        await resume(machine, office)
        await machine.work(office)

        assert sent_to(office) == ["boris@example.org"]


async def test_fault_40_a_copy_that_was_written_to_is_recognised_all_the_same(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await two_sent_one_before_the_copy(redis, machine, tmp_path)
    # A machine that remembers nothing hears an event first: the log grows beyond what was lost.
    stranger = Machine(tmp_path / "stranger")
    async with stranger.desk(redis) as office:
        await office.hear(invitation({"id": "eve@conf.example.com"}, number=9))
        assert await office.client.xlen("notifier:log") == 2

    async with machine.desk(redis) as office:
        await machine.work(office)

        assert office.postman.sent == []
        assert "older" in await reason(office)
        await resume(machine, office)
        await machine.work(office)
        assert office.postman.sent == []


async def test_fault_40_a_copy_is_closed_even_within_seconds_of_its_making(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        await office.lookout.look()
        back_up(redis, tmp_path / "copy")
        [row] = await office.deliveries()
        claimed = await office.ledger.claim([row.id])
        assert len(claimed) == 1
        restore(redis, tmp_path / "copy")

        # Nobody has looked at this process of Redis: neither hints, claims nor the fence open.
        blind = office.ledger.__class__(office.client)
        assert await blind.take(limit=10) == []
        assert await blind.claim([row.id]) == []
        assert await blind.fence([claimed[0]]) == ["lost"]


async def test_fault_40_a_claim_that_the_copy_holds_too_does_not_pass_the_fence(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        [row] = await office.deliveries()
        [claimed] = await office.ledger.claim([row.id])
        back_up(redis, tmp_path / "copy")
        restore(redis, tmp_path / "copy")

        assert await office.ledger.fence([claimed]) == ["lost"]

        [waiting] = await office.deliveries()
        assert (waiting.state, waiting.crashes) == (State.PENDING, 0)
        await machine.work(office)
        assert sent_to(office) == ["boris@example.org"]


async def test_fault_40_a_restart_without_loss_opens_by_itself(
    redis: PrivateRedis, machine: Machine
) -> None:
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        await machine.work(office)
        await office.hear(invitation(CHEN, number=2))
        redis.kill()
        redis.start()

        await machine.work(office)

        assert sent_to(office) == ["boris@example.org", "chen@example.cn"]


async def test_fault_40_a_new_data_folder_under_an_old_redis_waits_for_those_who_know(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await restarted_owing_one(redis, machine)
    stranger = Machine(tmp_path / "stranger")

    async with stranger.desk(redis) as office:
        await stranger.work(office)
        assert office.postman.sent == []
        assert await office.client.exists("notifier:quarantine") == 0

        async with machine.desk(redis):
            await stranger.work(office)
        assert sent_to(office) == ["chen@example.cn"]


async def test_fault_40_where_nobody_knows_a_person_must(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await restarted_owing_one(redis, machine)

    stranger = Machine(tmp_path / "stranger")
    async with stranger.desk(redis) as office:
        await office.lookout.look(patience=0)
        await stranger.work(office)

        assert office.postman.sent == []
        assert await reason(office) == UNKNOWN
        await resume(stranger, office)
        await stranger.work(office)
        assert sent_to(office) == ["chen@example.cn"]


async def test_fault_40_other_machines_accept_what_a_person_has_decided(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    other = Machine(tmp_path / "other")
    async with machine.desk(redis) as office, other.desk(redis) as beside:
        await office.hear(invitation(BORIS))
        back_up(redis, tmp_path / "copy")
        await machine.work(office)
        await other.work(beside)
    restore(redis, tmp_path / "copy")
    async with machine.desk(redis) as office:
        await resume(machine, office)

    async with other.desk(redis) as beside:
        await beside.hear(invitation(CHEN, number=2))
        await other.work(beside)

        assert sent_to(beside) == ["chen@example.cn"]
        assert await beside.client.exists("notifier:quarantine") == 0


async def test_fault_40_the_same_copy_restored_twice_is_closed_twice(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await two_sent_one_before_the_copy(redis, machine, tmp_path)
    async with machine.desk(redis) as office:
        await resume(machine, office)
        await machine.work(office)
    restore(redis, tmp_path / "copy")

    async with machine.desk(redis) as office:
        await machine.work(office)
        assert office.postman.sent == []
        assert await reason(office) == ANOTHER

        await resume(machine, office)
        await machine.work(office)
        assert office.postman.sent == []


async def test_a_redis_that_is_emptied_during_a_run_tells_nobody_twice(
    redis: PrivateRedis, machine: Machine
) -> None:
    said = invitation(BORIS, CHEN)
    async with machine.desk(redis) as office:
        await office.hear(said)
        await machine.work(office)
        office.postman.sent.clear()

        await office.client.flushall()
        await office.inbox.open()
        await office.settings.apply(SETTINGS)
        await office.hear(said, invitation(EVE, number=2))
        await machine.work(office)

        assert office.postman.sent == []
        assert await reason(office) == EMPTIED
        await resume(machine, office)
        await machine.work(office)
        assert sent_to(office) == ["user4@example.org"]


async def test_another_redis_under_the_same_folder_is_noticed(
    redis: PrivateRedis, machine: Machine
) -> None:
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        await machine.work(office)
    redis.kill()
    empty(redis)
    redis.start()
    async with Machine(redis.folder / "elsewhere").desk(redis):
        pass

    async with machine.desk(redis) as office:
        await office.hear(invitation(CHEN, number=2))
        await machine.work(office)

        assert office.postman.sent == []
        assert await reason(office) == ANOTHER


async def test_a_first_start_on_an_empty_redis_opens_at_once(
    redis: PrivateRedis, machine: Machine
) -> None:
    async with machine.desk(redis) as office:
        assert (await office.lookout.sight()).open
        assert machine.marks.read() is not None


async def test_a_ledger_that_is_closed_by_hand_keeps_what_is_claimed_for_later(
    redis: PrivateRedis, machine: Machine
) -> None:
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        [row] = await office.deliveries()
        [claimed] = await office.ledger.claim([row.id])

        assert await machine.resumption(office).close("moving")

        assert await office.ledger.fence([claimed]) == ["lost"]
        await machine.work(office)
        assert office.postman.sent == []
        assert await reason(office) == "moving"
        await resume(machine, office)
        await machine.work(office)
        [row] = await office.deliveries()
        assert (row.state, row.crashes) == (State.SENT, 0)


async def test_a_summary_counts_by_kind_and_changes_nothing(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await two_sent_one_before_the_copy(redis, machine, tmp_path)
    async with machine.desk(redis) as office:
        await office.hear(invitation(*(person(n) for n in range(300)), number=3))
        resumption = machine.resumption(office)
        held = await resumption.quarantine()
        assert held is not None

        summary = await resumption.summary(
            held, resumption.outcomes(held.point, []), now=lambda: datetime.now(UTC)
        )

        [owed] = summary.owed
        assert (owed.kind, owed.waiting, owed.settled_elsewhere) == ("invitation", 301, 1)
        # The conference of the cast is over by the clock of whoever looks, or still to come.
        assert summary.to_send + owed.past_deadline == 300
        assert (summary.outcomes, summary.missing) == (1, 0)
        assert await office.client.exists("notifier:quarantine") == 1


async def test_the_files_of_another_machine_are_as_good_as_ones_own(
    redis: PrivateRedis, machine: Machine, tmp_path: Path
) -> None:
    await two_sent_one_before_the_copy(redis, machine, tmp_path)
    sent_logs = sorted(machine.files.folder.glob("*.jsonl"))
    bare = Machine(tmp_path / "bare")
    async with bare.desk(redis) as office:
        resumption = bare.resumption(office)
        held = await resumption.quarantine()
        assert held is not None
        assert not resumption.has_export()

        await resumption.lift(resumption.outcomes(held.point, sent_logs))
        await bare.work(office)

        assert office.postman.sent == []


async def two_sent_one_before_the_copy(redis: PrivateRedis, machine: Machine, folder: Path) -> None:
    """Boris is told, the copy is made while Chen is owed, Chen is told, the copy is put back."""
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        await machine.work(office)
        await office.hear(invitation(CHEN, number=2))
        back_up(redis, folder / "copy")
        await machine.work(office)
        assert sent_to(office) == ["boris@example.org", "chen@example.cn"]
    restore(redis, folder / "copy")


async def restarted_owing_one(redis: PrivateRedis, machine: Machine) -> None:
    """Send one mail and plan another; then Redis starts anew, with all that it had."""
    async with machine.desk(redis) as office:
        await office.hear(invitation(BORIS))
        await machine.work(office)
        await office.hear(invitation(CHEN, number=2))
    redis.kill()
    redis.start()


async def resume(machine: Machine, office: Desk) -> None:
    """Say `notifier resume --yes`."""
    resumption = machine.resumption(office)
    held = await resumption.quarantine()
    assert held is not None, "there is no quarantine"
    await resumption.lift(resumption.outcomes(held.point, []))


async def reason(office: Desk) -> str:
    return str((await office.client.hget("notifier:quarantine", "reason")).decode())


def sent_to(office: Desk) -> list[str]:
    return [letter.recipient for letter in office.postman.sent]


def invitation(*people: Any, number: int = 1) -> dict[str, Any]:
    told = {"conference": conference(id=f"c{number}"), "participants": list(people)}
    return event("conference.invitation", told)
