"""`notifier doctor`: everything without which no mail leaves, one line each."""

import typer

from notifier.admin import Admin, Look
from notifier.cli.groups import JSON, alone
from notifier.cli.opening import asked
from notifier.cli.printing import echo_json, echo_table

app = alone()


@app.command(epilog="Example: notifier doctor --json")
def doctor(as_json: bool = JSON) -> None:
    """Look at Redis, the mail server, templates, clocks, parts and queues.

    Each line is ok, warn or fail, with what was found and what to do; status 1 if any fails.
    """
    looks = asked(_look)
    if as_json:
        echo_json(looks)
    else:
        echo_table(
            ("what", "", "found", "what to do"),
            ((each.name, each.status, each.found, each.advice) for each in looks),
        )
    if any(each.status == "fail" for each in looks):
        raise typer.Exit(1)


async def _look(admin: Admin) -> list[Look]:
    return [each async for each in admin.doctor().look()]
