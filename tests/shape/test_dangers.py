"""Claims about what no source file does: run what it was given, or trust whom it cannot know."""

import ast
import re
from pathlib import Path

import pytest

from tests.shape.sources import ROOT, imported, modules, tracked, tree

# Each of these makes code of bytes, or bytes of code.
CODE_OF_BYTES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "yaml", "code"}
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}

# Certificates that nobody checks.
BLIND = re.compile(r"CERT_NONE|CERT_OPTIONAL|_create_unverified_context|check_hostname\s*=\s*False")

# Who shows a certificate that was refused, over a connection on which nothing is said.
SHOWS_REFUSED = Path("notifier/adapters/refused_certificates.py")
ASKS_FOR_REFUSED = Path("notifier/adapters/doors.py")

# What the names of secrets are made of; a comparison of one tells by its time how much was right.
SECRET_WORDS = {"password", "token", "secret", "api_token", "panel_password", "signature", "digest"}

every_module = pytest.mark.parametrize("module", modules(), ids=str)


@every_module
def test_no_module_makes_code_of_bytes(module: Path) -> None:
    assert {name.split(".")[0] for name in imported(module)} & CODE_OF_BYTES == set()


@every_module
def test_no_module_runs_text(module: Path) -> None:
    assert [ast.unparse(call) for call in _calls(tree(module)) if _runs_text(call)] == []


@every_module
def test_no_module_checks_less_than_it_could(module: Path) -> None:
    said = (ROOT / module).read_text()

    assert BLIND.search(said) is None or module == SHOWS_REFUSED
    assert [
        ast.unparse(call)
        for call in _calls(tree(module))
        if any(each.arg == "verify" and _is(each.value, False) for each in call.keywords)
    ] == []


@every_module
def test_a_refused_certificate_is_shown_by_the_federation_test_alone(module: Path) -> None:
    asks = "notifier.adapters.refused_certificates.onlooker" in imported(module)

    assert asks is (module == ASKS_FOR_REFUSED)


@every_module
def test_secrets_are_compared_in_constant_time(module: Path) -> None:
    """By `hmac.compare_digest`. Whether one is there at all (`is None`, `== ""`) is no secret."""
    assert [ast.unparse(node) for node in ast.walk(tree(module)) if _tells_by_time(node)] == []


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("given == config.api_token", True),
        ("password != self._password", True),
        ("settings.smtp.password == ''", False),
        ("token is None", False),
        ("hmac.compare_digest(given, config.api_token)", False),
        ("event.conference == known", False),
    ],
)
def test_a_comparison_of_secrets_is_seen(source: str, seen: bool) -> None:
    assert any(_tells_by_time(node) for node in ast.walk(ast.parse(source))) is seen


@pytest.mark.parametrize(
    "source", ["eval(x)", "exec(x)", "builtins.eval(x)", "run(x, shell=True)", "os.system(x)"]
)
def test_running_text_is_seen(source: str) -> None:
    assert [call for call in _calls(ast.parse(source)) if _runs_text(call)] != []


def test_matching_is_not_running() -> None:
    assert [call for call in _calls(ast.parse("re.compile(x)")) if _runs_text(call)] == []


def test_no_file_holds_a_private_key() -> None:
    key = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]")

    assert [str(path) for path in tracked() if key.search((ROOT / path).read_bytes())] == []


def test_flower_s_interface_is_opened_nowhere() -> None:
    """It could shut workers down; without this variable it answers nobody who has no login."""
    spoken = [
        path
        for path in tracked("notifier", "workers", "schedules", "compose.yaml", "Dockerfile")
        if b"UNAUTHENTICATED_API" in (ROOT / path).read_bytes()
    ]

    assert spoken == []


def _calls(code: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(code) if isinstance(node, ast.Call)]


def _runs_text(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name) if name in RUNS_TEXT:
            return True
        case ast.Attribute(value=ast.Name(id="builtins"), attr=name) if name in RUNS_TEXT:
            return True
        case ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen"):
            return True
        case _:
            return any(each.arg == "shell" and not _is(each.value, False) for each in call.keywords)


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _tells_by_time(node: ast.AST) -> bool:
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return False
    sides = (node.left, *node.comparators)
    if any(isinstance(side, ast.Constant) for side in sides):
        return False
    return any(_name(side).lstrip("_") in SECRET_WORDS for side in sides)


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
