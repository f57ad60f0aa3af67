"""Addresses for clients, as hypothesis draws them."""

from ipaddress import IPv4Address, IPv6Address

from hypothesis import strategies as st

from notifier.core.network.hosts import check_host
from notifier.core.network.network import Endpoint
from notifier.core.network.packed import USUAL_PORT


def _is_host(host: str) -> bool:
    try:
        check_host(host)
    except ValueError:
        return False
    return True


PORTS = st.integers(1, 65535)
# As often as in the world.
MOSTLY_USUAL = st.just(USUAL_PORT) | PORTS
LABELS = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,10}[a-z0-9_])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=6).map(".".join).filter(_is_host)
# Names that have ends in common, which random ones have not.
RELATED = st.builds(
    lambda own, end: ".".join((*own, end)),
    st.lists(st.sampled_from(("vc", "vc2", "eu", "a")), max_size=3),
    st.sampled_from(("example.com", "example.org", "vc.example.com")),
)
IPV4 = st.integers(1 << 24, (224 << 24) - 1).map(lambda number: str(IPv4Address(number)))
IPV6 = st.integers(2, (0xFF << 120) - 1).map(lambda number: str(IPv6Address(number)))
# Most groups of an IPv6 address that somebody has written are zero.
SPARSE_IPV6 = st.integers(2, 0xFFFF).map(lambda number: f"2001:db8::{number:x}")
HOSTS = (NAMES | RELATED | IPV4 | IPV6 | SPARSE_IPV6).filter(_is_host)


def endpoints(
    hosts: st.SearchStrategy[str] = HOSTS,
    ports: st.SearchStrategy[int] = MOSTLY_USUAL,
    *,
    most: int,
) -> st.SearchStrategy[list[Endpoint]]:
    """Give one to `most` addresses."""
    each = st.builds(Endpoint, host=hosts, port=ports)
    return st.lists(each, min_size=1, max_size=most)
