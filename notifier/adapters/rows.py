"""How a delivery is written as a Redis hash and read back.

Field names are short and no value is JSON: a hash stays in Redis's compact form only while each of
its values is short (`hash-max-listpack-value`), and a million of them must fit into 450 MB.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

from notifier.core.delivery import Delivery, Recipient, State

# Field of the hash -> attribute of the delivery.
TEXTS: Final = {
    "notice": "notice",
    "kind": "kind",
    "state": "state",
    "conf": "conference",
    "why": "reason",
    "token": "token",
}
NUMBERS: Final = {
    "tries": "attempts",
    "crashes": "crashes",
    "doubts": "doubts",
    "again": "repeats",
    "lives": "former_lives",
}
MOMENTS: Final = {
    "made": "created",
    "updated": "updated",
    "from": "not_before",
    "until": "deadline",
}
# Field of the hash -> attribute of its recipient.
PERSON: Final = {
    "key": "key",
    "name": "name",
    "to": "address",
    "lang": "language",
    "zone": "time_zone",
    "link": "unique_link",
}

_person: Final = attrgetter(*PERSON.values())

# A server's reply can be a page; what a person needs of it fits here (characters).
REASON_LIMIT: Final = 200


def fields_of(delivery: Delivery) -> dict[str, str]:
    """Give the hash of a delivery; what is empty is left out."""
    flat = [*shared_fields(delivery), *personal_fields(delivery.recipient)]
    return dict(zip(flat[::2], flat[1::2], strict=True))


def shared_fields(delivery: Delivery) -> list[str]:
    """Give name, value, ... of all but the person: others of the same notice have the same."""
    fields = {name: str(getattr(delivery, attribute) or "") for name, attribute in TEXTS.items()}
    fields["why"] = fields["why"][:REASON_LIMIT]
    for name, attribute in NUMBERS.items():
        fields[name] = str(getattr(delivery, attribute) or "")
    for name, attribute in MOMENTS.items():
        moment = getattr(delivery, attribute)
        fields[name] = f"{moment.timestamp():.3f}" if moment else ""
    return [part for name, value in fields.items() if value for part in (name, value)]


def personal_fields(recipient: Recipient) -> list[str]:
    """Give name, value, ... of the person of a delivery."""
    return [
        part
        for name, value in zip(PERSON, _person(recipient), strict=True)
        if value
        for part in (name, value)
    ]


def delivery_from(delivery_id: str, raw: Mapping[bytes, bytes]) -> Delivery:
    """Give the delivery that a hash describes."""
    # An attempt writes what it leaves empty as '': a script cannot leave fields out.
    fields = {name.decode(): value.decode() for name, value in raw.items() if value}
    values: dict[str, Any] = {TEXTS[n]: fields[n] for n in TEXTS if n in fields}
    values |= {NUMBERS[n]: int(fields[n]) for n in NUMBERS if n in fields}
    values |= {MOMENTS[n]: _moment(fields[n]) for n in MOMENTS if n in fields}
    person = {PERSON[n]: fields[n] for n in PERSON if n in fields}
    values["state"] = State(values["state"])
    recipient = Recipient(**({"key": "", "name": ""} | person))
    return Delivery(id=delivery_id, recipient=recipient, **values)


def pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    """Give the hash that a script returned as one flat list."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(float(seconds), tz=UTC)
