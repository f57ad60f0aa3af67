"""How attempts are written for fence.lua and record.lua, many to a call."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.lua_scripts import Part
from notifier.adapters.rows import fields_of
from notifier.adapters.untold_marks import mark_of
from notifier.core.delivery import FINAL, Delivery, State
from notifier.core.notice import TELLING, Kind
from notifier.core.urgency import urgency
from notifier.ports.ledger import Ending
from notifier.remembering import SLICE, Claimed

# The id of a delivery, and what a script wants to know of it.
Row = tuple[str, list[Part]]


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


def leaving(claimed: Claimed) -> list[Part]:
    """Write a letter that wants to leave, as fence.lua reads it."""
    delivery = claimed.delivery
    return [
        delivery.id,
        delivery.token,
        delivery.conference or "",
        claimed.version,
        mark_of(delivery),
        "1" if claimed.untold else "",
        "1" if delivery.kind in TELLING else "",
        urgency(delivery).timestamp(),
        *_reworded(claimed),
    ]


def _reworded(claimed: Claimed) -> list[Part]:
    """Give what the fence keeps of a letter that says something newer than what was decided."""
    told = claimed.as_told
    if told.id == claimed.delivery.notice:
        return [""]
    text = msgspec.json.encode(told)
    return [claimed.etag, told.id, keys.notice(told.id), text, keys.notice_deliveries(told.id)]


def ended(ending: Ending, *, overdue: bool) -> list[Part]:
    """Write how an attempt ended, as record.lua reads it; `overdue` if nobody came back from it."""
    before, after = ending.before, ending.after
    fields = fields_of(after)
    changed = {name: fields.get(name, "") for name in _RECORDED}
    # What a worker wrote is over: the next claim makes its own token. UNKNOWN and PENDING wait.
    changed["token"] = ""
    flat = [part for pair in changed.items() for part in pair]
    return [
        before.id,
        before.token,
        after.state,
        *_again(after),
        before.state if overdue else "",
        before.conference or "",
        mark_of(before),
        _EFFECTS.get(Kind(before.kind), ""),
        len(changed),
        *flat,
    ]


def _again(after: Delivery) -> tuple[str, str]:
    """Give when a delivery may go again, and how long that is after what happened (seconds)."""
    again = after.not_before
    if after.state is State.PENDING and again is None:
        again = after.updated
    if again is None or after.state in FINAL:
        return "", ""
    wait = (again - after.updated).total_seconds()
    return f"{again.timestamp():.3f}", f"{max(0.0, wait):.3f}"


# What a letter does to what its person knows of the conference, in the words of record.lua.
_EFFECTS: Final = {Kind.REMOVAL: "removes", **dict.fromkeys(TELLING, "tells")}

# What an attempt changes besides the state.
_RECORDED: Final = ("why", "tries", "crashes", "doubts", "updated", "from")
