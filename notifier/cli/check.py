"""`notifier check`: whether the mail server is right, and whether a server is let in."""

import typer

from notifier.admin.federation_answers import Admitted
from notifier.admin.roads import RoadReport
from notifier.cli.groups import JSON, group
from notifier.cli.opening import asked
from notifier.cli.printing import cell, echo_json, echo_table
from notifier.core.federation.server_names import ServerName, server_name

app = group("Try the mail server; ask whether a server is let in.")


@app.command(epilog="Example: notifier check smtp")
def smtp(as_json: bool = JSON) -> None:
    """Connect to each mail server, secure, log in and offer the sender; no mail is sent.

    Ends with `successfully connected`, or with `invalid server` and the exact cause (status 1 if
    any server is invalid).
    """
    report = asked(lambda admin: admin.check_smtp())
    if as_json:
        echo_json(report)
    else:
        for road in report.roads:
            if report.backup:
                typer.echo(f"[{road.name}] {cell(road.server)}")
            _tell(road)
    if not all(road.ok for road in report.roads):
        raise typer.Exit(1)


def _tell(road: RoadReport) -> None:
    """Print the way to one server, step by step."""
    echo_table(
        ("step", "", "seconds", "answer"),
        (
            (each.name, "ok" if each.ok else "FAILED", f"{each.seconds:.3f}", each.detail)
            for each in road.steps
        ),
    )
    for warning in road.warnings:
        typer.echo(f"warning: {cell(warning)}", err=True)
    typer.echo(cell(road.message), err=not road.ok)


@app.command(epilog="Example: notifier check federation vc.example.org")
def federation(
    host: str = typer.Argument(help="The server named behind the @ of an ID."),
    as_json: bool = JSON,
) -> None:
    """Tell whether our settings let calls with a server through (status 1 if they do not).

    Says which entry decides, with its comment and date, or why none does. The other server decides
    for itself as well; this asks only our side. A name that is not ASCII is shown with its form in
    the DNS.
    """
    answer = asked(lambda admin: admin.federation.check(_one_name(host)))
    if as_json:
        echo_json(answer)
    else:
        verdict = "is let in" if answer.admitted else "is kept out"
        named = ServerName(answer.server, answer.name).shown
        typer.echo(f"{cell(named)} {verdict} (mode {answer.mode}: {cell(_because(answer))}).")
    if not answer.admitted:
        raise typer.Exit(1)


def _one_name(host: str) -> str:
    """Refuse what is no name of one server as a question that was asked wrongly."""
    try:
        server_name(host)
    except ValueError as fault:
        raise typer.BadParameter(str(fault), param_hint="HOST") from None
    return host


def _because(answer: Admitted) -> str:
    """Name the entry that decides, and who wanted it since when; or say why there is none."""
    if answer.entry is None:
        return answer.because
    entry = answer.entry
    since = f"added {entry.added}" if entry.added else ""
    said = "; ".join(filter(None, (since, entry.comment)))
    return f"the {answer.mode} has {entry.mask}{f' ({said})' if said else ''}"
