"""Connections to Redis that last: what goes over them takes the short way while nothing is amiss.

redis-py asks and counts much before and after each command: half of what a call costs. The short
way does what its own does where a connection lies ready; wherever anything is unusual (none is
free, one is not connected, was closed, has something to say, or is due for a PING), redis-py's own
way is taken, with all of its care.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import hiredis
import redis.asyncio
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Unconnected
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as Unanswered

# Its types know tuples of one.
_pack: Final[Any] = hiredis.pack_command

# A packed command, and where its answer is waited for.
_Passenger = tuple[bytes, asyncio.Future[Any]]


# What a worker asks most, and redis-py answers as Redis does.
_SHORT: Final = frozenset({"EVALSHA", "SMISMEMBER"})
# What redis-py adds to a command that is nothing to Redis.
_NAMING: Final = frozenset({"keys"})


class Client(redis.asyncio.Redis):
    """A client whose scripts take the short way."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._trips = Trips(self.connection_pool)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Run any command; `options` are for redis-py: which keys it names, how to read it."""
        if args[0] in _SHORT and options.keys() <= _NAMING and not self.connection:
            return await self._trips.take(_pack(args))
        way: Any = super().execute_command
        return await way(*args, **options)


def steadfast(found: "redis.asyncio.Redis") -> "redis.asyncio.Redis":
    """Give the same client with connections of ours: TLS, sockets and sentinels alike.

    Ours stands below theirs, so that what sentinels make of an answer comes after it.
    """
    kind = found.connection_pool.connection_class
    found.connection_pool.connection_class = type(kind.__name__, (kind, _Steadfast), {})
    return found


class Trips:
    """Takes packed commands to Redis and back: those of one turn of the loop travel together.

    One write and one answer are what a round trip costs on both sides, whatever is in it; a fence
    and the record of the letter before fall due in the same moment.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._waiting: list[_Passenger] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def take(self, packed: bytes) -> Any:
        """Send one command, and give what Redis answers; raise what it refuses.

        It travels with others, but is told only of its own fate.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((packed, answer))
        if len(self._waiting) == 1:
            trip = asyncio.create_task(self._travel())
            self._under_way.add(trip)
            trip.add_done_callback(self._under_way.discard)
        return await answer

    async def _travel(self) -> None:
        """Take along everybody who has come by now."""
        passengers, self._waiting = self._waiting, []
        try:
            await _round_trip(self._pool, passengers)
        except BaseException as fault:
            for _packed, answer in passengers:
                if not answer.done():
                    answer.set_exception(fault)
            if not isinstance(fault, Exception):
                raise


async def _round_trip(pool: Any, passengers: Sequence[_Passenger]) -> None:
    """Send packed commands over one connection of the pool, and hand out what Redis answers.

    As with every command of the client those without an answer are sent again where the connection
    breaks, as often as the client was told; raises what that raises. A script costs 30 µs of 60
    less this way.
    """
    connection = _at_hand(pool) or await pool.get_connection()

    async def once() -> None:
        due = [each for each in passengers if not each[1].done()]
        await connection.send_packed_command([packed for packed, _answer in due])
        for _packed, answer in due:
            try:
                said = await connection.read_response()
            except ResponseError as refusal:
                if not answer.done():
                    answer.set_exception(refusal)
                continue
            if not answer.done():  # whoever asked may have been cancelled
                answer.set_result(said)

    async def drop(_fault: object) -> None:
        await connection.disconnect()

    try:
        await connection.retry.call_with_retry(once, drop)
    finally:
        if getattr(connection, "_should_reconnect", False):
            await pool.release(connection)
        else:
            pool._in_use_connections.remove(connection)
            pool._available_connections.append(connection)


def _at_hand(pool: Any) -> Any:
    """Take the connection that the pool would give, if it would find nothing to do about it.

    Nobody else runs between the look and the taking, so no lock is needed.
    """
    free = pool._available_connections
    if not free or not free[-1].is_connected:
        return None
    stream, replies = free[-1]._reader, free[-1]._parser._reader
    # Closed, or something was said that nobody asked for: no answer to what comes now.
    if stream.at_eof() or stream.exception() or stream._buffer or replies.has_data():
        return None
    connection = free.pop()
    pool._in_use_connections.add(connection)
    return connection


def _at_rest(connection: Any, *, check_health: bool) -> asyncio.StreamWriter | None:
    """Give what a command can simply be written to: nothing waits to be sent, no PING is due.

    redis-py makes a task of each sending, for its time-out: a third of the time of a call, and one
    more turn of the loop. Nothing can wait here: what the socket does not take at once stays in a
    buffer that was empty, the answer has the same time-out, and the next one takes the long way.
    """
    if not connection.is_connected:
        return None
    if check_health and asyncio.get_running_loop().time() > connection.next_health_check:
        return None
    writer: asyncio.StreamWriter = connection._writer
    busy = writer.transport.is_closing() or writer.transport.get_write_buffer_size()
    return None if busy else writer


class _Steadfast(AbstractConnection):
    """A connection that closed meanwhile is away, also in the words of uvloop.

    Those are a RuntimeError, which redis-py lets pass: nothing is sent again, and what a mail
    server said would not reach the journal.
    """

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        this: Any = self
        try:
            writer = _at_rest(this, check_health=check_health)
            if writer:
                writer.writelines([command] if isinstance(command, bytes) else command)
            else:
                await super().send_packed_command(command, check_health)
        except RuntimeError as fault:
            await this.disconnect(nowait=True)
            raise Unconnected(str(fault)) from None

    async def read_response(
        self,
        disable_decoding: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109 - named so by its callers
        *,
        disconnect_on_error: bool = True,
        push_request: bool | None = False,
    ) -> Any:
        """Give the next answer, as redis-py does; its kind of time-out costs 5 µs more."""
        this: Any = self
        stream = this._reader
        special = disable_decoding or push_request or timeout is not None or not disconnect_on_error
        if special or stream is None or not this.socket_timeout:
            return await super().read_response(
                disable_decoding,
                timeout,
                disconnect_on_error=disconnect_on_error,
                push_request=push_request,
            )
        loop = asyncio.get_running_loop()
        # Whoever waits for the stream is woken by this, as if the socket had said it.
        alarm = loop.call_later(this.socket_timeout, stream.set_exception, TimeoutError())
        try:
            answer = await this._parser.read_response()
        except BaseException as fault:
            # Its answer would be taken for that of the next command.
            await this.disconnect(nowait=True)
            if isinstance(fault, TimeoutError):
                raise Unanswered(f"Timeout reading from {this._host_error()}") from None
            if isinstance(fault, OSError):
                raise Unconnected(f"Error while reading: {fault}") from fault
            raise
        finally:
            alarm.cancel()
        if stream.exception():
            # The answer came in the very moment of the alarm, which would end the next call.
            await this.disconnect(nowait=True)
        this.next_health_check = loop.time() + this.health_check_interval
        if isinstance(answer, ResponseError):
            raise answer
        return answer
