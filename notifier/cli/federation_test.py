"""`notifier federation test`: whether a federated server can be reached, step by step (R47)."""

from pathlib import Path
from typing import Final

import typer

from notifier.admin import Impossible
from notifier.admin.federation_test import Question, Reach
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON
from notifier.cli.opening import asked
from notifier.cli.printing import cell, echo_json, echo_table
from notifier.core.federation.server_names import ServerName, server_name
from notifier.core.reach.probes import CLIENT_PORT, HTTPS_PORT, Status

EXAMPLE: Final = "Example: notifier federation test vc.example.org"

# As `check smtp` writes them: what failed must leap to the eye.
_SHOWN: Final[dict[Status, str]] = {"ok": "ok", "warn": "warn", "fail": "FAILED"}


def look_for(
    host: str = typer.Argument(help="The server named behind the @ of an ID."),
    *,
    port: int | None = typer.Option(
        None,
        min=1,
        max=65535,
        help=f"The clients' TCP port; without it that of SRV records, else {CLIENT_PORT}.",
        show_default=False,
    ),
    https_port: int = typer.Option(HTTPS_PORT, min=1, max=65535, help="The port of HTTPS."),
    ca_file: Path | None = typer.Option(
        None,
        help="A private CA (PEM) to trust as well; without it [federation] ca_file.",
        show_default=False,
    ),
    as_json: bool = JSON,
) -> None:
    """Look for a federated server as a client would, and say what to do about each fault.

    Asks our own lists, then the DNS for SRV records ([federation] service) and addresses, then
    each address at the port of clients and at that of HTTPS, where the certificate must name HOST.
    Where SRV records lead elsewhere, only that is tried; with --port they are not asked for.
    Takes 15 seconds at most. Status 1 if a step failed; a warning fails nothing.
    """
    question = Question(
        server=_named(host),
        port=port,
        https_port=https_port,
        ca_file=str(ca_file) if ca_file else None,
    )
    try:
        found = asked(lambda admin: admin.test_federation(question))
    except Impossible as fault:
        raise Failed(str(fault)) from fault
    if as_json:
        echo_json(found)
    else:
        _tell(found)
    if not found.ok:
        raise typer.Exit(1)


def _named(host: str) -> ServerName:
    try:
        return server_name(host)
    except ValueError as fault:
        raise typer.BadParameter(str(fault), param_hint="HOST") from None


def _tell(found: Reach) -> None:
    echo_table(
        ("step", "of", "", "seconds", "found", "what to do"),
        (
            (
                each.step,
                each.subject,
                _SHOWN[each.status],
                "" if each.seconds is None else f"{each.seconds:.3f}",
                each.found,
                each.advice,
            )
            for each in found.steps
        ),
    )
    failed = sum(each.status == "fail" for each in found.steps)
    if failed:
        verdict = f"{failed} of {len(found.steps)} steps failed: see what to do"
        typer.echo(f"{cell(found.server)}: {verdict}.", err=True)
    else:
        typer.echo(f"{cell(found.server)} can be reached from here.")
