"""`notifier quarantine` and `notifier resume`: holding everything back, and letting it go on."""

from datetime import datetime
from pathlib import Path

import msgspec
import typer

from notifier.admin import Admin
from notifier.admin.resuming import Summary
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, alone
from notifier.cli.opening import asked
from notifier.cli.printing import cell, echo_json, echo_table
from notifier.core.delivery import State
from notifier.wiring import utc_now

app = alone()

NOTHING = "The ledger is not in quarantine; mails leave as usual."
NO_EXPORT = (
    "There is no export in {folder} that says what was sent meanwhile; name the files of the "
    "machines that ran a listener with --sent-log, or say --without-log: then everything that "
    "waits is sent, whatever was sent before."
)


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """What a resumption found, and what it did."""

    summary: Summary | None
    lifted: bool = False
    marked: int = 0
    written_back: int = 0


@app.command(epilog='Example: notifier quarantine --reason "moving Redis to a new machine"')
def quarantine(
    reason: str = typer.Option("a person asked for it", "--reason", help="Why, in words."),
) -> None:
    """Let no mail leave until `notifier resume`; events are heard and planned all the same."""
    closed = asked(lambda admin: admin.resumption.close(reason), writes=True)
    if closed:
        typer.echo("Nothing leaves until: notifier resume")
    else:
        typer.echo("The ledger is in quarantine already; see why: notifier doctor")


@app.command(epilog="Example: notifier resume --sent-log other/export/2026-11-25.jsonl --dry-run")
def resume(
    *,
    sent_log: list[Path] | None = typer.Option(
        None,
        exists=True,
        dir_okay=False,
        help="An export file of another machine; may be given again.",
    ),
    without_log: bool = typer.Option(
        False, "--without-log", help="Go on though no export says what was sent meanwhile."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Show what would leave; change nothing."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
    as_json: bool = JSON,
) -> None:
    """End a quarantine: what the export knows to be settled is marked so, the rest is sent.

    The export of this machine is read in any case.
    """
    if as_json and not (yes or dry_run):
        raise typer.BadParameter("--json asks nothing: give --yes or --dry-run with it")
    found = asked(lambda admin: _look(admin, sent_log or [], without_log or dry_run))
    if found.summary is None:
        _say(found, as_json=as_json)
        return
    if not as_json:
        _show(found.summary)
    if not dry_run:
        if not yes:
            typer.confirm("End the quarantine and send what is owed?", abort=True)
        found = asked(lambda admin: _lift(admin, found, sent_log or []), writes=True)
    _say(found, as_json=as_json)


async def _look(admin: Admin, sent_logs: list[Path], without_log: bool) -> Resumed:
    resumption = admin.resumption
    held = await resumption.quarantine()
    if held is None:
        return Resumed(summary=None)
    if not (sent_logs or without_log or resumption.has_export()):
        raise Failed(NO_EXPORT.format(folder=resumption.folder))
    outcomes = resumption.outcomes(held.point, sent_logs)
    return Resumed(summary=await resumption.summary(held, outcomes, now=utc_now))


async def _lift(admin: Admin, found: Resumed, sent_logs: list[Path]) -> Resumed:
    held = await admin.resumption.quarantine()
    if held is None:
        raise Failed("Somebody else has ended the quarantine meanwhile.")
    outcomes = admin.resumption.outcomes(held.point, sent_logs)
    marked, restored = await admin.resumption.lift(outcomes)
    return Resumed(summary=found.summary, lifted=True, marked=marked, written_back=restored)


def _show(summary: Summary) -> None:
    typer.echo(f"In quarantine since {cell(summary.since)} UTC: {cell(summary.reason)}.")
    known = _known(summary.point)
    typer.echo(f"Redis knows what became of deliveries {known}; of {summary.outcomes} that came")
    typer.echo(f"to an end later the export knows, and {summary.missing} of them Redis lacks.")
    echo_table(
        ("kind", "waiting", "oldest (UTC)", "too late", "settled meanwhile", "in doubt"),
        (
            (
                each.kind,
                each.waiting,
                each.oldest,
                each.past_deadline,
                each.settled_elsewhere,
                each.in_doubt_elsewhere,
            )
            for each in summary.owed
        ),
    )
    typer.echo(f"{summary.to_send} would be sent.")


def _known(point: datetime) -> str:
    return f"up to {cell(point)} UTC" if point.timestamp() else "of no time"


def _say(found: Resumed, *, as_json: bool) -> None:
    if as_json:
        echo_json(found)
    elif found.summary is None:
        typer.echo(NOTHING)
    elif found.lifted:
        typer.echo(
            f"Resumed: {found.marked} deliveries that were settled meanwhile are marked so, "
            f"{found.written_back} are written back, and what is owed leaves now. "
            f"In doubt: notifier deliveries list --state {State.UNKNOWN}"
        )
    else:
        typer.echo("Nothing was changed.")
