"""`notifier rejected`: stream entries that were no events."""

import sys
from typing import Any

import typer

from notifier.adapters.graveyard import Buried
from notifier.admin import Admin, NotFound
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, group
from notifier.cli.opening import asked
from notifier.cli.printing import cell, echo_json, echo_table

app = group("List, show and replay what was no event.")


@app.command("list", epilog="Example: notifier rejected list --limit 5")
def list_(
    limit: int | None = typer.Option(
        None, min=1, help="At most so many, the newest [default: all]."
    ),
    as_json: bool = JSON,
) -> None:
    """List what could not be read: when it came, the path of the wrong field, the reason."""
    found = asked(lambda admin: admin.graveyard.newest(limit))
    if as_json:
        echo_json([_without_bytes(each) for each in found])
        return
    rows = ((each.id, each.at, each.path, each.reason, len(each.event)) for each in found)
    echo_table(("id", "at (UTC)", "path", "reason", "bytes"), rows)


@app.command(epilog="Example: notifier rejected show 1795341000000-0 > event.json")
def show(
    entry: str = typer.Argument(help="The id of a rejected entry."),
    as_json: bool = JSON,
) -> None:
    """Print the bytes of a rejected entry as they came, and the reason on standard error."""
    found = _found(entry)
    if as_json:
        text = found.event.decode("utf-8", "replace")
        echo_json({**_without_bytes(found), "event": text})
        return
    typer.echo(f"{cell(found.path or '(the whole)')}: {cell(found.reason)}", err=True)
    if sys.stdout.isatty():
        # A stranger wrote them: bytes that steer the terminal stay out of it.
        typer.echo(cell(found.event.decode("utf-8", "replace")))
        return
    sys.stdout.buffer.write(found.event)
    sys.stdout.buffer.flush()


@app.command(epilog="Example: notifier rejected replay --all")
def replay(
    entries: list[str] | None = typer.Argument(None, help="Ids of rejected entries."),
    everything: bool = typer.Option(False, "--all", help="All that lie there."),
) -> None:
    """Put rejected entries into the stream of events again, bytes and all.

    For entries that a newer version can read. What still cannot be read comes back.
    """
    if bool(entries) == everything:
        raise typer.BadParameter("give ids, or --all, and not both")
    replayed = asked(lambda admin: _replay(admin, entries or None), writes=True)
    typer.echo(f"{replayed} put into the stream again.")


def _found(entry: str) -> Buried:
    try:
        return asked(lambda admin: admin.rejected(entry))
    except NotFound as fault:
        raise Failed(str(fault)) from fault


async def _replay(admin: Admin, entries: list[str] | None) -> int:
    """Replay these entries in their order, or all, the oldest first; give how many."""
    try:
        # All are looked for before the first is replayed: a wrong id changes nothing.
        chosen = [await admin.rejected(each) for each in entries or ()]
    except NotFound as fault:
        raise Failed(str(fault)) from fault
    if entries is None:
        chosen = (await admin.graveyard.newest(None))[::-1]
    for each in chosen:
        await admin.graveyard.replay(each)
    return len(chosen)


def _without_bytes(buried: Buried) -> dict[str, Any]:
    return {
        "id": buried.id,
        "at": buried.at,
        "path": buried.path,
        "reason": buried.reason,
        "entry": buried.entry,
        "bytes": len(buried.event),
    }
