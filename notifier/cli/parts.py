"""`notifier up`, `listen`, `worker`, `beat`, `flower`, `panel`: this process becomes the part."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from notifier.cli.groups import alone
from notifier.config import load
from notifier.supervisor.roles import command, filling, named

app = alone()


@app.command(epilog="Example: notifier listen")
def listen() -> None:
    """Run one listener: it hears events and plans deliveries. Any number may run."""
    _become_part("listen")


@app.command(epilog="Example: notifier worker --workers 4")
def worker(
    workers: int | None = typer.Option(
        None, min=1, help="Sending processes [default: one for each CPU]."
    ),
) -> None:
    """Run the workers that send mails. Any number may run, on any machine."""
    _become_part("worker", workers=workers)


@app.command(epilog="Example: notifier beat")
def beat() -> None:
    """Run the clock that reminders follow. A second one changes nothing."""
    _become_part("beat")


@app.command(epilog="Example: notifier flower")
def flower() -> None:
    """Run Flower, which shows workers and tasks on this machine (NOTIFIER_FLOWER_PORT)."""
    _become_part("flower")


@app.command(epilog="Example: notifier panel")
def panel() -> None:
    """Run the panel (NOTIFIER_PANEL_HOST, NOTIFIER_PANEL_PORT). Any number may run."""
    _become_part("panel")


@app.command(epilog="Example: notifier up --data ./data --settings settings.toml")
def up(
    data: Path | None = typer.Option(None, file_okay=False, help="Where everything is kept."),
    settings: Path | None = typer.Option(
        None, exists=True, dir_okay=False, help="Apply this TOML file first."
    ),
    port: int | None = typer.Option(
        None, min=0, max=65535, help="The panel's port; 0: any free one."
    ),
    workers: int | None = typer.Option(None, min=1, help="Sending processes."),
) -> None:
    """Run everything on this machine, until Ctrl-C or SIGTERM.

    Prints one line, `ready redis=URL panel=URL`, when all parts answer.
    """
    asked = {
        "NOTIFIER_DATA": str(data.absolute()) if data else None,
        "NOTIFIER_PANEL_PORT": None if port is None else str(port),
    }
    options = (("--settings", settings), ("--workers", workers))
    arguments = [str(part) for pair in options if pair[1] is not None for part in pair]
    # It stays while the notifier runs: it gets a process without the command line's weight.
    _become(
        [sys.executable, "-m", "notifier.supervisor", *arguments], environ=os.environ, asked=asked
    )


def _become_part(name: str, *, workers: int | None = None) -> None:
    _become(command(named(name), filling(load(os.environ), workers=workers)), environ=os.environ)


def _become(
    program: Sequence[str],
    *,
    environ: Mapping[str, str],
    asked: Mapping[str, str | None] | None = None,
) -> None:
    """Replace this process: signals reach the part itself, and no parent waits beside it."""
    given = {name: value for name, value in (asked or {}).items() if value is not None}
    os.execve(program[0], list(program), {**environ, **given})
