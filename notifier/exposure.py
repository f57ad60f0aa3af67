"""What of this deployment is open to more than this machine, and has no lock of its own."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from notifier.adapters.connection import without_password
from notifier.config import Config


def exposures(config: Config) -> Iterator[str]:
    """Give a sentence for each door that strangers may find: what is open, and what to do."""
    for name, host in (("panel", config.panel_host), ("flower", config.flower_host)):
        if not _stays_here(host):
            yield (
                f"{name} listens on {host} and asks nobody who they are; put a proxy with a login "
                f"and TLS before it, or leave NOTIFIER_{name.upper()}_HOST out."
            )
    url = config.redis_url
    if url and not _locked(url):
        yield (
            f"Redis at {without_password(url)} lets everybody in who reaches it; give it users and "
            "passwords, as examples/redis/users.acl does, and name ours in NOTIFIER_REDIS_PASSWORD."
        )


def _locked(url: str) -> bool:
    """Tell whether a Redis asks for a password, or is no more than a socket on this machine."""
    parts = urlsplit(url)
    named = parts.password or parse_qs(parts.query).get("password")
    return bool(named) or parts.scheme == "unix" or _stays_here(parts.hostname or "localhost")


def _stays_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
