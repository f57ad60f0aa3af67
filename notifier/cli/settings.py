"""`notifier settings`: show what is decided, apply a file, export one."""

import sys
from pathlib import Path

import typer

from notifier.adapters.settings_file import parse_settings, read_settings, written
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, group
from notifier.cli.opening import asked
from notifier.cli.printing import cell, echo_json
from notifier.cli.sources import called
from notifier.core.settings import SettingsRefused

app = group("Show, apply and export the settings.")


@app.command(epilog="Example: notifier settings show")
def show(as_json: bool = JSON) -> None:
    """Print the settings in force as TOML, secrets hidden.

    The output can be applied: a hidden secret stays as it is.
    """
    tables = asked(lambda admin: admin.shown_settings())
    if as_json:
        echo_json(tables)
    else:
        typer.echo(written(tables), nl=False)


@app.command(epilog="Example: notifier settings apply settings.toml")
def apply(
    file: Path = typer.Argument(help="A TOML file, whole or partial; - reads standard input."),
    as_json: bool = JSON,
) -> None:
    """Apply a TOML file: all of it or, if one value is wrong, nothing.

    Tables and values that the file does not name stay as they are. Mails that leave from now on
    follow the new settings; nothing needs to be restarted.
    """
    if str(file) == "-":
        change = parse_settings(sys.stdin.buffer.read(), called=called(file))
    else:
        change = read_settings(file)
    try:
        applied = asked(lambda admin: admin.apply_settings(change), writes=True)
    except SettingsRefused as fault:
        raise Failed(f"{called(file)}: {fault}; nothing of it was applied.") from fault
    for warning in applied.warnings:
        typer.echo(f"warning: {cell(warning)}", err=True)
    if as_json:
        echo_json(applied)
    else:
        typer.echo(f"The settings are applied as revision {applied.revision}.")


@app.command(epilog="Example: notifier settings export --with-secrets > settings.toml")
def export(
    with_secrets: bool = typer.Option(
        False, "--with-secrets", help="Write passwords too, in the clear: keep the file safe."
    ),
) -> None:
    """Print the settings as a TOML file to be applied elsewhere.

    Without --with-secrets the lines of passwords are left out, and the place where the file is
    applied keeps its own.
    """
    tables = asked(lambda admin: admin.exported_settings(with_secrets=with_secrets))
    typer.echo(written(tables), nl=False)
