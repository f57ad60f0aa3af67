"""The audit of the due index on a Redis: what is lost, moved or added by hand, and who walks."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from notifier.adapters.audit_walk import PAGE, RULES, RedisAuditWalk
from notifier.auditing import MOST_TOLD, Auditor, Page
from notifier.core.indexed import put_off
from notifier.remembering import BEGINNING, Commitment
from tests.adapters.desk import Desk, desk
from tests.cast import BORIS, NOW, START, conference, event

pytestmark = pytest.mark.asyncio

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FIRST = START - DAY
EVERY_PAGE = 100


def invitation(number: int, **changes: Any) -> dict[str, Any]:
    held = conference(id=f"c-{number}", **changes)
    return event("conference.invitation", {"conference": held, "participants": [BORIS]})


@pytest_asyncio.fixture(autouse=True)
async def _one_day_before(office: Desk) -> None:
    """Three conferences that remind a day before, and a walk that follows nothing."""
    office.now = NOW
    await office.settings.apply({"reminders": {"offsets": ["1d"]}})
    await office.hear(*(invitation(number) for number in range(3)))
    await walked(office)


async def walked(office: Desk) -> None:
    """Walk until no request is left, then once more from the beginning to the end."""
    auditor = of(office)
    while await office.client.exists("notifier:reindex"):
        await auditor.hurry(now=office.now or NOW)
    before = await office.client.hget("notifier:audit", "last_ended")
    await office.client.hdel("notifier:audit", "last_ended")
    for _page in range(EVERY_PAGE):
        await office.client.hdel("notifier:audit", "turn")
        await auditor.stroll(now=office.now or NOW)
        if await office.client.hexists("notifier:audit", "last_ended"):
            return
    raise AssertionError(f"the walk does not end; the last one ended at {before}")


def of(office: Desk, **parts: Any) -> Auditor:
    own: dict[str, Any] = {
        "memory": office.memory,
        "walk": office.walk,
        "settings": office.settings,
    }
    return Auditor(**(own | parts))


async def index(office: Desk) -> dict[str, datetime]:
    found = await office.client.zrange("notifier:due", 0, -1, withscores=True)
    return {name.decode(): datetime.fromtimestamp(score, UTC) for name, score in found}


async def last(office: Desk) -> tuple[int, int]:
    """How many conferences the last whole walk saw, and how many it mended."""
    seen, mended = await office.client.hmget("notifier:audit", "last_seen", "last_mended")
    return int(seen), int(mended)


async def state(office: Desk) -> list[tuple[bytes, bytes]]:
    """Everything there is, but for what the audit notes of itself."""
    names = [name async for name in office.client.scan_iter()]
    kept = [name for name in names if name not in {b"notifier:audit", b"notifier:counters"}]
    return [(name, await office.client.dump(name)) for name in sorted(kept)]


# ---- what is mended ------------------------------------------------------------------------


async def test_where_all_is_right_nothing_is_written(office: Desk) -> None:
    before = await state(office)

    await walked(office)

    assert await state(office) == before
    assert await last(office) == (3, 0)
    assert await office.counter("index_mended") == 0


async def test_entries_deleted_moved_and_added_by_hand_are_put_right(office: Desk) -> None:
    right = await index(office)
    await office.client.zrem("notifier:due", "c-0")
    await office.client.zadd("notifier:due", {"c-1": (FIRST + HOUR).timestamp()})
    await office.client.zadd("notifier:due", {"nobody": (FIRST + HOUR).timestamp()})

    await walked(office)

    assert await index(office) == right
    assert await last(office) == (4, 3)
    assert await office.counter("index_mended") == 3
    # It left nothing behind of what nobody knows.
    assert not await office.client.exists("notifier:conference:nobody")


async def test_what_is_wrong_without_a_reason_is_an_alarm(
    office: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await office.client.zrem("notifier:due", "c-0")

    await walked(office)

    [line] = [each for each in caplog.records if each.message == "index mended"]
    assert line.levelname == "ERROR"
    assert vars(line)["facts"] == {
        "conference": "c-0",
        "was": "none",
        "due": f"{FIRST:%Y-%m-%dT%H:%M:%SZ}",
    }


async def test_the_loss_of_the_whole_index_does_not_bury_all_other_lines(
    office: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await office.hear(*(invitation(number) for number in range(3, 12)))
    lost = await office.client.zcard("notifier:due")
    await office.client.delete("notifier:due")

    await walked(office)

    told = [vars(each)["facts"] for each in caplog.records if each.message == "index mended"]
    assert len(told) == MOST_TOLD + 1
    assert told[-1] == {"further_conferences": lost - MOST_TOLD}


async def test_a_moment_that_no_calendar_has_is_named_as_it_is(
    office: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await office.client.zadd("notifier:due", {"nobody": 1e15})

    await walked(office)

    [line] = [each for each in caplog.records if each.message == "index mended"]
    assert vars(line)["facts"]["was"] == "1000000000000000.0"


async def test_r16_a_lost_entry_is_caught_up_by_one_reminder(office: Desk) -> None:
    await office.client.zrem("notifier:due", "c-0")
    office.now = FIRST + HOUR

    await walked(office)
    await office.notifier.tick()

    reminded = [row for row in await office.deliveries() if row.kind == "reminder"]
    assert len(reminded) == 3
    assert {row.conference for row in reminded} == {"c-0", "c-1", "c-2"}


async def test_a_conference_that_cannot_be_read_is_left_alone(office: Desk) -> None:
    known = await office.client.hget("notifier:conference:c-0", "known")
    gone = known.replace(b"Europe/Paris", b"US/Pacific-New")  # removed in 2020
    await office.client.hset("notifier:conference:c-0", "known", gone)
    await office.client.zrem("notifier:due", "c-1")

    await walked(office)

    assert await index(office) == dict.fromkeys(["c-0", "c-1", "c-2"], FIRST)


async def test_a_conference_that_makes_us_stumble_is_looked_at_an_hour_later(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.client.zrem("notifier:due", "c-0")
    monkeypatch.setattr("notifier.core.indexed.next_due", _stumbling)

    await walked(office)

    assert (await index(office))["c-0"] == put_off(NOW)
    assert await last(office) == (3, 1)
    await walked(office)
    assert await last(office) == (3, 0)


def _stumbling(*_args: Any, **_named: Any) -> None:
    raise OverflowError


# ---- new settings --------------------------------------------------------------------------


async def test_r13_what_is_past_when_reminders_are_turned_on_is_not_caught_up(
    office: Desk,
) -> None:
    office.now = START - HOUR
    await office.client.delete("notifier:due")
    await office.settings.apply({"reminders": {"offsets": ["1d", "5m"]}})

    await office.notifier.tick()
    await walked(office)
    await office.notifier.tick()

    assert [row.kind for row in await office.deliveries()] == ["invitation"] * 3
    assert set((await index(office)).values()) == {START - 5 * MINUTE}
    assert await office.counter("index_renewed") == 3
    assert await office.counter("index_mended") == 0


async def test_r13_own_offsets_are_kept(office: Desk) -> None:
    own = {"reminders": ["2h"]}
    await office.hear(
        invitation(7, notifications=own), invitation(8, notifications={"reminders": []})
    )

    for chosen in ([], ["1d", "5m"], ["3h"]):
        await office.settings.apply({"reminders": {"offsets": chosen}})
        await walked(office)

        assert (await index(office))["c-7"] == START - 2 * HOUR
        assert "c-8" not in await index(office)
        assert len(await index(office)) == (4 if chosen else 1)


async def test_settings_applied_in_the_middle_of_a_walk_hold_for_every_conference(
    office: Desk,
) -> None:
    await office.hear(*(invitation(number) for number in range(3, 3 * PAGE)))
    await office.settings.apply({"reminders": {"offsets": ["3h"]}})
    await of(office).stroll(now=NOW)
    half = set((await index(office)).values())
    await office.settings.apply({"reminders": {"offsets": ["2h"]}})

    await walked(office)

    assert half == {FIRST, START - 3 * HOUR}
    assert set((await index(office)).values()) == {START - 2 * HOUR}


async def test_what_was_decided_by_settings_of_yesterday_is_decided_anew(
    office: Desk, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(redis_url, consumer="b") as other:
        other.now = NOW
        entered = asyncio.Event()
        go_on = asyncio.Event()
        written = other.memory.commit_and_take

        async def be_late(steps: Sequence[Commitment], **named: Any) -> Any:
            entered.set()
            await go_on.wait()
            return await written(steps, **named)

        monkeypatch.setattr(other.memory, "commit_and_take", be_late)
        await other.put(invitation(9))
        hearing = asyncio.create_task(other.hear())
        await entered.wait()
        await office.settings.apply({"reminders": {"offsets": ["3h"]}})
        await walked(office)
        go_on.set()
        await hearing

    # The walk was over before the conference was written.
    assert (await index(office))["c-9"] == START - 3 * HOUR
    await walked(office)
    assert await last(office) == (4, 0)


async def test_a_conference_written_under_the_eyes_of_the_walk_is_looked_at_again(
    office: Desk,
) -> None:
    await office.settings.apply({"reminders": {"offsets": ["3h"]}})
    written = office.memory.commit
    renamed = conference(id="c-1", revision=2, name="Another")
    races = [event("conference.update", {"conference": renamed})]

    class Racing:
        """A memory into which somebody else writes first."""

        recall = staticmethod(office.memory.recall)

        async def commit(self, steps: Sequence[Commitment], **named: Any) -> list[str]:
            if races:
                await office.hear(races.pop())
            return await written(steps, **named)

    await of(office, memory=Racing()).hurry(now=NOW)

    assert set((await index(office)).values()) == {START - 3 * HOUR}


async def test_a_walk_that_finds_new_settings_leaves_them_to_the_next(office: Desk) -> None:
    """What they add in the past would look as if it had been lost."""
    office.now = START - HOUR
    await office.notifier.tick()
    await office.client.hdel("notifier:audit", "turn")
    current = office.settings.in_force
    applied: list[int] = []

    class Applying:
        """Settings that change as soon as they have been read."""

        async def in_force(self) -> Any:
            read = await current()
            if not applied:
                applied.append(
                    await office.settings.apply({"reminders": {"offsets": ["2h", "5m"]}})
                )
            return read

    auditor = of(office, settings=Applying())
    await auditor.stroll(now=office.now)
    await auditor.stroll(now=office.now)
    await walked(office)
    await office.notifier.tick()

    assert applied
    assert set((await index(office)).values()) == {START - 5 * MINUTE}
    assert sum(row.kind == "reminder" for row in await office.deliveries()) == 3  # of yesterday


# ---- laws and rules ------------------------------------------------------------------------


async def test_a_moment_that_a_new_law_moved_into_the_past_is_reminded_of_once(
    office: Desk,
) -> None:
    await office.client.set("notifier:zones", f"2024a/{RULES}")
    await office.client.zadd("notifier:due", {"c-0": (FIRST + HOUR).timestamp()})
    office.now = FIRST + MINUTE

    changed = await office.walk.follow("2026a")
    await office.notifier.tick()
    await office.notifier.tick()
    await office.notifier.tick()

    assert changed
    reminded = [row for row in await office.deliveries() if row.kind == "reminder"]
    assert sorted(str(row.conference) for row in reminded) == ["c-0", "c-1", "c-2"]
    assert not await office.walk.follow("2026a")


async def test_what_an_older_version_left_behind_is_put_right_in_silence(
    office: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """It did not note that what is past at a change of settings reminds nobody."""
    office.now = START - HOUR
    later = (START - 5 * MINUTE).timestamp()
    await office.settings.apply({"reminders": {"offsets": ["1d", "5m"]}})
    await office.client.zadd("notifier:due", dict.fromkeys(["c-0", "c-1", "c-2"], later))
    await office.client.delete("notifier:reindex")
    await office.client.set("notifier:zones", "2026a")

    await office.walk.follow("2026a")
    # A tick of that version may take the request away, and do its own walk.
    await office.client.delete("notifier:reindex")
    await walked(office)
    await walked(office)
    await office.notifier.tick()

    assert "index mended" not in [each.message for each in caplog.records]
    assert [row.kind for row in await office.deliveries()] == ["invitation"] * 3


async def test_new_settings_are_not_forgotten_over_new_laws(office: Desk) -> None:
    office.now = START - HOUR
    await office.client.delete("notifier:due")
    await office.client.set("notifier:zones", f"2024a/{RULES}")
    await office.settings.apply({"reminders": {"offsets": ["1d", "5m"]}})

    await office.walk.follow("2026a")
    await walked(office)
    await office.notifier.tick()

    assert [row.kind for row in await office.deliveries()] == ["invitation"] * 3


# ---- clocks --------------------------------------------------------------------------------


async def test_a_look_that_a_wrong_clock_took_in_the_future_is_taken_back(office: Desk) -> None:
    remembered = (await office.memory.recall({"c-0": ()}))["c-0"]
    assert remembered.known is not None
    ahead = msgspec.structs.replace(remembered.known, reminded_until=FIRST + DAY / 2)
    await office.client.hset("notifier:conference:c-0", "known", msgspec.json.encode(ahead))
    await office.client.zrem("notifier:due", "c-0")

    await walked(office)

    assert (await index(office))["c-0"] == FIRST
    office.now = FIRST + MINUTE
    await office.notifier.tick()
    assert sum(row.kind == "reminder" for row in await office.deliveries()) == 3


async def test_nothing_is_audited_while_the_clocks_cannot_be_trusted(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.client.hdel("notifier:audit", "turn")
    await office.client.zrem("notifier:due", "c-0")
    monkeypatch.setattr(office.notifier, "_clocks", NoClocks())

    looked = await office.notifier.audit()

    assert not looked
    assert "c-0" not in await index(office)
    monkeypatch.undo()
    assert await office.notifier.audit()
    assert "c-0" in await index(office)


class NoClocks:
    """Clocks that jump about."""

    async def moment(self) -> None:
        return None


# ---- who walks -----------------------------------------------------------------------------


async def test_two_walkers_share_the_pages(office: Desk, redis_url: str) -> None:
    await office.hear(*(invitation(number) for number in range(3, 6 * PAGE)))
    await office.client.delete("notifier:counters")
    await office.settings.apply({"reminders": {"offsets": ["3h"]}})
    async with desk(redis_url, consumer="b") as other:
        both = [of(each).hurry(now=NOW) for each in (office, other, office, other)]
        while await office.client.exists("notifier:reindex"):
            await asyncio.gather(*both)
            both = [of(each).hurry(now=NOW) for each in (office, other)]
        for each in both:
            each.close()

    assert set((await index(office)).values()) == {START - 3 * HOUR}
    assert await office.counter("index_renewed") == 6 * PAGE
    assert await last(office) == (6 * PAGE, 6 * PAGE)


async def test_a_page_that_nobody_finishes_is_given_to_another(office: Desk) -> None:
    await office.settings.apply({"reminders": {"offsets": ["3h"]}})
    dead = await office.walk.turn(hurried_only=True)
    refused = await office.walk.turn(hurried_only=True)
    await office.client.hset("notifier:audit", "turn", 1)

    other = await office.walk.turn(hurried_only=True)

    assert refused is None
    assert other == dead
    assert other is not None
    assert await office.walk.walked(other, "next", seen=3, mended=0)
    # Whoever was given up says so too late.
    assert not await office.walk.walked(other, BEGINNING, seen=3, mended=0)


async def test_a_turn_noted_by_a_clock_that_was_ahead_keeps_nobody_waiting(office: Desk) -> None:
    await office.client.hset("notifier:audit", "turn", "99999999999")

    assert await office.walk.turn(hurried_only=False) is not None


async def test_a_walk_that_follows_nothing_takes_its_time(office: Desk) -> None:
    await office.client.hdel("notifier:audit", "turn")
    auditor = of(office, walk=RedisAuditWalk(office.client, pace_seconds=60))

    looked = [await auditor.stroll(now=NOW) for _page in range(4)]

    assert looked == [True, False, False, False]


# ---- all at once ---------------------------------------------------------------------------


async def test_a_look_at_all_writes_nothing(office: Desk) -> None:
    await office.client.zrem("notifier:due", "c-0")
    await office.client.zadd("notifier:due", {"nobody": FIRST.timestamp()})
    before = await state(office)

    pages = [each async for each in of(office).whole(clock=lambda: NOW, repair=False)]

    assert sum(each.seen for each in pages) == 4
    assert {each.conference for page in pages for each in page.findings} == {"c-0", "nobody"}
    assert await state(office) == before


async def test_a_repair_of_all_mends_and_tells(office: Desk) -> None:
    right = await index(office)
    await office.client.zrem("notifier:due", "c-0")

    pages: list[Page] = [each async for each in of(office).whole(clock=lambda: NOW, repair=True)]

    [found] = [each for page in pages for each in page.findings]
    assert (found.conference, found.entry, found.mend.due) == ("c-0", None, FIRST)
    assert await index(office) == right
    assert await office.counter("index_mended") == 1


async def test_r13_a_repair_in_the_middle_of_a_walk_does_not_catch_up(office: Desk) -> None:
    office.now = START - HOUR
    await office.client.delete("notifier:due")
    await office.settings.apply({"reminders": {"offsets": ["1d", "5m"]}})

    async for _page in of(office).whole(clock=lambda: START - HOUR, repair=True):
        pass
    await office.notifier.tick()

    assert [row.kind for row in await office.deliveries()] == ["invitation"] * 3
