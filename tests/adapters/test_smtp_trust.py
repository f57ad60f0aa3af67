"""What is known of a server's way with groups of commands, and for how long."""

import pytest

from notifier.adapters.smtp_pipelining import FIRST_PAUSE, Leave, Trust, lost, mixed
from notifier.core.replies import Reply


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def replies(*codes: int) -> list[Reply]:
    return [Reply(code, "") for code in codes]


def test_one_group_is_on_trial_while_all_others_go_one_by_one() -> None:
    trust = Trust(Clock())

    leaves = [trust.leave() for _ in range(3)]

    assert leaves == [Leave.TRIAL, Leave.NO, Leave.NO]


def test_who_has_kept_its_word_is_trusted() -> None:
    trust = Trust(Clock())
    trust.leave()

    trust.kept()

    assert trust.leave() is Leave.YES


def test_who_has_broken_it_is_tried_again_after_longer_and_longer() -> None:
    trust = Trust(clock := Clock())
    pauses = []

    for _ in range(3):
        while trust.leave() is not Leave.TRIAL:
            clock.now += FIRST_PAUSE / 2
        trust.broken()
        since = clock.now
        while trust.leave() is Leave.NO:
            clock.now += FIRST_PAUSE / 2
        trust.undecided()
        pauses.append(clock.now - since)

    assert pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]


def test_a_trial_that_shows_nothing_is_followed_by_another() -> None:
    trust = Trust(Clock())
    trust.leave()

    trust.undecided()

    assert trust.leave() is Leave.TRIAL


def test_who_was_trusted_may_err_twice_in_a_row_and_not_three_times() -> None:
    trust = Trust(Clock())
    trust.kept()

    seen = []
    for _ in range(3):
        trust.broken()
        seen.append(trust.leave())

    assert seen == [Leave.YES, Leave.YES, Leave.NO]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((250, 250, 354), False),
        ((250, 550, 354), False),  # RFC 2920 §3.1 lets it ask for the body of nobody
        ((250, 550, 554), False),
        ((354,), True),
        ((250, 354), True),
        ((250, 250, 250), True),
        ((), False),
    ],
)
def test_answers_in_another_order_are_noticed(codes: tuple[int, ...], expected: bool) -> None:
    assert mixed(replies(*codes)) is expected


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((250, 503), True),
        ((250, 250, 503), True),
        ((250, 550, 503), False),  # what else should it say to DATA for nobody
        ((503,), False),
        ((250, 250, 354), False),
    ],
)
def test_a_command_that_was_not_read_is_noticed(codes: tuple[int, ...], expected: bool) -> None:
    assert lost(replies(*codes)) is expected
