"""How attempts are written for fence.lua and record.lua, many to a call."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.rows import attempt_fields
from notifier.adapters.untold_marks import mark_of
from notifier.core.delivery import FINAL, Delivery, State
from notifier.core.notice import TELLING, Kind
from notifier.core.urgency import urgency
from notifier.ports.ledger import Ending
from notifier.remembering import SLICE, Claimed

# The id of a delivery, and what a script wants to know of it.
Row = tuple[str, Sequence[object]]

_pack: Final = msgspec.msgpack.Encoder().encode


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Cut rows into what one script call takes, in their order; no delivery comes twice in one."""
    batch: dict[str, Row] = {}
    for row in rows:
        if row[0] in batch or len(batch) == SLICE:
            yield list(batch.values())
            batch = {}
        batch[row[0]] = row
    if batch:
        yield list(batch.values())


def packed(batch: Iterable[Row]) -> bytes:
    """Give a batch as one argument: a hundred arguments cost the client a hundred times as much."""
    return _pack([parts for _id, parts in batch])


def leaving(claimed: Claimed) -> Sequence[object]:
    """Write a letter that wants to leave, as fence.lua reads it."""
    delivery, told = claimed.delivery, claimed.as_told
    common = (
        delivery.id,
        delivery.token,
        delivery.conference or "",
        str(claimed.version),
        str(mark_of(delivery)),  # as text: Lua rounds numbers of 64 bits
        claimed.untold,
        delivery.kind in TELLING,
        urgency(delivery).timestamp(),
    )
    if told.id == delivery.notice:
        return (*common, "")
    # It says something newer than what was decided.
    text = msgspec.json.encode(told).decode()
    list_key = keys.notice_deliveries(told.id)
    return (*common, claimed.etag, told.id, keys.notice(told.id), text, list_key)


def ended(ending: Ending, *, overdue: bool) -> Sequence[object]:
    """Write how an attempt ended, as record.lua reads it; `overdue` if nobody came back from it."""
    before, after = ending.before, ending.after
    return (
        before.id,
        before.token,
        after.state,
        *_again(after),
        before.state if overdue else "",
        before.conference or "",
        str(mark_of(before)),
        _EFFECTS.get(before.kind, ""),
        *attempt_fields(after),
    )


def _again(after: Delivery) -> tuple[str, str]:
    """Give when a delivery may go again, and how long that is after what happened (seconds)."""
    if after.state in FINAL:
        return "", ""
    again = after.not_before
    if after.state is State.PENDING and again is None:
        again = after.updated
    if again is None:
        return "", ""
    wait = (again - after.updated).total_seconds()
    return f"{again.timestamp():.3f}", f"{max(0.0, wait):.3f}"


# What a letter does to what its person knows of the conference, in the words of record.lua.
_EFFECTS: Final[Mapping[str, str]] = {Kind.REMOVAL: "removes", **dict.fromkeys(TELLING, "tells")}
