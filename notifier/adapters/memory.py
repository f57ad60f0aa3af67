"""What is remembered of conferences, and the one step that writes an event with all it means."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from notifier import log
from notifier.adapters import keys
from notifier.adapters.ageing import dropped
from notifier.adapters.commitments import calls
from notifier.adapters.connection import is_away
from notifier.adapters.cursors import walked
from notifier.adapters.lua_scripts import Scripts
from notifier.adapters.recalling import questions, recalled, recalling
from notifier.adapters.suppressions import RedisSuppressions
from notifier.adapters.taking import hints, taking
from notifier.adapters.untold_marks import untold_mark
from notifier.core.delivery import State
from notifier.core.life import Known, Member
from notifier.core.notice import Notice
from notifier.core.people import MAILTO
from notifier.ports.ledger import Hint
from notifier.remembering import BEGINNING, FIRST_ETAG, Commitment, Remembered, Unreadable
from notifier.remembering import SLICE as SMALL_LIST

# A publisher may repeat an event for this long, say out of a backlog (days).
SEEN_DAYS: Final = 14

# Members read in one go: a script over them stays far below 50 ms (people).
SLICE: Final = 400

# Looks for people who are known by their address only that are written down together: most lists
# have few or none, and each slice of nobody would cost a commit of its cursor.
STEPS_OF_BARE: Final = 10
_BARE_KEYS: Final = f"{MAILTO}*"

_known: Final = msgspec.json.Decoder(Known)
_member: Final = msgspec.json.Decoder(Member)
_notice: Final = msgspec.json.Decoder(Notice)


class RedisMemory:
    """Keeps conferences, lists, notices and the due index.

    Without the list of suppressions it only notes bounces at their deliveries.
    """

    def __init__(self, client: Redis, suppressions: RedisSuppressions | None = None) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._suppressions = suppressions
        self._scripts = Scripts(client)
        self._illegible: set[str] = set()  # notices that are passed over

    async def recall(self, wanted: Mapping[str, Sequence[str]]) -> dict[str, Remembered]:
        """Give what is known of conferences, with the rows of the people named for each."""
        asked = questions(wanted)
        answers = await self._scripts.run_all(list(recalling(asked)))
        found = recalled(asked, _in_order(answers))
        return {
            conference: _remembered(found[conference].record, people, found[conference].rows)
            for conference, people in wanted.items()
        }

    async def recall_lists(self, conferences: Sequence[str]) -> dict[str, Remembered]:
        """Give what is known of conferences, and everybody on those lists that are small.

        The etag is read before its list: whoever changes the list meanwhile has changed the etag.
        """
        pipeline = self._client.pipeline(transaction=False)
        for conference in conferences:
            pipeline.hmget(keys.conference(conference), ["known", "etag", "version"])
            # A small list comes whole at the first step of its walk.
            pipeline.hscan(keys.members(conference), cursor=0, count=SMALL_LIST)
        answers = iter(await pipeline.execute())
        return {each: _with_list(next(answers), *next(answers)) for each in conferences}

    async def commit(self, steps: Sequence[Commitment], *, under: int | None = None) -> list[str]:
        """Write each, one atomic step apiece.

        Gives for each `applied`, `duplicate`, `gone`, `conflict`, or `failed` where Redis will not
        write this one, whatever it does with the others. `under` is the revision of the settings by
        which they were decided: where another is in force, that is a conflict.
        """
        packed = list(calls(steps, under=under, suppressions=self._suppressions))
        return _read_all(steps, await self._scripts.run_all(packed))

    async def commit_and_take(
        self,
        steps: Sequence[Commitment],
        *,
        under: int,
        limit: int,
        roads: int,
        rate: int,
    ) -> tuple[list[str], list[Hint]]:
        """Write each, and take what is ready by then, in one round trip.

        What was written is told whatever becomes of the taking: a sweep makes up for it.
        """
        packed = list(calls(steps, under=under, suppressions=self._suppressions))
        taken = taking(limit=limit, roads=roads, rate=rate)
        *answers, flat = await self._scripts.run_all([*packed, taken])
        return _read_all(steps, answers), hints(flat) if isinstance(flat, list) else []

    async def slices(self, *, limit: int) -> list[tuple[Notice, str]]:
        """Give notices to everyone that are still being spread, oldest first, with cursors."""
        ids = await self._being_spread(limit)
        if not ids:
            return []
        pipeline = self._client.pipeline(transaction=False)
        pipeline.mget([keys.notice(each) for each in ids])
        pipeline.hmget(keys.CURSORS, ids)
        texts, cursors = await pipeline.execute()
        return [
            (notice, cursor.decode())
            for each, text, cursor in zip(ids, texts, cursors, strict=True)
            if text is not None and cursor is not None and (notice := self._legible(each, text))
        ]

    def _legible(self, notice_id: str, text: bytes) -> Notice | None:
        """Give a notice, or None where this version cannot read it."""
        try:
            return _notice.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            self.pass_over(notice_id, str(fault))
            return None

    def pass_over(self, notice_id: str, fault: str) -> None:
        """Spread a notice no more in this process: it waits for a version that can, and no other.

        At the head of all they would stand in the way of those that can be spread.
        """
        self._illegible.add(notice_id)
        log.unreadable_notice(notice_id, fault)

    async def _being_spread(self, limit: int) -> list[str]:
        """Give the oldest notices being spread, without those that are passed over."""
        found: list[str] = []
        start = 0
        while len(found) < limit:
            page = await self._client.zrange(keys.SPREADING, start, start + SLICE - 1)
            ids = [each.decode() for each in page]
            found += [each for each in ids if each not in self._illegible]
            if len(ids) < SLICE:
                break
            start += SLICE
        return found[:limit]

    async def slice(
        self, conference: str, *, cursor: str, bare: bool = False
    ) -> tuple[list[Member], str]:
        """Give some members from `cursor` on, and the next cursor (BEGINNING: that was all).

        `bare` asks for those who are known by their address only: of a list without any, Redis
        passes over thousands of people at a time.
        """
        members = keys.members(conference)
        found: dict[bytes, bytes] = {}
        for _step in range(STEPS_OF_BARE if bare else 1):
            rows, cursor = await walked(
                self._client,
                "hscan",
                members,
                cursor,
                count=SLICE,
                match=_BARE_KEYS if bare else None,
            )
            found |= rows
            if found or cursor == BEGINNING:
                break
        try:
            return [_member.decode(row) for row in found.values()], cursor
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            raise Unreadable(str(fault)) from None

    async def stored(self, notices: Sequence[str]) -> frozenset[str]:
        """Give those of these notices by which somebody is told."""
        pipeline = self._client.pipeline(transaction=False)
        for each in notices:
            pipeline.exists(keys.notice(each))
        there = await pipeline.execute()
        return frozenset(each for each, is_there in zip(notices, there, strict=True) if is_there)

    async def untold(
        self, conference: str, people: Sequence[str], *, former_lives: int
    ) -> frozenset[str]:
        """Give those of these people whom nothing has reached yet in this life of a conference."""
        if not people:
            return frozenset()
        marks = [untold_mark(each, former_lives) for each in people]
        answers = await self._client.smismember(keys.untold(conference), marks)
        return frozenset(each for each, there in zip(people, answers, strict=True) if there)

    async def states(self, ids: Sequence[str]) -> dict[str, State]:
        """Give how these deliveries stand, as far as there are any."""
        found: dict[str, State] = {}
        for some in _in_slices(ids):
            packed = msgspec.msgpack.encode(some)
            answer = await self._scripts.run("states", [], [keys.delivery(""), packed])
            found |= {i: State(each.decode()) for i, each in zip(some, answer, strict=True) if each}
        return found

    async def forget_events(self, *, now: float) -> int:
        """Forget events so old at `now` (unix seconds) that no publisher repeats them; how many."""
        return await dropped(self._client, keys.SEEN, until=now - SEEN_DAYS * 86_400)

    async def notice(self, notice_id: str) -> Notice | None:
        """Give a notice."""
        text = await self._client.get(keys.notice(notice_id))
        return _notice.decode(text) if text else None


def _read_all(steps: Sequence[Commitment], answers: Iterable[Any]) -> list[str]:
    return [_read(each, answer) for each, answer in zip(steps, _in_order(answers), strict=True)]


def _in_order(answers: Iterable[Any]) -> Iterator[Any]:
    """Give each answer out of the answers to calls, which hold many."""
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
        yield from answer


def _read(commitment: Commitment, answer: bytes | Exception) -> str:
    """Give the answer to one commitment; a Redis that is away fails them all."""
    if isinstance(answer, bytes):
        return answer.decode()
    if not isinstance(answer, ResponseError) or is_away(answer):
        raise answer
    log.failed_to_commit(commitment.entry, answer)
    return "failed"


def _in_slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), SLICE):
        yield ids[at : at + SLICE]


def _remembered(
    record: Sequence[bytes | None], people: Sequence[str], rows: Sequence[bytes | None]
) -> Remembered:
    known, etag, version = record
    remembered = Remembered(etag=etag.decode() if etag else FIRST_ETAG, version=int(version or 0))
    found = zip(people, rows, strict=False)
    try:
        return msgspec.structs.replace(
            remembered,
            known=_known.decode(known) if known else None,
            members={key: _member.decode(row) for key, row in found if row},
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        # A zone may be gone from its database, or a limit be lower than it was.
        return msgspec.structs.replace(remembered, unreadable=str(fault))


def _with_list(
    record: Sequence[bytes | None], following: int, rows: Mapping[bytes, bytes]
) -> Remembered:
    if following:
        return _remembered(record, people=(), rows=())
    people = [key.decode() for key in rows]
    found = _remembered(record, people=people, rows=list(rows.values()))
    return msgspec.structs.replace(found, whole=not found.unreadable)
