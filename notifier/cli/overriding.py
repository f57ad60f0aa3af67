"""Letters of one's own: beginning one, accepting what changed under it, and taking it back."""

from pathlib import Path

import typer

from notifier.adapters.backups import BACKUP_FOLDER
from notifier.adapters.shelf import Shelf
from notifier.adapters.strays import is_language
from notifier.adapters.template_files import closed, language_folders, missing, plain
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON
from notifier.cli.letter_kinds import KIND, LANGUAGE, known_kind, known_language
from notifier.cli.opening import shelf
from notifier.cli.printing import echo_json
from notifier.core.language.languages import LAST_RESORT, locale_chain
from notifier.core.wording.reading import LAYOUT_FOLDER
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.variables import nearest


def edit(
    kind: str = typer.Argument(help="A kind of letter, or _layout.", callback=known_kind),
    language: str | None = typer.Option(
        None, help="A language, such as en or fr; without one, the _layout of all languages."
    ),
    file: list[str] | None = typer.Option(
        None, "--file", help="Only this file; may be given several times [default: all of them]."
    ),
    as_json: bool = JSON,
) -> None:
    """Copy shipped files into your templates, and print their paths: edit those.

    A file that is already yours stays as it is. A language that is not shipped begins with the
    text that its readers get so far.
    """
    own = shelf()
    ensure_tree(own, make=True)
    if language is None and kind != LAYOUT_FOLDER:
        raise typer.BadParameter(f"give a language: --language en, for {kind!r} has many")
    if language is not None and not is_language(language):
        raise typer.BadParameter(f"{language!r} is no language; give one such as en or pt-BR")
    files = _files(own, kind, language or "", file)
    try:
        begun = own.overrides.begin(kind, language or "", files)
    except (OSError, TemplateFault) as fault:
        raise Failed(
            f"{kind!r} cannot be copied to {own.overrides.root}: {said(fault)}."
        ) from fault
    _tell_unshipped(own, kind, language or "")
    if as_json:
        echo_json([{"path": str(each.path), "new": each.new} for each in begun])
        return
    for each in begun:
        typer.echo(each.path)
        if not each.new:
            typer.echo("This one was yours already, and stays as it was.", err=True)


def _tell_unshipped(own: Shelf, kind: str, language: str) -> None:
    """Say whose letter is used where a language has none, for it may have been mistyped."""
    shipped = language_folders(own.overrides.shipped)
    if language and kind != LAYOUT_FOLDER and plain(language) not in shipped:
        chain = map(plain, locale_chain(language, LAST_RESORT))
        served = next(shipped[each].name for each in chain if each in shipped)
        typer.echo(
            f"Nothing is shipped in {language!r}, whose readers get {served!r} so far: this begins "
            "letters of its own, and each needs subject.txt and body.html to be used.",
            err=True,
        )


def _files(own: Shelf, kind: str, language: str, asked: list[str] | None) -> tuple[str, ...]:
    there = own.overrides.shippable(kind, language)
    for name in asked or ():
        if name not in there:
            meant = nearest(name, there)
            hint = f"did you mean {meant!r}?" if meant else f"there are {', '.join(there)}"
            raise typer.BadParameter(f"{name!r} is no file of {kind!r}; {hint}")
    if not asked and kind == LAYOUT_FOLDER:
        raise typer.BadParameter(f"name a file of the layout with --file: {', '.join(there)}")
    return tuple(asked) if asked else there


def accept(
    kind: str | None = KIND,
    language: str | None = LANGUAGE,
    as_json: bool = JSON,
) -> None:
    """Say that you have seen what changed under your files: they are not named any more.

    Your files stay as they are. What changed is shown by: notifier templates diff
    """
    own = shelf()
    ensure_tree(own)
    known_language(own, language)
    outdated = own.overrides.outdated(None, None)
    taken = [str(each) for each in own.overrides.accept(kind, language)]
    if as_json:
        echo_json(taken)
    else:
        for each in taken:
            typer.echo(each)
        typer.echo(f"{len(taken)} of {len(outdated)} files with changes underneath accepted.")
    _refuse_unkept(own, kind, language)


