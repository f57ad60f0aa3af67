"""What the terminal shows: each act with the mails that it brings, live, and a table at the end."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from notifier.demo.opened import Opened
from notifier.demo.outcome import fits, recorded
from notifier.demo.records import Records
from notifier.demo.script import Act, Skip, Telling

DONE: Final = ("✓", "green")
OPEN: Final = ("…", "dim")

Line = tuple[tuple[str, str], str, str]


def heading(number: int, act: Act) -> RenderableType:
    """Give the title of an act and what happens in it."""
    title = Text.assemble((f"{number:>2}  ", "dim"), (act.title, "bold"))
    return Group("", title, Padding(Text(act.story, "dim"), (0, 0, 0, 4)))


def scene(act: Act, mails: Sequence[Opened], records: Records, now: datetime) -> RenderableType:
    """Give who was told by now, and who is still waiting."""
    lines = [
        *(_telling(each, mails) for each in act.tellings),
        *(_skip(each, records) for each in act.skips),
        *_put_aside(act, records),
        *_silence(act),
        *_wait(act, mails, now),
    ]
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for (mark, style), who, what in lines:
        table.add_row(Text(mark, style), Text(who), Text(what, "dim" if mark == OPEN[0] else ""))
    return Padding(table, (0, 0, 0, 4))


def _telling(telling: Telling, mails: Sequence[Opened]) -> Line:
    name = telling.person.name or telling.address
    for mail in mails:
        if fits(mail, telling):
            calendar = f"  [{mail.method}]" if mail.method else ""
            return DONE, name, f"{mail.language}  {mail.subject}{calendar}"
    return OPEN, name, telling.kind.replace("_", " ")


def _skip(skip: Skip, records: Records) -> Line:
    mark = ("–", "yellow") if recorded(records, skip) else OPEN
    reason = skip.reason.replace("_", " ")
    return mark, skip.person.name or "", f"not told, and that is on record: {reason}"


def _put_aside(act: Act, records: Records) -> list[Line]:
    if not act.rejected:
        return []
    if not records.reasons:
        return [(OPEN, "The stream", "still reading")]
    return [(("–", "yellow"), "Put aside", records.reasons[-1])]


def _silence(act: Act) -> list[Line]:
    promised = act.tellings or act.skips or act.rejected
    return [] if promised else [(DONE, "Nobody", "is told again")]


def _wait(act: Act, mails: Sequence[Opened], now: datetime) -> list[Line]:
    """Count down to the moment that beat waits for."""
    missing = any(not any(fits(mail, each) for mail in mails) for each in act.tellings)
    if act.due is None or not missing or now >= act.due:
        return []
    return [(OPEN, "due", f"in {(act.due - now).total_seconds():.0f} s")]


def opening(console: Console, links: Mapping[str, str]) -> None:
    """Say that all is up, and where to look meanwhile."""
    console.print("Everything is up. Watch the mails arrive, or only read on:")
    for name, url in links.items():
        console.print(f"    {name:<8} [link={url}]{escape(url)}[/link]", highlight=False)


def summary(console: Console, mails: Sequence[Opened]) -> None:
    """Print all mails in the order of their arrival."""
    table = Table(title="What was told", title_justify="left", title_style="bold", box=None)
    table.add_column("Kind", max_width=14)
    table.add_column("To", no_wrap=True)
    table.add_column("Lang")
    table.add_column("Subject", overflow="fold", ratio=1)
    table.add_column("Calendar")
    for mail in mails:
        told = (
            mail.kind.replace("_", " "),
            mail.to,
            mail.language,
            mail.subject,
            mail.method or "–",
        )
        table.add_row(*(Text(part) for part in told))
    console.print("", table, "")


def verdict(console: Console, found: Sequence[str], acts: Sequence[Act]) -> None:
    """Print whether all is as promised, or what is not."""
    for fault in found:
        console.print(Text(f"✗ {fault}", "red"))
    told = sum(len(act.tellings) for act in acts)
    if not found:
        console.print(
            Text(
                f"✓ {told} mails arrived, each exactly once, at the right person, in the right "
                f"language; who was left out is on record with the reason; every event is "
                "acknowledged.",
                "green",
            )
        )


def now() -> datetime:
    """Give this machine's clock, as everything in the play is timed by it."""
    return datetime.now(UTC)
