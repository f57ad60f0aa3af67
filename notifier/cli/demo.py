"""`notifier demo`: everything at once, for whoever sees the notifier for the first time."""

from pathlib import Path

import typer

from notifier.cli.groups import alone
from notifier.demo import main

app = alone()


@app.command(epilog="Example: notifier demo --once")
def demo(
    once: bool = typer.Option(False, "--once", help="Play, check what arrived, and end."),
    data: Path | None = typer.Option(
        None, file_okay=False, help="Keep all in this empty folder [default: one that goes]."
    ),
    port: int | None = typer.Option(
        None, min=0, max=65535, help="The panel's port; 0: any free one."
    ),
) -> None:
    """Play the life of some conferences on real parts, with a mailbox to look into.

    Needs nothing: no Redis, no mail server, no settings. The exit status is 0 if each mail
    arrived once, at the right person, in the right language.
    """
    raise typer.Exit(main(once, data, port))
