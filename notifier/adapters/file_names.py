"""Renaming a file within its folder, never over another."""

from pathlib import Path


def rename(file: Path, name: str) -> None:
    """Call `file` by `name`; raises FileExistsError where something is called so, and OSError."""
    target = file.with_name(name)
    try:
        # A link fails where the name is taken, even since a moment ago; a rename puts it away.
        target.hardlink_to(file)
    except FileExistsError:
        raise
    except OSError:
        _rename_without_links(file, target)
    else:
        file.unlink()


def _rename_without_links(file: Path, target: Path) -> None:
    """Rename where the file system knows no links, as on sticks and on shares."""
    if target.exists():
        raise FileExistsError
    file.rename(target)
