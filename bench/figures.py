"""Figures: what was measured, in which unit, how often, and what had been promised."""

from statistics import median
from typing import Literal

import msgspec


class Goal(msgspec.Struct, frozen=True):
    """A promise: the figure is at least, or at most, this."""

    side: Literal["≥", "≤"]
    bound: float

    def kept_by(self, figure: float) -> bool:
        return figure >= self.bound if self.side == "≥" else figure <= self.bound


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was measured, as often as `values` has members."""

    what: str
    unit: str
    values: list[float]
    goal: Goal | None = None

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def kept(self) -> bool | None:
        return self.goal.kept_by(self.median) if self.goal else None


class Curve(msgspec.Struct, frozen=True):
    """How one thing grows: the size and what was measured there."""

    what: str
    points: list[tuple[float, float]]


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """Curves over the same sizes, in one unit; `key` tells the plots of one result apart."""

    key: str = ""
    title: str
    along: str
    unit: str
    curves: list[Curve]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing that others made, as SVG; `key` tells the pictures of one result apart."""

    key: str
    title: str
    svg: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one measurement, and under which conditions they hold."""

    name: str
    title: str
    conditions: list[str]
    figures: list[Figure]
    plots: list[Plot] = []
    pictures: list[Picture] = []
    # Several subjects were asked for the same figures, named `subject: what`.
    crosswise: bool = False


class Samples:
    """Collects figures while a measurement is repeated, in the order of their first values."""

    def __init__(self) -> None:
        self._units: dict[str, tuple[str, Goal | None]] = {}
        self._values: dict[str, list[float]] = {}

    def add(self, what: str, value: float, unit: str, goal: Goal | None = None) -> None:
        self._units[what] = unit, goal
        self._values.setdefault(what, []).append(value)

    def figures(self) -> list[Figure]:
        return [
            Figure(what=what, unit=unit, goal=goal, values=self._values[what])
            for what, (unit, goal) in self._units.items()
        ]


def quantile(values: list[float], share: float) -> float:
    """Give the value that `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def shown(value: float) -> str:
    """Give a number with three digits that count, never less than whole numbers."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"
