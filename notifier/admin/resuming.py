"""Resuming after a quarantine: what would be sent, what was sent already, and letting it go on."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.export_files import ExportFiles, Line, read
from notifier.adapters.ledger import RedisLedger
from notifier.adapters.lookout import Lookout, Quarantine
from notifier.adapters.lua_scripts import Scripts
from notifier.adapters.mark_file import Mark
from notifier.adapters.places import moment, order
from notifier.adapters.reconciling import Reconciler, settled
from notifier.core.delivery import Delivery, State


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What waits of one kind: how many, since when, and how many of them will not be sent."""

    kind: str
    oldest: datetime
    waiting: int = 0
    past_deadline: int = 0
    settled_elsewhere: int = 0  # the export says what became of them
    in_doubt_elsewhere: int = 0  # the export says that no answer came: left to a person


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a quarantine holds back."""

    since: datetime
    reason: str
    point: datetime  # up to when this Redis knows what became of deliveries
    outcomes: int  # that the export knows beyond that
    missing: int  # of these, deliveries that this Redis does not know: nobody is told of them again
    owed: tuple[Owed, ...]

    @property
    def to_send(self) -> int:
        """How many would be sent, or tried, when it is lifted."""
        held = sum(each.settled_elsewhere + each.in_doubt_elsewhere for each in self.owed)
        return sum(each.waiting - each.past_deadline for each in self.owed) - held


class Resumption:
    """One quarantine, and the exports that say what became of deliveries meanwhile."""

    def __init__(
        self, *, client: AsyncClient, ledger: RedisLedger, lookout: Lookout, files: ExportFiles
    ) -> None:
        self._client = client
        self._lookout = lookout
        self._files = files
        self._reconciler = Reconciler(client, ledger)
        self._scripts = Scripts(client)

    @property
    def folder(self) -> Path:
        """Where this machine's export lies."""
        return self._files.folder

    async def quarantine(self) -> Quarantine | None:
        """Give the quarantine, after one look of our own; None if there is none."""
        await self._lookout.look(patience=0, aloud=False)
        return (await self._lookout.sight()).quarantine

    async def close(self, reason: str) -> bool:
        """Put the ledger into quarantine by hand; False if it is there already."""
        await self._lookout.look(patience=0, aloud=False)
        return await self._lookout.close(reason, point=(await self._lookout.sight()).last)

    def has_export(self) -> bool:
        """Tell whether this machine has exported anything."""
        return any(True for _line in self._files.lines())

    def outcomes(self, point: str, sent_logs: Sequence[Path]) -> dict[str, Line]:
        """Give what became of deliveries after `point`, by this machine's export and by files."""
        return settled(self._lines(point, sent_logs))

    async def summary(
        self, quarantine: Quarantine, outcomes: dict[str, Line], *, now: Callable[[], datetime]
    ) -> Summary:
        """Say what waits and what is known of it; nothing is changed."""
        kinds: dict[str, Owed] = {}
        async for delivery in self._reconciler.waiting():
            before = kinds.get(delivery.kind)
            kinds[delivery.kind] = _with(before, delivery, outcomes.get(delivery.id), now=now())
        return Summary(
            since=datetime.fromtimestamp(quarantine.since, UTC),
            reason=quarantine.reason,
            point=moment(quarantine.point),
            outcomes=len(outcomes),
            missing=await self._reconciler.missing(outcomes),
            owed=tuple(kinds[kind] for kind in sorted(kinds)),
        )

    async def lift(self, outcomes: dict[str, Line]) -> tuple[int, int]:
        """Write what became of deliveries, and let the others go; give marked and written back.

        The ledger gets a new name: machines that remember more of the old one accept it.
        """
        written = await self._reconciler.write(outcomes)
        sight = await self._lookout.sight()
        remembered = self._lookout.remembered()
        before = {sight.ledger, *sight.before, *({remembered.ledger} if remembered else ())}
        name = uuid4().hex
        await self._scripts.run(
            "lift",
            [keys.PASS, keys.QUARANTINE, keys.LEDGER],
            [sight.process, name, " ".join(sorted(before - {""}))],
        )
        self._lookout.remember(Mark(ledger=name, last=sight.last))
        return written

    def _lines(self, point: str, sent_logs: Sequence[Path]) -> Iterable[Line]:
        """Give the lines after `point` of all machines, each place once, in their order."""
        found = {line.log: line for line in self._files.lines(after=point)}
        for path in sent_logs:
            found |= {each.log: each for each in read(path) if order(each.log) > order(point)}
        return (found[place] for place in sorted(found, key=order))


def _with(owed: Owed | None, delivery: Delivery, line: Line | None, *, now: datetime) -> Owed:
    """Count one more delivery that waits; `line` is what the export knows of it."""
    owed = owed or Owed(kind=delivery.kind, oldest=delivery.created)
    late = line is None and delivery.deadline is not None and delivery.deadline <= now
    doubtful = line is not None and line.state is State.UNKNOWN
    return Owed(
        kind=delivery.kind,
        waiting=owed.waiting + 1,
        oldest=min(owed.oldest, delivery.created),
        past_deadline=owed.past_deadline + late,
        settled_elsewhere=owed.settled_elsewhere + (line is not None and not doubtful),
        in_doubt_elsewhere=owed.in_doubt_elsewhere + doubtful,
    )
