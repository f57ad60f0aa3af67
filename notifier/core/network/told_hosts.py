"""What looks odd about hosts that people and clients elsewhere are told, and is not refused."""

from collections.abc import Iterator

from notifier.core.federation.scripts import mixed, with_punycode
from notifier.core.network.hosts import address_of, plain_host, shown_host
from notifier.core.network.listening import Scope, scope_of


def odd_web_address(host: str) -> Iterator[str]:
    """Say what looks odd about the web address; behind the last `; ` what to do."""
    if fault := near(host):
        yield (
            f"network.web_address: {fault}: links in mails lead nobody here; "
            "set the name or address that people elsewhere open"
        )
    if address_of(host):
        return
    if fault := odd_letters(host):
        yield f"network.web_address is {fault}; make sure that it is the name that is meant"


def near(host: str) -> str:
    """Say that no other machine can reach a host; nothing where one may."""
    address = address_of(host)
    if f".{plain_host(host)}".endswith(".localhost"):
        # RFC 6761 §6.3: each machine takes it for itself.
        return f"{shown_host(host)} stands for a loopback address, which no other machine can reach"
    if address and scope_of(address) in {Scope.LOOPBACK, Scope.LINK_LOCAL}:
        return f"{address} is a {scope_of(address)} address, which no other machine can reach"
    return ""


def odd_letters(name: str) -> str:
    """Give a name, and what is odd about its letters, as lists of federation are looked at."""
    plain = plain_host(name)
    if scripts := mixed(plain):
        return (
            f"{with_punycode(name)}, whose letters are of several scripts "
            f"({' and '.join(scripts)}), as those of look-alikes are"
        )
    if "xn--" in plain:
        return f"{with_punycode(name)}, a name beyond ASCII, which links have in punycode"
    if "_" in plain:
        return f"{name!r}, with an underscore, which hardly any server's name has"
    return ""
