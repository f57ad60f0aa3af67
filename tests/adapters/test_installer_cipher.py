"""Claims about names of installers as a whole: addresses in, sealed, named, and out again."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from notifier.adapters.installer_cipher import new_secret, opened, sealed
from notifier.core.network import installer_names
from notifier.core.network.installer_keys import (
    MOST_KEYS,
    InstallerKey,
    parse_keys,
    with_new_key,
    written_keys,
)
from notifier.core.network.installer_names import (
    MOST_NAME,
    UnreadableName,
    length,
    named,
    payload_in,
)
from notifier.core.network.network import Endpoint
from notifier.core.network.packed import packed, tidy, unpacked
from tests import installer_client
from tests.endpoints import HOSTS, IPV4, LABELS, PORTS, endpoints

KEY = InstallerKey(number=1, secret=bytes(range(32)))
# The longest stem with which eight of everything fit.
STEM = "conferences"

NETWORK = st.integers(0, (1 << 48) - 1)
IN_NETWORK = st.lists(
    st.tuples(st.integers(0, (1 << 80) - 1), PORTS), min_size=8, max_size=8, unique=True
)
# At most 20 signs, of which the dot is one.
SHORT_NAMES = st.tuples(LABELS, LABELS).map(".".join).filter(lambda name: len(name) <= 20)
LONGEST_NAMES = st.from_regex(r"[a-z0-9]{16}\.[a-z]{3}", fullmatch=True)


def _named(addresses: tuple[Endpoint, ...], key: InstallerKey = KEY) -> str:
    return named(f"{STEM}.exe", sealed(packed(addresses), key))


@given(endpoints(HOSTS, most=8))
def test_a_name_tells_its_addresses_in_their_order(listed: list[Endpoint]) -> None:
    addresses = tidy(listed)
    name = _named(addresses)
    assume(length(name) <= MOST_NAME)  # a longer one is refused when it is made

    key, content = opened(payload_in(name), [KEY])

    assert unpacked(content) == addresses
    assert key == KEY
    assert installer_client.addresses(name, {1: KEY.secret}) == [
        (each.host, each.port) for each in addresses
    ]


@given(endpoints(IPV4, PORTS, most=8))
def test_eight_ipv4_addresses_with_any_ports_fit(listed: list[Endpoint]) -> None:
    assert length(_named(tidy(listed))) <= MOST_NAME


@given(NETWORK, IN_NETWORK)
def test_eight_ipv6_addresses_of_one_network_with_any_ports_fit(
    network: int, hosts: list[tuple[int, int]]
) -> None:
    prefix = ":".join(f"{network >> at & 0xFFFF:x}" for at in (32, 16, 0))
    listed = tuple(
        Endpoint(
            host=f"{prefix}:" + ":".join(f"{host >> at & 0xFFFF:x}" for at in range(64, -1, -16)),
            port=port,
        )
        for host, port in hosts
    )

    assert length(_named(listed)) <= MOST_NAME


@given(st.lists(SHORT_NAMES | LONGEST_NAMES, min_size=8, max_size=8))
def test_eight_names_of_twenty_signs_fit(names: list[str]) -> None:
    listed = tuple(Endpoint(host=each) for each in names)

    assert length(_named(listed)) <= MOST_NAME


def test_the_longest_of_all_fit_into_two_hundred_characters() -> None:
    names = tuple(Endpoint(host=f"{at}23456789-bcdefg.{at}xy") for at in range(8))
    addresses = tuple(Endpoint(host=f"2001:db8:1:1{at}:2:3:4:5", port=1 + at) for at in range(8))

    assert [length(_named(each)) for each in (names, addresses)] == [198, 197]


def test_the_same_addresses_have_the_same_name_and_others_another_one() -> None:
    one, two = (Endpoint(host="vc.example.com"),), (Endpoint(host="vc2.example.com"),)

    assert _named(one) == _named(one)
    assert _named(one) != _named(two)
    assert _named(one) != _named(one, InstallerKey(number=2, secret=KEY.secret))


def test_a_name_shows_nothing_of_its_addresses() -> None:
    """Two that differ in their last bit have no more in common than chance gives."""
    one, two = (payload_in(_named((Endpoint(host=f"192.0.2.{last}"),)))[1:] for last in (6, 7))

    same = sum(a == b for a, b in zip(one, two, strict=True))
    assert same <= 4


def _ring(*numbers: int) -> tuple[InstallerKey, ...]:
    return tuple(InstallerKey(number=each, secret=bytes([each % 256] * 32)) for each in numbers)


def test_names_by_the_last_eight_keys_are_read_and_an_older_one_is_not() -> None:
    keys: tuple[InstallerKey, ...] = ()
    payloads = []
    for at in range(MOST_KEYS + 1):
        keys = with_new_key(keys, bytes([at] * 32))
        payloads.append(sealed(b"content", keys[0]))

    first, *others = payloads

    assert [opened(each, keys)[0].number for each in others] == [2, 3, 4, 5, 6, 7, 8, 9]
    with pytest.raises(UnreadableName, match="key number 1, which is gone"):
        opened(first, keys)


@pytest.mark.parametrize(
    ("payload", "keys", "expected"),
    [
        (sealed(b"x", KEY), (), "has no key for names of installers"),
        (sealed(b"x", KEY), _ring(1), "another key number 1 than this server has"),
        (sealed(b"x", *_ring(5)), _ring(4, 3), "the newest that this server ever had is 4"),
        (sealed(b"x", *_ring(2)), _ring(4, 3), "key number 2, which is gone"),
        (b"\x81" + sealed(b"x", KEY)[1:], (KEY,), "of a form that this notifier does not know"),
        (sealed(b"x", KEY)[:17], (KEY,), "of a form that this notifier does not know"),
    ],
)
def test_a_name_by_another_key_is_refused_with_what_is_known_of_it(
    payload: bytes, keys: tuple[InstallerKey, ...], expected: str
) -> None:
    with pytest.raises(UnreadableName, match=expected):
        opened(payload, keys)


def test_a_number_above_those_that_a_header_holds_is_found_all_the_same() -> None:
    keys = _ring(200, 199)

    assert opened(sealed(b"x", keys[1]), keys) == (keys[1], b"x")


def test_no_bit_of_a_payload_can_be_turned() -> None:
    payload = sealed(b"content", KEY)
    keys = tuple(InstallerKey(number=each, secret=KEY.secret) for each in range(8, 0, -1))
    turned = [
        bytes(byte ^ (bit if at == place else 0) for at, byte in enumerate(payload))
        for place in range(len(payload))
        for bit in (1, 2, 4, 8, 16, 32, 64, 128)
    ]

    for each in turned:
        with pytest.raises(UnreadableName):
            opened(each, keys)


def test_keys_read_back_as_they_are_written_and_are_not_printed() -> None:
    keys = with_new_key(with_new_key((), new_secret()), new_secret())

    assert parse_keys(written_keys(keys)) == keys
    assert [each.number for each in keys] == [2, 1]
    assert keys[0].secret != keys[1].secret
    assert keys[0].secret.hex() not in repr(keys)


def test_keys_may_be_written_in_capitals_with_spaces_between_and_in_any_order() -> None:
    assert parse_keys(f"1:{'0A' * 32}, 2:{'0b' * 32}") == (
        InstallerKey(number=2, secret=b"\x0b" * 32),
        InstallerKey(number=1, secret=b"\x0a" * 32),
    )


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "1:00",
        f"0:{'0' * 64}",
        f"1:{'0' * 64},1:{'1' * 64}",
        f"1:{'0' * 64},",
        ",".join(f"{at}:{'0' * 64}" for at in range(1, 10)),
    ],
)
def test_keys_that_are_none_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="`installer_keys`: they are no keys") as refused:
        parse_keys(text)

    assert "0000" not in str(refused.value)


def test_the_example_of_the_format_is_true() -> None:
    said = installer_names.__doc__ or ""
    packed_hex, payload_hex, name = (
        re.sub(r"\s", "", found)
        for found in re.findall(
            r"^    (?:packed|payload|name) +(\S+(?:\n +\S+$)*)", said, re.MULTILINE
        )
    )
    addresses = (
        Endpoint(host="vc.example.com"),
        Endpoint(host="vc2.example.com", port=443),
        Endpoint(host="192.0.2.7"),
        Endpoint(host="2001:db8::5", port=8443),
    )

    assert packed(addresses).hex() == packed_hex
    assert sealed(packed(addresses), KEY).hex() == payload_hex
    assert named("setup.exe", bytes.fromhex(payload_hex)) == name
