"""`notifier publish`: events from a file or a pipe into the stream."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import typer

from notifier.cli.away import away
from notifier.cli.event_files import Placed, read_events
from notifier.cli.faults import Failed
from notifier.cli.groups import alone
from notifier.cli.sources import called, opened, rejected_line
from notifier.config import load
from notifier.core.events import Rejected, parse
from notifier.deployment import redis_url, unfit_for_events
from notifier.publisher import NotPublished, Publisher
from notifier.telling import Sealed

app = alone()

# Events handed over together; how many share a round trip is the publisher's business.
BATCH: Final = 500

# Every event in a file names its own source; this one is never said.
SOURCE: Final = "/notifier/publish"

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
    if sentence := unfit_for_events(config):
        raise Failed(sentence)
    publishing = _Publishing(file)
    try:
        with opened(file) as source, Publisher(redis_url(config), source=SOURCE) as publisher:
            publishing.all(_watched(source, file), publisher)
    except NotPublished as fault:
        already = f"after {publishing.published} events: " if publishing.published else ""
        raise Failed(already + away(config, fault.__cause__ or fault)) from fault
    publishing.tell(as_json=as_json)


class _Publishing:
    """One run: what was published, what was refused."""

    def __init__(self, file: Path) -> None:
        self.published = 0
        self._file = file
        self._refused: list[Refused] = []

    def all(self, source: Iterable[Placed], publisher: Publisher) -> None:
        """Publish all that can be published."""
        batch: list[Sealed] = []
        for placed in source:
            sealed = self._sealed(placed)
            if sealed is None:
                continue
            batch.append(sealed)
            if len(batch) >= BATCH:
                self._publish(batch, publisher)
                batch.clear()
        self._publish(batch, publisher)

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

    def _sealed(self, placed: Placed) -> Sealed | None:
        """Give the event with its bytes as they are; None, and a line about it, if it is none."""
        try:
            return Sealed(id=parse(placed.raw).id, raw=placed.raw)
        except Rejected as fault:
            self._refused.append(Refused(line=placed.line, path=fault.path, reason=fault.reason))
            typer.echo(rejected_line(self._file, placed, fault), err=True)
            return None

    def _publish(self, batch: list[Sealed], publisher: Publisher) -> None:
        try:
            publisher.publish_many(batch)
        except NotPublished as fault:
            self.published += len(batch) - len(fault.events)
            raise
        self.published += len(batch)


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
