"""Entries that are no events, or far too much of one: buried with a reason, the rest goes on."""

import json
from typing import Any

import pytest

from notifier.adapters.graveyard import RedisGraveyard
from notifier.core.events import MAX_EVENT_BYTES
from notifier.portions import by_weight
from notifier.remembering import SLICE
from tests.adapters.desk import Desk
from tests.cast import BORIS, NOW, event, raw
from tests.faults.events import buried, invitation, told, unacknowledged
from tests.redis_servers import most_values

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


async def hear_raw(office: Desk, *fields: dict[str | bytes, bytes]) -> None:
    """Put entries as they are, a sound event behind them, and hear everything in one batch."""
    for each in fields:
        await office.client.xadd("notifier:events", each)
    await office.hear(invitation(BORIS))
    await office.deliver()


SOUND = raw(invitation(BORIS))

UNREADABLE: dict[str, tuple[dict[str | bytes, bytes], str, str]] = {
    "empty": ({"event": b""}, "not JSON", "$"),
    "no JSON": ({"event": b"conference invited boris"}, "not JSON", "$"),
    "half an event": ({"event": SOUND[: len(SOUND) // 2]}, "not JSON", "$"),
    "two events": ({"event": SOUND + SOUND}, "not JSON", "$"),
    "invalid UTF-8": ({"event": SOUND.replace(b"Boris", b"B\xe9ris")}, "not UTF-8", "$"),
    "UTF-16": ({"event": SOUND.decode().encode("utf-16")}, "not UTF-8", "$"),
    "a lone surrogate": ({"event": SOUND.replace(b"Boris", b"B\xed\xa0\x80s")}, "not UTF-8", "$"),
    "a pickle": ({"event": b"\x80\x04\x95\x0b\x00\x00\x00"}, "not UTF-8", "$"),
    "null": ({"event": b"null"}, "Expected `object`", "$"),
    "a list of events": ({"event": b"[" + SOUND + b"]"}, "Expected `object`", "$"),
    "another field": ({"evnt": SOUND}, "no field 'event'", "event"),
    "a field that is no text": ({b"\xff\x00": SOUND}, "no field 'event'", "event"),
}


@pytest.mark.parametrize(("fields", "reason", "path"), UNREADABLE.values(), ids=UNREADABLE)
async def test_fault_01_what_cannot_be_read_is_buried_and_the_next_is_heard(
    office: Desk, fields: dict[str | bytes, bytes], reason: str, path: str
) -> None:
    await hear_raw(office, fields)

    [(bytes_, found, where)] = await buried(office)
    assert reason in found
    assert where == path
    assert next(iter(fields.values())) in bytes_  # nothing of it is lost
    assert await told(office) == [("invitation", "Boris")]
    assert await unacknowledged(office) == 0
    assert await office.counter("events_rejected") == 1


DEEP = 10_000
OPENED = SOUND[: SOUND.index(b'"name":"Boris Petit"')]
CLOSED = SOUND[len(OPENED) + len(b'"name":"Boris Petit"') :]

TOO_MUCH: dict[str, tuple[bytes, str]] = {
    "five mebibytes": (raw(event("conference.end", {"padding": "x" * (5 << 20)})), "bytes"),
    "one byte too many": (SOUND + b" " * (MAX_EVENT_BYTES + 1 - len(SOUND)), "bytes"),
    "lists in lists": (b"[" * DEEP + b"]" * DEEP, "Expected `object`"),
    "objects in objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "nested"),
    "never closed": (b"[" * 1_000_000, "Expected `object`"),
    "a name in lists": (OPENED + b'"name":' + b"[" * DEEP + b"]" * DEEP + CLOSED, "nested"),
    "beside the name": (OPENED + b'"new":' + b"[" * DEEP + b"]" * DEEP + CLOSED, "nested"),
    "a number without end": (SOUND.replace(b'"revision":1', b'"revision":1' + b"0" * 100_000), ""),
}


@pytest.mark.parametrize(("sent", "reason"), TOO_MUCH.values(), ids=TOO_MUCH)
async def test_fault_02_what_is_too_large_or_too_deep_is_refused_before_any_work(
    office: Desk, sent: bytes, reason: str
) -> None:
    await hear_raw(office, {"event": sent})

    [(bytes_, found, _path)] = await buried(office)
    assert reason in found
    assert len(found) <= 1000
    assert bytes_ == sent
    assert await told(office) == [("invitation", "Boris")]
    assert await unacknowledged(office) == 0


# Values in the longest command: a slice of deliveries with everything in them. Redis does nothing
# else while it reads them; bench/slowest.py measures for how long.
LONGEST_COMMAND = 40 * SLICE


async def test_fault_02_fifty_thousand_people_are_planned_in_slices(office: Desk) -> None:
    crowd = [{"email": f"u{number}@example.org"} for number in range(50_000)]
    await office.client.config_set("slowlog-max-len", 5000)
    await office.client.config_set("slowlog-log-slower-than", 500)  # microseconds
    await office.client.slowlog_reset()

    await office.hear(invitation(*crowd))

    slow = await office.client.slowlog_get(5000)
    assert await office.counter("deliveries_planned") == 50_000
    assert await unacknowledged(office) == 0
    assert any(b"EVALSHA" in each["command"] for each in slow)
    assert most_values(slow) <= LONGEST_COMMAND


async def test_fault_02_a_batch_of_giants_is_heard_one_after_the_other(office: Desk) -> None:
    padding = {"padding": "x" * (3 << 20)}
    giants = [invitation(BORIS, id=f"{number}") | padding for number in range(3)]
    await office.put(*giants, invitation(BORIS, id="small"), invitation(BORIS, id="smaller"))
    entries = await office.inbox.read(limit=100, block_seconds=0.01)

    batches = [[entry.id for entry in batch] for batch in by_weight(entries)]
    await office.notifier.hear(entries)
    await office.deliver()

    assert batches == [
        [entries[0].id],
        [entries[1].id],
        [entry.id for entry in entries[2:]],
    ]
    assert await told(office) == [("invitation", "Boris")] * 5
    assert await unacknowledged(office) == 0


LATER_VERSION = json.dumps(invitation(BORIS) | {"specversion": "2.0"}).encode()
LATER_TYPE = raw(event("conference.recording", {"conference": {"id": "df0a2adebe"}}))


@pytest.mark.parametrize(
    ("sent", "reason", "path"),
    [
        (LATER_TYPE, "unknown type 'conference.recording'", "$.type"),
        (LATER_VERSION, "Invalid enum value '2.0'", "$.specversion"),
    ],
    ids=["type", "version"],
)
async def test_fault_03_what_is_not_supported_yet_is_buried_whole(
    office: Desk, sent: bytes, reason: str, path: str
) -> None:
    await hear_raw(office, {"event": sent})

    [(bytes_, found, where)] = await buried(office)
    assert (bytes_, where) == (sent, path)
    assert reason in found


async def test_fault_03_what_an_older_listener_buried_is_heard_after_an_upgrade(
    office: Desk,
) -> None:
    event_ = invitation(BORIS)
    await office.put(event_)
    [entry] = await office.inbox.read(limit=1, block_seconds=0.01)
    # As a listener does that does not know the type.
    await office.inbox.reject(entry, reason="unknown type", path="$.type")
    graveyard = RedisGraveyard(office.client)

    [old] = await graveyard.newest(None)
    await graveyard.replay(old)
    await office.hear()
    await office.deliver()

    assert await told(office) == [("invitation", "Boris")]
    assert await graveyard.count() == 0


async def test_fault_03_what_is_still_not_supported_comes_back_unharmed(office: Desk) -> None:
    await hear_raw(office, {"event": LATER_TYPE})
    graveyard = RedisGraveyard(office.client)

    for _round in range(3):
        [old] = await graveyard.newest(None)
        await graveyard.replay(old)
        await office.hear()

    again: Any = await buried(office)
    assert [bytes_ for bytes_, _reason, _path in again] == [LATER_TYPE]
