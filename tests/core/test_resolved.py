"""Claims about what is read as a name server."""

import pytest

from notifier.core.network.resolved import NameServer, name_servers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("192.0.2.53", (NameServer("192.0.2.53"),)),
        ("192.0.2.53:5353", (NameServer("192.0.2.53", 5353),)),
        ("2001:db8::53", (NameServer("2001:db8::53"),)),
        ("[2001:db8::53]", (NameServer("2001:db8::53"),)),
        (
            "[2001:DB8::53]:5353 , 192.0.2.53,",
            (NameServer("2001:db8::53", 5353), NameServer("192.0.2.53")),
        ),
    ],
)
def test_an_address_with_or_without_a_port_is_a_name_server(
    text: str, expected: tuple[NameServer, ...]
) -> None:
    assert name_servers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "dns.example.org",
        "192.0.2.53:0",
        "192.0.2.53:65536",
        "192.0.2.53:x",
        "192.0.2",
        "[::1",
        "::1]:1",
    ],
)
def test_what_is_no_address_with_a_port_is_refused_with_itself(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no IP address|has a port that is none") as fault:
        name_servers(f"192.0.2.1,{text}")

    assert repr(text) in str(fault.value)


@pytest.mark.parametrize("text", ["192.0.2.53:5353", "[2001:db8::53]:53"])
def test_a_name_server_is_shown_as_it_is_written(text: str) -> None:
    (server,) = name_servers(text)

    assert str(server) == text
