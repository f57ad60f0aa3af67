"""Claims about folders of letters that are closed to us, wholly or by one right alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.adapters.shelf import Shelf
from notifier.admin import letters, proofreading
from notifier.admin.stationery import stationery
from tests.adapters.shelves import shipped_tree, text, write
from tests.unprivileged import unprivileged

# No right at all, and the right to list what may not be opened.
RIGHTS = [0o000, 0o644]
FOLDERS = ["", "en", "en/invitation", ".base"]


@pytest.fixture(params=RIGHTS, ids=oct)
def rights(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture(params=FOLDERS)
def shelf(request: pytest.FixtureRequest, rights: int, tmp_path: Path) -> Iterator[Shelf]:
    own = tmp_path / "own"
    write(own, {"en/invitation/body.txt": "mine", ".base/en/invitation/body.txt": "x"})
    shelf = Shelf(shipped_tree(tmp_path / "shipped"), own)
    closed = own / request.param
    closed.chmod(rights)
    yield shelf
    closed.chmod(0o755)


def test_letters_are_sent_and_looked_at_all_the_same(shelf: Shelf) -> None:
    def look() -> tuple[str, int]:
        shown = text(shelf)
        found = proofreading.remarks(shelf, kind=None, language=None)
        return shown, len([*letters.rows(shelf), *found])

    shown, told = unprivileged(look)

    assert shown in {"en Review", "mine"}
    assert told > 0


def test_the_doctor_says_what_is_closed(shelf: Shelf) -> None:
    used, told = unprivileged(
        lambda: (text(shelf), [(each.status, each.found) for each in stationery(shelf)])
    )

    named = any(status == "warn" and "Permission denied" in found for status, found in told)
    assert named == (used == "en Review")
