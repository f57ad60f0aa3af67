"""Claims about lists of federation that look wrong: said when applied, and by the doctor."""

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


def test_the_doctor_says_what_counts_where_nothing_is_wrong(empty: Deployment) -> None:
    apply(empty, 'mode = "blacklist"\nwhitelist = ["*"]\nblacklist = ["a_b.example"]\n')

    assert looks(empty) == [("ok", "mode blacklist, 1 on the list")]
