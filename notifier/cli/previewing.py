"""`notifier templates preview`: a letter of samples, composed as a worker composes real ones."""

import tempfile
import webbrowser
from pathlib import Path

import typer

from notifier.admin import letters
from notifier.cli import overriding
from notifier.cli.faults import Failed
from notifier.cli.opening import settings_in_force, shelf
from notifier.core.mime import as_bytes
from notifier.core.notice import Kind
from notifier.core.times.zones import known_zone
from notifier.samples import FAR_ZONE, ZONE, Shape


def _known_zone(zone: str | None) -> str | None:
    if zone is not None and not known_zone(zone):
        raise typer.BadParameter(f"{zone!r} is no time zone; give one such as Europe/Paris")
    return zone


def preview(
    *,
    kind: Kind = typer.Argument(help="A kind of letter."),
    language: str = typer.Option("en", help="The reader's language, such as en or pt-BR."),
    zone: str | None = typer.Option(
        None, help="The reader's time zone, such as Asia/Tokyo.", callback=_known_zone
    ),
    room: bool = typer.Option(False, "--room", help="For a virtual room, which has no times."),
    series: bool = typer.Option(
        False, "--series", help="For a weekly series, and a reader far away."
    ),
    nasty: bool = typer.Option(False, "--nasty", help="With hostile and very long names."),
    html: bool = typer.Option(False, "--html", help="Print the HTML."),
    eml: bool = typer.Option(False, "--eml", help="Print the whole mail, as it would be sent."),
    in_browser: bool = typer.Option(False, "--open", help="Show the HTML in a browser."),
) -> None:
    """Print a letter filled with samples: its subject and text, its HTML, or the whole mail.

    It is composed as a worker would do it now, by the settings in force where Redis answers.
    """
    if html + eml + in_browser > 1:
        raise typer.BadParameter("give one of --html, --eml and --open, not more")
    if room and series:
        raise typer.BadParameter("give --room or --series, not both: a room has no times")
    shape = Shape.ROOM if room else Shape.SERIES if series else Shape.ONCE
    settings = settings_in_force()
    own = shelf()
    overriding.tell_closed(own)
    shown = letters.preview(
        own,
        kind,
        language,
        shape=shape,
        zone=zone or (FAR_ZONE if series else ZONE),
        nasty=nasty,
        settings=settings,
    )
    _tell(shown, kind, language, known=settings is not None)
    if eml:
        typer.echo(as_bytes(shown.draft), nl=False)
    elif html:
        typer.echo(shown.draft.html)
    elif in_browser:
        _open(shown.draft.html, f"{kind}-{shown.language}.html")
    else:
        subject = dict(shown.draft.headers)["Subject"]
        typer.echo(f"{subject}\n\n{shown.draft.text}", nl=False)


def _tell(shown: letters.Preview, kind: Kind, language: str, *, known: bool) -> None:
    """Say on standard error what is not as the asker may think; `known` are the settings."""
    if shown.language.lower() != language.replace("_", "-").lower():
        unsure = "" if known else " Redis did not say what the server's own language is."
        typer.echo(
            f"There is no {kind} in {language!r}; this is the one in {shown.language!r}.{unsure}",
            err=True,
        )
    for fault in shown.faults:
        meant = f"; did you mean `{fault.suggestion}`?" if fault.suggestion else ""
        typer.echo(
            f"{fault.path}:{fault.line}: {fault.message}{meant}; this is the letter without it.",
            err=True,
        )


def _open(html: str, name: str) -> None:
    """Show a page; where there is no browser, say where it is."""
    try:
        page = Path(tempfile.mkdtemp(prefix="notifier-")) / name
        page.write_text(html, encoding="utf-8")
    except OSError as error:
        raise Failed(f"the page cannot be written ({error.strerror}); try --html.") from error
    if not webbrowser.open(page.as_uri()):
        typer.echo("There is no browser here; open this file in one:", err=True)
    typer.echo(page)
