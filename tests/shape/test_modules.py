"""Claims about modules: how long, how called, and what they may know."""

import ast
from pathlib import Path

import pytest

from tests.shape.sources import ROOT, imported, modules, tree

MOST_LINES = 300
NOT_A_NOUN = {"utils", "util", "helpers", "helper", "common", "base", "misc"}

# Who may know a library: a folder, or one file.
KNOWN_TO = {
    "celery": ("workers", "schedules"),
    "kombu": ("workers", "schedules"),
    "redis": ("notifier/adapters", "notifier/publisher.py", "notifier/reaching"),
    "aiosmtplib": ("notifier/adapters",),
    "dns": ("notifier/adapters",),
    "litestar": ("notifier/panel", "notifier/demo"),
    "typer": ("notifier/cli.py", "notifier/cli"),
}

# Everybody else only hands it on: `load(os.environ)`, `start(environ=os.environ)`.
READS_ENVIRONMENT = {Path("notifier/config.py")}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}

# What nothing pure can want: clock, network, disk, environment, chance.
IMPURE = {
    *("asyncio", "concurrent.futures", "logging", "multiprocessing", "threading", "time"),
    *("http", "select", "smtplib", "socket", "ssl", "urllib.request"),
    *("glob", "io", "os", "pathlib", "shutil", "subprocess", "tempfile"),
    *("random", "secrets", "uuid"),
}
CLOCK = {"now", "today", "utcnow"}

every_module = pytest.mark.parametrize("module", modules(), ids=str)
every_core_module = pytest.mark.parametrize(
    "module", [path for path in modules() if path.is_relative_to("notifier/core")], ids=str
)


@every_module
def test_a_module_fits_in_one_reading(module: Path) -> None:
    lines = (ROOT / module).read_text().count("\n")

    assert lines <= MOST_LINES


@every_module
def test_a_module_is_called_by_what_it_is_about(module: Path) -> None:
    assert not NOT_A_NOUN & {module.stem, *module.parent.parts}


@pytest.mark.parametrize(("library", "places"), KNOWN_TO.items(), ids=KNOWN_TO)
def test_a_library_is_known_only_where_it_belongs(library: str, places: tuple[str, ...]) -> None:
    knowing = {module for module in modules() if _imports(module, library)}

    assert {m for m in knowing if not any(m.is_relative_to(place) for place in places)} == set()


@every_module
def test_only_config_reads_the_environment(module: Path) -> None:
    assert module in READS_ENVIRONMENT or _readings(tree(module)) == []


@pytest.mark.parametrize(
    "source",
    ["os.environ['HOME']", "os.getenv('HOME')", "from os import environ", "dict(os.environ)"],
)
def test_a_reading_of_the_environment_is_seen(source: str) -> None:
    assert len(_readings(ast.parse(source))) == 1


@pytest.mark.parametrize(
    "source", ["load(os.environ)", "config.load(os.environ)", "start(environ=os.environ)"]
)
def test_handing_the_environment_over_is_not_reading_it(source: str) -> None:
    assert _readings(ast.parse(source)) == []


@every_core_module
def test_the_core_touches_nothing_of_the_world(module: Path) -> None:
    assert {library for library in IMPURE if _imports(module, library)} == set()


@every_core_module
def test_the_core_never_looks_at_the_clock(module: Path) -> None:
    called = {node.func for node in ast.walk(tree(module)) if isinstance(node, ast.Call)}

    assert {f.attr for f in called if isinstance(f, ast.Attribute) and f.attr in CLOCK} == set()


def _imports(module: Path, library: str) -> bool:
    return any(name == library or name.startswith(f"{library}.") for name in imported(module))


def _readings(code: ast.Module) -> list[str]:
    """Where the environment is looked into, or taken from `os` by name."""
    handed_on = {value for node in ast.walk(code) for value in _handed_on(node)}
    return [ast.unparse(n) for n in ast.walk(code) if _touches(n) and n not in handed_on]


def _handed_on(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id="load") | ast.Attribute(attr="load"), args=arguments):
            return arguments
        case ast.keyword(arg="environ", value=value):
            return [value]
        case _:
            return []


def _touches(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr=name):
            return name in ENVIRONMENT
        case ast.ImportFrom(module="os", names=names):
            return any(alias.name in ENVIRONMENT for alias in names)
        case _:
            return False
