"""Claims about the order in which ready deliveries leave."""

from datetime import timedelta
from typing import Any

import pytest

from notifier.core.delivery import Delivery, Recipient, State
from notifier.core.notice import Kind
from notifier.core.urgency import PATIENCE, urgency
from tests.cast import NOW


def delivery(kind: str, *, minutes_ago: int = 0, minutes_left: int | None = None) -> Delivery:
    return Delivery(
        id="d",
        notice="n",
        kind=kind,
        recipient=Recipient(key="k", name="K"),
        state=State.PENDING,
        created=NOW - timedelta(minutes=minutes_ago),
        updated=NOW,
        deadline=None if minutes_left is None else NOW + timedelta(minutes=minutes_left),
    )


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_patience(kind: Kind) -> None:
    wanted = urgency(delivery(kind))

    assert timedelta(0) <= wanted - NOW <= timedelta(minutes=10)


def test_no_patience_is_kept_for_kinds_that_do_not_exist() -> None:
    assert set(PATIENCE) == set(Kind)


def test_r16_a_reminder_overtakes_invitations_of_the_last_minutes() -> None:
    invitation = delivery("invitation", minutes_ago=9)

    assert urgency(delivery("reminder", minutes_left=10)) < urgency(invitation)


@pytest.mark.parametrize(
    ("reminder", "other", "overtakes"),
    [
        # Five minutes before the start, against bulk that has waited for half an hour.
        ({"minutes_left": 5}, {"kind": "invitation", "minutes_ago": 30}, True),
        ({"minutes_left": 5}, {"kind": "cancellation", "minutes_ago": 60}, True),
        # A day before, with a nearer reminder five minutes before the start, and without.
        ({"minutes_left": 1435}, {"kind": "cancellation", "minutes_ago": 10}, False),
        ({"minutes_left": 1440}, {"kind": "cancellation", "minutes_ago": 10}, False),
        ({"minutes_left": 1440}, {"kind": "cancellation"}, True),
        ({"minutes_left": 43_200}, {"kind": "cancellation", "minutes_ago": 2}, False),
        # Of two reminders that which is useless first, whichever was planned first.
        ({"minutes_left": 5}, {"kind": "reminder", "minutes_left": 60, "minutes_ago": 60}, True),
        ({"minutes_left": 5, "minutes_ago": 10}, {"kind": "reminder", "minutes_left": 5}, False),
    ],
)
def test_what_a_reminder_overtakes(
    reminder: dict[str, Any], other: dict[str, Any], overtakes: bool
) -> None:
    first = urgency(delivery("reminder", **reminder))

    assert (first < urgency(delivery(**other))) is overtakes


def test_waiting_makes_urgent() -> None:
    assert urgency(delivery("invitation", minutes_ago=11)) < urgency(delivery("reminder"))


def test_what_becomes_useless_soon_goes_soon() -> None:
    assert urgency(delivery("invitation", minutes_left=1)) == NOW + timedelta(minutes=1)


def test_of_two_of_a_kind_the_older_goes_first() -> None:
    assert urgency(delivery("removal", minutes_ago=1)) < urgency(delivery("removal"))
