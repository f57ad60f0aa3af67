"""Claims about the lines on where the name of a federated server leads."""

import pytest

from notifier.core.federation.federation import Federation, judged
from notifier.core.federation.server_names import server_name
from notifier.core.network.resolved import Resolved, Service, Unresolved, Why
from notifier.core.reach.name_verdicts import (
    address_steps,
    endpoints,
    lists_step,
    name_step,
    services_step,
)
from notifier.core.reach.probes import MOST_ADDRESSES, Endpoint, Lookup

NAME = "vc.example.org"
HOME = "conf.example.com"


def looked_up(found: Resolved | Unresolved, *, name: str = NAME, port: int = 4307) -> Lookup:
    return Lookup(name=name, port=port, found=found, seconds=0.1)


def addresses(*addresses: str) -> Lookup:
    return looked_up(Resolved(addresses))


@pytest.mark.parametrize(
    ("federation", "status", "told"),
    [
        (Federation(mode="disabled"), "fail", "federation mode"),
        (Federation(mode="whitelist", whitelist=("*.test",)), "fail", f"add whitelist {NAME}"),
        (Federation(mode="whitelist", whitelist=("*.org",)), "ok", "*.org"),
        (Federation(mode="blacklist"), "ok", "not on the blacklist"),
        (Federation(mode="blacklist", blacklist=("vc.*",)), "fail", "blacklist 'vc.*'"),
    ],
)
def test_our_own_lists_are_the_first_line(federation: Federation, status: str, told: str) -> None:
    judgement = judged(NAME, federation, home=HOME)

    step = lists_step(server_name(NAME), judgement, federation.mode)

    assert (step.step, step.status) == ("our lists", status)
    assert told in f"{step.found}; {step.advice}"
    assert bool(step.advice) is (status == "fail")


@pytest.mark.parametrize(("home", "status"), [("", "warn"), (NAME, "ok")])
def test_where_nobody_is_elsewhere_our_lists_say_nothing(home: str, status: str) -> None:
    judgement = judged(NAME, Federation(mode="disabled"), home=home)

    step = lists_step(server_name(NAME), judgement, "disabled")

    assert step.status == status
    assert step.found == judgement.by
    assert bool(step.advice) is (status == "warn")


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        (NAME, "ok", NAME),
        ("VC.example.org.", "ok", NAME),
        ("exämple.org", "ok", "asked for as xn--exmple-cua.org"),
        ("vc_1.example.org", "warn", "underscore"),
        ("intranet", "warn", "without a dot"),
        ("ехample.org", "warn", "(Cyrillic, Latin)"),
    ],
)
def test_a_name_is_shown_as_it_is_asked_for(name: str, status: str, told: str) -> None:
    step = name_step(server_name(name), home=False)

    assert step.status == status
    assert told in step.found
    assert bool(step.advice) is (status == "warn")


def test_our_own_server_is_tested_with_a_warning() -> None:
    step = name_step(server_name(HOME), home=True)

    assert step.status == "warn"
    assert "our own domain" in step.found
    assert "from elsewhere" in step.advice


@pytest.mark.parametrize("why", Why)
def test_every_way_to_lead_nowhere_has_its_advice(why: Why) -> None:
    (step,) = address_steps(looked_up(Unresolved(why, "words")), ours=set(), by_service=False)

    assert step.status == "fail"
    assert step.found == f"{why} (words)"
    assert step.advice


@pytest.mark.parametrize("why", Why)
def test_services_that_there_are_not_leave_the_name_and_others_are_a_warning(why: Why) -> None:
    step, useful = services_step("_vcs._tcp.test", Unresolved(why, "words"), 0.1)

    assert useful == ()
    assert step.status == ("ok" if why in {Why.NO_NAME, Why.NO_ADDRESS} else "warn")


def test_services_are_told_and_used_in_their_order() -> None:
    services = (Service("a.test", 4307, 1, 0), Service("b.test", 4308, 2, 0))

    step, useful = services_step("_vcs._tcp.test", services, 0.1)

    assert useful == services
    assert step.found == "a.test:4307 (priority 1), b.test:4308 (priority 2)"


