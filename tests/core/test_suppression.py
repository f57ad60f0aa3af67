"""Which words of a server keep mail from an address, and for how long."""

from datetime import timedelta

import msgspec
import pytest

from notifier.core.delivery import Delivery, Recipient, State
from notifier.core.outcomes import Accepted, Outcome, Refused
from notifier.core.replies import RULES
from notifier.core.suppression import (
    KEPT,
    REASON_LIMIT,
    Suppression,
    after_refusal,
    suppression,
    why_not,
)
from tests.cast import NOW

BORIS = "boris@example.org"


def refused(reply: str, *, bad_address: bool = True, address: str = BORIS) -> Suppression | None:
    return after_refusal(_delivery(address), Refused(reply, bad_address))


def _delivery(address: str) -> Delivery:
    return Delivery(
        id="d",
        notice="n",
        kind="invitation",
        recipient=Recipient(key="k", name="Boris", address=address),
        state=State.FAILED,
        created=NOW,
        updated=NOW,
    )


@pytest.mark.parametrize(
    ("reply", "days"),
    [
        ("550 5.1.1 no such user", 90),
        ("550 5.1.2 no such domain", 90),
        ("553 5.1.3 no address", 90),
        ("556 5.1.10 takes no mail", 180),
        ("550 5.1.1", 90),
    ],
)
def test_where_nobody_lives_no_mail_goes_for_a_while(reply: str, days: int) -> None:
    found = refused(reply)

    assert found
    assert (found.address, found.delivery, found.since) == (BORIS, "d", NOW)
    assert found.until - found.since == timedelta(days=days)


@pytest.mark.parametrize(
    "outcome",
    [
        Refused("554 5.7.1 spam"),
        Refused("554 no"),
        Refused("552 5.2.2 full"),
        Refused("550 5.1.1 but the table says that this is somebody else's fault"),
        Accepted("250 2.1.5 ok"),
    ],
)
def test_what_says_nothing_about_who_lives_there_keeps_nothing_away(outcome: Outcome) -> None:
    assert after_refusal(_delivery(BORIS), outcome) is None


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.1.1", "5.1.8", "5.1.11", "2.1.5", ""])
def test_other_statuses_keep_nothing_away(status: str) -> None:
    assert suppression(BORIS, status, reason="", now=NOW) is None


def test_the_table_of_replies_and_this_one_speak_of_the_same_statuses() -> None:
    """One that closes an address but has no time would close it for this mail alone."""
    patterns = {rule.enhanced for rule in RULES if rule.bad_address}

    assert patterns == {"5.1.[123]", "5.1.10"}
    assert set(KEPT) == {"5.1.1", "5.1.2", "5.1.3", "5.1.10"}


def test_every_spelling_is_the_same_address() -> None:
    spellings = ("Boris@EXÄMPLE.org", "boris@xn--exmple-cua.org", " BORIS@exämple.org")

    found = [refused("550 5.1.1", address=each) for each in spellings]

    assert [each and each.address for each in found] == ["boris@xn--exmple-cua.org"] * 3


def test_a_servers_page_becomes_a_line() -> None:
    found = refused("550 5.1.1 no\r\nsuch\x00 user " + "x" * 5000)

    assert found
    assert found.reason.startswith("550 5.1.1 no such user xxx")
    assert len(found.reason) == REASON_LIMIT


def test_the_reason_says_on_whose_word_and_since_when() -> None:
    found = refused("550 5.1.1 no such user")

    assert found
    assert why_not(found) == "suppressed: 5.1.1 since 2026-11-23"


def test_an_entry_holds_on_without_its_address() -> None:
    found = refused("550 5.1.1 no such user")
    assert found

    erased = msgspec.structs.replace(found, address="", reason="")

    assert msgspec.json.decode(msgspec.json.encode(erased), type=Suppression) == erased
    assert BORIS.encode() not in msgspec.json.encode(erased)
