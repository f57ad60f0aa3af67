"""Results on the screen, as JSON, and as one page of tables and plots."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from bench import crosswise, plots
from bench.figures import Figure, Picture, Plot, Result, shown

FOLDER: Final = Path(__file__).parent / "results"
PAGE: Final = "README.md"

HEADINGS: Final = ("what", "median", "from – to", "unit", "promised", "kept")
# Columns of words; all others are numbers.
WORDS: Final = {"", "what", "unit", "kept"}
_KEPT: Final = {True: "yes", False: "**no**", None: ""}


class Sheet(NamedTuple):
    """A table as it is shown, its numbers as text."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


class Record(msgspec.Struct, frozen=True):
    """A result and the machine that it comes from, as they are kept."""

    machine: dict[str, str]
    result: Result


def show(result: Result, console: Console) -> None:
    """Print a result as a table."""
    for sheet in _sheets(result):
        table = Table(title=result.title, title_justify="left")
        for heading in sheet.headings:
            table.add_column(heading, justify="left" if heading in WORDS else "right")
        for row in sheet.rows:
            table.add_row(*(cell.replace("**", "") for cell in row))
        console.print(table)
    console.print("\n".join(result.conditions), markup=False)


def keep(result: Result, machine: dict[str, str], folder: Path = FOLDER) -> None:
    """Write the result as JSON, and the page of all results that are kept."""
    folder.mkdir(exist_ok=True)
    bare = [msgspec.structs.replace(each, svg="") for each in result.pictures]
    record = Record(machine, msgspec.structs.replace(result, pictures=bare))
    text = msgspec.json.format(msgspec.json.encode(record), indent=2)
    (folder / f"{result.name}.json").write_bytes(text + b"\n")
    for plot in result.plots:
        (folder / _file_of(result, plot)).write_bytes(plots.drawn(plot))
    for picture in result.pictures:
        (folder / _file_of(result, picture)).write_text(picture.svg, encoding="utf-8")
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
    for sheet in _sheets(result):
        yield _line(sheet.headings)
        yield _line(["---" if heading in WORDS else "---:" for heading in sheet.headings])
        for row in sheet.rows:
            yield _line(row)
        yield ""
    drawings: list[Plot | Picture] = [*result.plots, *result.pictures]
    for drawn in drawings:
        yield f"![{drawn.title}]({_file_of(result, drawn)})\n"
    for condition in result.conditions:
        yield f"* {condition}"
    yield "* " + ", ".join(f"{name} {value}" for name, value in machine.items())
    yield ""


def _sheets(result: Result) -> Iterator[Sheet]:
    """Give its tables: the one crosswise, if it is to have one, and that of single figures."""
    single = result.figures
    if result.crosswise:
        single = crosswise.plain(single)
        yield Sheet(*crosswise.sheet(result.figures))
    if single:
        yield Sheet(HEADINGS, [_row(figure) for figure in single])


def _file_of(result: Result, drawn: Plot | Picture) -> str:
    return f"{'-'.join(filter(None, (result.name, drawn.key)))}.svg"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(figure: Figure) -> tuple[str, ...]:
    lowest, highest = min(figure.values), max(figure.values)
    return (
        figure.what,
        shown(figure.median),
        f"{shown(lowest)} – {shown(highest)}" if len(figure.values) > 1 else "",
        figure.unit,
        f"{figure.goal.side} {figure.goal.bound:g}" if figure.goal else "",
        _KEPT[figure.kept],
    )
