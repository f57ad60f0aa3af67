"""Network settings: where clients find the server (R37, R39–R42)."""

from collections.abc import Sequence

from notifier.core.hosts import address_of, check_host, plain_host
from notifier.core.installer_keys import parse_keys
from notifier.core.section import Line, Port, Section


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
    https_port: Port = 443
    # What names of installers are made with: a secret, made at first use (`installer_keys.py`).
    installer_keys: Line = ""

    def __post_init__(self) -> None:
        parse_keys(self.installer_keys)

    def __repr__(self) -> str:
        # Settings end up in tracebacks and in what tests print, and the keys are secrets.
        return f"{type(self).__name__}(web_address={self.web_address!r})"


def check_network(network: Network) -> None:
    """Raise ValueError with the path of a host that is none, or that stands twice where it may not.

    It is asked when settings are applied, and not of stored ones, which may be older than a rule.
    """
    for place, each in enumerate(network.internal):
        _check_internal(f"internal[{place}].host", each)
    for place, each in enumerate(network.external):
        _check_elsewhere(f"external[{place}].host", each.host, port="port")
    _check_elsewhere("web_address", network.web_address, port="https_port")
    if again := repeated(network.internal):
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
