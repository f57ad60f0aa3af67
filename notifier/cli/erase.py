"""`notifier erase`: taking a person out of everything."""

import typer

from notifier.admin import Erased, Impossible
from notifier.admin.erasing import PLACES
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, alone
from notifier.cli.opening import asked
from notifier.cli.printing import echo_json, echo_table

app = alone()


@app.command(epilog="Example: notifier erase boris@example.org")
def erase(
    address: str = typer.Argument(help="The person's mail address."),
    *,
    yes: bool = typer.Option(False, "--yes", help="Do not ask first."),
    as_json: bool = JSON,
) -> None:
    """Take a person out of everything; mails to them that wait are not sent.

    Whoever has the address, and every ID that has it, goes from lists, deliveries, notices,
    conferences, events and the export on this machine. What became of deliveries stays, without the
    person. It may run again at any time; status 1 says that it has to, and why.
    """
    if not yes:
        typer.confirm(f"Erase {address} for ever?", abort=True, err=True)
    try:
        erased = asked(lambda admin: admin.erase(address), writes=True)
    except Impossible as fault:
        raise Failed(str(fault)) from fault
    if as_json:
        echo_json(erased)
    else:
        _print(erased)
    if erased.waiting:
        raise typer.Exit(1)


def _print(erased: Erased) -> None:
    echo_table(("removed", ""), ((count, PLACES[place]) for place, count in erased.removed.items()))
    typer.echo("\nThis may still hold the person:")
    for each in erased.may_still_hold:
        typer.echo(f"* {each}")
    for each in erased.waiting:
        typer.echo(f"notifier: {each}.", err=True)
