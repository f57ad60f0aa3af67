"""The command line: a table of commands, each read from its module only when it is asked for.

Importing all of them would take a second; a script that publishes one event must not wait for the
template engine. For the same reason help is written plainly: Typer's boxes cost 0.3 s to import.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

# Name of the command -> module in this package, and what `notifier --help` says of it.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("demo", "Play everything, with a mailbox to look into."),
    "up": ("parts", "Run everything on this machine."),
    "listen": ("parts", "Run one listener: events in, deliveries planned."),
    "worker": ("parts", "Run the workers that send mails."),
    "beat": ("parts", "Run the clock that reminders follow."),
    "flower": ("parts", "Run Flower, which shows workers and tasks."),
    "panel": ("parts", "Run the panel."),
    "publish": ("publish", "Publish events from a file or a pipe."),
    "explain": ("explain", "Say who would get what from an event, or why not."),
    "settings": ("settings", "Show, apply and export the settings."),
    "check": ("check", "Try the mail server; ask whether a server is let in."),
    "network": ("network", "Show where clients find the server; name installers."),
    "federation": (
        "federation",
        "Show and change with which servers people here may talk; try one.",
    ),
    "doctor": ("doctor", "Look at everything without which no mail leaves."),
    "templates": ("templates", "List, check, preview, change and restore the letters."),
    "deliveries": ("deliveries", "List and show deliveries; send some again."),
    "conferences": (
        "conferences",
        "Show what is remembered of a conference; tell somebody of it again.",
    ),
    "quarantine": ("quarantine", "Let nothing leave until a person says so."),
    "resume": ("quarantine", "End a quarantine, after a look at what would leave."),
    "rejected": ("rejected", "List, show and replay what was no event."),
    "erase": ("erase", "Take a person out of everything."),
    "suppressions": ("suppressions", "List and clear addresses that get no mail."),
    "schema": ("contract", "Print the JSON Schema of events."),
    "asyncapi": ("contract", "Print the AsyncAPI document of the stream."),
}


class LazyGroup(TyperGroup):
    """Knows its commands by the table; reads a module when one of its commands is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_module, said) in COMMANDS.items():
            # What help needs to know of a command; its module is left alone.
            self.add_command(TyperCommand(name=name, help=said, callback=lambda: None))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Give the command that is called, from its module."""
        name, command, rest = super().resolve_command(ctx, args)
        return (name, _read(name), rest) if name else (name, command, rest)


def _read(name: str) -> Any:
    module = import_module(f"notifier.cli.{COMMANDS[name][0]}")
    command = get_command(module.app)
    # A module of several commands offers each under its own name; one of a group is the group.
    return command.commands.get(name, command) if isinstance(command, TyperGroup) else command


app = typer.Typer(
    cls=LazyGroup,
    help="Tells people about their conferences and missed calls by mail.",
    epilog="Example: notifier doctor",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 -- 30 ms that nobody else needs

        typer.echo(f"notifier {version('notifier')}")
        raise typer.Exit


@app.callback()
def _everywhere(
    asked: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    del asked


def run(arguments: Sequence[str]) -> int:
    """Do what is asked; give the exit status: 0, 1 (it failed), 2 (asked wrongly)."""
    try:
        return app(list(arguments), prog_name="notifier", standalone_mode=False) or 0
    except Exception as fault:  # noqa: BLE001 -- the outer loop of a command line
        from notifier.cli.telling import tell  # noqa: PLC0415 -- most commands do not fail

        return tell(fault, arguments)
