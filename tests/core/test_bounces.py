"""What a mail that came back says of its address, and of the delivery that it was."""

from typing import Any

import pytest

from notifier.core.bounces import Bounce, bounce_of
from notifier.core.events import RecipientBounced
from notifier.core.suppression import REASON_LIMIT
from tests.cast import NOW
from tests.core.story import settings

ID = "0123456789abcdef0123"
OURS = settings(smtp={"host": "mail.example.com", "sender_address": "conf@Example.com"})


def bounce(**said: Any) -> Bounce:
    told = {"address": "Chen@Example.cn", "status": "5.1.1"} | said
    return bounce_of(RecipientBounced(**told), OURS, now=NOW)


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.3", "5.1.10"])
def test_an_address_where_nobody_lives_is_suppressed(status: str) -> None:
    found = bounce(status=status).suppression

    assert found
    assert (found.address, found.status, found.since) == ("chen@example.cn", status, NOW)


@pytest.mark.parametrize("status", ["4.2.2", "4.1.1", "5.2.2", "5.7.1", "5.0.0", "2.0.0", "5.1.6"])
def test_other_bounces_suppress_nobody_and_are_still_told(status: str) -> None:
    found = bounce(status=status, message_id=f"<{ID}@example.com>")

    assert found == Bounce(delivery=ID, reason=f"bounced {status}")


@pytest.mark.parametrize(
    "message_id", [f"<{ID}@example.com>", f" <{ID}@EXAMPLE.COM> ", f"{ID}@example.com"]
)
def test_a_message_id_of_ours_names_its_delivery(message_id: str) -> None:
    assert bounce(message_id=message_id).delivery == ID


@pytest.mark.parametrize(
    "message_id",
    [
        None,
        "",
        f"<{ID}@example.net>",
        f"<{ID[:-1]}@example.com>",
        f"<{ID}x@example.com>",
        f"<{ID}@example.com.evil.org>",
        f"<{ID}@example.com> <{ID}@example.com>",
        f"<../../{ID}@example.com>",
        "<" * 998,
    ],
)
def test_another_message_id_names_none_and_the_address_counts(message_id: str | None) -> None:
    found = bounce(message_id=message_id)

    assert found.delivery == ""
    assert found.suppression is not None
    assert found.suppression.delivery == ""


def test_hostile_details_become_one_short_line() -> None:
    found = bounce(details="no\r\nsuch\x00 \u202euser\n" + "x" * 60_000)

    assert found.reason.startswith("bounced 5.1.1: no such user xxx")
    assert len(found.reason) == REASON_LIMIT
    assert found.reason.isprintable()
