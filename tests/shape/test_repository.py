"""Claims about the checkout: it names no registry and no machine, and its locks are its own."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.shape.sources import ROOT, tracked

LOCKS = ("requirements.lock", "requirements-dev.lock")
# Of the judges. npm adds where to send money to its authors, which is taken out again.
NPM_LOCK = "tests/judges/package-lock.json"
# Of those that the notifier is compared with; they are never installed beside it.
PEERS_LOCKS = sorted(os.fspath(path) for path in tracked("bench/peers/locks/*.lock"))
PEERS_NPM_LOCK = "bench/peers/locks/package-lock.json"
# Folders that mean the same on every machine, so that a file may speak of them.
EVERYBODYS = {Path(name) for name in ("/", "/home", "/mnt", "/opt", "/srv", "/tmp", "/usr", "/var")}

PINNED = re.compile(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


@pytest.mark.parametrize("lock", [*LOCKS, NPM_LOCK, *PEERS_LOCKS, PEERS_NPM_LOCK])
def test_a_lock_holds_no_address(lock: str) -> None:
    assert re.findall(r"\S*(?:https?|file|git|ssh)(?:\+\w+)?:/\S*", (ROOT / lock).read_text()) == []


@pytest.mark.parametrize("lock", [*LOCKS, *PEERS_LOCKS])
def test_a_lock_checks_every_download(lock: str) -> None:
    pins = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)

    assert [pin for pin in pins if pin and "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("lock", [NPM_LOCK, PEERS_NPM_LOCK])
def test_a_lock_of_npm_checks_every_download(lock: str) -> None:
    packages = json.loads((ROOT / lock).read_text())["packages"]

    fetched = {name: package for name, package in packages.items() if name}
    assert fetched
    assert {name for name, package in fetched.items() if "integrity" not in package} == set()


@pytest.mark.parametrize(
    ("lock", "extras"), [(LOCKS[0], ("build",)), (LOCKS[1], ("build", "dev"))], ids=LOCKS
)
def test_a_lock_fulfils_what_the_project_asks_for(lock: str, extras: tuple[str, ...]) -> None:
    pinned = _pinned(lock)

    asked = [Requirement(line) for line in _asked_for(*extras)]

    assert [
        str(r) for r in asked if pinned.get(canonicalize_name(r.name), "") not in r.specifier
    ] == []


def test_tests_run_with_the_very_libraries_that_are_shipped() -> None:
    shipped, tried = (_pinned(lock) for lock in LOCKS)

    assert shipped.items() <= tried.items()


def test_no_file_names_the_machine_it_was_written_on() -> None:
    machine = {ROOT, ROOT.parent, Path.home()} - EVERYBODYS
    spoken = "|".join(re.escape(str(folder)) for folder in machine)
    naming = re.compile(rf"(?<![\w.-])(?:{spoken})/[A-Za-z.]".encode())

    assert [str(path) for path in tracked() if naming.search((ROOT / path).read_bytes())] == []


def _pinned(lock: str) -> dict[str, str]:
    """Version by name."""
    return dict(PINNED.findall((ROOT / lock).read_text()))


def _asked_for(*extras: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
