"""Printing: tables for people, JSON for programs; neither lets a stored text steer the terminal."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from notifier.core.cleaning import UNSHOWN, clean_line

# Wide enough for every row: whoever reads a pipe wants whole lines.
PIPE_WIDTH = 10_000


def as_json(value: Any) -> str:
    """Give a value as readable JSON; moments in UTC end with `Z`."""
    return _escaped(msgspec.json.format(msgspec.json.encode(value), indent=2))


def _escaped(text: bytes) -> str:
    """Give JSON with what nobody can see as escapes, which mean the same and steer no terminal."""
    return UNSHOWN.sub(lambda found: json.dumps(found[0])[1:-1], text.decode())


def echo_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(as_json(value))


class JsonArray:
    """Prints an array element by element, however long it gets: `with JsonArray() as array:`."""

    def __init__(self) -> None:
        self._opened = False

    def add(self, value: Any) -> None:
        """Print one more element."""
        typer.echo(",\n" if self._opened else "[\n", nl=False)
        self._opened = True
        typer.echo(_escaped(msgspec.json.encode(value)), nl=False)

    def __enter__(self) -> "JsonArray":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        # A list that broke off in the middle must not look like a whole one.
        if kind is None:
            typer.echo("\n]" if self._opened else "[]")


def echo_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their columns."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(each)) for each in row))
    console().print(table)


def console() -> Console:
    """Give a console on standard output, as wide as the terminal; a pipe has no width."""
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)


def cell(value: object) -> str:
    """Give one clean line for a value; what is missing is a dash."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return clean_line(str(value)) if value not in {None, ""} else "–"
