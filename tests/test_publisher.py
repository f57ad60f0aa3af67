"""Claims about the publisher: what it sends is heard, what is wrong stays with whoever said it."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import redis
import redis.asyncio

import notifier
from notifier import AsyncPublisher, NotPublished, Publisher, Rejected
from notifier.adapters import keys
from notifier.core.events import (
    FIELD,
    STREAM,
    TYPES,
    CallMissed,
    Conference,
    ConferenceEnded,
    Event,
    parse,
    parse_entry,
)
from notifier.publisher import BATCH
from notifier.telling import Telling
from tests import cast
from tests.cast import ANNA, BORIS, CHEN, NOW, SOURCE, conference
from tests.redis_servers import PrivateRedis

SIGNED_UP = msgspec.structs.replace(CHEN, unique_link="https://conf.example.com/c/df0a?p=5Yq0")
TIMEOUT = 0.2


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateRedis]:
    with PrivateRedis() as running:
        yield running


@pytest.fixture
def stream(server: PrivateRedis) -> Iterator["redis.Redis"]:
    """The Redis behind it, with nothing published."""
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        yield client


def heard(client: "redis.Redis") -> list[Event]:
    """What a listener reads, oldest first."""
    entries: Any = client.xrange(keys.EVENTS)
    return [parse_entry(fields) for _, fields in entries]


# ---- by name -------------------------------------------------------------------------------

# What is said, and the type of the event that says so.
Saying = Callable[[Telling[Any]], Any]
SAYINGS: dict[str, Saying] = {
    "call.missed": lambda it: it.missed_call(caller=ANNA, recipient=BORIS, time=NOW),
    "conference.invitation": lambda it: it.invitation(conference(), [BORIS, CHEN]),
    "conference.registration": lambda it: it.registration(conference(), SIGNED_UP),
    "conference.reschedule": lambda it: it.reschedule(conference(2)),
    "conference.cancellation": lambda it: it.cancellation(conference(3)),
    "conference.removal": lambda it: it.removal(conference(4), [CHEN]),
    "conference.update": lambda it: it.update(conference(5)),
    "conference.end": lambda it: it.end(conference(6)),
    "recipient.bounced": lambda it: it.bounce("chen@example.cn", "5.1.1", message_id="<1@x>"),
    "server.restart": lambda it: it.restart("internal_error", time=NOW, details="out of memory"),
}


@pytest.mark.parametrize("type_", TYPES)
def test_everything_that_happens_can_be_said_by_name(
    server: PrivateRedis, stream: "redis.Redis", type_: str
) -> None:
    with Publisher(server.url, SOURCE) as publisher:
        event_id = SAYINGS[type_](publisher)

    (event,) = heard(stream)
    assert (event.type, event.id, event.source) == (type_, event_id, SOURCE)


@pytest.mark.parametrize("type_", TYPES)
def test_everything_can_be_said_with_an_event_loop_too(
    server: PrivateRedis, stream: "redis.Redis", type_: str
) -> None:
    async def say() -> str:
        async with AsyncPublisher(server.url, SOURCE) as publisher:
            said: Awaitable[str] = SAYINGS[type_](publisher)
            return await said

    event_id = asyncio.run(say())

    (event,) = heard(stream)
    assert (event.type, event.id, event.source) == (type_, event_id, SOURCE)


def test_what_is_heard_is_what_was_said(server: PrivateRedis, stream: "redis.Redis") -> None:
    traceparent = f"00-{'ab' * 16}-{'cd' * 8}-01"
    with Publisher(server.url, SOURCE, clock=lambda: NOW) as publisher:
        publisher.missed_call(
            caller=ANNA,
            recipient=CHEN,
            time=datetime(2026, 11, 23, 9, 29, 59, tzinfo=UTC),
            call_string="#mailto:chen@example.cn",
            conference=conference(),
            id="mine",
            traceparent=traceparent,
        )

    assert heard(stream) == [
        Event(
            id="mine",
            source=SOURCE,
            type="call.missed",
            time=NOW,
            traceparent=traceparent,
            what=CallMissed(
                caller=ANNA,
                recipient=CHEN,
                time=datetime(2026, 11, 23, 9, 29, 59, tzinfo=UTC),
                call_string="#mailto:chen@example.cn",
                conference=conference(),
            ),
        )
    ]


def test_the_subject_of_an_event_is_its_conference(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    with Publisher(server.url, SOURCE) as publisher:
        publisher.end(conference(id="abc"))
        publisher.end(conference(id="abc"), subject="another")

    entries: Any = stream.xrange(keys.EVENTS)
    subjects = [msgspec.json.decode(fields[b"event"])["subject"] for _, fields in entries]
    assert subjects == ["abc", "another"]


# ---- generically ---------------------------------------------------------------------------


def test_a_dict_is_completed_and_keeps_what_it_says(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    data = {"conference": cast.plain(conference())}
    with Publisher(server.url, SOURCE) as publisher:
        publisher.publish({"type": "conference.end", "data": data})
        publisher.publish({"type": "conference.end", "data": data, "id": "7", "source": "/other"})

    first, second = heard(stream)
    assert (first.source, len(first.id)) == (SOURCE, 36)
    assert first.time is not None
    assert (second.source, second.id) == ("/other", "7")


def test_an_event_that_was_read_can_be_published_again_as_itself(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    event = parse(cast.raw(cast.samples()["conference.invitation"]))

    with Publisher(server.url, "/replay") as publisher:
        publisher.publish(event)

    assert heard(stream) == [event]


def test_many_events_arrive_in_order_over_several_round_trips(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    count = 2 * BATCH + 1
    ended = [ConferenceEnded(conference=conference(number)) for number in range(count)]

    with Publisher(server.url, SOURCE) as publisher:
        ids = publisher.publish_many(ended)

    events = heard(stream)
    assert [event.what for event in events] == ended
    assert [event.id for event in events] == ids
    assert len(set(ids)) == count


def test_many_events_arrive_in_order_with_an_event_loop_too(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    ended = [ConferenceEnded(conference=conference(number)) for number in range(BATCH + 1)]

    async def say() -> list[str]:
        async with AsyncPublisher(server.url, SOURCE) as publisher:
            return await publisher.publish_many(ended)

    ids = asyncio.run(say())

    assert [event.id for event in heard(stream)] == ids


def test_no_events_are_no_trouble(server: PrivateRedis, stream: "redis.Redis") -> None:
    with Publisher(server.url, SOURCE) as publisher:
        assert publisher.publish_many([]) == []

    assert heard(stream) == []


# ---- what is wrong -------------------------------------------------------------------------


def test_a_wrong_event_is_refused_with_the_path_and_not_sent(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    sent = cast.samples()["conference.reschedule"]
    sent["data"]["conference"]["schedule"]["time_zone"] = "Mars/Base"

    with Publisher(server.url, SOURCE) as publisher, pytest.raises(Rejected) as caught:
        publisher.publish(sent)

    assert caught.value.path == "$.data.conference.schedule.time_zone"
    assert heard(stream) == []


def test_of_many_events_none_is_sent_when_one_is_wrong(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    good = cast.samples()["conference.end"]
    bad = good | {"id": ""}

    with Publisher(server.url, SOURCE) as publisher, pytest.raises(Rejected) as caught:
        publisher.publish_many([good, good, bad])

    assert caught.value.path == "$[2].id"
    assert heard(stream) == []


def test_values_that_skipped_their_checks_are_checked(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    # A constructor checks what belongs together, not lengths and types.
    too_long = Conference(id="x" * 200, revision=1, name="x", launch="virtual_room", owner=ANNA)

    with Publisher(server.url, SOURCE) as publisher, pytest.raises(Rejected) as caught:
        publisher.invitation(too_long, [BORIS])

    assert caught.value.path == "$.data.conference.id"
    assert heard(stream) == []


@pytest.mark.parametrize("value", [object(), "\ud800", {"deep": [object()]}])
def test_what_json_cannot_say_is_refused(server: PrivateRedis, value: object) -> None:
    with Publisher(server.url, SOURCE) as publisher, pytest.raises(Rejected, match="not JSON"):
        publisher.publish(cast.samples()["conference.end"] | {"extra": value})


def test_too_many_people_for_one_event_are_refused(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    crowd = [cast.person(number, role="x" * 4000) for number in range(1100)]

    with Publisher(server.url, SOURCE) as publisher, pytest.raises(Rejected, match="allowed are"):
        publisher.invitation(conference(), crowd)

    assert heard(stream) == []


def test_what_is_nothing_that_happened_is_a_mistake_of_the_caller(server: PrivateRedis) -> None:
    wrong: Any = ANNA

    with (
        Publisher(server.url, SOURCE) as publisher,
        pytest.raises(TypeError, match="PeopleInvited"),
    ):
        publisher.publish(wrong)


# ---- when Redis is not there ---------------------------------------------------------------


def test_an_event_that_was_not_confirmed_stays_the_same_event() -> None:
    with PrivateRedis() as server, Publisher(server.url, SOURCE) as publisher:
        server.kill()
        with pytest.raises(NotPublished) as caught:
            publisher.invitation(conference(), [BORIS])
        server.start()

        ids = publisher.publish_many(caught.value.events)
        again = publisher.publish(caught.value.events[0])

        with redis.Redis.from_url(server.url) as client:
            events = heard(client)
    assert ids == [again] == [each.id for each in caught.value.events]
    assert len({event.key for event in events}) == 1


def test_an_event_that_was_not_confirmed_stays_the_same_with_an_event_loop_too() -> None:
    async def say(server: PrivateRedis) -> tuple[list[str], list[str]]:
        async with AsyncPublisher(server.url, SOURCE) as publisher:
            server.kill()
            with pytest.raises(NotPublished) as one:
                await publisher.end(conference())
            with pytest.raises(NotPublished) as many:
                await publisher.publish_many([ConferenceEnded(conference=conference())] * 2)
            server.start()
            unconfirmed = [*one.value.events, *many.value.events]
            return [each.id for each in unconfirmed], await publisher.publish_many(unconfirmed)

    with PrivateRedis() as server:
        before, after = asyncio.run(say(server))

    assert before == after
    assert len(set(after)) == 3


def test_a_redis_that_does_not_answer_is_not_waited_for_long() -> None:
    with PrivateRedis() as server, Publisher(server.url, SOURCE, timeout=TIMEOUT) as publisher:
        publisher.end(conference())
        server.freeze()
        begun = time.monotonic()
        try:
            with pytest.raises(NotPublished):
                publisher.end(conference())
        finally:
            server.thaw()

    # Three tries, each with its pause; generous for a loaded machine.
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("count", [1, BATCH + 2])
def test_events_that_redis_refuses_are_given_back(
    server: PrivateRedis, stream: "redis.Redis", count: int
) -> None:
    stream.set(keys.EVENTS, "not a stream")
    ended = [ConferenceEnded(conference=conference())] * count

    with Publisher(server.url, SOURCE) as publisher:
        with pytest.raises(NotPublished, match="WRONGTYPE") as one:
            publisher.publish(ended[0])
        with pytest.raises(NotPublished, match="WRONGTYPE") as many:
            publisher.publish_many(ended)

    assert len(one.value.events) == 1
    assert len(many.value.events) == count


# ---- its own client ------------------------------------------------------------------------


def test_a_client_of_one_s_own_is_used_and_stays_open(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    with Publisher(stream, SOURCE) as publisher:
        publisher.end(conference())

    assert len(heard(stream)) == 1


def test_an_async_client_of_one_s_own_is_used_and_stays_open(
    server: PrivateRedis, stream: "redis.Redis"
) -> None:
    async def say() -> int:
        async with redis.asyncio.Redis.from_url(server.url, decode_responses=True) as client:
            async with AsyncPublisher(client, SOURCE) as publisher:
                await publisher.end(conference())
            length: int = await client.xlen(keys.EVENTS)
            return length

    assert asyncio.run(say()) == 1


# ---- the package ---------------------------------------------------------------------------


def test_publishers_and_the_listener_mean_the_same_stream() -> None:
    assert (STREAM, FIELD) == (keys.EVENTS, "event")


@pytest.mark.parametrize("name", notifier.__all__)
def test_every_name_of_the_package_is_there(name: str) -> None:
    assert getattr(notifier, name).__name__ == name


def test_every_happening_is_a_name_of_the_package() -> None:
    assert {kind.__name__ for kind in TYPES.values()} <= set(notifier.__all__)


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="publisher_of_all"):
        _ = notifier.publisher_of_all


def test_importing_the_package_imports_nothing_else() -> None:
    looking = "import sys, notifier; print([m for m in sys.modules if m.startswith('notifier.')])"

    told = subprocess.run(
        [sys.executable, "-c", looking], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "[]"


def test_a_publisher_needs_redis_and_the_event_types_only() -> None:
    looking = "import sys, notifier.publisher; print(*sorted(sys.modules))"

    told = subprocess.run(
        [sys.executable, "-c", looking], capture_output=True, text=True, check=True
    )

    loaded = set(told.stdout.split())
    assert {"celery", "litestar", "jinja2", "aiosmtplib", "typer"} & loaded == set()
    assert {name for name in loaded if name.startswith("notifier.adapters")} == set()
