"""Claims about how deliveries are written down and read back."""

from datetime import UTC, datetime, timedelta

import msgspec

from notifier.adapters.rows import delivery_from, fields_of
from notifier.core.delivery import Delivery, Recipient, State
from notifier.core.exclusion import Exclusion, Party

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DELIVERY = Delivery(
    id="d",
    notice="n",
    kind="invitation",
    recipient=Recipient(key="anna@conf.example.com", name="Anna", address="anna@example.com"),
    state=State.PENDING,
    created=NOW,
    updated=NOW,
)


def raw(fields: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in fields.items()}


def test_a_delivery_is_read_as_it_was_written() -> None:
    assert delivery_from("d", raw(fields_of(DELIVERY))) == DELIVERY


def test_whom_federation_keeps_out_is_read_as_it_was_written() -> None:
    excluded = Exclusion(party=Party.OWNER, server="meet.example.net", by="*.example.net")
    skipped = msgspec.structs.replace(DELIVERY, state=State.SKIPPED, excluded=excluded)

    assert delivery_from("d", raw(fields_of(skipped))) == skipped
    assert len(fields_of(skipped)) == len(fields_of(DELIVERY)) + 3


def test_an_exclusion_without_a_server_is_read_as_one() -> None:
    """An ID that ends in a full-width dot once left no name of a server."""
    excluded = Exclusion(party=Party.OWNER, by="federation is disabled")
    skipped = msgspec.structs.replace(DELIVERY, state=State.SKIPPED, excluded=excluded)

    assert delivery_from("d", raw(fields_of(skipped))) == skipped


def test_what_an_attempt_left_empty_reads_as_nothing() -> None:
    emptied = dict.fromkeys(("why", "tries", "crashes", "doubts", "from", "token"), "")

    assert delivery_from("d", raw(fields_of(DELIVERY) | emptied)) == DELIVERY


def test_a_delivery_of_the_version_before_is_read_with_its_milliseconds() -> None:
    written = fields_of(DELIVERY) | {"made": "1763890200.250", "updated": "1763890200.250"}

    read = delivery_from("d", raw(written))

    assert read.created == read.updated == datetime(2025, 11, 23, 9, 30, 0, 250_000, tzinfo=UTC)


def test_moments_are_written_as_numbers_that_redis_keeps_in_few_bytes() -> None:
    late = msgspec.structs.replace(DELIVERY, created=NOW + timedelta(milliseconds=250))

    assert fields_of(late)["made"] == str(int(NOW.timestamp()))
    assert fields_of(late)["made"].isdecimal()
