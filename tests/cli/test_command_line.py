"""Claims about the command line as a whole: help, mistakes, and exit statuses."""

import re
import subprocess
import sys

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from notifier.cli import COMMANDS, app
from tests.cli.deployment import Deployment
from tests.redis_servers import free_port

# What nobody needs who asks for help or publishes an event: each costs a tenth of a second or more.
HEAVY = ("jinja2", "icalendar", "babel", "celery", "litestar", "rich")


def _commands() -> list[list[str]]:
    """Every command by its words, groups taken apart."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    found: list[list[str]] = []
    with root.make_context("notifier", ["doctor"]) as context:
        for name in COMMANDS:
            _, command, _ = root.resolve_command(context, [name])
            below = command.commands if isinstance(command, TyperGroup) else {"": command}
            found += [[name, each] if each else [name] for each in below]
    return found


@pytest.mark.parametrize("words", _commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(words: list[str]) -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    command: object = root
    with root.make_context("notifier", ["doctor"]) as context:
        for word in words:
            assert isinstance(command, TyperGroup)
            _, command, _ = command.resolve_command(context, [word])

    assert isinstance(command, TyperCommand)
    assert command.help
    assert f"Example: notifier {' '.join(words)}" in (command.epilog or "")


def test_help_lists_every_command(empty: Deployment) -> None:
    said = empty.run("--help")

    assert said.status == 0
    listed = re.findall(r"^  (\w+) ", said.out.partition("Commands:")[2], re.MULTILINE)
    assert listed[: len(COMMANDS)] == list(COMMANDS)


def test_help_says_of_a_group_what_the_group_says_of_itself() -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)

    with root.make_context("notifier", ["doctor"]) as context:
        commands = {name: root.resolve_command(context, [name])[1] for name in COMMANDS}

    groups = {name: each.help for name, each in commands.items() if isinstance(each, TyperGroup)}
    assert groups == {name: COMMANDS[name][1] for name in groups}
    assert "templates" in groups


def test_without_a_command_it_prints_its_help_and_is_asked_wrongly(empty: Deployment) -> None:
    said = empty.run()

    assert said.status == 2
    assert said.err.startswith("Usage: notifier")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("settingz", "show"), "Did you mean 'settings'?"),
        (("settings", "applyy"), "Did you mean 'apply'?"),
        (("deliveries", "list", "--limt", "3"), "--limit"),
        (("deliveries", "list", "--kind", "invitatio"), "'invitation'"),
        (("deliveries", "list", "--limit", "few"), "--limit"),
        (("conferences", "show"), "conference"),
        (("templates", "lint", "invitatoin"), "did you mean 'invitation'?"),
        (("templates", "restore"), "--all"),
        (("rejected", "replay"), "--all"),
        (("up", "--settings", "missing.toml"), "missing.toml"),
    ],
)
def test_a_wrong_question_gets_one_line_and_status_two(
    empty: Deployment, words: tuple[str, ...], expected: str
) -> None:
    said = empty.run(*words)

    assert said.status == 2
    assert said.out == ""
    assert expected in said.err
    assert "--help" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("settings", "show"),
        ("deliveries", "list"),
        ("conferences", "show", "df0a2adebe"),
        ("rejected", "list"),
        ("check", "smtp"),
    ],
    ids=" ".join,
)
def test_a_redis_that_is_away_is_said_in_one_line(
    empty: Deployment, words: tuple[str, ...]
) -> None:
    away = f"redis://user:s3cret@127.0.0.1:{free_port()}/0"

    said = empty.run(*words, NOTIFIER_REDIS_URL=away)

    assert said.status == 1
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "NOTIFIER_REDIS_URL" in said.err
    assert "s3cret" not in said.err


def test_without_a_redis_url_it_says_how_to_start_the_embedded_one(empty: Deployment) -> None:
    said = empty.run("settings", "show", NOTIFIER_REDIS_URL="")

    assert said.status == 1
    assert "`notifier up`" in said.err


def test_a_wrong_environment_is_said_in_one_line(empty: Deployment) -> None:
    said = empty.run("settings", "show", NOTIFIER_REDIS_URL="localhost:6379")

    assert said.status == 1
    assert said.err.startswith("notifier: NOTIFIER_REDIS_URL names no scheme")
    assert said.err.count("\n") == 1


def test_nothing_is_written_to_a_redis_that_forgets(empty: Deployment) -> None:
    file = empty.file("settings.toml", '[server]\nname = "New"\n')
    empty.with_parts(lambda parts: parts.client.config_set("maxmemory-policy", "allkeys-lru"))

    said = empty.run("settings", "apply", file)

    assert said.status == 1
    assert "set maxmemory-policy noeviction" in said.err


def test_a_fault_of_our_own_is_one_line_and_shows_its_place_to_whoever_asks(
    empty: Deployment,
) -> None:
    empty.with_parts(lambda parts: parts.client.hset("notifier:delivery:broken", "state", "odd"))

    plainly = empty.run("deliveries", "show", "broken")
    closely = empty.run("deliveries", "show", "broken", NOTIFIER_LOG_LEVEL="DEBUG")

    assert (plainly.status, plainly.err.count("\n")) == (1, 1)
    assert plainly.err.startswith("notifier deliveries show: a fault of the program itself")
    assert "Traceback" in closely.err


@pytest.mark.parametrize(
    "module", ["notifier.cli", "notifier.cli.publish", "notifier.supervisor.roles"]
)
def test_what_must_start_at_once_leaves_the_heavy_libraries_alone(module: str) -> None:
    seen = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert [name for name in HEAVY if name in seen.stdout.split()] == []


def test_the_version_is_told(empty: Deployment) -> None:
    said = empty.run("--version")

    assert said.status == 0
    assert re.fullmatch(r"notifier \d+\.\d+\.\d+\S*\n", said.out)
