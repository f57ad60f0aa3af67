"""What arrived, mail by mail, held against what the ledger says: who was told what, how often."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from email.parser import BytesHeaderParser
from email.policy import default
from typing import Any, Final, NamedTuple

from notifier.adapters import keys
from notifier.adapters.leaning import in_common
from tests.smtp_servers import Mail

_HEADERS: Final = BytesHeaderParser(policy=default)


class Told(NamedTuple):
    """One person was told one kind of thing about one conference."""

    kind: str
    conference: str
    recipient: str


class Arrived(NamedTuple):
    """A mail that was accepted, by what identifies it."""

    told: Told
    delivery: str
    message_id: str
    date: str


def read_mail(mail: Mail) -> Arrived:
    """Read what the headers of a mail say about it."""
    headers = _HEADERS.parsebytes(mail.content)
    told = Told(
        kind=str(headers["X-Notifier-Kind"]),
        conference=str(headers["X-Notifier-Conference"] or ""),
        recipient=mail.recipients[0],
    )
    return Arrived(
        told=told,
        delivery=str(headers["X-Notifier-Delivery"]),
        message_id=str(headers["Message-ID"]),
        date=str(headers["Date"]),
    )


def each_told(mails: Iterable[Arrived]) -> Counter[Told]:
    """Count what people were told, the same mail once however often it came."""
    once = {each.message_id: each.told for each in mails}
    return Counter(once.values())


def doubled(mails: Iterable[Arrived]) -> int:
    """Count mails beyond the first with the same Message-ID."""
    return sum(count - 1 for count in Counter(each.message_id for each in mails).values())


def differing(mails: Iterable[Arrived]) -> set[str]:
    """Give the Message-IDs under which mails with more than one date arrived."""
    dates = defaultdict(set)
    for each in mails:
        dates[each.message_id].add(each.date)
    return {message_id for message_id, found in dates.items() if len(found) > 1}


def deliveries(client: Any) -> dict[str, dict[str, str]]:
    """Give every delivery in the ledger by its id."""
    prefix = keys.delivery("")
    found = [each.decode() for each in client.scan_iter(f"{prefix}*", count=1000)]
    pipeline = client.pipeline(transaction=False)
    for each in found:
        pipeline.hgetall(each)
    rows = dict(zip(found, pipeline.execute(), strict=True))
    return {key.removeprefix(prefix): _whole(client, row) for key, row in rows.items()}


def _whole(client: Any, row: Mapping[bytes, bytes]) -> dict[str, str]:
    """Give a row with what it left to its notice when it was finished."""
    if b"made" not in row:
        row = {**in_common(row, client.get(keys.notice(row[b"notice"].decode()))), **row}
    return {name.decode(): value.decode() for name, value in row.items()}


def doubts(rows: Iterable[Mapping[str, str]]) -> int:
    """Count how often the ledger was left without an answer."""
    return sum(int(row.get("doubts") or 0) for row in rows)
