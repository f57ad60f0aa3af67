"""How commands are put together: plain help, an example under each, and no boxes."""

from typing import Final

import typer

JSON: Final = typer.Option(False, "--json", help="Print JSON.")


def group(said: str) -> typer.Typer:
    """Give an empty group of commands; called without one, it prints its help."""
    app = typer.Typer(help=said, no_args_is_help=True, rich_markup_mode=None, add_completion=False)
    # Without this a group of one command would be that command.
    app.callback()(lambda: None)
    return app


def alone() -> typer.Typer:
    """Give a place for one command that is called by its own name."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)
