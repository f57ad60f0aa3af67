"""What a finished delivery of a long list leaves to its notice, which says the same for all.

A quarter of its row would be kind, conference, moment of the decision and deadline. `record.lua`
takes them out when it writes the end, and `resend.lua` puts them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from notifier import log
from notifier.adapters import keys
from notifier.adapters.kept_notices import KEPT
from notifier.adapters.rows import delivery_from, stamp
from notifier.core.delivery import Delivery

# From so many deliveries of a notice on, their rows lean on it. A notice takes more than a kilobyte
# itself, and whoever reads a row that leans reads that as well: with few rows, neither pays.
LONG_LIST: Final = 8

# What a row has of which another would say the same: every row has one, unless it leans.
_DECIDED: Final = b"made"

Raw = Mapping[bytes, bytes]


class _Called(msgspec.Struct):
    id: str


class _Head(msgspec.Struct):
    """As much of a notice as its deliveries have in common; of the rest nothing need be legible."""

    kind: str
    created: datetime
    deadline: datetime | None = None
    conference: _Called | None = None


_head: Final = msgspec.json.Decoder(_Head)


async def deliveries_of(client: Any, rows: Iterable[tuple[str, Raw]]) -> list[Delivery]:
    """Give the deliveries of these ids and hashes, in their order."""
    pairs = list(rows)
    whole = await upright(client, [raw for _id, raw in pairs])
    return [delivery_from(each, raw) for (each, _raw), raw in zip(pairs, whole, strict=True)]


async def upright(client: Any, rows: Sequence[Raw]) -> list[Raw]:
    """Give hashes with what they left to their notices; asks only where some lean."""
    leaning = {raw[b"notice"] for raw in rows if _leans(raw)}
    if not leaning:
        return list(rows)
    texts = await client.mget([keys.notice(each.decode()) for each in leaning])
    said = dict(zip(leaning, texts, strict=True))
    return [{**in_common(raw, said[raw[b"notice"]]), **raw} if _leans(raw) else raw for raw in rows]


def _leans(raw: Raw) -> bool:
    return _DECIDED not in raw and b"notice" in raw


def in_common(raw: Raw, notice: bytes | None) -> Raw:
    """Give what a hash lacks that leans on a notice, by the JSON of that.

    Where it is lost or illegible, the delivery is of no kind that there is, and counts as decided
    when it came to its end: that it was, for whom, and how it ended, its row says.
    """
    try:
        return _fields(notice or b"")
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        log.unreadable_notice(raw[b"notice"].decode(), str(fault))
        return {b"kind": b"lost", _DECIDED: raw.get(b"updated", b"0")}


@lru_cache(KEPT)
def _fields(notice: bytes) -> Raw:
    head = _head.decode(notice)
    fields = {"kind": head.kind, "made": stamp(head.created)}
    if head.conference:
        fields["conf"] = head.conference.id
    if head.deadline:
        fields["until"] = stamp(head.deadline)
    return {name.encode(): value.encode() for name, value in fields.items()}
