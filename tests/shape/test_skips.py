"""Claims about skipping: fine on a laptop that lacks a server, a failure in CI."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache

import pytest

from tests.shape.sources import ROOT

TESTS = """
import pytest

def test_a(): pytest.skip("skipped by itself")

@pytest.mark.skip("skipped by a mark")
def test_b(): assert True

@pytest.fixture
def server(): pytest.skip("skipped by a fixture")

def test_c(server): assert True

@pytest.mark.xfail(reason="it fails as expected")
def test_d(): assert False
"""
MODULE = "import pytest; pytest.skip('skipped as a whole', allow_module_level=True)"
# As `make test` runs them: side by side.
SIDE_BY_SIDE = ("--numprocesses", "2", "--dist", "loadfile", "--no-loadscope-reorder")
PYTEST = (sys.executable, "-m", "pytest", *SIDE_BY_SIDE)
REASONS = ("skipped by itself", "skipped by a mark", "skipped by a fixture", "skipped as a whole")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """What pytest says of these tests under the project's own conftest, by the value of CI."""
    folder = tmp_path_factory.mktemp("skips")
    (folder / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    (folder / "test_it.py").write_text(TESTS)
    (folder / "test_module.py").write_text(MODULE)

    @cache
    def play(ci: str) -> str:
        return subprocess.run(
            [*PYTEST, "-ra", "--continue-on-collection-errors", folder],
            cwd=folder,
            env={**os.environ, "CI": ci},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        ).stdout

    return play


@pytest.mark.parametrize("reason", REASONS)
def test_a_skip_in_ci_is_a_failure_that_says_why(reason: str, played: Callable[[str], str]) -> None:
    assert f"Nothing may be skipped in CI, but this was. Skipped: {reason}" in played("true")


def test_nothing_is_skipped_in_ci(played: Callable[[str], str]) -> None:
    assert "= 1 failed, 1 xfailed, 3 errors in " in played("true")


def test_a_skip_on_a_laptop_is_only_told(played: Callable[[str], str]) -> None:
    assert "= 4 skipped, 1 xfailed in " in played("")
