"""Claims about `notifier settings`."""

import tomllib
from typing import Any

import pytest

from notifier.adapters.settings_file import written
from tests.cli.deployment import SETTINGS, Deployment


@pytest.fixture
def applied(empty: Deployment) -> Deployment:
    said = empty.run("settings", "apply", empty.file("settings.toml", SETTINGS))
    assert said.status == 0, said.err
    assert said.out == "The settings are applied as revision 1.\n"
    return empty


def test_what_is_shown_is_toml_without_secrets(applied: Deployment) -> None:
    said = applied.run("settings", "show")

    assert said.status == 0
    assert "s3cret" not in said.out
    shown = tomllib.loads(said.out)
    assert shown["smtp"]["username"] == "conf@example.com"
    assert shown["smtp"]["password"] == "********"
    assert shown["reminders"]["offsets"] == ["1d", "5m"]


def test_what_is_shown_can_be_applied_and_keeps_the_secret(applied: Deployment) -> None:
    shown = applied.run("settings", "show").out

    said = applied.run("settings", "apply", "-", given=shown.encode())

    assert said.status == 0, said.err
    export = applied.run("settings", "export", "--with-secrets").out
    assert tomllib.loads(export)["smtp"]["password"] == "s3cret"


def test_an_export_leaves_secrets_out_unless_it_is_asked_for_them(applied: Deployment) -> None:
    plain = tomllib.loads(applied.run("settings", "export").out)
    whole = tomllib.loads(applied.run("settings", "export", "--with-secrets").out)

    assert "password" not in plain["smtp"]
    assert whole["smtp"].pop("password") == "s3cret"
    assert whole["smtp"].pop("client_secret") == ""
    assert whole["network"].pop("installer_keys") == ""
    assert plain == whole


def test_secrets_of_backup_servers_are_kept_like_those_of_the_first(applied: Deployment) -> None:
    backup = b'[[smtp.backup]]\nhost = "b.example.com"\nusername = "b"\npassword = "s3cond"\n'
    assert applied.run("settings", "apply", "-", given=backup).status == 0
    shown = applied.run("settings", "show").out
    plain = applied.run("settings", "export").out

    for text in (shown, plain):
        assert applied.run("settings", "apply", "-", given=text.encode()).status == 0

    export = applied.run("settings", "export", "--with-secrets").out
    assert tomllib.loads(export)["smtp"]["backup"][0]["password"] == "s3cond"
    assert "s3cond" not in shown + plain
    assert "password" not in tomllib.loads(plain)["smtp"]["backup"][0]


def test_a_partial_file_leaves_the_rest_as_it_was(applied: Deployment) -> None:
    said = applied.run("settings", "apply", "-", "--json", given=b"[smtp]\nport = 2525\n")

    assert said.json["revision"] == 2
    shown = applied.run("settings", "show", "--json").json
    assert shown["smtp"]["port"] == 2525
    assert shown["smtp"]["host"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[smtp]\nport = 99999\n", ("smtp.port", "99999")),
        ("[smtp]\nhots = 'x'\n", ("hots",)),
        ('[server]\nname = "New"\n[smtp]\nsecurity = "tls"\n', ("smtp.security", "tls")),
        ("[smtp]\nport =\n", ("not TOML", "line 2")),
        ("[reminders]\noffsets = ['5x']\n", ("reminders", "5x")),
        (b"[server]\nname = '\xff'\n", ("not UTF-8", "line 2")),
    ],
)
def test_a_wrong_file_is_refused_whole(
    applied: Deployment, text: str | bytes, expected: tuple[str, ...]
) -> None:
    before = applied.run("settings", "show").out
    file = applied.file("wrong.toml", text)

    said = applied.run("settings", "apply", file)

    assert said.status == 1
    assert said.err.count("\n") == 1
    assert [each for each in (file, *expected) if each not in said.err] == []
    assert applied.run("settings", "show").out == before


def test_a_file_that_is_not_there_is_said_in_one_line(empty: Deployment) -> None:
    said = empty.run("settings", "apply", "nowhere.toml")

    assert said.status == 1
    assert "nowhere.toml" in said.err
    assert said.err.count("\n") == 1


def test_a_sender_that_fits_nothing_is_warned_of(applied: Deployment) -> None:
    change = b'[smtp]\nhost = "smtp.example.net"\nsender_address = "a@elsewhere.org"\n'

    said = applied.run("settings", "apply", "-", given=change)

    assert said.status == 0
    assert said.err.startswith("warning: the sender address a@elsewhere.org")


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        'quotes " and \\ backslashes',
        "lines\nand\ttabs",
        "controls \x00 \x1f \x7f",
        "Zürich, 会议, 🎥",
        "",
    ],
)
def test_every_text_reads_back_as_it_was_written(value: str) -> None:
    tables: dict[str, dict[str, Any]] = {
        "server": {"name": value},
        "network": {"internal": [{"host": value, "port": 1}]},
    }

    assert tomllib.loads(written(tables)) == tables
