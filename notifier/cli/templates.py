"""`notifier templates`: which there are, what is wrong with them, how they look."""

import typer

from notifier.adapters.template_files import plain
from notifier.admin import letters
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, group
from notifier.cli.opening import shelf
from notifier.cli.printing import echo_json, echo_table
from notifier.core.notice import Kind
from notifier.core.wording.reading import LAYOUT_FOLDER
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.variables import KINDS, nearest

app = group("List, check, preview and restore the letters.")


def _known(kind: str | None) -> str | None:
    folders = (*KINDS, LAYOUT_FOLDER)
    if kind is None or kind in folders:
        return kind
    meant = nearest(kind, folders)
    hint = f"did you mean {meant!r}?" if meant else f"there are {', '.join(folders)}"
    raise typer.BadParameter(f"{kind!r} is no kind of letter; {hint}")


LANGUAGE = typer.Option(None, help="A language, such as en or fr [default: all].")
KIND = typer.Argument(None, help="A kind of letter, or _layout [default: all].", callback=_known)


@app.command("list", epilog="Example: notifier templates list")
def list_(as_json: bool = JSON) -> None:
    """List the letters of every language, and which of their files were changed."""
    rows = letters.rows(shelf())
    if as_json:
        echo_json(rows)
        return
    echo_table(
        ("language", "kind", "origin", "changed files"),
        (
            (each.language or "(all)", each.kind, each.origin, ", ".join(each.files))
            for each in rows
        ),
    )


@app.command(epilog="Example: notifier templates lint invitation --language fr")
def lint(kind: str | None = KIND, language: str | None = LANGUAGE, as_json: bool = JSON) -> None:
    """Look over template files: what breaks them (status 1), and what looks unmeant."""
    own = shelf()
    _known_language(language)
    found = letters.remarks(own, kind=kind, language=language)
    if as_json:
        echo_json(found)
    else:
        for each in found:
            typer.echo(_line(each))
        if not found:
            typer.echo("Nothing to remark.")
    if any(each.breaks for each in found):
        raise typer.Exit(1)


@app.command(epilog="Example: notifier templates preview invitation --language fr --html > a.html")
def preview(
    kind: Kind = typer.Argument(help="A kind of letter."),
    language: str = typer.Option("en", help="A language, such as en or fr."),
    room: bool = typer.Option(False, "--room", help="For a virtual room, which has no times."),
    html: bool = typer.Option(False, "--html", help="Print the HTML."),
    eml: bool = typer.Option(False, "--eml", help="Print a mail that mail readers open."),
) -> None:
    """Print a letter filled with samples: its subject and text, its HTML, or the whole mail."""
    if html and eml:
        raise typer.BadParameter("give --html or --eml, not both")
    wording, spoken = letters.preview(shelf(), kind, language, room=room)
    if spoken.replace("_", "-").lower() != language.replace("_", "-").lower():
        typer.echo(f"There is no {kind} in {language!r}; this is the one in {spoken!r}.", err=True)
    if eml:
        typer.echo(letters.as_mail(wording, spoken), nl=False)
    elif html:
        typer.echo(wording.html)
    else:
        typer.echo(f"{wording.subject}\n\n{wording.text}", nl=False)


@app.command(epilog="Example: notifier templates diff invitation --language en")
def diff(kind: str | None = KIND, language: str | None = LANGUAGE) -> None:
    """Print what was changed against the shipped letters, as a unified diff."""
    _known_language(language)
    typer.echo(letters.difference(shelf(), kind=kind, language=language), nl=False)


@app.command(epilog="Example: notifier templates restore invitation --language fr")
def restore(
    kind: str | None = KIND,
    language: str | None = LANGUAGE,
    everything: bool = typer.Option(False, "--all", help="Every letter and layout."),
    as_json: bool = JSON,
) -> None:
    """Take changed files away, so that the shipped letters are used again.

    The files are kept in .backup in the folder of the templates, until the next restoring.
    """
    if (kind is None) != everything:
        raise typer.BadParameter("give a kind, or --all, and not both")
    _known_language(language)
    try:
        taken = [str(each) for each in shelf().restore(kind, language=language)]
    except TemplateFault as fault:
        raise Failed(f"the letters cannot be restored: {fault.message}.") from fault
    if as_json:
        echo_json(taken)
        return
    for each in taken:
        typer.echo(each)
    typer.echo(f"{len(taken)} files taken away; the shipped ones are used.")


def _known_language(language: str | None) -> None:
    known = letters.languages(shelf())
    if language and plain(language) not in known:
        raise Failed(f"there are no letters in {language!r}; there are some in {', '.join(known)}.")


def _line(each: letters.Remark) -> str:
    place = "/".join(part for part in (each.language, each.kind, each.file) if part)
    meant = f"; did you mean `{each.suggestion}`?" if each.suggestion else ""
    weight = "" if each.breaks else "remark: "
    return f"{place}:{each.line}: {weight}{each.message}{meant}"
