"""`notifier schema` and `notifier asyncapi`: the contract for publishers, made from the types."""

from difflib import get_close_matches

import typer

from notifier import contract
from notifier.cli.groups import alone
from notifier.cli.printing import echo_json

app = alone()


@app.command(epilog="Example: notifier schema conference.invitation > invitation.schema.json")
def schema(
    event: str | None = typer.Argument(None, help="A type of event [default: all, by type]."),
) -> None:
    """Print the JSON Schema (2020-12) of events, their envelope included."""
    schemas = contract.schemas()
    if event is None:
        echo_json(schemas)
    elif event in schemas:
        echo_json(schemas[event])
    else:
        raise typer.BadParameter(_unknown(event, list(schemas)), param_hint="event")


@app.command(epilog="Example: notifier asyncapi > asyncapi.json")
def asyncapi() -> None:
    """Print the AsyncAPI 3 document of the stream of events."""
    echo_json(contract.asyncapi())


def _unknown(event: str, known: list[str]) -> str:
    close = get_close_matches(event, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
    return f"{event!r} is no type of event; {hint}"
