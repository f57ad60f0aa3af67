"""Claims about the circuit breaker: its table row by row, its pauses, and how it returns."""

from itertools import product

import pytest

from notifier.core.breaker import (
    FIRST_ROUND,
    LAST_ROUND,
    POLICY_PAUSE,
    PROBE_LEASE,
    ROUND_SECONDS,
    STEPS,
    Breaker,
    Sign,
    Stand,
    heard,
    pause,
    step,
    taken,
)

NOW = 1_000_000.0


def after(breaker: Breaker, *signs: Sign, now: float = NOW) -> Breaker:
    """Give the breaker after these signs; a wait is over when it is said to be."""
    for sign in signs:
        at = max(now, breaker.until) if sign is Sign.OVER else now
        breaker = heard(breaker, sign, now=at, jitter=0, cause="421 closing")
    return breaker


WORKS = Breaker()
OPEN = after(WORKS, Sign.FAIL)
PROBING = after(OPEN, Sign.OVER)
RISING = after(PROBING, Sign.WORK)
AT = {Stand.CLOSED: WORKS, Stand.OPEN: OPEN, Stand.PROBING: PROBING, Stand.RISING: RISING}


@pytest.mark.parametrize(("pair", "following"), STEPS.items(), ids=[f"{a}-{b}" for a, b in STEPS])
def test_each_row_of_the_table_leads_where_it_says(
    pair: tuple[Stand, Sign], following: Stand
) -> None:
    stand, sign = pair

    assert step(stand, sign) is following
    assert after(AT[stand], sign).stand is following


@pytest.mark.parametrize("pair", sorted(set(product(Stand, Sign)) - STEPS.keys()))
def test_what_is_not_in_the_table_changes_nothing(pair: tuple[Stand, Sign]) -> None:
    stand, sign = pair

    assert step(stand, sign) is None
    assert after(AT[stand], sign) is AT[stand]


@pytest.mark.parametrize("stand", [Stand.OPEN, Stand.PROBING, Stand.RISING])
def test_a_wait_from_a_time_when_the_clock_was_ahead_is_over(stand: Stand) -> None:
    ahead = after(WORKS, Sign.FAIL, now=NOW + 86_400)
    if stand is not Stand.OPEN:
        ahead = after(ahead, Sign.OVER, now=NOW + 86_400)
    if stand is Stand.RISING:
        ahead = after(ahead, Sign.WORK, now=NOW + 86_400)

    assert heard(ahead, Sign.OVER, now=NOW, jitter=0) != ahead


def test_the_longest_wait_of_all_is_waited_for() -> None:
    shunned = heard(WORKS, Sign.ALARM, now=NOW, jitter=1)

    assert heard(shunned, Sign.OVER, now=NOW, jitter=0) == shunned


def test_every_stand_leads_back_to_work() -> None:
    for breaker in AT.values():
        left = after(breaker, *[Sign.OVER] * 20)
        assert after(left, *[Sign.WORK] * 1000).stand is Stand.CLOSED


def test_nobody_tries_before_the_pause_is_over() -> None:
    assert taken(OPEN) is None
    assert heard(OPEN, Sign.OVER, now=OPEN.until - 0.1, jitter=0) is OPEN
    assert heard(OPEN, Sign.OVER, now=OPEN.until, jitter=0).stand is Stand.PROBING


def test_the_pause_doubles_up_to_a_minute() -> None:
    assert [pause(failures, 0) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert pause(5000, 0) == 60
    assert (pause(1, -1), pause(1, 1)) == (0.8, 1.2)


def test_a_failed_probe_makes_the_pause_longer_and_the_trouble_no_younger() -> None:
    again = after(PROBING, Sign.FAIL, now=NOW + 1)

    assert again.until == NOW + 1 + 2
    assert again.since == NOW
    assert again.trip > OPEN.trip


def test_one_probe_goes_and_a_lost_one_is_followed_by_another() -> None:
    gone = taken(PROBING)

    assert gone is not None
    assert taken(gone) is None
    assert heard(gone, Sign.OVER, now=gone.until - 1, jitter=0) is gone
    another = heard(gone, Sign.OVER, now=NOW + 1 + PROBE_LEASE, jitter=0)
    assert another.stand is Stand.PROBING
    assert taken(another) is not None


def test_each_round_lets_twice_as_many_go_until_the_road_is_as_fast_as_ever() -> None:
    breaker, rounds = RISING, []
    while breaker.stand is Stand.RISING:
        sent = 0
        while (left := taken(breaker)) is not None:
            breaker, sent = left, sent + 1
        rounds.append(sent)
        breaker = after(breaker, *[Sign.WORK] * sent)

    assert rounds == [2, 4, 8, 16, 32, 64, 128]
    assert (rounds[0], rounds[-1]) == (FIRST_ROUND, LAST_ROUND)
    assert breaker == Breaker()


def test_a_quiet_road_returns_without_many_mails() -> None:
    breaker = RISING
    for _round in range(7):
        breaker = heard(breaker, Sign.OVER, now=breaker.until, jitter=0)

    assert breaker == Breaker()
    assert RISING.until == NOW + ROUND_SECONDS


def test_a_server_that_falls_again_at_once_is_left_alone_for_longer() -> None:
    assert after(RISING, Sign.FAIL).until == NOW + 2


def test_a_server_that_carried_a_round_starts_with_the_first_pause_again() -> None:
    carried = after(RISING, Sign.WORK, Sign.WORK)

    assert after(carried, Sign.FAIL).until == NOW + 1


def test_a_policy_alarm_pauses_longer_and_is_remembered_until_mail_flows() -> None:
    alarmed = after(WORKS, Sign.ALARM)

    assert alarmed.until == NOW + POLICY_PAUSE
    assert after(alarmed, Sign.OVER).policy
    assert after(alarmed, Sign.OVER, Sign.WORK).policy
    assert not after(alarmed, Sign.OVER, *[Sign.WORK] * 300).policy


def test_no_two_openings_have_the_same_name() -> None:
    assert after(PROBING, Sign.FAIL).trip != OPEN.trip
