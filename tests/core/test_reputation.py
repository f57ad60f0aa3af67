"""Claims about the policy alarm: many, and many among those that were sent."""

import pytest

from notifier.core.reputation import Tally, tally


@pytest.mark.parametrize(
    ("mails", "refused", "alarming"),
    [(20, 20, True), (19, 19, False), (399, 20, True), (400, 20, False), (1000, 51, True)],
)
def test_the_alarm_needs_twenty_and_a_twentieth(mails: int, refused: int, alarming: bool) -> None:
    assert Tally(mails, refused).alarming is alarming


def test_only_the_last_ten_minutes_count() -> None:
    totals = {89: 0, 90: 1000, 99: 4000}
    refused = {89: 500, 95: 3, 100: 4}

    assert tally(100, 5000, totals, refused) == Tally(mails=4000, refused=7)


def test_without_any_total_the_refused_are_all_there_is() -> None:
    assert tally(100, 5000, {}, {100: 2}) == Tally(mails=2, refused=2)
