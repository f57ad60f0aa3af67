"""The one step that writes an event: all or nothing, once, in slices, whatever happens between."""

import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from notifier.adapters import keys
from notifier.adapters.inbox import MOST_TRIES
from notifier.core.delivery import State
from notifier.core.events import Choices
from notifier.core.notice import Kind
from notifier.ports.inbox import Entry
from notifier.remembering import SLICE, Commitment
from tests.adapters.desk import Desk, desk
from tests.cast import BORIS, CHEN, NOW, START, conference, event, person, schedule
from tests.redis_servers import most_values

pytestmark = pytest.mark.asyncio


def invitation(*people: Any, revision: int = 1, **changes: Any) -> dict[str, Any]:
    held = conference(revision=revision, **changes)
    return event("conference.invitation", {"conference": held, "participants": list(people)})


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


async def test_an_event_is_applied_and_acknowledged_in_one_step(office: Desk) -> None:
    await office.hear(invitation(BORIS, CHEN))

    assert [row.recipient.address for row in await office.deliveries()] == [
        "chen@example.cn",
        "boris@example.org",
    ]
    assert (await office.client.xpending("notifier:events", "notifier"))["pending"] == 0
    assert await office.counter("events_applied") == 1


async def test_the_same_event_again_changes_nothing(office: Desk) -> None:
    told = invitation(BORIS)

    await office.hear(told)
    await office.hear(told)

    assert len(await office.deliveries()) == 1
    assert await office.counter("events_duplicate") == 1
    assert (await office.client.xpending("notifier:events", "notifier"))["pending"] == 0


async def test_the_same_event_twice_in_one_batch_is_applied_once(office: Desk) -> None:
    told = invitation(BORIS)

    await office.put(told, told)
    await office.hear()

    assert len(await office.deliveries()) == 1
    assert await office.counter("events_applied") == 1
    assert await office.counter("events_duplicate") == 1
    assert (await office.client.xpending("notifier:events", "notifier"))["pending"] == 0


async def test_the_last_word_of_a_batch_says_when_a_conference_is_due(office: Desk) -> None:
    reminded = Choices(reminders=("1h",))
    later = schedule(start=schedule().start + timedelta(days=1))
    moved = conference(revision=2, schedule=later, notifications=reminded)
    gone = conference(revision=2, id="gone", notifications=reminded)

    await office.put(
        invitation(BORIS, notifications=reminded),
        event("conference.reschedule", {"conference": moved}),
        invitation(BORIS, id="gone", notifications=reminded),
        event("conference.cancellation", {"conference": gone}),
    )
    await office.hear()

    due = await office.client.zrange(keys.DUE, 0, -1, withscores=True)
    before_it_starts = (START + timedelta(days=1, hours=-1)).timestamp()
    assert due == [(b"df0a2adebe", before_it_starts)]


async def test_events_of_one_conference_in_one_batch_see_each_other(office: Desk) -> None:
    await office.put(
        invitation(BORIS),
        invitation(CHEN, revision=2),
        event("conference.cancellation", {"conference": conference(revision=3)}),
    )

    await office.hear()

    kinds = [row.kind for row in await office.deliveries()]
    assert kinds == [Kind.CANCELLATION, Kind.CANCELLATION, Kind.INVITATION, Kind.INVITATION]


async def test_an_event_that_redis_will_not_write_spoils_no_other_of_its_batch(
    office: Desk,
) -> None:
    await office.client.set(keys.untold("broken@conf.example.com"), "no set")
    await office.put(
        invitation(BORIS),
        invitation(BORIS, id="broken@conf.example.com"),
        invitation(BORIS, id="other@conf.example.com"),
    )

    await office.hear()

    told = {row.conference for row in await office.deliveries()}
    assert told >= {conference().id, "other@conf.example.com"}
    assert await office.counter("events_applied") == 2
    assert (await office.client.xpending("notifier:events", "notifier"))["pending"] == 1


