"""How commitments are written for commit.lua: packed, many steps to a call.

redis-py takes a microsecond for each argument, and a delivery used to have forty: it costs less
than a tenth as MessagePack, which Redis's scripts read. Their reader knows no binary strings, so
everything is text.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.lua_scripts import Call
from notifier.adapters.rows import personal_fields, shared_fields
from notifier.adapters.suppressions import RedisSuppressions, encode_entry
from notifier.adapters.untold_marks import UNTOLD_SECONDS, mark_of
from notifier.core.bounces import Bounce
from notifier.core.delivery import Delivery
from notifier.core.first_letters import leaves_untold
from notifier.core.urgency import urgency
from notifier.loads import loads
from notifier.remembering import SLICE, Commitment

# Steps that one call writes, unless they hold more than a slice together: a step for one person
# takes Redis 40 µs, so nobody else waits for longer than two milliseconds.
STEPS: Final = 50

# The constant keys, in the order that commit.lua reads.
KEYS: Final = (
    keys.EVENTS,
    keys.SEEN,
    keys.DUE,
    keys.SPREADING,
    keys.CURSORS,
    keys.COUNTERS,
    keys.NOTICES,
    keys.CONFERENCES,
    keys.LOG,
    keys.SUPPRESSIONS,
    keys.SUPPRESSION_ENTRIES,
    keys.BEHIND,
    keys.SETTINGS,
)

_pack: Final = msgspec.msgpack.Encoder().encode
_encode: Final = msgspec.json.Encoder().encode


class Batch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Deliveries that differ by their people only."""

    told: str  # key of the notice's list of deliveries
    state: str
    queue: str  # key of the ZSET that they wait in
    score: str
    shared: list[str]  # name, value, name, value, ...
    untold: str = ""  # key of the set of people who have been told nothing
    # Of each: id, index key or '', index entry, mark in `untold` or '', delivery that took this
    # person off the list before or '', then name, value, ...
    people: list[list[str]]


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A commitment as commit.lua reads it; what is empty is left out, and nil there."""

    entry: str = ""
    event: str = ""
    conference: str = ""
    record: str = ""  # key of the conference
    etag: str | None = None
    next_etag: str = ""
    known: str = ""
    bump: bool = False
    due: str = ""  # unix seconds, or '-' removes
    under: str = ""  # revision of the settings by which it was decided
    counter: str = ""
    members: str = ""  # key of the list
    rows: list[str] = []  # key, row, key, row, ...
    notices: list[tuple[str, str, str, bool]] = []  # id, key, JSON, whether it is to be spread
    batches: list[Batch] = []
    suppressed: tuple[str, str, str] | None = None  # digest, until (unix seconds), JSON
    returned: tuple[str, str, str] | None = None  # id and key of the delivery, reason
    slice_of: str = ""
    cursor: str = ""
    next_cursor: str = ""
    behind: str = ""
    final: bool = False


def calls(
    steps: Sequence[Commitment], *, under: int | None, suppressions: RedisSuppressions | None
) -> Iterator[Call]:
    """Give the calls that write commitments, in their order.

    `under` is the revision of the settings by which they were decided. Without `suppressions` a
    mail that came back is noted at its delivery only.
    """
    for some in loads(steps, _rows, heaviest=SLICE, most=STEPS):
        packed = _pack([_step(each, under, suppressions) for each in some])
        yield "commit", KEYS, (packed, keys.GROUP, keys.delivery(""), UNTOLD_SECONDS)


def _rows(step: Commitment) -> int:
    return max(len(step.rows), len(step.deliveries))


def _step(each: Commitment, under: int | None, suppressions: RedisSuppressions | None) -> Step:
    suppressed, returned = _bounced(each.bounce, suppressions)
    return Step(
        entry=each.entry,
        event=each.event,
        conference=each.conference,
        record=keys.conference(each.conference) if each.conference else "",
        etag=each.etag,
        next_etag=each.next_etag,
        known=_text(each.known) if each.known else "",
        bump=each.bump,
        due=_due(each),
        under="" if under is None else str(under),
        counter=each.counter,
        members=keys.members(each.conference) if each.rows else "",
        rows=[part for row in each.rows for part in (row.key, _text(row))],
        notices=[
            (one.id, keys.notice(one.id), _text(one), one.everyone and not each.in_full)
            for one in each.notices
        ],
        batches=_batches(each.deliveries, each.first_letters),
        suppressed=suppressed,
        returned=returned,
        slice_of=each.slice_of,
        cursor=each.cursor,
        next_cursor=each.next_cursor,
        behind=each.behind,
        final=each.final,
    )


def _text(value: object) -> str:
    return _encode(value).decode()


def _due(each: Commitment) -> str:
    if not each.reindex:
        return ""
    return f"{each.due.timestamp():.3f}" if each.due else "-"


# What a delivery has in common with the others of its notice: all but its id and its person.
_common: Final = attrgetter(
    *(each for each in Delivery.__struct_fields__ if each not in ("id", "recipient"))
)


def _batches(deliveries: Sequence[Delivery], first_letters: Mapping[str, str]) -> list[Batch]:
    return [_batch(list(some), first_letters) for _, some in groupby(deliveries, key=_common)]


def _batch(deliveries: Sequence[Delivery], first_letters: Mapping[str, str]) -> Batch:
    one = deliveries[0]
    firsts = first_letters if leaves_untold(one) and one.conference else {}
    queue, moment = (keys.LATER, one.not_before) if one.not_before else (keys.READY, urgency(one))
    return Batch(
        told=keys.notice_deliveries(one.notice),
        state=one.state,
        queue=queue,
        score=f"{moment.timestamp():.3f}",
        shared=shared_fields(one),
        untold=keys.untold(one.conference) if firsts and one.conference else "",
        people=[_person(each, firsts.get(each.id)) for each in deliveries],
    )


def _person(delivery: Delivery, removal: str | None) -> list[str]:
    """Write what is a delivery's own; `removal` is None where it is not their first letter."""
    return [
        delivery.id,
        *_indexed(delivery),
        "" if removal is None else str(mark_of(delivery)),
        keys.delivery(removal) if removal else "",
        *personal_fields(delivery.recipient),
    ]


def _indexed(delivery: Delivery) -> tuple[str, str]:
    """Give where a delivery is found by its address, and what stands there."""
    address = delivery.recipient.address
    if not address:
        return "", ""
    return keys.address_place(address, delivery.id)


def _bounced(
    bounce: Bounce | None, suppressions: RedisSuppressions | None
) -> tuple[tuple[str, str, str] | None, tuple[str, str, str] | None]:
    """Write what a mail that came back means, for its address and for its delivery."""
    suppressed = returned = None
    if bounce and bounce.suppression and suppressions:
        suppression = bounce.suppression
        digest = suppressions.digest(suppression.address)
        until = repr(suppression.until.timestamp())
        suppressed = (digest, until, encode_entry(suppression).decode())
    if bounce and bounce.delivery:
        returned = (bounce.delivery, keys.delivery(bounce.delivery), bounce.reason)
    return suppressed, returned