def _refuse_unkept(own: Shelf, kind: str | None, language: str | None) -> None:
    left = own.overrides.outdated(kind, language)
    if left:
        raise Failed(
            f"what is shipped now cannot be kept beside {left[0]}: the folder is read-only; "
            "run this where it can be written."
        )


def restore(
    kind: str | None = KIND,
    language: str | None = LANGUAGE,
    everything: bool = typer.Option(False, "--all", help="Every letter and layout."),
    as_json: bool = JSON,
) -> None:
    """Take changed files away, so that the shipped letters are used again.

    Of one kind, of one language, of one kind in one language, or all. The files are kept in
    .backup in the folder of the templates; earlier copies stay there, with a number.
    """
    if everything and (kind or language is not None):
        raise typer.BadParameter("give --all alone, or a kind, or --language, and not both")
    if not (everything or kind or language is not None):
        raise typer.BadParameter("give a kind, or --language for all letters of one, or --all")
    own = shelf()
    ensure_tree(own)
    known_language(own, language)
    try:
        taken = [str(each) for each in own.restore(kind, language=language)]
    except (OSError, TemplateFault) as fault:
        raise Failed(f"the letters cannot be restored: {said(fault)}.") from fault
    if as_json:
        echo_json(taken)
        return
    for each in taken:
        typer.echo(each)
    if taken:
        typer.echo(
            f"They are kept in {own.overrides.root}/{BACKUP_FOLDER}; "
            "move back from there what is to be used again."
        )
    kept = sorted({each.language for each in own.tree() if each.origin == "added"} - {""})
    if language is None and kept:
        typer.echo(f"Left, because nothing is shipped there: {', '.join(kept)} (see --language).")
    typer.echo(f"{len(taken)} files taken away; the shipped ones are used.")


def ensure_tree(own: Shelf, *, make: bool = False) -> None:
    """Say plainly that there is no folder of the administrator's, or make one that is named."""
    root = own.overrides.root
    if root is None:
        raise Failed(
            "there are no letters of yours, all are as shipped: NOTIFIER_TEMPLATES is not set; "
            "name in it a folder for them, here and for every part of the notifier."
        )
    why = closed(root)
    if why is None:
        return
    if not (make and missing(root)):
        raise Failed(_closed(root, why))
    try:
        root.mkdir(parents=True)
    except OSError as error:
        raise Failed(
            f"NOTIFIER_TEMPLATES names {root}, which is missing and cannot be made "
            f"({error.strerror}); correct it, or make the folder."
        ) from error


def tell_closed(own: Shelf) -> None:
    """Say that a folder that is named is of no use, in a sentence on standard error."""
    root = own.overrides.root
    why = closed(root) if root else None
    if root and why:
        typer.echo(f"notifier: {_closed(root, why)}", err=True)


def _closed(root: Path, why: str) -> str:
    advice = {
        "is missing": "correct it, or begin a letter of yours with `notifier templates edit`",
        "is no folder": "name a folder",
    }
    return (
        f"NOTIFIER_TEMPLATES names {root}, which {why}, so all letters are as shipped; "
        f"{advice.get(why, 'let our user read and enter it')}."
    )


def tell_unnoted(own: Shelf, *, noted: bool) -> None:
    """Say that what was shipped cannot be remembered, in a sentence on standard error."""
    if not noted and own.overrides.root and not closed(own.overrides.root):
        typer.echo(
            f"{own.overrides.root} is read-only here: what was shipped when your files were made "
            "cannot be kept beside them; run this once where it can be written.",
            err=True,
        )


def said(fault: OSError | TemplateFault) -> str:
    """Say what stands in the way of a file."""
    if isinstance(fault, TemplateFault):
        return f"{fault.file}: {fault.message}"
    # A disk that is full is told of by no path.
    return f"{fault.strerror}: {fault.filename}" if fault.filename else str(fault.strerror)