async def test_workers_are_hinted_in_the_step_that_writes_what_is_owed(office: Desk) -> None:
    await office.lookout.look()

    await office.hear(invitation(BORIS, CHEN))

    [(kind, ids)] = office.hints.given
    assert kind is Kind.INVITATION
    assert set(ids) == {row.id for row in await office.deliveries()}


async def test_what_is_to_be_spread_is_hinted_at_with_what_it_may_overtake(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()

    await office.put(
        event("conference.cancellation", {"conference": conference(revision=2)}),
        invitation(CHEN, id="other@conf.example.com"),
    )
    await office.notifier.hear(await office.inbox.read(limit=10, block_seconds=0.1))

    assert office.hints.given == []


async def test_a_redis_that_forgot_its_scripts_is_told_them_again(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    await office.client.script_flush()

    await office.hear(invitation(CHEN, revision=2))

    assert len(await office.deliveries()) == 2
    assert await office.counter("events_applied") == 2


async def test_an_event_is_decided_by_the_settings_that_are_in_force_when_it_is_written(
    office: Desk, redis_url: str
) -> None:
    await office.hear(invitation(BORIS))
    async with desk(redis_url, consumer="b") as other:
        await other.settings.apply({"notifications": {"invitations": False}})

    await office.hear(invitation(CHEN, revision=2))

    states = {row.recipient.address: row.state for row in await office.deliveries()}
    assert states == {"boris@example.org": State.PENDING, "chen@example.cn": State.SKIPPED}
    assert await office.counter("events_applied") == 2


async def test_somebody_named_twice_by_a_late_event_is_recorded_once(office: Desk) -> None:
    await office.hear(event("conference.cancellation", {"conference": conference(revision=3)}))

    held = conference(revision=2)
    await office.hear(
        event("conference.removal", {"conference": held, "participants": [BORIS, BORIS]})
    )

    [row] = await office.deliveries()
    assert row.state is State.SKIPPED
    assert await office.client.llen(keys.notice_deliveries(row.notice)) == 1
    assert await office.counter("deliveries_planned") == 1


async def test_two_listeners_at_once_lose_nothing_and_double_nothing(
    office: Desk, redis_url: str
) -> None:
    await office.put(*(invitation(person(n), revision=n) for n in range(1, 21)))
    async with desk(redis_url, consumer="b") as other:
        other.now = NOW
        mine = await office.inbox.read(limit=10, block_seconds=0.1)
        theirs = await other.inbox.read(limit=10, block_seconds=0.1)

        # Both have read before either writes: the second meets conflicts and applies again.
        await office.notifier.hear(mine)
        await other.notifier.hear(theirs)

    assert len(await office.deliveries()) == 20
    assert await office.counter("events_applied") == 20


async def test_what_was_decided_on_an_older_look_is_not_written(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    [(name, seen)] = (await office.memory.recall({"df0a2adebe": ()})).items()
    theirs = Commitment(conference=name, etag=seen.etag, next_etag="theirs", known=seen.known)
    ours = Commitment(conference=name, etag=seen.etag, next_etag="ours", known=seen.known)

    assert await office.memory.commit([theirs, ours]) == ["applied", "conflict"]


async def test_a_batch_that_lost_a_race_is_applied_again_as_a_whole(
    office: Desk, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = conference(revision=2, schedule=schedule(time_zone="America/New_York"))
    renamed = msgspec.structs.replace(moved, revision=3, name="Review")
    await office.hear(invitation(BORIS))
    await office.deliver()
    await office.put(
        event("conference.reschedule", {"conference": moved}),
        event("conference.update", {"conference": renamed}),
    )
    batch = await office.inbox.read(limit=10, block_seconds=0.1)
    async with desk(redis_url, consumer="b") as other:
        other.now = NOW
        written = office.memory.commit_and_take
        races = [invitation(CHEN)]

        async def be_late(steps: Any, **named: Any) -> Any:
            # Exactly one write of somebody else comes in between: counting would not notice it.
            if races:
                await other.hear(races.pop())
            return await written(steps, **named)

        monkeypatch.setattr(office.memory, "commit_and_take", be_late)
        await office.notifier.hear(batch)
        await office.hear()

    moves = [row for row in await office.deliveries() if row.kind == Kind.RESCHEDULE]
    assert "boris@example.org" in [row.recipient.address for row in moves]


async def test_a_long_list_is_written_in_slices(office: Desk) -> None:
    people = [person(n) for n in range(2 * SLICE + 1)]

    await office.hear(invitation(*people))

    assert len(await office.deliveries()) == len(people)
    assert await office.counter("events_applied") == 1


async def test_a_listener_that_dies_between_slices_is_replaced_without_loss_or_double(
    office: Desk, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(n) for n in range(3 * SLICE)]
    await office.put(invitation(*people))
    entries = await office.inbox.read(limit=1, block_seconds=0.1)
    written = office.memory.commit_and_take

    async def die_after_the_first(steps: Any, **named: Any) -> Any:
        await written(steps[:1], **named)
        raise ConnectionError

    # The one place where a crash is put between two commands; the real kill is in tests/stories.
    monkeypatch.setattr(office.memory, "commit_and_take", die_after_the_first)
    with pytest.raises(ConnectionError):
        await office.notifier.hear(entries)
    async with desk(redis_url, consumer="b") as other:
        other.now = NOW
        assert len(await other.deliveries()) == SLICE

        await other.notifier.hear(await _taken_over(other, entries[0].id))

        assert len(await other.deliveries()) == len(people)
        assert (await other.client.xpending("notifier:events", "notifier"))["pending"] == 0


async def test_a_notice_to_everyone_reaches_a_list_of_any_length(office: Desk) -> None:
    people = [person(n) for n in range(3 * SLICE)]
    await office.hear(invitation(*people))
    await office.deliver()

    moved = conference(revision=2, schedule=schedule(time_zone="America/New_York"))
    await office.hear(event("conference.reschedule", {"conference": moved}))

    moves = [row for row in await office.deliveries() if row.kind == Kind.RESCHEDULE]
    assert len({row.recipient.key for row in moves}) == len(moves) == len(people)
    assert await office.memory.slices(limit=10) == []


async def test_people_who_joined_under_the_new_times_are_not_told_of_the_move(
    office: Desk,
) -> None:
    moved = conference(revision=3, schedule=schedule(time_zone="America/New_York"))
    await office.hear(invitation(BORIS))
    await office.deliver()
    late_guest = {"conference": moved, "participants": [CHEN]}
    await office.hear(event("conference.invitation", late_guest))

    await office.hear(event("conference.reschedule", {"conference": moved}))

    moves = [row for row in await office.deliveries() if row.kind == Kind.RESCHEDULE]
    assert [row.recipient.address for row in moves] == ["boris@example.org"]


async def test_what_is_no_event_is_buried_with_its_bytes_and_its_reason(office: Desk) -> None:
    await office.client.xadd("notifier:events", {"event": b"\xff{ nonsense"})

    await office.hear(invitation(BORIS))

    [(_id, buried)] = await office.client.xrange("notifier:rejected")
    assert buried[b"event"] == b"\xff{ nonsense"
    assert b"UTF-8" in buried[b"reason"]
    assert len(await office.deliveries()) == 1


async def test_an_event_that_cannot_be_applied_is_buried_after_five_tries(
    office: Desk,
) -> None:
    await office.put(invitation(BORIS))
    [entry] = await office.inbox.read(limit=1, block_seconds=0.1)

    await _make_stale(office, entry.id, tries=4)
    assert await office.inbox.take_over(limit=10) == [entry]
    await _make_stale(office, entry.id, tries=5)

    assert await office.inbox.take_over(limit=10) == []
    [(_id, buried)] = await office.client.xrange("notifier:rejected")
    assert b"5 tries" in buried[b"reason"]


async def test_an_event_that_kills_its_listeners_takes_no_other_with_it(office: Desk) -> None:
    ids = [f"c-{number}" for number in range(4)]
    await office.put(*(invitation(BORIS, id=each) for each in ids))
    entries = await office.inbox.read(limit=10, block_seconds=0.1)
    deadly = entries[1]

    for _listener in range(MOST_TRIES):
        for entry in entries:
            await _make_stale(office, entry.id)
        while taken := await office.inbox.take_over(limit=10):
            if deadly in taken:
                await office.notifier.hear(taken[: taken.index(deadly)])
                break
            await office.notifier.hear(taken)

    [(_id, buried)] = await office.client.xrange("notifier:rejected")
    assert buried[b"entry"].decode() == deadly.id
    assert len(await office.deliveries()) == len(ids) - 1


async def test_trimming_drops_the_old_and_keeps_what_is_pending_or_unread(office: Desk) -> None:
    for number in range(300):
        await office.client.xadd("notifier:events", {"event": b"old"}, id=f"{1000 + number}-0")
    read: list[Entry] = []
    while len(read) < 200:
        read += await office.inbox.read(limit=200 - len(read), block_seconds=0.1)
    for entry in read[:150]:
        await office.inbox.reject(entry, reason="test", path="")

    await office.inbox.trim(now=time.time())

    left = [
        entry_id.decode() for entry_id, _fields in await office.client.xrange("notifier:events")
    ]
    assert set(left) >= {entry.id for entry in read[150:]} | {f"{n}-0" for n in range(1200, 1300)}
    assert len(left) < 300


async def test_reminders_are_planned_once_however_many_tick(office: Desk, redis_url: str) -> None:
    own = {"notifications": {"reminders": ["5m", "1d"]}}
    held = msgspec.convert(msgspec.to_builtins(conference()) | own, type(conference()))
    invited = {"conference": held, "participants": [BORIS, CHEN]}
    await office.hear(event("conference.invitation", invited))
    office.now = NOW + timedelta(days=4, hours=4, minutes=26)

    async with desk(redis_url, consumer="b") as other:
        other.now = office.now
        await office.notifier.tick()
        await other.notifier.tick()

    reminders = [row for row in await office.deliveries() if row.kind == Kind.REMINDER]
    assert len(reminders) == 2
    # Both offsets were missed: one reminder, the nearest (R16).
    assert {row.state for row in reminders} == {State.PENDING}


async def test_no_step_is_longer_than_a_slice(office: Desk) -> None:
    await office.client.config_set("slowlog-max-len", 5000)
    await office.client.config_set("slowlog-log-slower-than", 500)  # microseconds
    await office.client.slowlog_reset()

    await office.hear(invitation(*(person(n) for n in range(10_000))))
    await office.hear(event("conference.cancellation", {"conference": conference(revision=2)}))

    assert await office.counter("deliveries_planned") == 20_000
    assert 0 < most_values(await office.client.slowlog_get(5000)) <= 60 * SLICE


async def _taken_over(office: Desk, entry_id: str) -> list[Any]:
    await _make_stale(office, entry_id)
    return await office.inbox.take_over(limit=10)


async def _make_stale(office: Desk, entry_id: str, tries: int | None = None) -> None:
    """Let an entry look as if its listener had held it for a minute."""
    words = ["XCLAIM", "notifier:events", "notifier", "gone", "0", entry_id, "IDLE", "60000"]
    counted = ["RETRYCOUNT", str(tries)] if tries else ["JUSTID"]
    await office.client.execute_command(*words, *counted, parse_justid=tries is None)


async def test_events_that_no_publisher_repeats_are_forgotten_some_at_a_time(office: Desk) -> None:
    old = {f"old {number}": 1_000_000 + number for number in range(2500)}
    await office.client.zadd("notifier:seen", old)
    await office.hear(invitation(BORIS))

    assert await office.memory.forget_events(now=time.time()) == 2500

    assert await office.client.zcard("notifier:seen") == 1
