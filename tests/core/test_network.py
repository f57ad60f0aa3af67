"""Claims about the network settings: what a host is, and what is refused when they are applied."""

from ipaddress import ip_address
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.core.network.hosts import address_of, check_host, plain_host, shown_host, url_host
from notifier.core.network.network import Endpoint, Network
from notifier.core.settings import Settings, SettingsRefused, merged

# ---- hosts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "plain", "in_url"),
    [
        ("Conf.Example.com.", "conf.example.com", "conf.example.com"),
        ("exämple.com", "xn--exmple-cua.com", "xn--exmple-cua.com"),
        ("2001:DB8::0:1", "2001:db8::1", "[2001:db8::1]"),
        ("::ffff:10.0.0.5", "10.0.0.5", "10.0.0.5"),
        ("10.0.0.5", "10.0.0.5", "10.0.0.5"),
        ("video_1", "video_1", "video_1"),
    ],
)
def test_a_host_is_compared_and_linked_in_one_form(host: str, plain: str, in_url: str) -> None:
    check_host(host)

    assert plain_host(host) == plain
    assert url_host(host) == in_url


@given(st.ip_addresses().map(str))
def test_an_address_is_its_own_plain_form(address: str) -> None:
    known = address_of(address)

    assert known is not None
    assert address_of(plain_host(address)) == known
    assert (url_host(address) == f"[{known}]") is (known.version == 6)


@given(st.text())
@example("a\nb")
@example("a%0Ab")
@example("Ⓐ.example")
def test_whatever_is_a_host_can_stand_in_a_url(text: str) -> None:
    try:
        check_host(text)
    except ValueError:
        return

    assert url_host(text).isascii()
    assert not set(url_host(text)) & set("/@?# \\\n")


def test_a_name_that_is_not_ascii_is_shown_with_its_a_labels() -> None:
    assert shown_host("exämple.com") == "exämple.com (xn--exmple-cua.com)"
    assert shown_host("Example.com.") == "example.com"


WRONG: list[tuple[str, str]] = [
    ("", "it is empty"),
    ("  ", "it is empty"),
    ("https://conf.example.com", "leave out what stands before"),
    ("HTTPS:/conf", "leave out what stands before"),
    ("conf.example.com/meet", "leave out the path"),
    ("conf.example.com?x", "leave out the path"),
    ("[2001:db8::1]", "without brackets"),
    ("[2001:db8::1]:4307", "its port as `port`"),
    ("conf.example.com:4307", "write the port as `port`"),
    ("10.0.0.5:", "write the port as `port`"),
    ("anna@conf.example.com", "leave out the @"),
    ("*.example.com", "without *"),
    ("a.example b.example", "without spaces"),
    ("a.example\n", "without spaces"),
    ("a\x1b[31m.example", "leave out its control sign"),
    ("\0a.example", "leave out its control sign"),
    ("192.0.2.0/24", "a range of addresses"),
    ("192.0.2.0/255.255.255.0", "a range of addresses"),
    ("2001:DB8::/32", "a range of addresses"),
    ("abc/24", "leave out the path"),
    ("10.0.0.300", "neither a whole IP address nor a name"),
    ("10.0.1", "neither a whole IP address nor a name"),
    ("0x7f.1", "neither a whole IP address nor a name"),
    ("2001:db8:::1", "neither a whole IP address nor a name"),
    ("a..example", "labels of 1 to 63"),
    ("-a.example", "labels of 1 to 63"),
    ("a-.example", "labels of 1 to 63"),
    ("x" * 64 + ".example", "labels of 1 to 63"),
    ("a." * 127 + "example", "at most 253"),
    ("224.0.0.1", "address of one machine"),
    ("255.255.255.255", "address of one machine"),
    ("ff02::1", "address of one machine"),
]


@pytest.mark.parametrize(("host", "advice"), WRONG, ids=[row[0][:30] for row in WRONG])
def test_what_is_no_host_is_refused_with_what_to_write(host: str, advice: str) -> None:
    with pytest.raises(ValueError, match="is not a host") as caught:
        check_host(host)

    assert advice in str(caught.value)
    assert len(str(caught.value)) < 400


