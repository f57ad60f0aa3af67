"""`notifier deliveries`: what is owed and what was paid, and paying once more."""

from collections.abc import Iterable

import typer

from notifier.adapters.archive import Asked
from notifier.admin import Admin, Impossible, NotFound, Shown
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, group
from notifier.cli.opening import asked
from notifier.cli.printing import JsonArray, echo_json, echo_table
from notifier.core.delivery import State
from notifier.core.exclusion import told_beside
from notifier.core.notice import Kind
from notifier.core.reasons import meaning

app = group("List and show deliveries; send some again.")

# Rows of a table that somebody reads; JSON for programs is given whole.
TABLE_ROWS = 50


@app.command("list", epilog="Example: notifier deliveries list --conference df0a2adebe")
def list_(
    *,
    conference: str | None = typer.Option(None, help="Only those about this conference."),
    recipient: str | None = typer.Option(None, help="Only those to this address or person's ID."),
    kind: Kind | None = typer.Option(None, help="Only those of this kind."),
    state: State | None = typer.Option(None, help="Only those that stand so."),
    limit: int | None = typer.Option(
        None, min=1, help=f"At most so many [default: {TABLE_ROWS}; with --json all]."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print a JSON array."),
) -> None:
    """List deliveries, those of the newest notice first.

    Below the table stands what the reasons in it mean. Behind `federation` stands who lives on a
    server that is kept out, which one, and the mask that did it.
    """
    wanted = Asked(conference=conference, recipient=recipient, kind=kind, state=state)
    if as_json:
        asked(lambda admin: _print_array(admin, wanted, limit))
        return
    # One more than is shown tells whether there is more.
    most = limit or TABLE_ROWS
    rows = asked(lambda admin: _gather(admin, wanted, most + 1))
    echo_table(
        ("id", "kind", "conference", "recipient", "state", "reason", "tries", "updated (UTC)"),
        (_row(each) for each in rows[:most]),
    )
    for line in _legend(rows[:most]):
        typer.echo(line)
    if len(rows) > most:
        typer.echo(f"There are more than {most}; see them with --limit, or choose by options.")


@app.command(epilog="Example: notifier deliveries show 1f0c6ab3e5d24c8a9b17")
def show(
    delivery: str = typer.Argument(help="The id of a delivery."),
    as_json: bool = JSON,
) -> None:
    """Show everything about one delivery."""
    try:
        found = asked(lambda admin: admin.delivery(delivery))
    except NotFound as fault:
        raise Failed(str(fault)) from fault
    if as_json:
        echo_json(found)
        return
    echo_table(
        ("field", "value"),
        ((name, getattr(found, name)) for name in Shown.__struct_fields__),
    )
    for line in _legend([found]):
        typer.echo(line)


@app.command(epilog="Example: notifier deliveries resend 1f0c6ab3e5d24c8a9b17")
def resend(
    deliveries: list[str] = typer.Argument(help="Ids of deliveries that were finished."),
) -> None:
    """Send deliveries once more, each with the Message-ID that it had.

    For mails that failed, or whose answer never came. What was skipped was never to be sent.

    A mail that somebody may have already goes again word for word; any other says how its
    conference stands by now.
    """
    refused = asked(lambda admin: _resend(admin, deliveries), writes=True)
    for sentence in refused:
        typer.echo(f"notifier: {sentence}", err=True)
    typer.echo(f"{len(deliveries) - len(refused)} of {len(deliveries)} will be sent again.")
    if refused:
        raise typer.Exit(1)


async def _print_array(admin: Admin, wanted: Asked, limit: int | None) -> None:
    with JsonArray() as array:
        async for each in admin.deliveries(wanted, limit=limit):
            array.add(each)


async def _gather(admin: Admin, wanted: Asked, limit: int) -> list[Shown]:
    return [each async for each in admin.deliveries(wanted, limit=limit)]


def _legend(rows: Iterable[Shown]) -> list[str]:
    """Say of each reason once what it means; what mail servers said speaks for itself."""
    words = sorted({each.reason.partition(":")[0] for each in rows})
    return [f"{word}: {said}" for word in words if (said := meaning(word))]


def _row(each: Shown) -> tuple[object, ...]:
    return (
        each.id,
        each.kind,
        each.conference,
        each.recipient,
        each.state,
        told_beside(each.reason, each.excluded),
        each.attempts,
        each.updated,
    )


async def _resend(admin: Admin, deliveries: list[str]) -> list[str]:
    """Give a sentence for each that cannot be sent again; the others are."""
    refused = []
    for each in deliveries:
        try:
            await admin.resend(each)
        except (NotFound, Impossible) as fault:
            refused.append(str(fault))
    return refused
