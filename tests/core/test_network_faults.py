"""Claims about what is wrong with network settings, on a machine and by the DNS."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from notifier.core.network.listening import Found, Local, Machine
from notifier.core.network.network import Network
from notifier.core.network.network_faults import (
    check_internal,
    names_of,
    questions,
    unfit,
    warnings,
)
from notifier.core.network.resolved import Resolved, Unresolved, Why

HOUSE = Machine("house", (Local("127.0.0.1", "lo"), Local("10.0.0.5", "eth0")))
BEFORE = Network()
AWAY = Unresolved(Why.TIMED_OUT, "10.0.0.1:53 gave no answer")


def _network(**tables: Any) -> Network:
    return msgspec.convert(tables, Network)


def _listening(*hosts: str) -> Network:
    return _network(listen_on_all=False, internal=[{"host": each} for each in hosts])


def _known_as(*hosts: str, web: str) -> Network:
    return _network(web_address=web, external=[{"host": each} for each in hosts])


def _refusal(after: Network, found: Found, machine: Machine = HOUSE) -> str:
    with pytest.raises(ValueError, match="this machine has") as caught:
        check_internal(BEFORE, after, machine, found)
    return str(caught.value)


# ---- R40: internal addresses ---------------------------------------------------------------


def test_r40_an_address_that_is_not_ours_is_refused_with_those_that_are() -> None:
    said = _refusal(_listening("10.0.0.5", "10.0.0.6"), {})

    assert said == (
        "internal[1].host: 10.0.0.6 is no address of this machine; "
        "this machine has 127.0.0.1 (lo) and 10.0.0.5 (eth0): "
        "list one of these, or a name that leads to one, or set listen_on_all = true"
    )


def test_r40_a_link_local_address_without_its_interface_is_refused_with_how_to_write_it() -> None:
    machine = Machine("house", (Local("fe80::5%eth1", "eth1"),))

    assert "such as fe80::5%eth0" in _refusal(_listening("fe80::5"), {}, machine)
    assert "this machine has fe80::5%eth1" in _refusal(_listening("fe80::5"), {}, machine)
    assert "fe80::6%eth1 is no address" in _refusal(_listening("fe80::6%eth1"), {}, machine)
    check_internal(BEFORE, _listening("fe80::5%eth1"), machine, {})


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Resolved(("10.0.0.6",)), "vc.example.com leads to 10.0.0.6, no address of this machine"),
        (Unresolved(Why.NO_NAME, "there is no x"), "vc.example.com leads nowhere: no such name"),
        (Unresolved(Why.NO_ADDRESS, ""), "vc.example.com leads nowhere: no address"),
        (Unresolved(Why.LOOP, "a -> b -> a"), "leads nowhere: loop (a -> b -> a)"),
        (Unresolved(Why.BROKEN, "it tells of b"), "leads nowhere: broken answer (it tells of b)"),
    ],
)
def test_r40_a_name_that_does_not_lead_to_us_is_refused(answer: Any, found: str) -> None:
    assert found in _refusal(_listening("VC.example.com"), {"vc.example.com": answer})


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("10.0.0.5", {}),
        ("::ffff:10.0.0.5", {}),
        ("vc.example.com", {"vc.example.com": Resolved(("10.0.0.6", "10.0.0.5"))}),
        *(
            ("vc.example.com", {"vc.example.com": Unresolved(why, "")})
            for why in (Why.TIMED_OUT, Why.REFUSED, Why.FAILED, Why.NO_SERVER)
        ),
        # The other family may hold our address.
        ("vc.example.com", {"vc.example.com": Resolved(("10.0.0.6",), unknown=AWAY)}),
    ],
)
def test_r40_what_leads_to_us_or_what_nobody_knows_is_not_refused(
    host: str, found: Mapping[str, Any]
) -> None:
    check_internal(BEFORE, _listening(host), HOUSE, found)


def test_what_is_listened_on_is_judged_only_where_it_changes() -> None:
    stored = _listening("10.9.9.9")
    on_all = msgspec.structs.replace(stored, listen_on_all=True)
    elsewhere = msgspec.structs.replace(stored, https_port=8443)

    check_internal(stored, elsewhere, HOUSE, {})
    check_internal(BEFORE, on_all, HOUSE, {})

    with pytest.raises(ValueError, match=r"10\.9\.9\.9"):
        check_internal(on_all, stored, HOUSE, {})


def test_a_machine_of_many_addresses_names_the_first_and_counts_the_rest() -> None:
    many = Machine("many", tuple(Local(f"10.1.0.{each}", "eth0") for each in range(100)))

    assert "10.1.0.11 (eth0) and 88 more: list one" in _refusal(_listening("10.0.0.6"), {}, many)


def test_a_machine_without_addresses_says_so() -> None:
    said = _refusal(_listening("10.0.0.6"), {}, Machine("none"))

    assert said.endswith("no address at all: set listen_on_all = true, or bring an interface up")


def test_a_machine_that_cannot_be_seen_refuses_nothing_and_is_said() -> None:
    hidden = Machine("sandbox", hidden="Address family not supported by protocol")

    check_internal(BEFORE, _listening("10.0.0.6"), hidden, {})
    [warning] = warnings(BEFORE, _listening("10.0.0.6"), hidden, {})

    assert "cannot be read (Address family not supported by protocol)" in warning
    assert warnings(BEFORE, _network(client_port=4400), hidden, {}) == ()


# ---- warnings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "found", "said"),
    [
        (_listening(), {}, "no client can connect; list an address"),
        (_network(internal=[{"host": "10.0.0.5"}]), {}, "unused while listen_on_all is true"),
        (
            _listening("vc.example.com"),
            {"vc.example.com": Resolved(("10.0.0.5", "10.0.0.6"))},
            "vc.example.com leads to 10.0.0.6 too",
        ),
        (_listening("vc.example.com"), {"vc.example.com": AWAY}, "gave no answer"),
        (
            _listening("vc.example.com", "10.0.0.5"),
            {"vc.example.com": Resolved(("10.0.0.5",))},
            "both lead to 10.0.0.5",
        ),
        (_network(client_port=443), {}, "https_port is 443, and clients"),
        (_network(client_port=8443, https_port=8443), {}, "https_port is 8443, and clients"),
        (
            _network(listen_on_all=False, internal=[{"host": "10.0.0.5", "port": 443}]),
            {},
            "https_port is 443, and clients",
        ),
        (_known_as("a.example", "A.example.", web="a.example"), {}, "external[1]: a.example"),
        (_known_as("a.example", "::1", web="a.example"), {}, "::1 is a loopback address"),
        (_known_as("b", "169.254.1.1", web="b"), {}, "169.254.1.1 is a link-local address"),
        (_known_as("localhost", web="localhost"), {}, "localhost stands for a loopback address"),
        (_network(web_address="127.0.0.1"), {}, "127.0.0.1 is a loopback address"),
        (_network(web_address="::1"), {}, "::1 is a loopback address"),
        (_network(web_address="vc.localhost"), {}, "vc.localhost stands for a loopback address"),
        (
            _network(web_address="\u0435xample.com"),  # begins with a Cyrillic letter
            {},
            "(xn--xample-2of.com), whose letters are of several scripts (Cyrillic and Latin)",
        ),
        (_network(web_address="xn--xample-2of.com"), {}, "of several scripts"),
        (_network(web_address="exämple.com"), {}, "'exämple.com' (xn--exmple-cua.com), a name"),
        (_network(web_address="vc_1.example.com"), {}, "'vc_1.example.com', with an underscore"),
    ],
)
def test_what_looks_wrong_is_said_in_a_sentence(after: Network, found: Any, said: str) -> None:
    [warning] = warnings(BEFORE, after, HOUSE, found)

    assert said in warning
    assert warning.startswith("network.")
    # It was said when it was applied; another change is no reason to say it again.
    assert warnings(after, msgspec.structs.replace(after, https_port=9443), HOUSE, found) == ()


def test_names_of_which_the_dns_says_nothing_are_one_sentence() -> None:
    names = [f"vc{each}.example.com" for each in range(3)]

    [warning] = warnings(BEFORE, _listening(*names), HOUSE, dict.fromkeys(names, AWAY))

    assert [each for each in names if each not in warning] == []


def test_settings_that_are_right_are_not_warned_of() -> None:
    assert warnings(BEFORE, _listening("10.0.0.5"), HOUSE, {}) == ()
    assert warnings(BEFORE, _network(client_port=4400), HOUSE, {}) == ()


# ---- R42 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "found"),
    [
        (_network(web_address="a.example"), {}),
        (_known_as("b.example", "A.Example.", web="a.example"), {}),
        (_known_as("2001:db8::1", web="2001:DB8:0::1"), {}),
        (_known_as("203.0.113.7", web="a.example"), {"a.example": Resolved(("203.0.113.7",))}),
        (_known_as("a.example", web="203.0.113.7"), {"a.example": Resolved(("203.0.113.7",))}),
        (
            _known_as("b.example", web="a.example"),
            {"a.example": Resolved(("::1", "::2")), "b.example": Resolved(("::2",))},
        ),
    ],
)
def test_r42_a_web_address_that_is_an_external_one_by_name_or_by_dns_fits(
    network: Network, found: Any
) -> None:
    assert unfit(network, found) == ""


@pytest.mark.parametrize(
    ("network", "found", "line"),
    [
        (_known_as("b.example", web="localhost"), {}, 'web_address = "b.example"'),
        (_known_as("203.0.113.7", "b.example", web="a.example"), {}, 'web_address = "b.example"'),
        (_known_as("203.0.113.7", web="a.example"), {}, 'web_address = "203.0.113.7"'),
        (
            _known_as("b.example", web="a.example"),
            {"a.example": Resolved(("::1",)), "b.example": Resolved(("::2",))},
            'web_address = "b.example"',
        ),
    ],
)
def test_r42_one_that_does_not_fit_is_warned_of_with_the_line_to_set(
    network: Network, found: Any, line: str
) -> None:
    [warning] = warnings(BEFORE, network, HOUSE, found)

    assert warning.endswith(line)
    assert "nor does it lead to one" in warning


@pytest.mark.parametrize(
    ("external", "advice"),
    [
        (["https://x.example/", "x.example"], 'to change that, set web_address = "x.example"'),
        (["https://x.example/", "", "fe80::1%eth0"], "put an address or a name that clients"),
    ],
)
def test_r42_nothing_is_advised_that_would_be_refused(external: list[str], advice: str) -> None:
    said = unfit(_known_as(*external, web="a.example"), {})

    assert said.rpartition("; ")[2].startswith(advice)


def test_r42_where_the_dns_is_away_it_is_said_that_nobody_can_tell() -> None:
    said = unfit(_known_as("b.example", web="a.example"), {"a.example": AWAY})

    assert "by DNS nobody can tell (a.example: timed out (10.0.0.1:53 gave no answer))" in said


# ---- what the DNS is asked -----------------------------------------------------------------


def test_the_dns_is_asked_for_nothing_that_is_known_without_it() -> None:
    assert questions(BEFORE, _network(internal=[{"host": "vc.example.com"}])) == ()
    assert questions(BEFORE, _known_as("a.example", web="a.example")) == ()
    assert questions(BEFORE, _network(web_address="a.example")) == ()
    known = _known_as("b.example", "::1", web="a.example")
    assert questions(known, msgspec.structs.replace(known, https_port=8443)) == ()


def test_the_dns_is_asked_for_every_name_once_and_first_for_that_of_all_links() -> None:
    known = _known_as("B.example", "b.example.", "::1", web="exämple.com")

    assert questions(BEFORE, known) == ("xn--exmple-cua.com", "b.example")
    assert questions(BEFORE, _listening("10.0.0.5", "VC.example.com")) == ("vc.example.com",)
    assert names_of(known) == ("xn--exmple-cua.com", "b.example")