@pytest.mark.parametrize("wrong", [Service("192.0.2.1", 4307, 0, 0), Service("a.test", 0, 0, 0)])
def test_a_service_that_nobody_can_connect_to_is_red_and_the_others_are_used(
    wrong: Service,
) -> None:
    right = Service("b.test", 4308, 2, 0)

    step, useful = services_step("_vcs._tcp.test", (wrong, right), 0.1)

    assert step.status == "fail"
    assert wrong.target in step.found
    assert "b.test" not in step.found
    assert useful == (right,)


def test_a_service_with_the_target_dot_is_none_whatever_stands_beside_it() -> None:
    services = (Service(".", 0, 0, 0), Service("b.test", 4308, 2, 0))

    step, useful = services_step("_vcs._tcp.test", services, 0.1)

    assert step.status == "fail"
    assert useful == ()


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("0.0.0.0", "fail", "no address of a machine"),
        ("::", "fail", "no address of a machine"),
        ("224.0.0.1", "fail", "many machines"),
        ("255.255.255.255", "fail", "many machines"),
        ("ff02::1", "fail", "many machines"),
        ("169.254.1.1", "fail", "its own cable"),
        ("fe80::1", "fail", "its own cable"),
        ("127.0.0.53", "warn", "this machine itself"),
        ("::1", "warn", "this machine itself"),
        ("::ffff:127.0.0.1", "warn", "this machine itself"),
        ("8.8.4.4", "warn", "an address of this machine"),
        ("10.1.2.3", "warn", "private network"),
        ("fd00::1", "warn", "private network"),
    ],
)
def test_an_address_that_is_none_for_others_is_told(address: str, status: str, told: str) -> None:
    whole, odd = address_steps(addresses(address), ours={"8.8.4.4"}, by_service=False)

    assert whole.status == "ok"
    assert (odd.step, odd.subject, odd.status) == ("address", address, status)
    assert told in odd.found
    assert odd.advice


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888"])
def test_an_address_of_the_internet_is_no_matter_of_a_line(address: str) -> None:
    (step,) = address_steps(addresses(address), ours=set(), by_service=False)

    assert (step.status, step.found, step.seconds) == ("ok", address, 0.1)


def test_an_alias_is_told_and_wrong_only_behind_a_service() -> None:
    lookup = looked_up(Resolved(("8.8.8.8",), alias="far.test"))

    (named,) = address_steps(lookup, ours=set(), by_service=False)
    (served,) = address_steps(lookup, ours=set(), by_service=True)

    assert (named.status, named.found) == ("ok", "by its alias far.test: 8.8.8.8")
    assert served.status == "warn"
    assert "far.test" in served.advice


def test_a_family_that_is_not_known_is_a_warning() -> None:
    silence = Unresolved(Why.TIMED_OUT, "192.0.2.53:53 gave no answer")

    (step,) = address_steps(
        looked_up(Resolved(("8.8.8.8",), unknown=silence)), ours=set(), by_service=False
    )

    assert step.status == "warn"
    assert step.found == "8.8.8.8; of the others timed out (192.0.2.53:53 gave no answer)"


def test_addresses_of_the_hosts_file_are_a_warning_since_nobody_else_has_it() -> None:
    pinned = looked_up(Resolved(("8.8.8.8",), pinned=True))

    (step,) = address_steps(pinned, ours=set(), by_service=False)

    assert step.status == "warn"
    assert step.found == "8.8.8.8; by the hosts file of this machine, which nobody else reads"


def test_of_too_many_addresses_the_first_are_tried_and_the_rest_is_counted() -> None:
    many = addresses(*(f"8.8.8.{at}" for at in range(40)))

    (step,) = address_steps(many, ours=set(), by_service=False)
    doors = endpoints([many])

    assert step.status == "warn"
    assert "40 in all" in step.found
    assert "8.8.8.16" not in step.found
    assert len(doors) == MOST_ADDRESSES


def test_doors_come_in_the_order_of_the_names_and_each_once() -> None:
    lookups = [
        looked_up(Resolved(("8.8.8.8", "0.0.0.0")), name="a.test", port=1),
        looked_up(Resolved(("8.8.4.4", "8.8.8.8")), name="b.test", port=1),
        looked_up(Unresolved(Why.NO_NAME, ""), name="c.test", port=1),
        looked_up(Resolved(("8.8.8.8",)), name="a.test", port=2),
    ]

    assert endpoints(lookups) == (
        Endpoint("8.8.8.8", 1),
        Endpoint("8.8.4.4", 1),
        Endpoint("8.8.8.8", 2),
    )