# ---- settings ------------------------------------------------------------------------------


def _refusal(**network: Any) -> str:
    with pytest.raises(SettingsRefused) as caught:
        merged(Settings(), {"network": network})
    return str(caught.value)


@pytest.mark.parametrize(
    ("network", "path", "advice"),
    [
        ({"internal": [{"host": "a"}, {"host": "[::1]"}]}, "internal[1].host", "without brackets"),
        ({"internal": [{"host": "0.0.0.0"}]}, "internal[0].host", "listen_on_all = true"),
        ({"internal": [{"host": "::"}]}, "internal[0].host", "listen_on_all = true"),
        ({"external": [{"host": "a:1"}]}, "external[0].host", "as `port`"),
        ({"external": [{"host": "::"}]}, "external[0].host", "nobody can connect"),
        ({"external": [{"host": "fe80::1%eth0"}]}, "external[0].host", "another machine"),
        ({"web_address": "https://a.example"}, "web_address", "leave out what stands before"),
        ({"web_address": "a.example:8443"}, "web_address", "as `https_port`"),
        ({"web_address": "[::1]:8443"}, "web_address", "as `https_port`"),
        ({"web_address": ""}, "web_address", "it is empty"),
        ({"web_address": "fe80::1%eth0"}, "web_address", "another machine"),
    ],
)
def test_a_wrong_host_is_refused_with_its_path_and_advice(
    network: dict[str, Any], path: str, advice: str
) -> None:
    said = _refusal(**network)

    assert said.startswith(f"network.{path}: ")
    assert advice in said


@pytest.mark.parametrize("table", ["internal", "external"])
def test_more_addresses_than_clients_can_try_are_refused(table: str) -> None:
    listed = [{"host": f"vc{each}.example.com"} for each in range(65)]

    assert _refusal(**{table: listed}).startswith(f"network.{table}: it lists 65 addresses, and 64")
    assert len(getattr(merged(Settings(), {"network": {table: listed[:64]}}).network, table)) == 64


@pytest.mark.parametrize("table", ["internal", "external"])
def test_a_list_that_was_stored_too_long_may_stay_and_be_cut_and_not_grow(table: str) -> None:
    listed = [{"host": f"vc{each}.example.com"} for each in range(101)]
    stored = msgspec.convert({"network": {table: listed[:100]}}, Settings)

    cut = merged(stored, {"network": {table: listed[:99]}})
    other = merged(stored, {"network": {"https_port": 8443}})

    assert len(getattr(cut.network, table)) == 99
    assert len(getattr(other.network, table)) == 100
    with pytest.raises(SettingsRefused, match="101 addresses"):
        merged(stored, {"network": {table: listed}})


def test_r40_the_same_internal_address_twice_is_refused_however_it_is_written() -> None:
    listed = [{"host": "2001:db8::1"}, {"host": "a.example"}, {"host": "2001:DB8:0::1"}]

    assert _refusal(internal=listed).startswith("network.internal[2]: '2001:DB8:0::1'")
    merged(Settings(), {"network": {"internal": [listed[0], listed[2] | {"port": 4308}]}})


def test_hosts_that_were_stored_by_the_version_before_load_and_may_stay() -> None:
    tables: Any = {"network": {"web_address": "https://a.example", "internal": [{"host": "::"}]}}
    stored = msgspec.convert(tables, Settings)

    after = merged(stored, {"server": {"name": "New"}, "network": {"https_port": 8443}})

    assert after.network == msgspec.structs.replace(stored.network, https_port=8443)
    with pytest.raises(SettingsRefused, match=r"network\.web_address"):
        merged(stored, {"network": {"web_address": "https://b.example"}})


def test_an_interface_may_stand_behind_an_internal_address() -> None:
    address = "fe80::1%eth0"
    network = merged(Settings(), {"network": {"internal": [{"host": address}]}}).network

    assert network == Network(internal=(Endpoint(host=address),))
    assert address_of(address) == ip_address(address)
