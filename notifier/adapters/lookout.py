"""The lookout: before anything leaves, it compares Redis with what this machine remembers of it.

A restored backup, an emptied Redis or another one would send again what was sent already. So
nothing is claimed until somebody has looked at this very process of Redis (its `run_id`), and what
shows less than is remembered goes into quarantine until a person lifts it.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import uuid4

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from notifier import log
from notifier.adapters import keys
from notifier.adapters.lua_scripts import Scripts
from notifier.adapters.mark_file import Mark, MarkFile
from notifier.adapters.places import BEGINNING, moment, order, unix_time
from notifier.intervals import Intervals

# Tells whether this Redis holds the latest state, so that deliveries may leave.
Look = Callable[[], Awaitable[bool]]

# How long who remembers nothing leaves the word to those who may (seconds).
PATIENCE: Final = 10.0
# How often a quarantine is told of in the log (seconds).
TELL_SECONDS: Final = 60.0
# A mark that is older than the shortest retention may speak of an entry that was trimmed since.
TRIMMED_AFTER_SECONDS: Final = 86_400.0

EMPTIED: Final = "Redis was emptied: the ledger that this machine remembers is gone"
ANOTHER: Final = "Redis holds another ledger than the one that this machine remembers"
UNKNOWN: Final = (
    "no machine here remembers this ledger: its data folder is new, and whether this is the latest "
    "state of Redis cannot be told"
)
OLDER: Final = (
    "Redis is older than what this machine remembers: outcomes up to {seen:%Y-%m-%d %H:%M:%S} UTC "
    "were seen, and it knows them up to {known:%Y-%m-%d %H:%M:%S} UTC"
)


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    """Since when (Unix seconds), why, and up to which place the log of this Redis is believed."""

    since: float
    reason: str
    point: str


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What Redis shows at one moment."""

    process: str
    passed: str
    ledger: str
    before: frozenset[str]  # ledgers that a person has declared to go on in this one
    last: str
    quarantine: Quarantine | None

    @property
    def open(self) -> bool:
        """Whether somebody has looked at this process already."""
        return self.quarantine is None and self.passed == self.process


