"""What other services import to tell the notifier what happened.

>>> from notifier import Conference, Person, Publisher, Schedule
>>> publisher = Publisher("redis://localhost:6379/0", source="/core/eu-1")
>>> publisher.invitation(conference, [Person(id="boris@conf.example.com", email="boris@x.org")])
'0b1e4b86-…'

Every event is checked by the notifier's own reader before it is sent, so what is accepted here is
not rejected there. Needs Redis and the event types, nothing else of the notifier.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self, Unpack

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from notifier.core.events import FIELD, STREAM
from notifier.reaching.clients import async_client, client
from notifier.reaching.faults import reason
from notifier.telling import Attributes, Seal, Sealed, Telling, What

# Whoever tells of a missed call is in the middle of something else and must not hang (seconds).
TIMEOUT_SECONDS: Final = 3.0

# A broken connection is tried again; an event that arrives twice is heard once.
REPLAYS: Final = 2
BACKOFF: Final = ExponentialWithJitterBackoff(base=0.05, cap=0.5)

# An idle connection is asked with PING first: a firewall may have dropped it (seconds).
HEALTH_CHECK_SECONDS: Final = 25

# Events that travel together: one round trip for many, and not too much of it in memory.
BATCH: Final = 500
BATCH_BYTES: Final = 8 * 1024 * 1024

Clock = Callable[[], datetime]


class NotPublished(Exception):
    """Redis did not confirm events; give `events` to `publish_many` again, they are heard once."""

    def __init__(self, why: str, events: Sequence[Sealed]) -> None:
        super().__init__(f"{len(events)} not published: {why}")
        self.events = events


def utc_now() -> datetime:
    return datetime.now(UTC)


class Publisher(Telling[str]):
    """Tells the notifier what happened at one source.

    `at` is the URL of a Redis (redis://, rediss://, unix://, redis+sentinel://) or a client of your
    own; `source` names your server among all that publish; `timeout` is in seconds, for each of
    three tries, and a client of your own keeps its own. Threads may share one publisher.
    A private CA stands in the URL: `rediss://host:6379/0?ssl_ca_certs=/etc/ssl/ours.pem`.
    """

    def __init__(
        self,
        at: "str | redis.Redis",
        source: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        clock: Clock = utc_now,
    ) -> None:
        self._own = isinstance(at, str)
        # redis-py types an answer as the union of what a client of either kind could say.
        self._client: Any = at if not isinstance(at, str) else _connected(at, timeout)
        self._seal = Seal(source, clock)

    def publish(self, what: What, **attributes: Unpack[Attributes]) -> str:
        """Publish one event and give its ID.

        `what` is a happening, an Event, or a CloudEvents object as a dict, in which `specversion`,
        `id`, `source` and `time` may be missing. Raises Rejected with the path of the wrong field,
        and NotPublished if Redis does not confirm.

        >>> publisher.publish(ConferenceEnded(conference=conference))
        >>> publisher.publish({"type": "conference.end", "data": {"conference": {…}}})
        """
        sealed = self._seal(what, **attributes)
        try:
            self._client.xadd(STREAM, {FIELD: sealed.raw})
        except RedisError as fault:
            raise NotPublished(reason(fault), [sealed]) from fault
        return sealed.id

    def publish_many(self, happenings: Iterable[What]) -> list[str]:
        """Publish events in order, many in one round trip, and give their IDs.

        All are checked before the first is sent; the path in Rejected begins with the place in the
        list: `$[3].data.conference`. NotPublished carries those that Redis did not confirm.

        >>> publisher.publish_many(ConferenceEnded(conference=each) for each in conferences)
        """
        sealed = self._seal.all(happenings)
        round_trips = _RoundTrips(sealed)
        for batch in round_trips:
            try:
                pipeline = _filled(self._client.pipeline(transaction=False), batch)
                answers = pipeline.execute(raise_on_error=False)
            except RedisError as fault:
                raise NotPublished(reason(fault), round_trips.unconfirmed) from fault
            round_trips.confirm(answers)
        return [each.id for each in sealed]

    def close(self) -> None:
        """Close the connections; a client of your own stays open."""
        if self._own:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncPublisher(Telling[Awaitable[str]]):
    """The same for code with an event loop: every method is awaited.

    >>> async with AsyncPublisher("redis://localhost:6379/0", source="/core/eu-1") as publisher:
    ...     await publisher.cancellation(conference)
    """

    def __init__(
        self,
        at: "str | redis.asyncio.Redis",
        source: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        clock: Clock = utc_now,
    ) -> None:
        self._own = isinstance(at, str)
        self._client: Any = at if not isinstance(at, str) else _connected_async(at, timeout)
        self._seal = Seal(source, clock)

    async def publish(self, what: What, **attributes: Unpack[Attributes]) -> str:
        """Publish one event and give its ID; see `Publisher.publish`."""
        sealed = self._seal(what, **attributes)
        try:
            await self._client.xadd(STREAM, {FIELD: sealed.raw})
        except RedisError as fault:
            raise NotPublished(reason(fault), [sealed]) from fault
        return sealed.id

    async def publish_many(self, happenings: Iterable[What]) -> list[str]:
        """Publish events in order and give their IDs; see `Publisher.publish_many`."""
        sealed = self._seal.all(happenings)
        round_trips = _RoundTrips(sealed)
        for batch in round_trips:
            try:
                pipeline = _filled(self._client.pipeline(transaction=False), batch)
                answers = await pipeline.execute(raise_on_error=False)
            except RedisError as fault:
                raise NotPublished(reason(fault), round_trips.unconfirmed) from fault
            round_trips.confirm(answers)
        return [each.id for each in sealed]

    async def close(self) -> None:
        """Close the connections; a client of your own stays open."""
        if self._own:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class _RoundTrips:
    """Batches of events, and which of them Redis has not confirmed yet."""

    def __init__(self, events: Sequence[Sealed]) -> None:
        self._batches = list(_batches(events))
        self._confirmed = 0

    def __iter__(self) -> Iterator[Sequence[Sealed]]:
        return iter(self._batches)

    @property
    def unconfirmed(self) -> list[Sealed]:
        return [each for batch in self._batches[self._confirmed :] for each in batch]

    def confirm(self, answers: Sequence[Any]) -> None:
        """Take the answers to the next batch; raise NotPublished if one is an error."""
        answered = zip(self._batches[self._confirmed], answers, strict=True)
        refused = [(each, answer) for each, answer in answered if isinstance(answer, Exception)]
        self._confirmed += 1
        if refused:
            raise NotPublished(
                reason(refused[0][1]), [each for each, _ in refused] + self.unconfirmed
            ) from refused[0][1]


def _batches(events: Sequence[Sealed]) -> Iterator[Sequence[Sealed]]:
    batch: list[Sealed] = []
    size = 0
    for event in events:
        if batch and (len(batch) >= BATCH or size + len(event.raw) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += len(event.raw)
    if batch:
        yield batch


def _filled(pipeline: Any, batch: Iterable[Sealed]) -> Any:
    for event in batch:
        pipeline.xadd(STREAM, {FIELD: event.raw})
    return pipeline


def _connected(url: str, timeout: float) -> redis.Redis:
    return client(url, retry=Retry(BACKOFF, REPLAYS), **_waits(timeout))


def _connected_async(url: str, timeout: float) -> redis.asyncio.Redis:
    return async_client(url, retry=AsyncRetry(BACKOFF, REPLAYS), **_waits(timeout))


def _waits(timeout: float) -> dict[str, Any]:
    return {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "health_check_interval": HEALTH_CHECK_SECONDS,
    }
