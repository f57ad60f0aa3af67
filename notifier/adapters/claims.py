"""What is true of claimed deliveries at this moment, in the fewest round trips."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from notifier import log
from notifier.adapters import keys
from notifier.adapters.beliefs import with_belief
from notifier.adapters.road_states import RedisRoads
from notifier.adapters.sent_entries import with_sent_entries
from notifier.adapters.suppressions import RedisSuppressions
from notifier.adapters.untold_marks import mark_of
from notifier.core.delivery import Delivery
from notifier.core.erasure import erased
from notifier.core.life import Known, Member
from notifier.core.notice import Notice
from notifier.core.reasons import Reason
from notifier.core.restating import as_told
from notifier.core.suppression import Suppression, why_not
from notifier.remembering import FIRST_ETAG, Claimed

_known: Final = msgspec.json.Decoder(Known)
_member: Final = msgspec.json.Decoder(Member)


async def with_truth(
    client: Any,
    found: Sequence[tuple[Delivery, Notice]],
    *,
    suppressions: RedisSuppressions | None,
    roads: RedisRoads | None,
) -> list[Claimed]:
    """Add to each claim what is true of its conference and its person; leave out the illegible."""
    pipeline = client.pipeline(transaction=False)
    pipeline.hgetall(keys.ROADS)  # on the way, as it costs no round trip of its own
    conferences = sorted({each.conference for each, _notice in found if each.conference})
    for conference in conferences:
        pipeline.hmget(keys.conference(conference), ["known", "version", "etag"])
    for delivery, _ in found:
        conference = delivery.conference or ""
        pipeline.hget(keys.members(conference), delivery.recipient.key)
        pipeline.sismember(keys.untold(conference), mark_of(delivery))
    addresses = [delivery.recipient.address for delivery, _ in found]
    if suppressions:
        suppressions.ask(pipeline, addresses)
    breakers, *rest = await pipeline.execute()
    if roads:
        roads.read(breakers)
    answers = iter(rest)
    records = {each: next(answers) for each in conferences}
    people = [(next(answers), next(answers)) for _each in found]
    held: Mapping[str, Suppression] = {}
    if suppressions:
        held = await suppressions.standing(addresses, *answers)
    claims = [
        _claimed_if_legible(
            delivery,
            notice,
            records.get(delivery.conference or ""),
            row,
            held,
            untold=bool(untold),
        )
        for (delivery, notice), (row, untold) in zip(found, people, strict=True)
    ]
    believed = await with_belief(client, [each for each in claims if each])
    return await with_sent_entries(client, believed)


def _claimed_if_legible(
    delivery: Delivery,
    notice: Notice,
    record: Sequence[bytes | None] | None,
    row: bytes | None,
    held: Mapping[str, Suppression],
    *,
    untold: bool,
) -> Claimed | None:
    text, version, etag = record or (None, None, None)
    try:
        known = _known.decode(text) if text else None
        member = _member.decode(row) if row else None
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        log.unreadable_memory(delivery.id, str(fault))
        return None
    suppressed = held.get(delivery.recipient.address)
    said = as_told(notice, delivery, known)
    return Claimed(
        # A conference that takes place later than was decided can be told of for longer.
        delivery=msgspec.structs.replace(delivery, deadline=said.deadline),
        notice=msgspec.structs.replace(notice, deadline=said.deadline),
        as_told=said,
        known=known,
        member=member,
        version=int(version or 0),
        etag=etag.decode() if etag else FIRST_ETAG,
        untold=untold,
        stop=why_not(suppressed) if suppressed else _if_erased(delivery),
    )


def _if_erased(delivery: Delivery) -> str:
    """A mail that was behind the fence when its person was erased is not sent once more."""
    return Reason.ERASED if erased(delivery.recipient.key) else ""
