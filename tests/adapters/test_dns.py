"""Claims about looking names up, made of a real name server over real sockets."""

import asyncio
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifier.adapters.dns import Dns, addresses_of
from notifier.adapters.dns_machine import Machine, machine
from notifier.core.network.resolved import (
    NameServer,
    Resolved,
    Service,
    Unresolved,
    Why,
    name_servers,
)
from tests.dns_servers import Habit, Names

ZONE: Mapping[str, Sequence[str]] = {
    "both.test A": ["192.0.2.1", "192.0.2.2"],
    "both.test AAAA": ["2001:db8::1"],
    "www.test CNAME": ["far.test."],
    "far.test CNAME": ["both.test."],
    "xn--exmple-cua.test A": ["192.0.2.3"],
    "bare.test TXT": ["nothing to see"],
    "round.test CNAME": ["about.test."],
    "about.test CNAME": ["round.test."],
    "astray.test CNAME": ["nowhere.test."],
    **{f"a{at}.test CNAME": [f"a{at + 1}.test."] for at in range(20)},
    "many.test A": [f"192.0.2.{at}" for at in range(100)],
    "_vcs._tcp.both.test SRV": [
        "20 0 4307 last.test.",
        "10 1 4308 less.test.",
        "10 9 4309 more.test.",
    ],
    "_vcs._tcp.none.test SRV": ["0 0 0 ."],
    "printer.office.test A": ["192.0.2.9"],
    "www.astray.test CNAME": ["both.test."],
}


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    with Names(ZONE) as names:
        yield names


def looked_up(names: Names, name: str, *, within: float = 2.0) -> Resolved | Unresolved:
    dns = Dns(name_servers(names.variable))
    return asyncio.run(dns.addresses(name, within=within))


def why(found: Resolved | Unresolved | tuple[Service, ...]) -> Why:
    assert isinstance(found, Unresolved), found
    return found.why


def test_a_name_has_its_addresses_of_both_families(names: Names) -> None:
    found = looked_up(names, "both.test")

    assert found == Resolved(("192.0.2.1", "192.0.2.2", "2001:db8::1"))


def test_aliases_are_followed_and_the_last_one_is_told(names: Names) -> None:
    found = looked_up(names, "www.test")

    assert isinstance(found, Resolved)
    assert found.alias == "both.test"
    assert len(found.addresses) == 3


def test_aliases_that_an_answer_leaves_out_are_asked_for() -> None:
    habits = {"www.test": Habit.LEAVES_ALIASES, "far.test": Habit.LEAVES_ALIASES}
    with Names(ZONE, habits) as names:
        found = looked_up(names, "www.test")

    assert found == Resolved(("192.0.2.1", "192.0.2.2", "2001:db8::1"), "both.test")


@pytest.mark.parametrize("name", ["exämple.test", "EXÄMPLE.test.", "xn--exmple-cua.test"])
def test_a_name_is_asked_for_in_a_labels(names: Names, name: str) -> None:
    assert looked_up(names, name) == Resolved(("192.0.2.3",))


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_an_address_is_its_own_and_nobody_is_asked(names: Names, address: str) -> None:
    asked = len(names.asked)

    assert looked_up(names, address) == Resolved((address,))
    assert len(names.asked) == asked


def test_localhost_is_this_machine_whatever_a_server_says() -> None:
    with Names({"localhost A": ["192.0.2.66"]}) as names:
        found = looked_up(names, "localhost")

    assert found == Resolved(("127.0.0.1", "::1"))


@pytest.mark.parametrize(
    ("name", "expected", "told"),
    [
        ("nobody.test", Why.NO_NAME, "there is no nobody.test"),
        ("astray.test", Why.NO_NAME, "there is no astray.test -> nowhere.test"),
        ("bare.test", Why.NO_ADDRESS, "bare.test has no A or AAAA record"),
        ("round.test", Why.LOOP, "in a circle: round.test -> about.test -> round.test"),
        ("a0.test", Why.LOOP, "more than 8 aliases"),
        (f"{'x' * 64}.test", Why.NO_NAME, "cannot be one"),
        ("two..dots", Why.NO_NAME, "cannot be one"),
    ],
)
def test_a_name_that_leads_nowhere_says_why(
    names: Names, name: str, expected: Why, told: str
) -> None:
    found = looked_up(names, name)

    assert why(found) is expected
    assert told in str(found)


@pytest.mark.parametrize(
    ("habit", "expected", "told"),
    [
        (Habit.SILENT, Why.TIMED_OUT, "gave no answer"),
        (Habit.FAILS, Why.FAILED, "said SERVFAIL"),
        (Habit.REFUSES, Why.REFUSED, "said REFUSED"),
        (Habit.TELLS_OF_ANOTHER, Why.BROKEN, "asked for both.test, it tells of other.test"),
        (Habit.ANSWERS_ANOTHER_QUESTION, Why.BROKEN, "answered another question"),
        (Habit.BABBLES, Why.BROKEN, "sent what is no answer"),
        (Habit.CUTS_AND_HANGS_UP, Why.NO_SERVER, "hung up"),
    ],
)
def test_a_server_that_misbehaves_is_told_from_the_others(
    habit: Habit, expected: Why, told: str
) -> None:
    with Names(ZONE, {"both.test": habit}) as names:
        found = looked_up(names, "both.test", within=0.3 if habit is Habit.SILENT else 5.0)

    assert why(found) is expected
    assert told in str(found)
    assert f"127.0.0.1:{names.port}" in str(found) or habit is Habit.TELLS_OF_ANOTHER


