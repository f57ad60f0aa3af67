"""`notifier conferences`: what is remembered of a conference, and telling it once more."""

import typer

from notifier.admin import ConferenceView, Impossible, NotFound, Shown
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, group
from notifier.cli.opening import asked
from notifier.cli.printing import cell, echo_json, echo_table

app = group("Show what is remembered of a conference; tell somebody of it again.")


@app.command(epilog="Example: notifier conferences show df0a2adebe --json")
def show(
    conference: str = typer.Argument(help="The id of a conference."),
    as_json: bool = JSON,
) -> None:
    """Show how a conference stands, who is on its list, its next starts and reminders (UTC).

    It is planned (a start lies ahead), running (between a start and its end), ended (none lies
    ahead, or it was said to be over), cancelled (deleted) or a room (open at any time).

    A series is planned between two of its meetings.
    """
    try:
        found = asked(lambda admin: admin.conference(conference))
    except (NotFound, Impossible) as fault:
        raise Failed(str(fault)) from fault
    if as_json:
        echo_json(found)
    else:
        _print(found)


@app.command(epilog="Example: notifier conferences resend df0a2adebe boris@example.org")
def resend(
    conference: str = typer.Argument(help="The id of a conference."),
    person: str = typer.Argument(help="Somebody on its list, or taken off it: ID or address."),
    as_json: bool = JSON,
) -> None:
    """Tell one person again how a conference stands for them now, in a new mail.

    Somebody on the list gets the invitation as it stands, with the calendar entry; somebody who was
    taken off it, or whose conference was cancelled, gets that, and their calendar the CANCEL.

    The mail waits as a delivery of its own, and a running worker sends it within seconds. For a
    mail that failed, to be sent as it was: notifier deliveries resend.
    """
    try:
        planned = asked(lambda admin: admin.tell_again(conference, person), writes=True)
    except (NotFound, Impossible) as fault:
        raise Failed(str(fault)) from fault
    if as_json:
        echo_json(planned)
    else:
        typer.echo(_promise(planned))


def _promise(planned: Shown) -> str:
    return (
        f"The {planned.kind} to {cell(planned.recipient)} waits as delivery {planned.id}; "
        "a running worker sends it within seconds."
    )


def _print(found: ConferenceView) -> None:
    typer.echo(
        f"{cell(found.name)} ({cell(found.id)}): {found.state}, {found.access}, "
        f"revision {found.revision}, owner {cell(found.owner)}"
    )
    if found.running_until:
        typer.echo(f"runs until {cell(found.running_until)} UTC")
    for start in found.occurrences:
        typer.echo(f"starts {cell(start)} UTC")
    for each in found.reminders:
        typer.echo(f"reminds {cell(each.at)} UTC ({each.offset} before)")
    if found.occurrences and not found.reminders:
        typer.echo(f"reminds nobody any more: {_why_not(found)}")
    echo_table(
        ("person", "name", "address", "standing", "since revision"),
        (
            (each.person, each.name, each.address, each.standing, each.revision)
            for each in (*found.list, *found.removed)
        ),
    )


def _why_not(found: ConferenceView) -> str:
    if found.offsets:
        return f"the last moment ({', '.join(found.offsets)} before) has passed"
    return "reminders are off, or no offset was chosen, on the server or for this conference"
