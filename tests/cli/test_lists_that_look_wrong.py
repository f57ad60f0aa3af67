"""Claims about lists of federation that look wrong: said when applied, and by the doctor."""

import os

from tests.cli.deployment import Deployment

HOME = '[server]\ndomain = "conf.example.com"\n[federation]\n'


def apply(deployment: Deployment, tables: str) -> str:
    said = deployment.run("settings", "apply", "-", given=(HOME + tables).encode())
    assert said.status == 0, said.err
    return said.err


def looks(deployment: Deployment) -> list[tuple[str, str]]:
    said = deployment.run("doctor", "--json").json
    return [(each["status"], each["found"]) for each in said if each["name"] == "federation"]


def test_what_looks_wrong_about_lists_is_said_once_and_what_weighs_again(empty: Deployment) -> None:
    first = apply(empty, 'mode = "whitelist"\nwhitelist = []\nblacklist = ["a_b.example"]\n')
    doctor = looks(empty)
    same = apply(empty, 'mode = "whitelist"\n')
    again = apply(empty, 'blacklist = ["a_b.example", "a.example"]\n')

    assert first.count("warning: the ") == 2
    assert "warning: the mode is whitelist and the whitelist is empty, so nobody" in first
    assert "warning: the blacklist has names with an underscore" in first
    [(status, found)] = doctor
    assert (status, "so nobody who lives elsewhere takes part" in found) == ("warn", True)
    assert "warning: the " not in same
    assert again.count("warning: the ") == 1
    assert "warning: the mode is whitelist and" in again


def test_nothing_is_said_of_lists_when_something_else_changes(empty: Deployment) -> None:
    apply(empty, 'mode = "whitelist"\nwhitelist = ["*", "a.example"]\n')

    service = apply(empty, 'service = "_other._tcp"\n')
    mode = apply(empty, 'mode = "blacklist"\n')
    domain = empty.run("settings", "apply", "-", given=b'[server]\ndomain = "a.example"\n').err

    assert "warning: the " not in service
    assert "warning: the whitelist has '*'" in mode
    assert "warning: the whitelist has '*'" in domain


def test_a_private_ca_that_cannot_be_read_here_is_said_and_taken(empty: Deployment) -> None:
    gone = str(empty.folder / "ca.pem")

    first = apply(empty, f'ca_file = "{gone}"\n')
    again = apply(empty, f'ca_file = "{gone}"\n')
    other = apply(empty, 'service = ""\n')
    empty.file("ca.pem", b"no certificate\n")
    hollow = apply(empty, f'ca_file = "{gone}"\n')
    pipe = empty.folder / "pipe"
    os.mkfifo(pipe)
    waiting = apply(empty, f'ca_file = "{pipe}"\n')
    nowhere = apply(empty, 'ca_file = "a\\u0000b"\n')
    none = apply(empty, 'ca_file = ""\n')

    assert first == again
    assert (
        f"warning: [federation] ca_file: the file of the private CA, '{gone}', cannot be" in first
    )
    assert "No such file or directory; give a PEM file that this process may read" in first
    assert "ca_file" not in other + none
    assert f"'{gone}', cannot be read" in hollow
    assert "it is no regular file" in waiting
    assert "cannot be read: embedded null byte" in nowhere


def test_the_doctor_says_what_counts_where_nothing_is_wrong(empty: Deployment) -> None:
    apply(empty, 'mode = "blacklist"\nwhitelist = ["*"]\nblacklist = ["a_b.example"]\n')

    assert looks(empty) == [("ok", "mode blacklist, 1 on the list")]
