"""Loads: a row of things, cut where they would weigh too much together."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing")


def loads(
    things: Iterable[Thing],
    weigh: Callable[[Thing], int],
    *,
    heaviest: int,
    first: int | None = None,
    most: int | None = None,
) -> Iterator[list[Thing]]:
    """Give the things in their order, as many at a time as weigh `heaviest` at most together.

    What is heavier by itself goes alone. The first load may have another limit, and none has more
    than `most` things.
    """
    load: list[Thing] = []
    weight, room = 0, heaviest if first is None else first
    for thing in things:
        own = weigh(thing)
        if load and (weight + own > room or len(load) == most):
            yield load
            load, weight, room = [], 0, heaviest
        load.append(thing)
        weight += own
    if load:
        yield load
