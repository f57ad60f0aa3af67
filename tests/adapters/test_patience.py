"""Claims about the test of a federated server that takes its time, or has too many addresses."""

import asyncio
import time

import pytest

from notifier.adapters.dns import Dns
from notifier.admin.federation_test import Patience, Question, Reach, reached
from notifier.core.federation.federation import Federation
from notifier.core.federation.server_names import server_name
from notifier.core.network.resolved import name_servers
from notifier.core.settings import Server, Settings
from tests.dns_servers import Habit, Names
from tests.federated_servers import says_nothing, serving

NAME = "vc.example.org"
SETTINGS = Settings(
    server=Server(domain="conf.example.com"), federation=Federation(mode="blacklist")
)


def looked_for(names: Names, patience: Patience, *, https_port: int = 443) -> Reach:
    question = Question(server=server_name(NAME), https_port=https_port)
    dns = Dns(name_servers(names.variable))
    return asyncio.run(reached(question, SETTINGS, dns, patience=patience))


def told(found: Reach) -> dict[str, tuple[str, str]]:
    return {each.step: (each.status, each.found) for each in found.steps}


def test_a_name_server_that_says_nothing_is_waited_for_once() -> None:
    habits = {NAME: Habit.SILENT, f"_vcs._tcp.{NAME}": Habit.SILENT}
    began = time.monotonic()

    with Names({}, habits) as names:
        found = looked_for(names, Patience(step=0.3, whole=0.9))

    assert told(found)["SRV"][0] == "warn"
    assert told(found)["addresses"][0] == "fail"
    assert "timed out" in told(found)["addresses"][1]
    # Ten times as long as it may: no claim about speed, only that it ends.
    assert time.monotonic() - began < 9


def test_services_that_are_not_known_leave_the_name_to_be_tried() -> None:
    with Names({f"{NAME} A": ["127.0.0.1"]}, {f"_vcs._tcp.{NAME}": Habit.FAILS}) as names:
        found = looked_for(names, Patience())

    assert told(found)["SRV"] == (
        "warn",
        f"not known: no answer for now ({names.variable} said SERVFAIL)",
    )
    assert told(found)["client port"][0] == "fail"


def test_the_time_for_the_whole_ends_a_step_before_its_own() -> None:
    with serving(says_nothing) as port, Names({f"{NAME} A": ["127.0.0.1"]}) as names:
        found = looked_for(names, Patience(step=60, whole=1.0), https_port=port)

    assert told(found)["TLS"] == ("fail", "it took the connection and then said nothing")


@pytest.mark.parametrize("count", [16, 200])
def test_sixteen_addresses_are_tried_and_no_more(count: int) -> None:
    many = [f"127.0.1.{at}" for at in range(count)]

    with Names({f"{NAME} A": many}, {NAME: Habit.CUTS}) as names:
        found = looked_for(names, Patience())

    tried = [each.subject for each in found.steps if each.step == "client port"]
    assert tried == [f"127.0.1.{at}:4307" for at in range(16)]
    assert told(found)["addresses"][0] == ("ok" if count == 16 else "warn")
