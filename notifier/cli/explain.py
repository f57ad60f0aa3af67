"""`notifier explain`: who would get what from an event, or why not."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import typer

from notifier.admin import Admin
from notifier.admin.explaining import Explained, Planned, Rehearsal
from notifier.cli.event_files import read_events
from notifier.cli.faults import Failed
from notifier.cli.groups import alone
from notifier.cli.opening import asked
from notifier.cli.printing import JsonArray, echo_table
from notifier.cli.sources import opened, rejected_line
from notifier.core.events import Event, Rejected, parse
from notifier.core.exclusion import told_beside

app = alone()

# What a file name may hold everywhere.
_ODD = re.compile(r"[^\w.@+-]+", re.ASCII)


@app.command(epilog="Example: notifier explain event.json --eml mails/")
def explain(
    file: Path = typer.Argument(help="One event as JSON, or one on each line; - reads a pipe."),
    eml: Path | None = typer.Option(
        None, file_okay=False, help="Write the mails into this folder."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print a JSON array."),
) -> None:
    """Say who would get what if an event were published now, and why others would not.

    Nothing is published, written to Redis or sent. Several events are played in their order, each
    upon what the ones before it would leave, as if every mail had left in between. Events to
    everybody walk the whole list.
    """
    events = _events(file)
    if as_json:
        with JsonArray() as array:
            asked(lambda admin: _play(admin, events, eml, array.add))
        return
    rows: list[Explained] = []
    asked(lambda admin: _play(admin, events, eml, rows.append))
    echo_table(
        ("recipient", "kind", "decision", "reason", "subject"),
        (_row(each) for each in rows),
    )
    if not rows:
        typer.echo("Nobody would be told anything.")


def _row(each: Explained) -> tuple[str, ...]:
    reason = told_beside(each.reason, each.excluded)
    return each.recipient, each.kind, each.decision, reason, each.subject


def _events(file: Path) -> list[Event]:
    """Read all events before the first is explained; the first fault ends it."""
    events = []
    with opened(file) as source:
        for placed in read_events(source):
            try:
                events.append(parse(placed.raw))
            except Rejected as fault:
                raise Failed(rejected_line(file, placed, fault)) from fault
    if not events:
        raise Failed(f"{file} holds no event; give a file with one JSON object.")
    return events


async def _play(
    admin: Admin, events: list[Event], eml: Path | None, tell: Callable[[Explained], None]
) -> None:
    rehearsal = await admin.rehearsal()
    async for planned in _planned(rehearsal, events):
        tell(rehearsal.explained(planned))
        if eml and not planned.reason:
            _write(eml, planned, rehearsal)


async def _planned(rehearsal: Rehearsal, events: list[Event]) -> AsyncIterator[Planned]:
    for event in events:
        async for planned in rehearsal.play(event):
            yield planned


def _write(folder: Path, planned: Planned, rehearsal: Rehearsal) -> None:
    """Write one mail as a file that mail readers open, named for its kind and reader."""
    delivery = planned.delivery
    reader = _ODD.sub("_", delivery.recipient.address)[:100]
    name = f"{planned.notice.kind}-{reader}-{delivery.id}.eml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(rehearsal.letter(planned))
    except OSError as error:
        raise Failed(
            f"the mails cannot be written to {folder} ({error.strerror}); name another folder."
        ) from error