@pytest.mark.parametrize("habit", [Habit.CUTS, Habit.GUESSES_FIRST, Habit.FORGETS_ONCE])
def test_an_answer_that_was_cut_guessed_or_lost_is_had_all_the_same(habit: Habit) -> None:
    with Names(ZONE, {"both.test": habit}) as names:
        found = looked_up(names, "both.test")

    assert found == Resolved(("192.0.2.1", "192.0.2.2", "2001:db8::1"))


def test_a_hundred_addresses_come_over_tcp() -> None:
    with Names(ZONE, {"many.test": Habit.CUTS}) as names:
        found = looked_up(names, "many.test")

    assert isinstance(found, Resolved)
    assert len(found.addresses) == 100
    assert "many.test A TCP" in names.asked


def test_one_family_without_an_answer_is_said_beside_the_other() -> None:
    with Names(ZONE, {"both.test": Habit.SILENT_FOR_IPV6}) as names:
        found = looked_up(names, "both.test", within=0.8)

    assert isinstance(found, Resolved)
    assert found.addresses == ("192.0.2.1", "192.0.2.2")
    assert why(found.unknown or found) is Why.TIMED_OUT


def test_the_next_server_is_asked_where_one_is_dead_silent_or_unwilling(names: Names) -> None:
    with (
        Names({}, {"both.test": Habit.SILENT}) as silent,
        Names({}, {"both.test": Habit.REFUSES}) as no,
    ):
        ports = (_closed_port(), silent.port, no.port, names.port)
        dns = Dns([NameServer("127.0.0.1", port) for port in ports])

        found = asyncio.run(dns.addresses("both.test", within=4.0))

    assert isinstance(found, Resolved)


def test_a_server_where_nobody_listens_is_said_at_once() -> None:
    dns = Dns([NameServer("127.0.0.1", _closed_port())])

    found = asyncio.run(dns.addresses("both.test", within=60))

    assert why(found) is Why.NO_SERVER
    assert "refused" in str(found)


def test_no_question_takes_longer_than_it_may(names: Names) -> None:
    with Names({}, {"slow.test": Habit.SILENT}) as silent:
        dns = Dns([NameServer("127.0.0.1", silent.port)] * 3)
        began = time.monotonic()

        found = asyncio.run(dns.addresses("slow.test", within=0.6))

    assert why(found) is Why.TIMED_OUT
    # Ten times as long as it may: no claim about speed, only that it ends.
    assert time.monotonic() - began < 6


@given(changes=st.lists(st.tuples(st.integers(2, 120), st.integers(0, 255)), max_size=4))
@settings(max_examples=150, deadline=None)
@example(changes=[(40, 3)])  # a record of the class CHAOS
def test_no_answer_at_all_raises(names: Names, changes: list[tuple[int, int]]) -> None:
    def mangled(wire: bytes) -> bytes:
        bent = bytearray(wire)
        for at, value in changes:
            bent[at % len(wire) if at % len(wire) > 1 else 2] = value
        return bytes(bent)

    names.mangles = mangled
    dns = Dns(name_servers(names.variable))

    async def asked() -> None:
        found = await dns.addresses("www.test", within=0.5)
        services = await dns.services("_vcs._tcp.both.test", within=0.5)
        assert isinstance(found, Resolved | Unresolved)
        assert isinstance(services, tuple | Unresolved)

    try:
        asyncio.run(asked())
    finally:
        names.mangles = bytes


def test_services_come_in_the_order_of_priority_and_weight(names: Names) -> None:
    dns = Dns([NameServer("127.0.0.1", names.port)])

    found = asyncio.run(dns.services("_vcs._tcp.both.test", within=2))

    assert found == (
        Service("more.test", 4309, 10, 9),
        Service("less.test", 4308, 10, 1),
        Service("last.test", 4307, 20, 0),
    )


def test_a_service_that_there_is_not_has_the_target_dot(names: Names) -> None:
    dns = Dns([NameServer("127.0.0.1", names.port)])

    assert asyncio.run(dns.services("_vcs._tcp.none.test")) == (Service(".", 0, 0, 0),)
    assert why(asyncio.run(dns.services("_vcs._tcp.nobody.test"))) is Why.NO_NAME


def test_this_machine_has_its_hosts_file_and_searches_its_domains(tmp_path: Path) -> None:
    hosts, resolv = tmp_path / "hosts", tmp_path / "resolv.conf"
    hosts.write_text("192.0.2.77 Both.test other # a remark\n2001:db8::77\tboth.test\nnonsense x\n")
    resolv.write_text("; nobody\nsearch away.test office.test\nnameserver 127.0.0.1\n")
    dns = Dns(hosts=hosts, resolv_conf=resolv)

    found = asyncio.run(dns.addresses("both.test"))

    assert found == Resolved(("192.0.2.77", "2001:db8::77"), pinned=True)
    assert machine(hosts, resolv).candidates("printer") == (
        "printer.away.test",
        "printer.office.test",
        "printer",
    )
    assert machine(hosts, resolv).candidates("both.test") == ("both.test",)


def test_a_machine_without_these_files_asks_itself(tmp_path: Path) -> None:
    known = machine(tmp_path / "hosts", tmp_path / "resolv.conf")

    assert known.servers == (NameServer("127.0.0.1"),)
    assert known.candidates("printer") == ("printer",)


def test_a_name_without_a_dot_is_looked_for_in_the_domains_of_the_machine(names: Names) -> None:
    """The servers of a real `resolv.conf` are at port 53, where no test may listen."""
    known = Machine((NameServer("127.0.0.1", names.port),), domains=("away.test", "office.test"))

    found = asyncio.run(addresses_of("printer", known, within=2))

    assert found == Resolved(("192.0.2.9",))


def _closed_port() -> int:
    """Give a port where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port
