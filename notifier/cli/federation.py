"""`notifier federation`: with which servers people here may talk, and the lists that say so."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, TypeVar

import typer

from notifier.admin import Admin, Impossible, NotFound
from notifier.admin.federation_answers import FederationShown, ListChange
from notifier.cli import federation_test
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, group
from notifier.cli.opening import asked
from notifier.cli.printing import cell, echo_json, echo_table
from notifier.cli.sources import called, opened
from notifier.core.federation.federation import Entry, Mode
from notifier.core.federation.list_changes import found
from notifier.core.federation.mask_lists import LONGEST_COMMENT, BadMaskList, written
from notifier.core.federation.masks import check_mask, normalised_mask

app = group("Show and change with which servers people here may talk; try one.")

app.command("test", epilog=federation_test.EXAMPLE)(federation_test.look_for)

ListName = Literal["whitelist", "blacklist"]
Result = TypeVar("Result")

# R43, in words.
MEANING: Final[Mapping[str, str]] = {
    "disabled": "nobody elsewhere takes part",
    "whitelist": "only servers on the whitelist take part",
    "blacklist": "all servers but those on the blacklist take part",
}

# The longest list there may be, with a remark of some length behind each mask (bytes).
LARGEST_FILE: Final = 32 * 1024 * 1024
# Who has given the wrong file wants to see what is in it, and not all of it (lines).
MOST_FAULTS: Final = 20


def _checked(mask: str) -> str:
    """Refuse what is no mask as a question that was asked wrongly."""
    try:
        check_mask(mask)
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from None
    return mask


def _short(comment: str) -> str:
    if len(comment) > LONGEST_COMMENT:
        raise typer.BadParameter(
            f"it has {len(comment)} signs; at most {LONGEST_COMMENT} are kept: say it shorter"
        )
    return comment


LIST: Final = typer.Argument(
    help="Which list.", metavar="whitelist|blacklist", show_default=False, case_sensitive=False
)


@app.command(epilog="Example: notifier federation show --json")
def show(as_json: bool = JSON) -> None:
    """Print the mode, who is at home, and both lists in their order.

    Of several masks that cover a server the first one decides. A mask that is not ASCII stands
    there with its form in the DNS as well: many letters look alike. What looks wrong about the
    lists is said on standard error.
    """
    shown = asked(lambda admin: admin.federation.shown())
    if as_json:
        echo_json(shown)
        return
    _warn(shown.warnings)
    home = shown.home or "everybody, for [server] domain is not set"
    typer.echo(f"mode: {shown.mode} ({MEANING[shown.mode]})")
    typer.echo(f"at home: {cell(home)}")
    echo_table(("list", "mask", "compared as", "comment", "added"), _rows(shown))


def _rows(shown: FederationShown) -> Iterator[tuple[object, ...]]:
    for name, entries in (("whitelist", shown.whitelist), ("blacklist", shown.blacklist)):
        for each in entries:
            compared = None if each.normalised == each.mask else each.normalised
            yield name, each.mask, compared, each.comment, each.added


@app.command(epilog="Example: notifier federation mode whitelist")
def mode(
    mode: Mode = typer.Argument(
        help="Who takes part.", metavar="disabled|whitelist|blacklist", case_sensitive=False
    ),
    as_json: bool = JSON,
) -> None:
    """Say who takes part from now on; the next event follows it, and nothing needs a restart.

    disabled: nobody elsewhere. whitelist: only servers on the whitelist. blacklist: all servers but
    those on the blacklist. The lists stay as they are.
    """
    change = _done(lambda admin: admin.federation.set_mode(mode))
    if as_json:
        echo_json(change)
        return
    _warn(change.warnings)
    since = "from now on" if change.changed else "as before"
    typer.echo(f"The mode is {mode} {since}: {MEANING[mode]} (revision {change.revision}).")


@app.command(epilog="Example: notifier federation add whitelist '*.example.org' --comment Lyon")
def add(
    name: ListName = LIST,
    mask: str = typer.Argument(
        help="The name of a server, or a mask; in quotes, for * means files to a shell.",
        callback=_checked,
    ),
    comment: str = typer.Option("", help="Who wanted it, and why.", callback=_short),
    as_json: bool = JSON,
) -> None:
    """Put a mask behind the others of a list, with today's date (UTC).

    * stands for any signs, dots too: *.example.org covers a.b.example.org, and not example.org. IP
    addresses are no masks. A mask that is there already stays in its place with its date, and gets
    the comment, if there is one. A list has at most 20,000 entries.
    """

    async def work(admin: Admin) -> tuple[ListChange, Entry | None]:
        change = await admin.federation.add(name, mask, comment)
        return change, found(await admin.federation.entries(name), mask)

    change, there = _done(work)
    if as_json:
        echo_json(change)
        return
    _warn(change.warnings)
    typer.echo(f"{_now_there(change, there)} ({_length(change)}).")


@app.command(epilog="Example: notifier federation remove blacklist '*.example.org'")
def remove(
    name: ListName = LIST,
    mask: str = typer.Argument(help="The mask, in any spelling; in quotes."),
    as_json: bool = JSON,
) -> None:
    """Take a mask off a list; status 1 if it is not there, with the one that may be meant.

    Another mask that covers the same server still decides: that is said.
    """
    change = _done(lambda admin: admin.federation.remove(name, mask))
    if as_json:
        echo_json(change)
        return
    _warn(change.warnings)
    typer.echo(f"{cell(change.removed[0].mask)} is off the {name} ({_length(change)}).")


@app.command("import", epilog="Example: notifier federation import blacklist masks.txt --replace")
def take_in(
    name: ListName = LIST,
    file: Path = typer.Argument(help="A text file; - reads standard input."),
    *,
    replace: bool = typer.Option(False, "--replace", help="Take off the list what is not in it."),
    empty: bool = typer.Option(
        False, "--empty", help="With --replace: a file without entries is meant so."
    ),
    as_json: bool = JSON,
) -> None:
    """Put the masks of a text file onto a list: all or, if one line is wrong, none.

    One mask a line; behind a # its date, if it has one, and a comment; empty lines and lines that
    begin with # are passed over. What is on the list already keeps its place and its date; new
    masks without a date are of today (UTC). What `notifier federation export` prints gives the same
    list again. A list has at most 20,000 entries. With --replace, a file without any entry is
    refused unless --empty is given: a download that failed must not let everybody in.
    """
    if empty and not replace:
        raise typer.BadParameter(
            "it means that a list may be replaced by nothing; give --replace as well",
            param_hint="--empty",
        )
    content = _content(file)
    with _wrong_lines_named(called(file)):
        change = _done(
            lambda admin: admin.federation.take_in(name, content, replace=replace, empty=empty)
        )
    if as_json:
        echo_json(change)
        return
    _warn(change.warnings)
    counts = (
        f"{len(change.added)} new, {len(change.altered)} with another comment or date, "
        f"{len(change.removed)} gone, {change.repeated} repeated"
        f"{', in another order' if change.reordered else ''}"
    )
    typer.echo(f"Of {called(file)}: {counts} ({_length(change)}).")


@app.command(epilog="Example: notifier federation export blacklist > masks.txt")
def export(name: ListName = LIST) -> None:
    """Print a list as a text file, which `notifier federation import` reads back."""
    entries = asked(lambda admin: admin.federation.entries(name))
    typer.echo(f"# {name}: one mask a line; behind a # when it was added, and a comment")
    typer.echo(written(entries), nl=False)


def _done(work: Callable[[Admin], Awaitable[Result]]) -> Result:
    """Do what changes something; what cannot be found, or would be a mishap, is said."""
    try:
        return asked(work, writes=True)
    except (NotFound, Impossible) as fault:
        raise Failed(str(fault)) from fault


def _warn(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        typer.echo(f"warning: {cell(warning)}", err=True)


def _length(change: ListChange) -> str:
    entries = "1 entry" if change.entries == 1 else f"{change.entries} entries"
    return f"{entries} now, revision {change.revision}"


def _now_there(change: ListChange, there: Entry | None) -> str:
    """Say that an entry is on its list now, or since when it was there already."""
    if there is None:  # Somebody has taken it off again in this very moment.
        return f"The {change.list} is as somebody else has just left it"
    if change.added:
        return f"{_named(there)} is on the {change.list}"
    what = "its comment is new" if change.altered else "nothing was changed"
    since = f" since {there.added}" if there.added else ""
    said = f" ({cell(there.comment)})" if there.comment else ""
    return f"{_named(there)} was on the {change.list} already{since}{said}; {what}"


def _named(entry: Entry) -> str:
    """Give the mask, with its A-labels where it is not ASCII."""
    mask = cell(entry.mask)
    return mask if entry.mask.isascii() else f"{mask} ({normalised_mask(entry.mask)})"


# ---- files ---------------------------------------------------------------------------------


def _content(file: Path) -> bytes:
    """Give what a file holds, if it may be a list."""
    with opened(file) as source:
        content = source.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise Failed(
            f"{called(file)} is larger than {LARGEST_FILE // 1024**2} MiB, which no list of masks "
            "is; nothing of it was taken."
        )
    return content


@contextmanager
def _wrong_lines_named(file: str) -> Iterator[None]:
    """Name each wrong line on standard error, the first twenty of them, and fail."""
    try:
        yield
    except BadMaskList as refused:
        for fault in refused.faults[:MOST_FAULTS]:
            typer.echo(f"{file}, line {fault.line}: {cell(fault.sentence)}", err=True)
        raise Failed(_how_many(file, len(refused.faults))) from refused


def _how_many(file: str, faults: int) -> str:
    named = f", of which the first {MOST_FAULTS} are named" if faults > MOST_FAULTS else ""
    lines = "1 line is wrong" if faults == 1 else f"{faults} lines are wrong"
    return f"{file}: {lines}{named}; nothing of it was taken: mend it and give it again."
