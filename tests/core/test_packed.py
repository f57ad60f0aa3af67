"""Claims about addresses in few bytes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.network import Endpoint
from notifier.core.packed import MOST_ADDRESSES, packed, tidy, unpacked
from tests.endpoints import endpoints
from tests.installer_client import taken


@given(endpoints(most=MOST_ADDRESSES))
def test_what_was_packed_is_taken_out_in_the_same_order(listed: list[Endpoint]) -> None:
    addresses = tidy(listed)

    assert unpacked(packed(addresses)) == addresses


@given(endpoints(most=MOST_ADDRESSES))
def test_a_client_that_was_written_by_the_docstring_alone_reads_it(listed: list[Endpoint]) -> None:
    addresses = tidy(listed)

    assert taken(packed(addresses)) == [(each.host, each.port) for each in addresses]


@given(st.binary(max_size=60))
def test_bytes_that_are_nothing_of_ours_are_refused_and_nothing_worse(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert unpacked(content)


@given(endpoints(most=4), st.data())
def test_bytes_that_end_too_early_or_too_late_are_refused(
    listed: list[Endpoint], data: st.DataObject
) -> None:
    content = packed(tidy(listed))
    cut = data.draw(st.integers(0, len(content) - 1))

    for wrong in (content[:cut], content + b"\0"):
        with pytest.raises(ValueError, match="the bytes"):
            unpacked(wrong)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("VC.Example.COM.", "vc.example.com"),
        ("konferenz.zürich.example", "konferenz.xn--zrich-kva.example"),
        ("2001:DB8:0:0::5", "2001:db8::5"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_an_address_is_packed_in_its_one_form(written: str, expected: str) -> None:
    assert tidy([Endpoint(host=written), Endpoint(host=expected)]) == (Endpoint(host=expected),)


@pytest.mark.parametrize(
    "host", ["vc.example.com:443", "https://vc.example.com", "a b", "", "fe80::1%eth0", "*.a.com"]
)
def test_what_no_client_could_reach_is_refused_by_name(host: str) -> None:
    with pytest.raises(ValueError, match=r"is not a host|names an interface") as refused:
        tidy([Endpoint(host="vc.example.com"), Endpoint(host=host)])

    assert repr(host) in str(refused.value)


def _size(*hosts: str, port: int = 4307) -> int:
    return len(packed(tidy([Endpoint(host=each, port=port) for each in hosts])))


def test_names_that_end_alike_share_their_end() -> None:
    one = _size("vc.conferences.example.com")

    assert _size("vc.conferences.example.com", "vc2.conferences.example.com") - one == 6


def test_one_name_with_two_ports_is_written_once() -> None:
    name = "vc.conferences.example.com"
    two = packed((Endpoint(host=name), Endpoint(host=name, port=443)))

    assert len(two) - _size(name) == 6


def test_ipv6_addresses_of_one_network_share_its_prefix() -> None:
    first, second = "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:13:14:15:16"

    assert _size(first, second) - _size(first) == 9


def test_only_an_unusual_port_takes_room() -> None:
    assert _size("192.0.2.7", port=443) - _size("192.0.2.7") == 2
