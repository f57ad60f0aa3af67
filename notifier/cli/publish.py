"""`notifier publish`: events from a file or a pipe into the stream."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import typer

from notifier.adapters import keys
from notifier.adapters.connection import RedisError, SyncClient, connect_sync
from notifier.cli.away import away, redis_url
from notifier.cli.event_files import Placed, read_events
from notifier.cli.faults import Failed
from notifier.cli.groups import alone
from notifier.cli.sources import called, opened, rejected_line
from notifier.config import load
from notifier.core.events import Rejected, parse

app = alone()

# Events that travel together: one round trip for many, and not too much in memory (bytes).
BATCH: Final = 500
BATCH_BYTES: Final = 4 * 1024 * 1024

# A file that takes longer than a moment (bytes).
LONG: Final = 2 * 1024 * 1024


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """One that is no event: where it begins, the path of the wrong field, and the reason."""

    line: int
    path: str
    reason: str


@app.command(epilog="Example: notifier publish events.jsonl")
def publish(
    file: Path = typer.Argument(help="One event as JSON, or one on each line; - reads a pipe."),
    as_json: bool = typer.Option(False, "--json", help="Print the outcome as JSON."),
) -> None:
    """Put events into the stream that the notifier hears.

    Each is checked first. One that is wrong is named by its line and the path of the wrong field,
    the others are published all the same, and the exit status is 1.
    """
    config = load(os.environ)
    publishing = _Publishing(file)
    try:
        with opened(file) as source, connect_sync(redis_url(config)) as client:
            publishing.all(_watched(source, file), client)
    except RedisError as fault:
        already = f"after {publishing.published} events: " if publishing.published else ""
        raise Failed(already + away(config, fault)) from fault
    publishing.tell(as_json=as_json)


class _Publishing:
    """One run: what was published, what was refused."""

    def __init__(self, file: Path) -> None:
        self.published = 0
        self._file = file
        self._refused: list[Refused] = []
        self._batch: list[bytes] = []

    def all(self, source: Iterable[Placed], client: SyncClient) -> None:
        """Publish all that can be published."""
        size = 0
        for placed in source:
            if not self._sound(placed):
                continue
            self._batch.append(placed.raw)
            size += len(placed.raw)
            if len(self._batch) >= BATCH or size >= BATCH_BYTES:
                self._send(client)
                size = 0
        self._send(client)

    def tell(self, *, as_json: bool) -> None:
        """Say how it went; ends with status 1 if anything was refused."""
        if as_json:
            outcome = {"published": self.published, "refused": self._refused}
            typer.echo(msgspec.json.format(msgspec.json.encode(outcome)).decode())
        else:
            refused = f", {len(self._refused)} refused" if self._refused else ""
            typer.echo(f"{self.published} published{refused}.")
        if not self.published and not self._refused:
            raise Failed(f"{called(self._file)} holds no event; give one JSON object a line.")
        if self._refused:
            raise typer.Exit(1)

    def _sound(self, placed: Placed) -> bool:
        try:
            parse(placed.raw)
        except Rejected as fault:
            self._refused.append(Refused(line=placed.line, path=fault.path, reason=fault.reason))
            typer.echo(rejected_line(self._file, placed, fault), err=True)
            return False
        return True

    def _send(self, client: SyncClient) -> None:
        pipeline = client.pipeline(transaction=False)
        for event in self._batch:
            pipeline.xadd(keys.EVENTS, {"event": event})
        pipeline.execute()
        self.published += len(self._batch)
        self._batch.clear()


def _watched(source: BinaryIO, file: Path) -> Iterator[Placed]:
    """Give the events of a source, with a progress bar where somebody watches a long one."""
    length = file.stat().st_size if str(file) != "-" else 0
    if length < LONG or not sys.stderr.isatty():
        yield from read_events(source)
        return
    # Importing it takes longer than publishing one event.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"publishing {file.name}", total=length)
        for placed in read_events(source):
            yield placed
            progress.advance(task, len(placed.raw) + 1)
