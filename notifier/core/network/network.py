"""Network settings: where clients find the server (R37, R39–R42)."""

from collections.abc import Sequence
from typing import Final

from notifier.core.network.hosts import address_of, check_host, plain_host, url_host
from notifier.core.network.installer_keys import check_not_older, parse_keys
from notifier.core.section import Line, Port, Section

# Where a browser looks without being told (RFC 9110 §4.2.2).
DEFAULT_HTTPS_PORT: Final = 443

# Of each list: clients try them one after the other, and names are looked up while somebody waits.
MOST_ENDPOINTS: Final = 64


class Endpoint(Section, frozen=True):
    """An address and a port."""

    host: Line
    port: Port = 4307


class Network(Section, frozen=True):
    """Where clients find the server (R37, R39–R42)."""

    listen_on_all: bool = True
    # The TCP port on every address where `listen_on_all` listens (R39).
    client_port: Port = 4307
    internal: tuple[Endpoint, ...] = ()
    external: tuple[Endpoint, ...] = ()
    web_address: Line = "localhost"
    https_port: Port = DEFAULT_HTTPS_PORT
    # What names of installers are made with: a secret, made at first use (`installer_keys.py`).
    installer_keys: Line = ""

    def __post_init__(self) -> None:
        parse_keys(self.installer_keys)

    def __repr__(self) -> str:
        # Settings end up in tracebacks and in what tests print, and the keys are secrets.
        return f"{type(self).__name__}(web_address={self.web_address!r})"


def server_url(network: Network) -> str:
    """Give the external web address as a URL; the port is left out where it is 443."""
    port = "" if network.https_port == DEFAULT_HTTPS_PORT else f":{network.https_port}"
    return f"https://{url_host(network.web_address)}{port}"


def check_network(before: Network, after: Network) -> None:
    """Raise ValueError with the path of what may not be.

    That is a host that is none, or stands twice where it may not; and keys of installers' names
    that go back behind a rotation.

    Asked only of what has changed: what is stored may be older than a rule, and an administrator
    who changes something else is not to be held up by it.
    """
    _check_count("internal", before.internal, after.internal)
    _check_count("external", before.external, after.external)
    if after.internal != before.internal:
        for place, each in enumerate(after.internal):
            _check_internal(f"internal[{place}].host", each)
        _check_not_repeated(after.internal)
    if after.external != before.external:
        for place, each in enumerate(after.external):
            _check_elsewhere(f"external[{place}].host", each.host, port="port")
    if after.web_address != before.web_address:
        _check_elsewhere("web_address", after.web_address, port="https_port")
    check_not_older(before.installer_keys, after.installer_keys)


def _check_count(path: str, before: Sequence[Endpoint], after: Sequence[Endpoint]) -> None:
    """Refuse a list that grows too long; one that is may be stored already, and can be cut."""
    if len(after) > max(MOST_ENDPOINTS, len(before)):
        raise ValueError(
            f"{path}: it lists {len(after)} addresses, and {MOST_ENDPOINTS} is the most; "
            "leave out those that clients can do without"
        )


def _check_not_repeated(internal: Sequence[Endpoint]) -> None:
    if again := repeated(internal):
        place, each = again[0]
        raise ValueError(
            f"internal[{place}]: {each.host[:100]!r} with port {each.port} stands there twice; "
            "nothing can listen on it two times, so leave one out"
        )


def _check_internal(path: str, endpoint: Endpoint) -> None:
    address = address_of(endpoint.host)
    if address and address.is_unspecified:
        raise ValueError(
            f"{path}: {endpoint.host!r} stands for every address of the machine; "
            "set listen_on_all = true instead, and leave it out here"
        )
    _checked(path, endpoint.host, port="port")


def _check_elsewhere(path: str, host: str, *, port: str) -> None:
    """Check what clients on other machines are to reach."""
    _checked(path, host, port=port)
    if "%" in host:
        raise ValueError(
            f"{path}: {host[:100]!r} names an interface behind the %, "
            "which means nothing on another machine; write an address that others can reach"
        )


def _checked(path: str, host: str, *, port: str) -> None:
    try:
        check_host(host, port=port)
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from None


def repeated(endpoints: Sequence[Endpoint]) -> list[tuple[int, Endpoint]]:
    """Give the endpoints that stood in the list before, however they are written, and where."""
    first: dict[tuple[str, int], int] = {}
    return [
        (place, each)
        for place, each in enumerate(endpoints)
        if first.setdefault((plain_host(each.host), each.port), place) != place
    ]
