"""How a commitment is written for commit.lua: the keys that it touches, and its arguments."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.lua_scripts import Part
from notifier.adapters.rows import fields_of
from notifier.adapters.suppressions import RedisSuppressions, encode_entry
from notifier.adapters.untold_marks import UNTOLD_SECONDS, mark_of
from notifier.core.bounces import Bounce
from notifier.core.delivery import Delivery
from notifier.core.urgency import urgency
from notifier.remembering import Commitment

_encode: Final = msgspec.json.Encoder().encode


def keys_of(commitment: Commitment) -> list[str]:
    """Give the keys that a commitment touches, in the order that commit.lua reads."""
    return [
        keys.EVENTS,
        keys.SEEN,
        keys.conference(commitment.conference),
        keys.members(commitment.conference),
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
    ]


def arguments_of(
    each: Commitment, *, under: int | None, suppressions: RedisSuppressions | None
) -> Iterator[Part]:
    """Write a commitment in the order that commit.lua reads.

    `under` is the revision of the settings by which moments of reminders were found. Without
    `suppressions` a mail that came back is noted at its delivery only.
    """
    yield from (keys.GROUP, each.entry, each.event, each.conference)
    yield "" if each.etag is None else each.etag
    yield _encode(each.known) if each.known else ""
    yield "1" if each.bump else ""
    yield _due(each)
    yield "1" if each.final else ""
    yield from (each.slice_of, each.cursor, each.next_cursor, each.next_etag)
    yield from (each.behind, each.counter, "" if under is None else under)
    yield len(each.rows)
    for row in each.rows:
        yield from (row.key, _encode(row))
    yield len(each.notices)
    for notice in each.notices:
        yield from (notice.id, keys.notice(notice.id), _encode(notice))
        yield "1" if notice.everyone and not each.in_full else ""
    yield UNTOLD_SECONDS
    yield len(each.deliveries)
    for delivery in each.deliveries:
        yield from _delivery(delivery)
        yield from _first_letter(delivery, each.first_letters)
    yield from _bounce(each.bounce, suppressions)


def _bounce(bounce: Bounce | None, suppressions: RedisSuppressions | None) -> Iterator[Part]:
    """Write what a mail that came back means, for its address and for its delivery."""
    suppression = bounce.suppression if bounce else None
    if suppression and suppressions:
        digest = suppressions.digest(suppression.address)
        yield from (1, digest, suppression.until.timestamp(), encode_entry(suppression))
    else:
        yield 0
    if bounce and bounce.delivery:
        yield from (1, bounce.delivery, keys.delivery(bounce.delivery), bounce.reason)
    else:
        yield 0


def _due(each: Commitment) -> str:
    if not each.reindex:
        return ""
    return f"{each.due.timestamp():.3f}" if each.due else "-"


def _delivery(delivery: Delivery) -> Iterator[Part]:
    address = delivery.recipient.address
    yield from (delivery.id, keys.delivery(delivery.id), keys.notice_deliveries(delivery.notice))
    yield delivery.state
    if delivery.not_before:
        yield from (keys.LATER, f"{delivery.not_before.timestamp():.3f}")
    else:
        yield from (keys.READY, f"{urgency(delivery).timestamp():.3f}")
    yield keys.address_bucket(address) if address else ""
    yield keys.address_tail(address) + delivery.id if address else ""
    fields = fields_of(delivery)
    yield len(fields)
    for name, value in fields.items():
        yield from (name, value)


def _first_letter(delivery: Delivery, first_letters: Mapping[str, str]) -> Iterator[Part]:
    """Write in whose set a person stands until this letter leaves, if it is their first."""
    removal = first_letters.get(delivery.id)
    if removal is None or delivery.conference is None:
        yield ""
        return
    yield keys.untold(delivery.conference)
    yield mark_of(delivery)
    yield keys.delivery(removal) if removal else ""
