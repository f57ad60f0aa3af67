"""Clocks are trusted while they go as time goes, and again when they have done so for a while."""

import pytest

from notifier.core.times.steadiness import LOOKS_TO_TRUST, Look, Watch, looked

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


def test_both_clocks_are_trusted_again_after_some_looks_in_a_row() -> None:
    stepped = [(0.0, 0.0), (DAY, DAY)]

    assert not watched(*stepped, *[(DAY, DAY)] * (LOOKS_TO_TRUST - 1)).trusted
    assert watched(*stepped, *[(DAY, DAY)] * LOOKS_TO_TRUST).trusted


def test_a_clock_that_is_put_right_is_trusted_after_some_looks() -> None:
    wrong = [(0.0, 0.0), (DAY, 0.0), (DAY, 0.0)]

    assert not watched(*wrong, (0, 0)).trusted
    assert watched(*wrong, (0, 0), *[(0.0, 0.0)] * LOOKS_TO_TRUST).trusted


def test_what_a_time_server_corrects_worries_nobody() -> None:
    assert watched((0, 0), (30, 30), (0, 0)).trusted
