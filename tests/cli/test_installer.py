"""Claims about `notifier network installer-name` and what reads and renews such names."""

import asyncio
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from notifier.adapters import keys
from notifier.admin.installers import InstallerName, Installers, Rotated
from notifier.wiring import Parts
from tests.cli.deployment import Deployment
from tests.redis_servers import PrivateRedis

EXTERNAL = """
[network]
external = [
  {host = "vc.example.com"}, {host = "203.0.113.7", port = 443}, {host = "2001:db8::5"},
]
"""
KEY = "7:" + "5e" * 32


@pytest.fixture
def open_to_all(empty: Deployment) -> Deployment:
    """A deployment with external addresses, and a key that is known here."""
    return _opened(empty)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One like it for all tests that look, and change nothing in it."""
    folder = tmp_path_factory.mktemp("seen")
    (folder / "templates").mkdir()
    with PrivateRedis() as redis:
        yield _opened(Deployment(redis, folder))


def _opened(deployment: Deployment) -> Deployment:
    given = f'{EXTERNAL}installer_keys = "{KEY}"\n'
    assert deployment.run("settings", "apply", "-", given=given.encode()).status == 0
    return deployment


def _name(deployment: Deployment, file: str = "setup.exe") -> str:
    said = deployment.run("network", "installer-name", file)
    assert said.status == 0, said.err
    return said.out.removesuffix("\n")


def _keys(deployment: Deployment) -> str:
    export = deployment.run("settings", "export", "--with-secrets").out
    ring: str = tomllib.loads(export)["network"]["installer_keys"]
    return ring


def test_a_name_tells_a_client_the_external_addresses_in_their_order(
    seen: Deployment,
) -> None:
    name = _name(seen)

    read = seen.run("network", "read-installer-name", f"Downloads/{name[:-4]} (1).exe")

    assert read.status == 0
    lines = read.out.splitlines()
    assert [line.split() for line in lines[1:4]] == [
        ["vc.example.com", "4307"],
        ["203.0.113.7", "443"],
        ["2001:db8::5", "4307"],
    ]
    assert lines[4:] == [
        "Sealed with key 7 (the newest).",
        "These are the external addresses in force.",
    ]


def test_json_says_the_same(seen: Deployment) -> None:
    named = seen.run("network", "installer-name", "setup.exe", "--json").json
    read = seen.run("network", "read-installer-name", named["name"], "--json").json

    assert named["length"] == len(named["name"])
    assert named["addresses"] == read["addresses"]
    assert read["addresses"][1] == {"host": "203.0.113.7", "port": 443}
    assert (named["key"], named["renamed"], read["current"]) == (7, False, True)


def test_the_first_name_makes_the_key_and_the_next_one_is_the_same(empty: Deployment) -> None:
    applied = empty.run("settings", "apply", "-", given=EXTERNAL.encode())
    assert "installers" not in applied.err
    assert _keys(empty) == ""

    first = _name(empty)

    assert _name(empty) == first
    assert _name(empty, first) == first
    assert _keys(empty).startswith("1:")


def test_a_name_of_before_a_change_is_read_and_said_to_be_of_before(
    open_to_all: Deployment,
) -> None:
    name = _name(open_to_all)
    change = b'[network]\nexternal = [{host = "192.0.2.1"}]'

    changed = open_to_all.run("settings", "apply", "-", given=change)
    read = open_to_all.run("network", "read-installer-name", name)

    assert "warning: [network] external has changed, and installers" in changed.err
    assert "vc.example.com" in read.out
    assert read.out.endswith(
        "The external addresses in force are others: let the installer be renamed.\n"
    )
    assert _name(open_to_all) != name


def test_an_installer_is_renamed_and_keeps_what_is_in_it(seen: Deployment, tmp_path: Path) -> None:
    name = _name(seen)
    file = tmp_path / "setup.exe"
    file.write_bytes(b"MZ")

    said = seen.run("network", "installer-name", str(file), "--rename")
    again = seen.run("network", "installer-name", str(tmp_path / name), "--rename", "--json").json

    assert (said.status, said.out) == (0, f"{name}\n")
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"MZ"
    assert (again["name"], again["renamed"]) == (name, False)


def test_a_file_that_is_there_already_is_not_written_over(seen: Deployment, tmp_path: Path) -> None:
    file, other = tmp_path / "setup.exe", tmp_path / _name(seen)
    file.write_bytes(b"MZ")
    other.write_bytes(b"another")

    said = seen.run("network", "installer-name", str(file), "--rename")

    assert said.status == 1
    assert "there is a file setup_" in said.err
    assert said.err.count("\n") == 1
    assert (file.read_bytes(), other.read_bytes()) == (b"MZ", b"another")


@pytest.mark.parametrize(
    ("external", "file", "expected"),
    [
        ("[]", "setup.exe", "There are no external addresses"),
        (
            str([f"{'x' * 50}.{at}a.example.com" for at in range(9)]),
            "setup.exe",
            "it would be 497 characters long, and 200 is the most; those before xxx",
        ),
        (str([f"192.0.2.{at}" for at in range(1, 18)]), "setup.exe", "17, and 16 is the most"),
        ("['192.0.2.1']", f"{'x' * 190}.exe", "give the installer a shorter name"),
    ],
)
def test_what_cannot_be_put_into_a_name_is_said_and_makes_no_key(
    empty: Deployment, external: str, file: str, expected: str
) -> None:
    hosts = tomllib.loads(f"hosts = {external}")["hosts"]
    listed = ", ".join(f'{{host = "{each}"}}' for each in hosts)
    given = f"[network]\nexternal = [{listed}]\n".encode()
    assert empty.run("settings", "apply", "-", given=given).status == 0

    said = empty.run("network", "installer-name", file)

    assert (said.status, said.out) == (1, "")
    assert expected in said.err
    assert said.err.count("\n") == 1
    assert _keys(empty) == ""


@pytest.mark.parametrize("file", ["setup", "setup.zip", "set:up.exe", "a\u202efdp.exe"])
def test_what_is_no_installer_is_asked_wrongly(bare: Deployment, file: str) -> None:
    said = bare.run("network", "installer-name", file)

    assert said.status == 2
    assert "is no name of a Windows installer" in said.err
    assert "\u202e" not in said.err


def test_what_is_to_be_renamed_must_be_there(bare: Deployment) -> None:
    said = bare.run("network", "installer-name", "nowhere/setup.exe", "--rename")

    assert said.status == 1
    assert "'nowhere/setup.exe' is to be renamed and is no file" in said.err


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda name: name.lower(), "all letters of its token are small"),
        (lambda name: name[:-6], "it was cut"),
        (
            lambda name: name[:40] + ("y" if name[40] != "y" else "z") + name[41:],
            "as it was written",
        ),
        (lambda name: "setup_x64.exe", "never had any or was cut"),
    ],
)
def test_a_name_that_is_not_whole_is_refused_with_what_happened_to_it(
    seen: Deployment, change: Callable[[str], str], expected: str
) -> None:
    name = change(_name(seen))

    said = seen.run("network", "read-installer-name", name)

    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"notifier: The name {name!r} cannot be read: ")
    assert expected in said.err
    assert said.err.count("\n") == 1


def test_a_name_of_another_server_is_refused(seen: Deployment, empty: Deployment) -> None:
    name = _name(seen)
    other = f'[network]\ninstaller_keys = "7:{"a0" * 32}"\n'
    empty.run("settings", "apply", "-", given=other.encode())

    said = empty.run("network", "read-installer-name", name)

    assert said.status == 1
    assert "it is an installer of another server" in said.err


def test_after_a_rotation_old_names_are_read_and_new_ones_are_others(
    open_to_all: Deployment,
) -> None:
    before = _name(open_to_all)

    said = open_to_all.run("network", "rotate-installer-key")

    assert said.status == 0
    assert said.out.startswith("New names are sealed with key 8; names by the keys 8, 7 are read.")
    assert "cannot read names by the new key" in said.out
    assert "installer key made key=8" in said.err
    assert _name(open_to_all) != before
    assert _name(open_to_all, before) == _name(open_to_all)
    read = open_to_all.run("network", "read-installer-name", before)
    assert "Sealed with key 7 (the newest is 8)." in read.out


def test_the_ninth_key_drives_the_first_one_out(open_to_all: Deployment) -> None:
    before = _name(open_to_all)

    rotated = [open_to_all.run("network", "rotate-installer-key", "--json").json for _ in range(8)]

    assert [each["gone"] for each in rotated] == [[]] * 7 + [[7]]
    assert rotated[-1]["read"] == [15, 14, 13, 12, 11, 10, 9, 8]
    said = open_to_all.run("network", "read-installer-name", before)
    assert said.status == 1
    assert "key number 7, which is gone" in said.err


def test_the_keys_are_shown_nowhere_and_kept_where_they_are_hidden(
    open_to_all: Deployment,
) -> None:
    shown = open_to_all.run("settings", "show").out
    plain = open_to_all.run("settings", "export").out
    open_to_all.run("network", "rotate-installer-key")
    ring = _keys(open_to_all)

    for text in (shown, plain):
        assert open_to_all.run("settings", "apply", "-", given=text.encode()).status == 0

    assert _keys(open_to_all) == ring
    assert tomllib.loads(shown)["network"]["installer_keys"] == "********"
    assert "installer_keys" not in plain
    assert "5e5e" not in shown + plain


def test_an_older_export_brings_no_older_key_back(seen: Deployment, empty: Deployment) -> None:
    export = seen.run("settings", "export", "--with-secrets").out.encode()
    moved = empty.run("settings", "apply", "-", given=export)
    key = _keys(empty)
    empty.run("network", "rotate-installer-key")
    ring = _keys(empty)

    back = empty.run("settings", "apply", "-", given=export)

    assert (moved.status, key) == (0, KEY)
    assert back.status == 1
    assert "network.installer_keys: key 7 would be the newest again, and key 8 be" in back.err
    assert "leave installer_keys out of the file" in back.err
    assert _keys(empty) == ring


def test_keys_that_are_none_are_refused_and_not_repeated(open_to_all: Deployment) -> None:
    given = f'[network]\ninstaller_keys = "{"5e" * 30}"\n'.encode()

    said = open_to_all.run("settings", "apply", "-", given=given)

    assert said.status == 1
    assert "network.installer_keys: they are no keys" in said.err
    assert "5e5e" not in said.err
    assert _keys(open_to_all) == KEY


def test_two_who_rotate_at_once_make_two_keys_and_each_is_told_its_own(
    open_to_all: Deployment,
) -> None:
    async def rotate(parts: Parts) -> list[Rotated]:
        installers = Installers(parts.settings, parts.settings.apply)
        return await asyncio.gather(*(installers.rotate() for _ in range(3)))

    rotated = open_to_all.with_parts(rotate)

    assert sorted(each.read for each in rotated) == [(8, 7), (9, 8, 7), (10, 9, 8, 7)]
    assert [key.partition(":")[0] for key in _keys(open_to_all).split(",")] == ["10", "9", "8", "7"]


def test_two_who_ask_for_the_first_name_at_once_get_the_same(empty: Deployment) -> None:
    empty.run("settings", "apply", "-", given=EXTERNAL.encode())

    async def name(parts: Parts) -> list[InstallerName]:
        installers = Installers(parts.settings, parts.settings.apply)
        return await asyncio.gather(*(installers.name_for("setup.exe") for _ in range(3)))

    names = empty.with_parts(name)

    assert len({each.name for each in names}) == 1
    assert _keys(empty).count(":") == 1


def test_addresses_of_before_the_checks_of_hosts_are_refused_by_name(
    open_to_all: Deployment,
) -> None:
    """They were stored by a notifier that took any text for a host."""
    name = _name(open_to_all)

    async def store(parts: Parts) -> None:
        tables = json.loads(await parts.client.hget(keys.SETTINGS, "tables") or "")
        tables["network"]["external"] = [{"host": "https://vc.example.com", "port": 4307}]
        await parts.client.hset(keys.SETTINGS, "tables", json.dumps(tables))

    open_to_all.with_parts(store)

    named = open_to_all.run("network", "installer-name", "setup.exe")
    read = open_to_all.run("network", "read-installer-name", name)

    assert named.status == 1
    assert "'https://vc.example.com' is not a host" in named.err
    assert read.status == 0
    assert "The external addresses in force are others" in read.out


@pytest.mark.parametrize(
    ("external", "advice"),
    [
        ("[]", "hand them out under a plain name"),
        ('[{host = "a.example"}]', "notifier network installer-name"),
    ],
)
def test_who_changes_external_addresses_is_told_what_to_do_with_installers(
    open_to_all: Deployment, external: str, advice: str
) -> None:
    change = f"[network]\nweb_address = 'a.example'\nexternal = {external}\n"

    said = open_to_all.run("settings", "apply", "-", given=change.encode())

    [warning] = [line for line in said.err.splitlines() if "installers that were named" in line]
    assert advice in warning
    assert ("installer-name" in warning) is (external != "[]")
