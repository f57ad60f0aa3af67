"""The source files of the project and what each of them imports."""

import ast
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("notifier", "workers", "schedules")


def modules() -> list[Path]:
    """Every module that is shipped, relative to the root."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found)


def tracked(*below: str) -> list[Path]:
    """Every file that git knows (below the folders given), relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *below],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file()]


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_bytes(), filename=os.fspath(module))


@cache
def imported(module: Path) -> frozenset[str]:
    """The full names that a module imports, wherever in the module it does so."""
    return frozenset(name for node in ast.walk(tree(module)) for name in _taken_by(node))


def _taken_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(origin), names=names):
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in names)
        case _:
            return
