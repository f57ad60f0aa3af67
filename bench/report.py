"""Results on the screen, as JSON, and as one page of tables and plots."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from bench import growth
from bench.figures import Figure, Result

FOLDER: Final = Path(__file__).parent / "results"
PAGE: Final = "README.md"

HEADINGS: Final = ("what", "median", "from – to", "unit", "promised", "kept")
_KEPT: Final = {True: "yes", False: "**no**", None: ""}


class Record(msgspec.Struct, frozen=True):
    """A result and the machine that it comes from, as they are kept."""

    machine: dict[str, str]
    result: Result


def show(result: Result, console: Console) -> None:
    """Print a result as a table."""
    table = Table(title=result.title, title_justify="left", caption="\n".join(result.conditions))
    for heading in HEADINGS:
        numeric = heading in {"median", "from – to", "promised"}
        table.add_column(heading, justify="right" if numeric else "left")
    for figure in result.figures:
        table.add_row(*(cell.replace("**", "") for cell in _row(figure)))
    console.print(table)


def keep(result: Result, machine: dict[str, str], folder: Path = FOLDER) -> None:
    """Write the result as JSON, and the page of all results that are kept."""
    folder.mkdir(exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(Record(machine, result)), indent=2)
    (folder / f"{result.name}.json").write_bytes(text + b"\n")
    if result.plot:
        (folder / f"{result.name}.svg").write_bytes(growth.drawn(result.plot))
    records = [
        msgspec.json.decode(path.read_bytes(), type=Record)
        for path in sorted(folder.glob("*.json"))
    ]
    (folder / PAGE).write_text("\n".join(_page(records)), encoding="utf-8")


def _page(records: list[Record]) -> Iterator[str]:
    yield "# Measured\n"
    yield "Written by `make bench`; the same figures with every single value are in the JSON files."
    yield "Compare figures of one table only: another run meets another machine.\n"
    for record in records:
        yield from _section(record)


def _section(record: Record) -> Iterator[str]:
    result, machine = record.result, record.machine
    yield f"## {result.title}\n"
    yield _line(HEADINGS)
    yield _line(("---", "---:", "---:", "---", "---:", "---"))
    for figure in result.figures:
        yield _line(_row(figure))
    yield ""
    if result.plot:
        yield f"![{result.plot.title}]({result.name}.svg)\n"
    for condition in result.conditions:
        yield f"* {condition}"
    yield "* " + ", ".join(f"{name} {value}" for name, value in machine.items())
    yield ""


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(figure: Figure) -> tuple[str, ...]:
    lowest, highest = min(figure.values), max(figure.values)
    return (
        figure.what,
        _number(figure.median),
        f"{_number(lowest)} – {_number(highest)}" if len(figure.values) > 1 else "",
        figure.unit,
        f"{figure.goal.side} {figure.goal.bound:g}" if figure.goal else "",
        _KEPT[figure.kept],
    )


def _number(value: float) -> str:
    """Three digits that count, never less than whole numbers."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"
