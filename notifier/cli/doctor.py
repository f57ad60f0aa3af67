"""`notifier doctor`: everything without which no mail leaves, one line each."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from notifier.admin import Admin, Look
from notifier.cli.groups import JSON, alone
from notifier.cli.opening import asked
from notifier.cli.printing import echo_json, echo_table

app = alone()


@app.command(epilog="Example: notifier doctor --json")
def doctor(
    *,
    repair: bool = typer.Option(
        False,
        "--repair",
        help="First compare the due index with all conferences, and put it right.",
    ),
    as_json: bool = JSON,
) -> None:
    """Look at Redis, the network, the mail server, templates, clocks, parts, queues, reminders.

    Each line is ok, warn or fail, with what was found and what to do; status 1 if any fails.
    """
    looks = [asked(_repair, writes=True)] if repair else []
    looks += asked(_look)
    if as_json:
        echo_json(looks)
    else:
        echo_table(
            ("what", "", "found", "what to do"),
            ((each.name, each.status, each.found, each.advice) for each in looks),
        )
    if any(each.status == "fail" for each in looks):
        raise typer.Exit(1)


async def _look(admin: Admin) -> list[Look]:
    return [each async for each in admin.doctor().look()]


async def _repair(admin: Admin) -> Look:
    with _watched() as progress:
        return await admin.reminders.repair(progress)


@contextmanager
def _watched() -> Iterator[Callable[[int, int], None]]:
    """Give what shows how far it is, where somebody watches."""
    if not sys.stderr.isatty():
        yield lambda _seen, _total: None
        return
    # Importing it takes longer than most looks.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("comparing conferences", total=None)
        yield lambda seen, total: progress.update(task, completed=seen, total=total)
