"""The outcome is that of the right order: through the stream, the ledger and the mail server."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.core.events import Conference, Event
from notifier.core.life import Phase, on_list
from notifier.core.notice import Kind
from notifier.ports import Letter
from notifier.remembering import BEGINNING
from tests.adapters.desk import SETTINGS, Desk, desk
from tests.cast import NOW, conference, plain
from tests.core.test_any_order import lives
from tests.redis_servers import PrivateRedis

TABLES: dict[str, Any] = {**SETTINGS, "federation": {"mode": "blacklist"}}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands when all is heard and delivered."""

    conference: Conference
    phase: Phase
    # Of a plan: what was deleted before anybody heard of it is silence.
    on_list: set[str]
    told: set[str]  # the addresses to which anything but a removal went


@pytest.fixture(scope="module")
def redis() -> Iterator[PrivateRedis]:
    with PrivateRedis(options={"appendonly": "no"}) as server:
        yield server


@settings(max_examples=15)
@given(lives(), st.lists(st.integers(1, 3), max_size=3), st.data())
def test_whatever_is_heard_when_the_outcome_is_that_of_the_right_order(
    redis: PrivateRedis,
    life: tuple[list[Event], list[Event]],
    sizes: list[int],
    data: st.DataObject,
) -> None:
    right, other = life
    doubled = [*other, *data.draw(st.lists(st.sampled_from(other), max_size=3))]

    rightly = asyncio.run(outcome(redis.url, right, [1] * len(right)))
    otherwise = asyncio.run(outcome(redis.url, doubled, sizes))

    assert otherwise == rightly


async def outcome(url: str, events: list[Event], sizes: list[int]) -> Outcome:
    """Hear events in this order, some at a time; then deliver all that is owed."""
    async with desk(url) as office:
        await _begin_anew(office)
        waiting = [on_the_wire(event) for event in events]
        for size in [*sizes, len(waiting)]:
            await office.hear(*waiting[:size])
            del waiting[:size]
        await office.deliver()
        return await _standing(office)


def on_the_wire(event: Event) -> dict[str, Any]:
    attributes = {"specversion": "1.0", "id": event.id, "source": event.source, "type": event.type}
    return {**attributes, "time": plain(event.time), "data": plain(event.what)}


async def _begin_anew(office: Desk) -> None:
    await office.client.flushall()
    await office.inbox.open()
    await office.settings.apply(TABLES)
    office.now = NOW


async def _standing(office: Desk) -> Outcome:
    members, _all = await office.memory.slice(conference().id, cursor=BEGINNING)
    found = (await office.memory.recall({conference().id: ()}))[conference().id]
    known = found.known
    assert known is not None
    if known.phase is not Phase.PLANNED:
        return Outcome(conference=known.conference, phase=known.phase, on_list=set(), told=set())
    return Outcome(
        conference=known.conference,
        phase=known.phase,
        on_list={each.key for each in members if on_list(each, known)},
        told={letter.recipient for letter in office.postman.sent if not _tells_removal(letter)},
    )


def _tells_removal(letter: Letter) -> bool:
    return f"X-Notifier-Kind: {Kind.REMOVAL}\r\n".encode() in letter.content
