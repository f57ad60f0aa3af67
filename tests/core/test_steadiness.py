"""Clocks are trusted while they go as time goes, and again when they have done so for a while."""

import pytest

from notifier.core.times.steadiness import (
    AHEAD_BELIEVED_AFTER,
    LOOKS_TO_TRUST,
    Look,
    Watch,
    looked,
    present,
)

HOUR = 3600.0
DAY = 24 * HOUR


def watched(*ahead: tuple[float, float]) -> Watch:
    """Look once a second; `ahead` are the seconds by which Redis's clock and ours are wrong."""
    watch = Watch()
    for second, (redis, own) in enumerate(ahead):
        watch = looked(watch, Look(redis=second + redis, own=second + own, steady=100.0 + second))
    return watch


def test_clocks_that_go_as_time_goes_are_trusted() -> None:
    assert watched((0, 0), (0.2, 0), (0, -0.3)).trusted


def test_a_process_that_starts_trusts_clocks_that_agree() -> None:
    assert watched((DAY, DAY)).trusted


def test_a_process_that_starts_trusts_no_clocks_that_disagree() -> None:
    assert not watched((DAY, 0)).trusted


@pytest.mark.parametrize("step", [DAY, HOUR, 61.0, -61.0, -HOUR])
def test_a_step_of_both_clocks_is_seen(step: float) -> None:
    watch = watched((0, 0), (step, step))

    assert not watch.trusted
    assert f"it is {abs(step):.0f} s {'ahead of' if step > 0 else 'behind'}" in watch.fault


@pytest.mark.parametrize("step", [DAY, -HOUR])
def test_a_step_of_one_clock_is_not_forgiven_while_it_lasts(step: float) -> None:
    assert not watched((0, 0), *[(step, 0)] * 20).trusted
    assert not watched((0, 0), *[(0, step)] * 20).trusted


def test_clocks_that_were_both_set_back_are_trusted_again_after_some_looks_in_a_row() -> None:
    stepped = [(0.0, 0.0), (-HOUR, -HOUR)]

    assert not watched(*stepped, *[(-HOUR, -HOUR)] * (LOOKS_TO_TRUST - 1)).trusted
    assert watched(*stepped, *[(-HOUR, -HOUR)] * LOOKS_TO_TRUST).trusted


def test_clocks_that_are_both_ahead_are_believed_only_after_minutes() -> None:
    looks = int(AHEAD_BELIEVED_AFTER)
    stepped = [(0.0, 0.0), (DAY, DAY)]

    assert not watched(*stepped, *[(DAY, DAY)] * (looks - 1)).trusted
    assert watched(*stepped, *[(DAY, DAY)] * looks).trusted


def test_clocks_that_are_put_back_to_where_they_were_are_trusted_after_some_looks() -> None:
    back = [(0.0, 0.0), *[(-HOUR, -HOUR)] * 10]

    assert not watched(*back, *[(0.0, 0.0)] * LOOKS_TO_TRUST).trusted
    assert watched(*back, *[(0.0, 0.0)] * (LOOKS_TO_TRUST + 1)).trusted
    assert not watched(*back, *[(HOUR, HOUR)] * 10).trusted


def test_clocks_that_go_on_jumping_are_never_believed() -> None:
    jumps = [(step * HOUR, step * HOUR) for step in range(2 * int(AHEAD_BELIEVED_AFTER))]

    assert not watched(*jumps).trusted


def test_clocks_that_are_put_right_after_a_jump_of_both_are_trusted_again() -> None:
    wrong = [(0.0, 0.0), *[(DAY, DAY)] * 10]

    assert not watched(*wrong, (0, 0)).trusted
    assert watched(*wrong, *[(0.0, 0.0)] * LOOKS_TO_TRUST).trusted


def test_a_clock_that_is_put_right_is_trusted_after_some_looks() -> None:
    wrong = [(0.0, 0.0), (DAY, 0.0), (DAY, 0.0)]

    assert not watched(*wrong, (0, 0)).trusted
    assert watched(*wrong, *[(0.0, 0.0)] * LOOKS_TO_TRUST).trusted


def test_what_a_time_server_corrects_worries_nobody() -> None:
    assert watched((0, 0), (30, 30), (0, 0)).trusted


def test_an_answer_that_was_long_in_coming_is_not_taken_for_a_wrong_clock() -> None:
    look = Look(redis=1000.0, own=1200.0, steady=500.0, waited=200.0)

    assert looked(Watch(), look).trusted
    assert not looked(Watch(), Look(redis=1000.0, own=1200.0, steady=500.0)).trusted


def test_a_clock_that_is_slewed_is_followed_and_never_alarms() -> None:
    # One second in a hundred, for three hours, looked at once a second: more than a minute in all.
    slewed = [(0.01 * second, 0.01 * second) for second in range(3 * 3600)]

    watch = watched(*slewed)

    assert watch.trusted
    assert watch.last
    told = present(watch, own=watch.last.own, steady=watch.last.steady)
    assert (told.time, told.earliest, told.latest) == (watch.last.own,) * 3


@pytest.mark.parametrize("step", [-59.0, -1.0, 0.0, 1.0, 59.0])
def test_a_step_that_a_time_server_makes_is_followed_at_once(step: float) -> None:
    told = present(watched((0, 0)), own=10 + step, steady=110.0)

    assert (told.time, told.earliest, told.latest) == (10 + step,) * 3


@pytest.mark.parametrize("step", [-DAY, -HOUR, -61.0, 61.0, DAY])
def test_past_a_jump_time_goes_on_by_the_steady_clock(step: float) -> None:
    told = present(watched((0, 0)), own=10 + step, steady=110.0)

    assert told.time == 10
    assert (told.earliest, told.latest) == (min(10, 10 + step), max(10, 10 + step))


@pytest.mark.parametrize("step", [-DAY, DAY])
def test_a_jump_of_ours_alone_leaves_no_doubt_once_redis_was_asked(step: float) -> None:
    told = present(watched((0, 0), (0, step)), own=10 + step, steady=110.0)

    assert (told.time, told.earliest, told.latest) == (10.0,) * 3


def test_a_jump_of_both_leaves_a_doubt() -> None:
    told = present(watched((0, 0), (DAY, DAY)), own=10 + DAY, steady=110.0)

    assert (told.time, told.earliest, told.latest) == (10.0, 10.0, 10 + DAY)


def test_a_jump_of_redis_alone_leaves_our_time_as_it_is() -> None:
    told = present(watched((0, 0), (DAY, 0)), own=10.0, steady=110.0)

    assert (told.time, told.earliest, told.latest) == (10.0,) * 3


def test_where_no_look_was_ever_sure_it_may_be_as_redis_says() -> None:
    told = present(watched((DAY, 0)), own=10.0, steady=110.0)

    assert (told.time, told.earliest, told.latest) == (10.0, 10.0, DAY + 10)


def test_a_time_that_is_believed_is_told_without_a_doubt() -> None:
    back = watched((0, 0), *[(-HOUR, -HOUR)] * (LOOKS_TO_TRUST + 1))
    assert back.last

    told = present(back, own=back.last.own + 1, steady=back.last.steady + 1)

    assert (told.time, told.earliest, told.latest) == (back.last.own + 1,) * 3