class Lookout:
    """Looks once a second, and whenever nothing may leave yet."""

    def __init__(
        self,
        client: Redis,
        marks: MarkFile | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without a file for marks nothing is remembered, and only a quarantine closes."""
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)
        self._marks = marks
        self._clock = clock
        self._mark: Mark | None = None
        self._intervals = Intervals(clock)
        self._strange_since: float | None = None

    async def look(self, *, patience: float = PATIENCE, aloud: bool = True) -> bool:
        """Compare, and open or close; tell whether deliveries may leave.

        Who remembers nothing waits for so many seconds for somebody who does. What is found closed
        is told in the log, unless somebody asked who is told anyway.
        """
        # First what is remembered: read afterwards, it may be of a later moment than the sight,
        # since all processes of this machine write it.
        mark = self.remembered()
        sight = await self.sight()
        if sight.quarantine:
            if aloud:
                self._tell(sight.quarantine.reason)
            return False
        if mark is None and self._must_wait(sight, patience):
            return False
        reason, point = await self._doubt(sight, mark)
        if reason:
            await self.close(reason, point=point)
            if aloud:
                self._tell(reason)
            return False
        return await self._open(sight)

    async def sight(self) -> Sight:
        """Give what Redis shows."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.info("server")
        pipeline.get(keys.PASS)
        pipeline.hmget(keys.LEDGER, ["id", "before"])
        pipeline.hgetall(keys.QUARANTINE)
        pipeline.xinfo_stream(keys.LOG)
        *answers, stream = await pipeline.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        server, passed, (ledger, before), quarantine = answers
        return Sight(
            process=str(server["run_id"]),
            passed=_text(passed),
            ledger=_text(ledger),
            before=frozenset(_text(before).split()),
            last=_last(stream),
            quarantine=_quarantine(quarantine),
        )

    async def close(self, reason: str, *, point: str) -> bool:
        """Put the ledger into quarantine; False if it is there already."""
        answer = await self._scripts.run("close", [keys.PASS, keys.QUARANTINE], [reason, point])
        return bool(answer)

    def remember(self, mark: Mark) -> None:
        """Write the mark, unless another process has just written the same."""
        if self._marks is None:
            return
        self._mark = mark
        try:
            if self._marks.read() != mark:
                self._marks.write(mark)
        except OSError as fault:
            # A machine without a disk of its own remembers as long as its processes live.
            if self._intervals.over("mark fault", TELL_SECONDS):
                log.waiting_for("mark", str(fault))

    async def _open(self, sight: Sight) -> bool:
        new = uuid4().hex
        if not sight.open or not sight.ledger:
            touched = [keys.PASS, keys.QUARANTINE, keys.LEDGER]
            if not await self._scripts.run("open", touched, [sight.process, sight.ledger, new]):
                return False
        mark = Mark(ledger=sight.ledger or new, last=sight.last)
        if mark != self._mark:
            self.remember(mark)
        return True

    def remembered(self) -> Mark | None:
        """Give the farthest mark of this process and of its machine."""
        marks = [self._mark, self._marks.read() if self._marks else None]
        known = [each for each in marks if each is not None]
        return max(known, key=lambda mark: order(mark.last), default=None)

    def _must_wait(self, sight: Sight, patience: float) -> bool:
        """Tell whether others, who may remember more, should speak first."""
        if self._marks is None or not sight.ledger or sight.open:
            return False
        if self._strange_since is None:
            self._strange_since = self._clock()
        return self._clock() - self._strange_since < patience

    async def _doubt(self, sight: Sight, mark: Mark | None) -> tuple[str, str]:
        """Say why this is not the latest state, and up to where its log is believed."""
        if mark is None:
            stranger = self._marks is not None and sight.ledger and not sight.open
            return (UNKNOWN, sight.last) if stranger else ("", "")
        if mark.ledger in sight.before:
            return "", ""
        if not sight.ledger:
            return EMPTIED, BEGINNING
        if sight.ledger != mark.ledger:
            return ANOTHER, BEGINNING
        point = await self._common(sight, mark)
        if point == mark.last:
            return "", ""
        return OLDER.format(seen=moment(mark.last), known=moment(point)), point

    async def _common(self, sight: Sight, mark: Mark) -> str:
        """Give the last place that both know: the mark's, unless this Redis has lost it.

        A copy that was written to since shows later places, and not the one that is remembered.
        """
        if mark.last in {sight.last, BEGINNING}:
            return mark.last
        if order(sight.last) < order(mark.last):
            return sight.last
        found = await self._client.xrevrange(keys.LOG, mark.last, "-", count=1)
        place = found[0][0].decode() if found else BEGINNING
        if place == mark.last:
            return mark.last
        now, _micros = await self._client.time()
        trimmed = not found and unix_time(mark.last) < now - TRIMMED_AFTER_SECONDS
        return mark.last if trimmed else place

    def _tell(self, reason: str) -> None:
        if self._intervals.over("quarantine", TELL_SECONDS):
            log.quarantined(reason)


def _last(stream: Any) -> str:
    """Give the last place that the log ever had, though all of it may be trimmed."""
    if isinstance(stream, ResponseError):  # There is no log yet.
        return BEGINNING
    if isinstance(stream, Exception):
        raise stream
    return _text(stream["last-generated-id"])


def _quarantine(fields: Mapping[bytes, bytes]) -> Quarantine | None:
    if not fields:
        return None
    return Quarantine(
        since=float(fields.get(b"since", b"0")),
        reason=_text(fields.get(b"reason")),
        point=_text(fields.get(b"point")) or BEGINNING,
    )


def _text(raw: bytes | None) -> str:
    return raw.decode() if raw else ""
