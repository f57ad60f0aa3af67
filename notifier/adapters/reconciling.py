"""Reconciling a Redis that has lost outcomes with the export that has not."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from redis.asyncio import Redis

from notifier.adapters import keys
from notifier.adapters.export_files import Line
from notifier.adapters.ledger import RedisLedger
from notifier.adapters.lua_scripts import Part, Scripts
from notifier.adapters.rows import fields_of
from notifier.adapters.untold_marks import mark_of
from notifier.core.delivery import FINAL, Delivery, Recipient, State
from notifier.core.notice import TELLING

# Deliveries that are read or written in one go: far below 50 ms.
SLICE: Final = 250

_WAITING: Final = (keys.READY, keys.LATER, keys.HINTED, keys.LEASES)


def settled(lines: Iterable[Line]) -> dict[str, Line]:
    """Give what each delivery came to, by the lines in their order.

    What was final stays so: a restored Redis may doubt later what the export knows. Only a person
    who asked for it again makes it open.
    """
    found: dict[str, Line] = {}
    for line in lines:
        before = found.get(line.id)
        if line.state is State.PENDING:
            found.pop(line.id, None)
        elif line.state in FINAL or before is None or before.state not in FINAL:
            found[line.id] = line
    return found


class Reconciler:
    """Looks at what waits, and writes what is settled elsewhere."""

    def __init__(self, client: Redis, ledger: RedisLedger) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._ledger = ledger
        self._scripts = Scripts(client)

    async def waiting(self) -> AsyncIterator[Delivery]:
        """Give every delivery that waits, for a worker, a later try or an answer."""
        for queue in _WAITING:
            at = 0
            while ids := await self._client.zrange(queue, at, at + SLICE - 1):
                at += len(ids)
                for delivery in await self._ledger.deliveries([each.decode() for each in ids]):
                    if delivery.state not in FINAL:
                        yield delivery

    async def missing(self, lines: Mapping[str, Line]) -> int:
        """Count the deliveries of these lines that this Redis does not know."""
        found = 0
        for some in _slices(list(lines)):
            pipeline = self._client.pipeline(transaction=False)
            for each in some:
                pipeline.exists(keys.delivery(each))
            known = await pipeline.execute()
            pairs = zip(some, known, strict=True)
            found += sum(not there and _whole(lines[each]) for each, there in pairs)
        return found

    async def write(self, lines: Mapping[str, Line]) -> tuple[int, int]:
        """Write what they say; give how many were marked and how many were written back."""
        marked = restored = 0
        for some in _slices(list(lines.values())):
            rows = await self._ledger.deliveries([line.id for line in some])
            here = {each.id: each for each in rows}
            args = [part for line in some for part in _args(line, here.get(line.id))]
            touched = [*_WAITING, keys.NOTICES]
            more = await self._scripts.run("reconcile", touched, args)
            marked, restored = marked + more[0], restored + more[1]
        return marked, restored


def _whole(line: Line) -> bool:
    """Tell whether a line says enough for a row."""
    return bool(line.notice and line.kind and line.created and line.updated)


def _args(line: Line, here: Delivery | None) -> Iterator[Part]:
    fields = fields_of(_delivery(line)) if _whole(line) else {}
    index, entry = keys.address_place(line.recipient, line.id) if line.recipient else ("", "")
    yield from (line.id, keys.delivery(line.id), line.notice, keys.notice_deliveries(line.notice))
    yield fields.get("made", "0")
    yield from (index, entry)
    yield from (line.state, line.reason, line.attempts, line.doubts)
    yield fields.get("updated", f"{line.at.timestamp():.3f}")
    yield from _told(line, here)
    yield len(fields)
    for name, value in fields.items():
        yield from (name, value)


def _told(line: Line, here: Delivery | None) -> Iterator[Part]:
    """Write in whose set of untold people somebody stands who has been told, or may have been."""
    row = here or (_delivery(line) if _whole(line) else None)
    tells = row is not None and row.kind in TELLING and line.state in (State.SENT, State.UNKNOWN)
    if row is None or row.conference is None or not tells:
        yield ""
        return
    yield keys.untold(row.conference)
    yield mark_of(row)


def _delivery(line: Line) -> Delivery:
    assert line.created is not None, "only whole lines become rows"
    assert line.updated is not None, "only whole lines become rows"
    return Delivery(
        id=line.id,
        notice=line.notice,
        kind=line.kind,
        conference=line.conference or None,
        recipient=Recipient(key=line.person, name="", address=line.recipient),
        state=line.state,
        reason=line.reason,
        excluded=line.excluded,
        attempts=line.attempts,
        doubts=line.doubts,
        created=line.created,
        updated=line.updated,
    )


def _slices(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (found[at : at + SLICE] for at in range(0, len(found), SLICE))
