"""Figures of several subjects as one table: a row for each of them, a column for each figure.

A figure whose name is `subject: what` has its place there; a goal that was not kept is marked.
"""

from collections.abc import Sequence

from bench.figures import Figure, shown

BETWEEN = ": "


def sheet(figures: Sequence[Figure]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Give the headings and the rows, subjects and columns in the order of their first figures."""
    placed = {
        (subject, what): figure
        for figure in figures
        for subject, between, what in [figure.what.partition(BETWEEN)]
        if between
    }
    columns = list(dict.fromkeys(what for _subject, what in placed))
    rows = [
        (subject, *(_cell(placed.get((subject, what))) for what in columns))
        for subject in dict.fromkeys(subject for subject, _what in placed)
    ]
    return ("", *columns), rows


def plain(figures: Sequence[Figure]) -> list[Figure]:
    """Give those figures that have no place in it."""
    return [figure for figure in figures if BETWEEN not in figure.what]


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    lowest, highest = min(figure.values), max(figure.values)
    spread = f" ({shown(lowest)} – {shown(highest)})" if lowest != highest else ""
    broken = " **not kept**" if figure.kept is False else ""
    return f"{shown(figure.median)}{spread}{broken}"
