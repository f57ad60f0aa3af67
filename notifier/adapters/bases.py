"""What was shipped when each of the administrator's templates was made: the base of an override.

It lies beside the override, in a hidden folder of the administrator's tree, so that it is there
after an upgrade of the package, and goes wherever the tree goes.
"""

import time
from pathlib import Path
from typing import Final, Literal

import msgspec

from notifier.adapters.template_files import ensure_inside, missing, read, write
from notifier.core.wording.syntax import TemplateFault

# Inside the administrator's tree.
BASE_FOLDER: Final = ".base"

# Editors that save by renaming leave nothing in place for a moment; an override that is away for
# longer was taken away (seconds).
_AWAY_SECONDS: Final = 60.0

# `same`: nothing changed under the override. `changed`, `gone`: the package ships another text, or
# none any more. `unknown`: nobody could keep what was shipped. `none`: nothing was ever shipped.
Standing = Literal["same", "changed", "gone", "unknown", "none"]

# Something changed under the override, which whoever made it may want to see.
OUTDATED: Final[frozenset[Standing]] = frozenset({"changed", "gone"})


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """How an override stands to what was shipped when it was made; `text` is that, if known."""

    standing: Standing
    text: str | None


class Bases:
    """Keeps the base of each override in the tree at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def of(self, own: Path, shipped: Path | None) -> Base:
        """Give the base of the override at `own`, beside what is `shipped` in its place now."""
        text = self._kept(own)
        if text is None:
            return Base(standing="unknown" if shipped else "none", text=None)
        now = _text(shipped) if shipped else None
        if now is None:
            return Base(standing="gone", text=text)
        return Base(standing="same" if now == text else "changed", text=text)

    def has(self, own: Path) -> bool:
        return not missing(self._place(own))

    def remember(self, own: Path, shipped: Path, *, anew: bool = False) -> bool:
        """Keep what is shipped now as the base of `own`, if it has none or is to get one `anew`.

        False where it cannot be kept: the tree is read-only, or the text cannot be read.
        """
        place = self._place(own)
        if self.has(own) and not anew:
            return True
        try:
            ensure_inside(place.parent, self._root)
            write(place, read(shipped).encode())
        except (OSError, TemplateFault):
            return False
        return True

    def forget(self, own: Path) -> None:
        """Let go of the base of an override that is not there any more."""
        try:
            ensure_inside(self._place(own).parent, self._root)
            self._place(own).unlink(missing_ok=True)
        except (OSError, TemplateFault):
            return

    def forget_orphans(self) -> None:
        """Let go of bases whose override was removed by hand, and not just now."""
        folder = self._root / BASE_FOLDER
        try:
            places = sorted(folder.rglob("*.*"))
        except OSError:  # Closed to us: another process will see to it.
            return
        for place in places:
            own = self._root / place.relative_to(folder)
            if missing(own) and _quiet(own.parent):
                self.forget(own)

    def _place(self, own: Path) -> Path:
        return self._root / BASE_FOLDER / own.relative_to(self._root)

    def _kept(self, own: Path) -> str | None:
        place = self._place(own)
        try:
            ensure_inside(place, self._root)
        except TemplateFault:
            return None
        return _text(place)


def _text(path: Path) -> str | None:
    try:
        return read(path)
    except TemplateFault:
        return None


def _quiet(folder: Path) -> bool:
    """Tell whether nothing came into a folder or left it for a while; a missing one is quiet."""
    try:
        return time.time() - folder.stat().st_mtime > _AWAY_SECONDS
    except OSError:
        return True
