"""Claims about the forty faults: each has its tests, and no test bears a number of nothing."""

import ast
import re

from tests.shape.sources import ROOT

FAULTS = ROOT / "tests" / "faults"
ROW = re.compile(r"^\| (\d\d) \|", re.MULTILINE)
NUMBERED = re.compile(r"test_fault_(\d\d)_\w+")


def test_every_fault_has_a_test_that_bears_its_number() -> None:
    assert set(_listed()) - _tried() == set()


def test_no_test_bears_a_number_that_is_not_listed() -> None:
    assert _tried() - set(_listed()) == set()


def test_there_are_forty() -> None:
    assert _listed() == [f"{number:02}" for number in range(1, 41)]


def _listed() -> list[str]:
    return ROW.findall((FAULTS / "README.md").read_text(encoding="utf-8"))


def _tried() -> set[str]:
    """Give the numbers of all tests in the folder: functions that pytest collects, no mere text."""
    names = (
        node.name
        for path in FAULTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {found[1] for name in names if (found := NUMBERED.fullmatch(name))}
