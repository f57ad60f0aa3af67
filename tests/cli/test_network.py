"""Claims about `notifier network`, and about what the machine and the DNS say to new settings."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from notifier.adapters import keys
from notifier.adapters.connection import connect_sync
from notifier.adapters.interfaces import this_machine
from tests.cli.deployment import SETTINGS, Deployment, Said
from tests.dns_servers import Habit, Names
from tests.own_network import own_network
from tests.smtp_servers import wait_until


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    zone = {
        "ours.test A": ["127.0.0.1"],
        "ours.test AAAA": ["2001:db8::1"],
        "theirs.test A": ["203.0.113.7"],
        "alias.test CNAME": ["theirs.test."],
        "round.test CNAME": ["about.test."],
        "about.test CNAME": ["round.test."],
        "lying.test A": ["127.0.0.1"],
    }
    habits = {"failing.test": Habit.FAILS, "lying.test": Habit.TELLS_OF_ANOTHER}
    with Names(zone, habits) as server:
        yield server


@pytest.fixture
def applied(empty: Deployment) -> Deployment:
    assert empty.run("settings", "apply", "-", given=SETTINGS.encode()).status == 0
    return empty


def _apply(deployment: Deployment, names: Names, text: str) -> Said:
    given = f"[network]\n{text}\n".encode()
    return deployment.run("settings", "apply", "-", given=given, NOTIFIER_DNS=names.variable)


def _looks(deployment: Deployment, names: Names) -> list[tuple[str, str, str]]:
    looks: Any = deployment.run("doctor", "--json", NOTIFIER_DNS=names.variable).json
    looks = [each for each in looks if each["name"] == "network"]
    return [(each["status"], each["found"], each["advice"]) for each in looks]


def test_addresses_are_those_of_the_machine_unless_a_list_says_otherwise(
    applied: Deployment, names: Names
) -> None:
    listed = 'listen_on_all = false\ninternal = [{host = "ours.test", port = 5000}]'

    all_of_them = applied.run("network", "addresses", "--json").json
    assert _apply(applied, names, f'{listed}\nexternal = [{{host = "Ä.test"}}]').status == 0
    some = applied.run("network", "addresses", NOTIFIER_DNS=names.variable)

    assert [(each["host"], each["interface"]) for each in all_of_them["addresses"]] == [
        (each.address, each.interface) for each in this_machine().addresses
    ]
    rows = [line.split() for line in some.out.splitlines()]
    assert rows == [
        ["address", "port", "kind", "interface", "scope", "tried"],
        ["ours.test", "5000", "internal", "lo", "private", "2"],
        ["xn--4ca.test", "4307", "external", "–", "–", "1"],
        ["web:", "https://conf.example.com"],
    ]


@pytest.mark.parametrize(
    ("internal", "said"),
    [
        ('{host = "203.0.113.99"}', "203.0.113.99 is no address of this machine"),
        ('{host = "alias.test"}', "alias.test leads to 203.0.113.7, no address of this machine"),
        ('{host = "nowhere.test"}', "nowhere.test leads nowhere: no such name"),
        ('{host = "round.test"}', "round.test leads nowhere: loop"),
        ('{host = "lying.test"}', "lying.test leads nowhere: broken answer"),
        ('{host = "[::1]:4307"}', "its port as `port`"),
    ],
)
def test_r40_what_is_not_ours_is_refused_and_nothing_is_applied(
    applied: Deployment, names: Names, internal: str, said: str
) -> None:
    before = applied.run("settings", "show").out

    refused = _apply(applied, names, f"listen_on_all = false\ninternal = [{internal}]")

    assert refused.status == 1
    assert refused.err.count("\n") == 1
    assert "network.internal[0].host: " in refused.err
    assert said in refused.err
    assert applied.run("settings", "show").out == before


def test_r40_where_the_dns_is_no_help_a_name_is_taken_and_the_doctor_goes_on_saying_so(
    applied: Deployment, names: Names
) -> None:
    said = _apply(applied, names, 'listen_on_all = false\ninternal = [{host = "failing.test"}]')

    assert said.status == 0
    assert "the DNS is no help" in said.err
    [(status, found, _advice)] = _looks(applied, names)
    assert status == "warn"
    assert "failing.test" in found


def test_a_file_that_is_applied_again_tells_of_an_internal_address_that_is_gone(
    applied: Deployment, names: Names
) -> None:
    text = 'listen_on_all = false\ninternal = [{host = "203.0.113.99"}, {host = "theirs.test"}]'
    internal = [{"host": "203.0.113.99"}, {"host": "theirs.test"}]
    stored = {"listen_on_all": False, "internal": internal}
    # As it was stored while the addresses were there.
    applied.with_parts(lambda parts: parts.settings.apply({"network": stored}))

    again = _apply(applied, names, text)

    assert again.status == 0
    assert "203.0.113.99 is no address of this machine" in again.err
    assert "theirs.test leads to 203.0.113.7, no address of this machine" in again.err


def test_r42_a_web_address_that_clients_do_not_come_to_is_warned_of_until_it_is_set(
    applied: Deployment, names: Names
) -> None:
    said = _apply(applied, names, 'external = [{host = "203.0.113.7"}, {host = "theirs.test"}]')
    unfit = _looks(applied, names)
    set_ = _apply(applied, names, 'web_address = "alias.test"')

    line = 'set web_address = "theirs.test"'
    assert said.status == 0
    assert said.err.startswith("warning: network.web_address is conf.example.com")
    assert line in said.err
    assert [each for each in unfit if each[0] == "warn" and line in each[2]]
    # It leads to one of them.
    assert (set_.status, set_.err) == (0, "")
    assert [each[0] for each in _looks(applied, names)] == ["ok"]


def test_the_doctor_misses_an_address_that_is_gone_and_any_address_at_all(
    applied: Deployment, names: Names
) -> None:
    def told(**network: Any) -> tuple[str, str, str]:
        # As it was stored while the address was there.
        change = {"network": {"listen_on_all": False, **network}}
        applied.with_parts(lambda parts: parts.settings.apply(change))
        [look] = _looks(applied, names)
        return look

    gone, none = told(internal=[{"host": "203.0.113.99"}]), told(internal=[])

    assert gone[0] == "warn"
    assert "203.0.113.99 is no address of this machine" in gone[1]
    assert none[0] == "fail"
    assert "no client can connect" in none[1]
    assert "listen_on_all = true" in none[2]


def test_the_doctor_sees_what_the_version_before_let_through(
    applied: Deployment, names: Names
) -> None:
    tables = json.dumps({"network": {"web_address": "https://conf.example.com"}})
    with connect_sync(applied.redis.url) as client:
        client.hset(keys.SETTINGS, "tables", tables)

    looks = _looks(applied, names)

    assert ("warn", "leave out what stands before the host") in [(a, c) for a, _b, c in looks]


def test_the_listener_follows_settings_and_interfaces(applied: Deployment) -> None:
    """In a network of its own, whose one interface is given an address."""
    environ = applied.environment

    with connect_sync(applied.redis.url) as client, own_network() as network:

        def told() -> Any:
            return json.loads(client.get(keys.NETWORK) or "{}")

        def hosts() -> list[str]:
            return [each["host"] for each in told().get("addresses", [])]

        command = network.inside(sys.executable, "-m", "notifier", "listen")
        listener = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
        try:
            # It starts cold, on a machine that may have much else to do.
            wait_until(told, seconds=40, what="the first news")
            before = told()
            network.add("10.77.0.1", "lo:1")
            wait_until(lambda: "10.77.0.1" in hosts(), what="the new address")
            with_it = told()
            change = b"[network]\nclient_port = 4400\n"
            assert applied.run("settings", "apply", "-", given=change).status == 0
            wait_until(lambda: told()["tried"] != with_it["tried"], what="the new port")
            shown = json.loads(network.run(environ, "network", "addresses", "--json"))
            at_last = told()
        finally:
            listener.terminate()
            listener.wait(20)

    assert before["addresses"] == []
    assert with_it["tried"] == [{"host": "10.77.0.1", "port": 4307}]
    assert before["revision"] < with_it["revision"] < at_last.pop("revision")
    assert at_last == shown
    assert shown["tried"] == [{"host": "10.77.0.1", "port": 4400}]
