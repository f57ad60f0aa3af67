"""Claims about addresses in few bytes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.network.network import Endpoint
from notifier.core.network.packed import MOST_ADDRESSES, check_elsewhere, packed, tidy, unpacked
from tests.endpoints import endpoints
from tests.installer_client import SIGNS, taken


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
        check_elsewhere([Endpoint(host="vc.example.com"), Endpoint(host=host)])

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


def test_the_end_is_taken_from_the_name_that_has_most_of_it() -> None:
    names = ("vc.conferences.example.com", "vc.other.com", "vc2.conferences.example.com")

    assert _size(*names) - _size(*names[:2]) == 5


def test_a_name_that_is_shorter_in_full_is_written_in_full() -> None:
    # The seven bits that point at `.d` are more than it saves.
    assert _size("x.d", "abc.d") == 10


def test_names_with_more_labels_in_common_than_can_be_counted_are_read() -> None:
    names = tuple(Endpoint(host=f"{own}.b.c.d.e.f.g.h.i.j.k") for own in "ax")

    assert unpacked(packed(names)) == names


def _name(text: str) -> str:
    """Give the bits of a name, which has one or two signs more than a multiple of three."""
    text = text.ljust(-(-(len(text) + 1) // 3) * 3)
    threes = [text[at : at + 3] for at in range(0, len(text), 3)]
    x_y_z = ((SIGNS.index(each) for each in three) for three in threes)
    return "".join(f"{x * 1600 + y * 40 + z:016b}" for x, y, z in x_y_z)


IPV4_BITS = f"{0xC0000207:032b}"
FOREIGN = {
    "a port that is 0": "0000" + "001" + IPV4_BITS + "0" * 16,
    "more behind the end": "0000" + "000" + IPV4_BITS + "1",
    "an address like a name": "0000" + "100" + _name("192.0.2.7"),
    "a name that is none": "0000" + "100" + _name("-vc"),
    "no name": "0000" + "100" + _name(""),
    "the end of one that is not there": "0000" + "110" + _name("vc") + "0001" + "000",
    "the end of an address": "0001" + "000" + IPV4_BITS + "110" + _name("vc") + "0000" + "000",
}


@pytest.mark.parametrize("bits", FOREIGN.values(), ids=FOREIGN)
def test_what_no_notifier_packs_is_refused(bits: str) -> None:
    size = -(-len(bits) // 8)
    content = int(bits.ljust(8 * size, "0"), 2).to_bytes(size, "big")

    with pytest.raises(ValueError, match=r"the bytes|is not a host"):
        unpacked(content)


def test_the_bits_of_these_tests_are_those_of_a_name() -> None:
    bits = "0000" + "100" + _name("vc.example.com") + "0"

    assert int(bits, 2).to_bytes(len(bits) // 8, "big") == packed(
        (Endpoint(host="vc.example.com"),)
    )
