"""Growth curves: how something grows with a size, both axes logarithmic, as an SVG file.

Drawn by hand: matplotlib weighs a hundred megabytes, and pygal puts a hook into the imports of the
whole process that Python 3.12 no longer knows.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from bench.figures import Curve, Plot

# The picture and the part of it that the curves have (pixels: left, top, right, bottom).
WIDTH: Final = 900
HEIGHT: Final = 480
LEFT, TOP, RIGHT, BOTTOM = 70, 50, 640, 420
# Told apart by those who see few colours, too (Okabe and Ito's).
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
LINE: Final = 22


def drawn(plot: Plot) -> bytes:
    """Give the plot as SVG, with the name of each curve beside it."""
    return "\n".join(_lines(plot)).encode()


def _lines(plot: Plot) -> Iterator[str]:
    sizes = sorted({size for curve in plot.curves for size, _value in curve.points})
    decades = _decades([value for curve in plot.curves for _size, value in curve.points])
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13" fill="#222">'
    )
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    yield _text((LEFT + RIGHT) / 2, TOP - 20, plot.title, anchor="middle")
    yield _text((LEFT + RIGHT) / 2, BOTTOM + 42, plot.along, anchor="middle")
    yield _text(LEFT - 12, TOP - 20, plot.unit, anchor="end")
    for size in sizes:
        x = _across(size, sizes)
        yield _rule(x, TOP, x, BOTTOM)
        yield _text(x, BOTTOM + 20, _number(size), anchor="middle")
    for decade in decades:
        y = _up(decade, decades)
        yield _rule(LEFT, y, RIGHT, y)
        yield _text(LEFT - 12, y + 4, _number(decade), anchor="end")
    heights = _apart([_up(curve.points[-1][1], decades) for curve in plot.curves])
    for place, (curve, height) in enumerate(zip(plot.curves, heights, strict=True)):
        yield from _curve(curve, sizes, decades, COLOURS[place % len(COLOURS)], height)
    yield "</svg>\n"


def _curve(
    curve: Curve, sizes: Sequence[float], decades: Sequence[float], colour: str, height: float
) -> Iterator[str]:
    """Draw one curve; its name stands at its end, at this height."""
    points = [(_across(size, sizes), _up(value, decades)) for size, value in curve.points]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    yield _text(RIGHT + 12, height + 4, curve.what, colour=colour)


def _apart(heights: Sequence[float]) -> list[float]:
    """Move names that would lie upon each other, from the top down."""
    moved: dict[int, float] = {}
    last = -math.inf
    for place in sorted(range(len(heights)), key=heights.__getitem__):
        last = moved[place] = max(heights[place], last + LINE)
    return [moved[place] for place in range(len(heights))]


def _decades(values: Sequence[float]) -> list[float]:
    """Give the powers of ten around all values, two at least."""
    lowest, highest = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return [10.0**power for power in range(lowest, max(highest, lowest + 1) + 1)]


def _across(size: float, sizes: Sequence[float]) -> float:
    return LEFT + (RIGHT - LEFT) * _share(size, sizes[0], sizes[-1])


def _up(value: float, decades: Sequence[float]) -> float:
    return BOTTOM - (BOTTOM - TOP) * _share(value, decades[0], decades[-1])


def _share(value: float, lowest: float, highest: float) -> float:
    return math.log(value / lowest) / math.log(highest / lowest)


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#222") -> str:
    placed = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {placed}>{escape(text)}</text>"


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if value >= 1 else f"{value:.3g}"
