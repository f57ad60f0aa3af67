"""Claims about the ways to the server: what is listened on, and what clients try in which order."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.network.hosts import address_of, is_host, plain_host
from notifier.core.network.listening import Local, Machine, Scope, Ways, scope_of, ways
from notifier.core.network.network import Endpoint, Network
from notifier.core.network.resolved import Resolved, Unresolved, Why

HOUSE = Machine(
    "house",
    (
        Local("127.0.0.1", "lo"),
        Local("::1", "lo"),
        Local("10.0.0.5", "eth0"),
        Local("fe80::5%eth0", "eth0"),
        Local("2001:4860:4860::5", "eth0"),
        Local("172.17.0.1", "docker0"),
    ),
)


def _tried(found: Ways) -> list[str]:
    return [f"{each.host} {each.port}" for each in found.tried]


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("127.0.0.1", Scope.LOOPBACK),
        ("127.9.9.9", Scope.LOOPBACK),
        ("::1", Scope.LOOPBACK),
        ("169.254.1.1", Scope.LINK_LOCAL),
        ("fe80::1%eth0", Scope.LINK_LOCAL),
        ("10.0.0.5", Scope.PRIVATE),
        ("172.17.0.1", Scope.PRIVATE),
        ("192.168.1.1", Scope.PRIVATE),
        ("100.64.0.1", Scope.PRIVATE),
        ("fd00::1", Scope.PRIVATE),
        ("8.8.8.8", Scope.GLOBAL),
        ("2001:4860:4860::8888", Scope.GLOBAL),
    ],
)
def test_an_address_is_known_as_far_as_the_registries_say(address: str, scope: Scope) -> None:
    assert scope_of(ip_address(address)) is scope


def test_r40_listen_on_all_is_every_address_of_every_interface_at_the_clients_port() -> None:
    found = ways(Network(client_port=4400), HOUSE, revision=7)

    assert [(each.host, each.interface) for each in found.addresses] == [
        (each.address, each.interface) for each in HOUSE.addresses
    ]
    assert {each.port for each in found.addresses} == {4400}
    assert (found.settings_revision, found.machine, found.listen_on_all) == (7, "house", True)


def test_clients_try_what_another_machine_can_reach() -> None:
    found = ways(Network(), HOUSE, revision=0)

    assert _tried(found) == ["10.0.0.5 4307", "2001:4860:4860::5 4307", "172.17.0.1 4307"]
    assert {each.host: each.place for each in found.addresses} == {
        "127.0.0.1": None,
        "::1": None,
        "10.0.0.5": 1,
        "fe80::5%eth0": None,
        "2001:4860:4860::5": 2,
        "172.17.0.1": 3,
    }


def test_r41_external_addresses_are_tried_first_as_they_are_listed_and_nothing_twice() -> None:
    external = (
        Endpoint(host="Conf.Example.com."),
        Endpoint(host="172.17.0.1"),
        Endpoint(host="conf.example.com"),
        Endpoint(host="conf.example.com", port=443),
    )

    found = ways(Network(external=external), HOUSE, revision=0)

    assert _tried(found) == [
        "conf.example.com 4307",
        "172.17.0.1 4307",
        "conf.example.com 443",
        "10.0.0.5 4307",
        "2001:4860:4860::5 4307",
    ]
    external_places = [each.place for each in found.addresses if each.kind == "external"]
    assert external_places == [1, 2, 1, 3]


@pytest.mark.parametrize("on_all", [True, False])
def test_what_is_no_host_in_older_settings_is_shown_and_not_tried(on_all: bool) -> None:
    older = ("", "https://x.example/", "x.example:4307", "fe80::1%eth0", "::")
    listed = tuple(Endpoint(host=each) for each in (*older, "x.example"))

    found = ways(Network(listen_on_all=on_all, external=listed, internal=listed), HOUSE, revision=0)

    external = [(each.host, each.place) for each in found.addresses if each.kind == "external"]
    assert external == [*((each, None) for each in older), ("x.example", 1)]
    assert {each.host for each in found.tried} <= {
        "x.example",
        *(each.address for each in HOUSE.addresses),
    }


def test_r40_a_list_is_listened_on_and_nothing_else() -> None:
    network = Network(
        listen_on_all=False,
        internal=(Endpoint(host="10.0.0.5", port=5000), Endpoint(host="vc.example.com")),
    )

    found = ways(network, HOUSE, revision=0)

    assert [(each.host, each.port, each.interface) for each in found.addresses] == [
        ("10.0.0.5", 5000, "eth0"),
        ("vc.example.com", 4307, ""),
    ]
    # Whether a name leads to where others come is for them to find out.
    assert _tried(found) == ["10.0.0.5 5000", "vc.example.com 4307"]


@pytest.mark.parametrize(
    ("addresses", "interface", "scope", "tried"),
    [
        (("10.0.0.5", "127.0.0.1"), "lo, eth0", Scope.PRIVATE, True),
        (("127.0.0.1", "::1"), "lo", Scope.LOOPBACK, False),
        (("::ffff:10.0.0.5", "8.8.8.8"), "eth0", Scope.GLOBAL, True),
    ],
)
def test_a_name_that_was_looked_up_is_as_far_as_its_furthest_address(
    addresses: tuple[str, ...], interface: str, scope: Scope, tried: bool
) -> None:
    network = Network(listen_on_all=False, internal=(Endpoint(host="VC.example.com"),))

    found = ways(network, HOUSE, revision=0, found={"vc.example.com": Resolved(addresses)})

    [way] = found.addresses
    assert (way.interface, way.scope, way.place) == (interface, scope, 1 if tried else None)


def test_a_name_that_leads_nowhere_has_no_scope_and_localhost_needs_no_dns() -> None:
    network = Network(
        listen_on_all=False,
        internal=(Endpoint(host="localhost"), Endpoint(host="gone.example")),
    )

    found = ways(network, HOUSE, revision=0, found={"gone.example": Unresolved(Why.TIMED_OUT, "")})

    assert [each.scope for each in found.addresses] == [Scope.LOOPBACK, None]
    assert _tried(found) == ["gone.example 4307"]


hosts = st.one_of(
    st.ip_addresses().map(str).filter(is_host),
    st.sampled_from(["a.example", "A.example.", "localhost", "é.fr"]),
)
endpoints = st.lists(st.builds(Endpoint, host=hosts, port=st.sampled_from([4307, 443])))


@given(external=endpoints, internal=endpoints, on_all=st.booleans())
def test_whatever_is_listed_is_tried_once_external_first_and_never_a_near_one(
    external: list[Endpoint], internal: list[Endpoint], on_all: bool
) -> None:
    network = Network(listen_on_all=on_all, external=tuple(external), internal=tuple(internal))

    found = ways(network, HOUSE, revision=0)

    tried = [(each.host, each.port) for each in found.tried]
    listed = list(dict.fromkeys((plain_host(each.host), each.port) for each in external))
    assert len(set(tried)) == len(tried)
    assert tried[: len(listed)] == listed
    for host, _port in tried[len(listed) :]:
        address = address_of(host)
        assert address is None or not (address.is_loopback or address.is_link_local)
