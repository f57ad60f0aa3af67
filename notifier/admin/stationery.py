"""What the doctor says about the letters: files that are not used, and what changed under them."""

from collections.abc import Iterator
from typing import Final

from notifier.adapters.shelf import Fault, Shelf
from notifier.adapters.template_files import closed
from notifier.admin.look import Look
from notifier.admin.proofreading import remarks_on_changes

# A folder that is closed to us makes each file in it a fault; some tell as much as all.
_NAMED: Final = 10


def stationery(shelf: Shelf) -> Iterator[Look]:
    """Look at the administrator's tree, and at every letter in which a file of it plays a part."""
    # The log hears of a fault from whoever writes letters; the doctor says it itself.
    shelf = Shelf(shelf.overrides.shipped, shelf.overrides.root)
    found = [*_tree(shelf), *_faults(shelf), *_outdated(shelf), *_odd(shelf)]
    yield from found
    if not found:
        yield Look(name="templates", status="ok", found="every file is used as it is")


def _tree(shelf: Shelf) -> Iterator[Look]:
    root = shelf.overrides.root
    if root is None:
        return
    why = closed(root)
    if why:
        yield _warning(
            found=f"{root} {why}; all letters are as shipped",
            advice="correct NOTIFIER_TEMPLATES, make the folder, or let our user read it",
        )
        return
    if not shelf.overrides.note():
        yield _warning(
            found=f"{root} is read-only here; what your files were made from is not remembered",
            advice="run `notifier templates list` once where it can be written",
        )


def _faults(shelf: Shelf) -> Iterator[Look]:
    faults = shelf.faults()
    for fault in faults[:_NAMED]:
        meant = f"; did you mean `{fault.suggestion}`?" if fault.suggestion else ""
        yield _warning(
            found=f"{fault.path}:{fault.line}: {fault.message}{meant}; {_instead(fault)}",
            advice=f"mend the file, or notifier templates restore {_asked(fault, shelf)}",
        )
    if len(faults) > _NAMED:
        yield _warning(
            found=f"{len(faults) - _NAMED} more files are not used",
            advice="read them: notifier templates lint",
        )


def _asked(fault: Fault, shelf: Shelf) -> str:
    """Give the words that restore this file's letter, and no other language's."""
    kind = fault.path.parent.name
    shared = fault.path.parent.parent == shelf.overrides.root
    return kind if shared else f"{kind} --language {fault.path.parent.parent.name}"


def _instead(fault: Fault) -> str:
    if fault.used == "next language":
        return "its readers get the letter in the next language"
    # This process has just come; those that have run for longer know better days.
    return "the last good one is used, else the shipped one"


def _outdated(shelf: Shelf) -> Iterator[Look]:
    outdated = shelf.overrides.outdated(None, None)
    if outdated:
        some = ", ".join(str(each) for each in outdated[:_NAMED])
        more = f" and {len(outdated) - _NAMED} more" if len(outdated) > _NAMED else ""
        yield _warning(
            found=f"the shipped letter has changed since yours was made: {some}{more}",
            advice="notifier templates diff, then notifier templates accept",
        )


def _odd(shelf: Shelf) -> Iterator[Look]:
    odd = [each for each in remarks_on_changes(shelf) if not each.breaks]
    if odd:
        yield _warning(
            found=f"{len(odd)} remarks on template files",
            advice="read them: notifier templates lint",
        )


def _warning(*, found: str, advice: str) -> Look:
    """Never a failure: there is always another letter to send instead."""
    return Look(name="templates", status="warn", found=found, advice=advice)
