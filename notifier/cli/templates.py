"""`notifier templates`: which there are, what is wrong with them, what was changed."""

import typer

from notifier.admin import letters, proofreading
from notifier.cli import overriding, previewing
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, group
from notifier.cli.letter_kinds import KIND, LANGUAGE, known_language
from notifier.cli.opening import shelf
from notifier.cli.printing import echo_json, echo_table
from notifier.core.notice import Kind
from notifier.core.wording.syntax import TemplateFault

app = group("List, check, preview, change and restore the letters.")


@app.command("list", epilog="Example: notifier templates list")
def list_(as_json: bool = JSON) -> None:
    """List the letters of every language, and which of their files were changed.

    The last column names your files under which the shipped ones have changed since.
    """
    own = shelf()
    overriding.tell_closed(own)
    noted = own.overrides.note()
    rows = letters.rows(own)
    if as_json:
        echo_json(rows)
        return
    echo_table(
        ("language", "kind", "origin", "changed files", "changed underneath"),
        (
            (
                each.language or "(all)",
                each.kind,
                each.origin,
                ", ".join(each.files),
                ", ".join(each.outdated),
            )
            for each in rows
        ),
    )
    overriding.tell_unnoted(own, noted=noted)


@app.command(epilog="Example: notifier templates lint invitation --language fr")
def lint(
    kind: str | None = KIND,
    language: str | None = LANGUAGE,
    fix: bool = typer.Option(
        False, "--fix", help="First straighten look-alike letters and save as plain UTF-8."
    ),
    as_json: bool = JSON,
) -> None:
    """Look over template files: what breaks them (status 1), and what looks unmeant.

    Without a kind or a language: all letters in which files of yours play a part.
    """
    own = shelf()
    known_language(own, language)
    if fix:
        _fix(kind, language)
    overriding.tell_closed(own)
    found = proofreading.remarks(own, kind=kind, language=language)
    if as_json:
        echo_json(found)
    else:
        for each in found:
            typer.echo(_line(each))
        if not found:
            typer.echo("Nothing to remark.")
    if any(each.breaks for each in found):
        raise typer.Exit(1)


def _fix(kind: str | None, language: str | None) -> None:
    """Mend what mends itself, and say so where no JSON is disturbed."""
    own = shelf()
    overriding.ensure_tree(own)
    try:
        mended = proofreading.mend(own, kind=kind, language=language)
    except (OSError, TemplateFault) as fault:
        raise Failed(f"the letters cannot be mended: {overriding.said(fault)}.") from fault
    for each in mended:
        typer.echo(f"{each.path}: {', '.join(each.done)}", err=True)


@app.command(epilog="Example: notifier templates diff invitation --language en")
def diff(kind: str | None = KIND, language: str | None = LANGUAGE, as_json: bool = JSON) -> None:
    """Print what was changed against the shipped letters, as unified diffs.

    Where the shipped file has changed since yours was made, what changed in it stands first:
    take over what you want of it, then say so: notifier templates accept
    """
    own = shelf()
    known_language(own, language)
    overriding.tell_closed(own)
    noted = own.overrides.note()
    found = letters.compared(own, kind=kind, language=language)
    if as_json:
        echo_json(found)
        return
    for each in found:
        typer.echo(each.underneath + each.yours, nl=False)
    overriding.tell_unnoted(own, noted=noted)


@app.command(epilog="Example: notifier templates variables reminder")
def variables(
    kind: Kind = typer.Argument(help="A kind of letter."),
    language: str = typer.Option("en", help="The language of the samples."),
    as_json: bool = JSON,
) -> None:
    """List what a letter may print, each %name with a sample; what holds nothing is blank."""
    known_language(shelf(), language)
    found = letters.variables(kind, language)
    if as_json:
        echo_json(found)
        return
    echo_table(("name", "sample"), ((f"%{each.name}", each.sample) for each in found))


app.command(epilog="Example: notifier templates preview invitation --language fr --open")(
    previewing.preview
)
app.command(epilog="Example: notifier templates edit invitation --language fr --file subject.txt")(
    overriding.edit
)
app.command(epilog="Example: notifier templates accept invitation --language fr")(overriding.accept)
app.command(epilog="Example: notifier templates restore invitation --language fr")(
    overriding.restore
)


def _line(each: proofreading.Remark) -> str:
    place = "/".join(part for part in (each.language, each.kind, each.file) if part)
    line = f":{each.line}" if each.line else ""
    meant = f"; did you mean `{each.suggestion}`?" if each.suggestion else ""
    weight = "" if each.breaks else "remark: "
    return f"{place}{line}: {weight}{each.message}{meant}"
