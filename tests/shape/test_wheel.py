"""Claims about what travels: whoever installs the wheel has all of the program."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.shape.sources import PACKAGES, ROOT, tracked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of everything in a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    with ZipFile(built) as archive:
        return set(archive.namelist())


def test_every_shipped_file_travels_in_the_wheel(wheel: set[str]) -> None:
    assert {path.as_posix() for path in tracked(*PACKAGES)} - wheel == set()


def test_every_template_travels_beside_the_modules(wheel: set[str]) -> None:
    templates = {f"notifier/{path.as_posix()}" for path in tracked("templates")}

    assert templates - wheel == set()


def test_nothing_else_travels(wheel: set[str]) -> None:
    folders = {Path(name).parts[0] for name in wheel}

    assert {name for name in folders if not name.endswith(".dist-info")} == set(PACKAGES)


def test_the_command_is_installed(wheel: set[str]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in wheel)
