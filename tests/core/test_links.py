"""Claims about the links into a conference."""

import msgspec
import pytest

from notifier.core.links import app_join_url, conference_url, shown_id, shown_name
from notifier.core.network.network import Network, server_url
from notifier.core.notice import Kind
from notifier.samples import sample
from tests import cast

NETWORK = Network(web_address="conf.example.com")


@pytest.mark.parametrize(
    ("port", "url"),
    [
        (443, "https://conf.example.com/c/df0a2adebe"),
        (8443, "https://conf.example.com:8443/c/df0a2adebe"),
        (80, "https://conf.example.com:80/c/df0a2adebe"),
    ],
)
def test_r37_the_link_names_the_external_address_and_any_port_but_443(port: int, url: str) -> None:
    network = Network(web_address="conf.example.com", https_port=port)

    assert conference_url(cast.conference(), network) == url
    assert app_join_url(cast.conference(), network) == url + "#app=1"
    assert url.startswith(server_url(network) + "/c/")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("2001:db8::1", "[2001:db8::1]"),
        ("Exämple.com", "xn--exmple-cua.com"),
        ("203.0.113.7", "203.0.113.7"),
    ],
)
def test_r37_the_address_is_written_as_links_need_it(address: str, host: str) -> None:
    plain = Network(web_address=address)
    with_port = Network(web_address=address, https_port=8443)

    assert conference_url(cast.conference(), plain) == f"https://{host}/c/df0a2adebe"
    assert conference_url(cast.conference(), with_port) == f"https://{host}:8443/c/df0a2adebe"


@pytest.mark.parametrize(
    "stored",
    ["conf.example.com:8443", "[2001:db8::1]", "[2001:db8::1]:8443", "Conf.example.com/Meet", ""],
)
def test_links_stay_as_they_were_where_an_older_version_stored_what_is_no_host(
    stored: str,
) -> None:
    network = Network(web_address=stored)
    letter = sample(Kind.INVITATION, "en")
    settings = msgspec.structs.replace(letter.settings, network=network)

    said = msgspec.structs.replace(letter, settings=settings).variables()

    assert conference_url(cast.conference(), network) == f"https://{stored}/c/df0a2adebe"
    assert said["conf_url"].startswith(f"https://{stored}/c/")
    assert said["server_url"] == f"https://{stored}"


def test_r37_the_publishers_own_link_goes_before() -> None:
    conference = cast.conference(url="https://meet.example.net/x?y=1")

    assert conference_url(conference, NETWORK) == "https://meet.example.net/x?y=1"
    assert app_join_url(conference, NETWORK) == "https://meet.example.net/x?y=1#app=1"


@pytest.mark.parametrize(
    ("id_", "path"),
    [("a/b", "a%2Fb"), ("a b#c?d", "a%20b%23c%3Fd"), ("é", "%C3%A9"), ('"><b>', "%22%3E%3Cb%3E")],
)
def test_an_id_stays_in_its_place_in_the_link(id_: str, path: str) -> None:
    url = conference_url(cast.conference(id=id_), NETWORK)

    assert url == f"https://conf.example.com/c/{path}"


def test_r38_an_id_is_shown_with_its_prefix() -> None:
    assert shown_id(cast.conference()) == "\\c\\df0a2adebe"


@pytest.mark.parametrize("name", [" ", "\u200b\u202e", "\0", "\r\n"])
def test_a_conference_whose_name_nobody_can_see_is_called_by_its_id(name: str) -> None:
    assert shown_name(cast.conference(name=name)) == r"\c\df0a2adebe"
    assert shown_name(cast.conference(name=f"{name}Review")) == f"{name}Review"
