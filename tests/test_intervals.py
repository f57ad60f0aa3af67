"""Claims about doing some things more seldom than others."""

from notifier.intervals import Intervals


def test_each_thing_has_its_own_time_and_the_first_is_at_once() -> None:
    now = 0.0
    intervals = Intervals(lambda: now)

    first = [intervals.over("sweep", 2), intervals.over("tidy", 5), intervals.over("sweep", 2)]
    now = 2.0
    second = [intervals.over("sweep", 2), intervals.over("tidy", 5)]
    now = 3.9
    third = intervals.over("sweep", 2)

    assert (first, second, third) == ([True, True, False], [True, False], False)
