"""`notifier suppressions`: addresses that get no mail, because nobody lives there."""

import typer

from notifier.admin import Admin, Suppressed
from notifier.cli.groups import group
from notifier.cli.opening import asked
from notifier.cli.printing import JsonArray, echo_table

app = group("List and clear addresses that get no mail.")

COLUMNS = Suppressed.__struct_fields__


@app.command("list", epilog="Example: notifier suppressions list --address boris@example.org")
def list_(
    *,
    address: str | None = typer.Option(None, help="Only this address."),
    as_json: bool = typer.Option(False, "--json", help="Print a JSON array."),
) -> None:
    """List the addresses at which a server said that nobody lives; what ends first comes first.

    An entry whose person was erased still holds, and is found by the address alone.
    """
    if as_json:
        asked(lambda admin: _print_array(admin, address))
        return
    rows = asked(lambda admin: _gather(admin, address))
    echo_table(COLUMNS, ([getattr(each, name) for name in COLUMNS] for each in rows))


@app.command(epilog="Example: notifier suppressions clear boris@example.org")
def clear(
    addresses: list[str] | None = typer.Argument(None, help="Addresses that get mail again."),
    everything: bool = typer.Option(False, "--all", help="All that are on the list."),
) -> None:
    """Let mail go to these addresses again.

    What was skipped meanwhile can then be sent: notifier deliveries resend.
    """
    if bool(addresses) == everything:
        raise typer.BadParameter("give addresses, or --all, and not both")
    if everything:
        typer.echo(f"{asked(_clear_all, writes=True)} cleared.")
        return
    unknown = asked(lambda admin: admin.suppressions.clear(addresses or []), writes=True)
    for each in unknown:
        typer.echo(
            f"notifier: {each!r} is not suppressed; see which are: notifier suppressions list",
            err=True,
        )
    cleared = len(addresses or []) - len(unknown)
    typer.echo(f"{cleared} of {len(addresses or [])} cleared.")
    if unknown:
        raise typer.Exit(1)


async def _clear_all(admin: Admin) -> int:
    return await admin.suppressions.clear_all()


async def _print_array(admin: Admin, address: str | None) -> None:
    with JsonArray() as array:
        async for each in admin.suppressions.listed(address):
            array.add(each)


async def _gather(admin: Admin, address: str | None) -> list[Suppressed]:
    return [each async for each in admin.suppressions.listed(address)]
