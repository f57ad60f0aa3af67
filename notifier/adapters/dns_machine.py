"""How this machine looks names up: its hosts file, its name servers, the domains it searches."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from notifier.core.federation.masks import normalised
from notifier.core.network.resolved import NameServer

HOSTS: Final = Path("/etc/hosts")
RESOLV_CONF: Final = Path("/etc/resolv.conf")

# Where a machine asks that names nobody (resolv.conf(5)).
_OWN: Final = NameServer("127.0.0.1")

# What resolv.conf(5) allows; more would only take longer to say no.
_MOST_SERVERS: Final = 3
_MOST_DOMAINS: Final = 6


class Machine(msgspec.Struct, frozen=True):
    """Whom to ask, what is known without asking, and where short names are looked for."""

    servers: tuple[NameServer, ...]
    hosts: Mapping[str, tuple[str, ...]] = {}
    domains: tuple[str, ...] = ()

    def candidates(self, name: str) -> tuple[str, ...]:
        """Give the full names that a normalised name may stand for, in the order of trial."""
        if "." in name:
            return (name,)
        return (*(f"{name}.{domain}" for domain in self.domains), name)


def machine(hosts: Path, resolv_conf: Path) -> Machine:
    """Read both files; one that cannot be read is an empty one."""
    servers: list[NameServer] = []
    domains: list[str] = []
    for word, *rest in _lines(resolv_conf):
        if word == "nameserver" and rest and _is_address(rest[0]):
            servers.append(NameServer(rest[0]))
        elif word in {"search", "domain"}:
            domains = [normalised(each) for each in rest]  # the last of them wins
    return Machine(
        tuple(servers[:_MOST_SERVERS]) or (_OWN,), _hosts(hosts), tuple(domains[:_MOST_DOMAINS])
    )


def _hosts(file: Path) -> dict[str, tuple[str, ...]]:
    """Give the addresses of each name, in the order of the lines."""
    found: dict[str, tuple[str, ...]] = {}
    for address, *names in _lines(file):
        if _is_address(address):
            for name in map(normalised, names):
                found[name] = (*found.get(name, ()), address)
    return found


def _lines(file: Path) -> list[list[str]]:
    """Give the words of each line that holds any, without comments."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = (line.partition("#")[0].partition(";")[0].split() for line in text.splitlines())
    return [words for words in lines if words]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
