"""Every letter is word for word the one that somebody read and approved.

A difference is either a mistake, or to be read and approved: `make letters`, then commit.
"""

from pathlib import Path

import pytest

from tests.letters.approved import FOLDER, approved

APPROVED = list(approved())


@pytest.mark.parametrize(("path", "written"), APPROVED, ids=[path.name for path, _ in APPROVED])
def test_a_letter_is_the_approved_one(path: Path, written: bytes) -> None:
    assert path.is_file(), f"{path.name} was never approved: `make letters`, read it, commit it"
    assert written.decode() == path.read_bytes().decode()


def test_nothing_is_kept_of_what_is_no_longer_written() -> None:
    kept = {path for path in FOLDER.iterdir() if path.suffix in {".txt", ".eml"}}

    assert kept == {path for path, _ in APPROVED}
