"""A claim about the order of the tests: what takes long is not begun last, and waited for alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.shape.sources import ROOT

SHORT = "def test_a(): pass"
MANY = "def test_a(): pass\ndef test_b(): pass"
SLOW = "import pytest\n@pytest.mark.slow\ndef test_a(): pass"
# As `make test` runs them, but for one alone, which tells the order.
ALONE = ("--numprocesses", "1", "--dist", "loadfile", "--no-loadscope-reorder", "--verbose")


def test_files_with_slow_tests_begin_first_and_then_those_with_many(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow")
    for name, content in {"short": SHORT, "many": MANY, "slow": SLOW}.items():
        (tmp_path / f"test_{name}.py").write_text(content)

    said = subprocess.run(
        [sys.executable, "-m", "pytest", *ALONE, tmp_path],
        cwd=tmp_path,
        env={**os.environ, "CI": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout

    begun = re.findall(r"PASSED test_(\w+)\.py", said)
    assert begun == ["slow", "many", "many", "short"]
