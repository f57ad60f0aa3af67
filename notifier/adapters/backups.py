"""Taking the administrator's templates away without losing any: the backup of a restoring."""

import shutil
from itertools import count
from pathlib import Path
from typing import Final

from notifier.adapters.template_files import ensure_inside, missing

# Inside the administrator's tree; holds what restorings took away.
BACKUP_FOLDER: Final = ".backup"


def put_away(path: Path, root: Path) -> Path:
    """Move a file of the tree at `root` into its backup; give where it is kept.

    The newest copy has the plain name. What was there before is kept as `body.txt.1`, then `.2`:
    the number counts up, so a copy never changes its name again.

    Raises TemplateFault where a folder leads out of the tree: nothing elsewhere is touched.
    """
    backup = root / BACKUP_FOLDER / path.relative_to(root)
    for folder in (path.parent, backup.parent):
        ensure_inside(folder, root)
    backup.parent.mkdir(parents=True, exist_ok=True)
    if not missing(backup):
        backup.rename(_free(backup))
    shutil.move(path, backup)
    _remove_empty(path.parent, root)
    return backup


def _free(backup: Path) -> Path:
    numbered = (backup.with_name(f"{backup.name}.{number}") for number in count(1))
    return next(each for each in numbered if missing(each))


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove folders that hold nothing any more, from `folder` up to the tree itself."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # Something else lies there, or it is not ours to remove.
            return
        folder = folder.parent
