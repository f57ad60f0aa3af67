"""Names of servers as somebody types them: one name, and nothing around it."""

import re
from typing import Final

import msgspec

from notifier.core.federation.masks import fault_of, normalised

# Whoever pastes a page into the command line need not see it again (characters).
_SHOWN: Final = 100
_PORT: Final = re.compile(r"[^:]*:[0-9]+")


class ServerName(msgspec.Struct, frozen=True):
    """A server as it was named, and as names are compared: lower case, A-labels, no last dot."""

    given: str
    name: str

    @property
    def shown(self) -> str:
        """Give the name; one that is not ASCII with its A-labels, for many letters look alike."""
        return self.name if self.given.isascii() else f"{self.given} ({self.name})"


def server_name(text: str) -> ServerName:
    """Give the name; raises ValueError, in one sentence, for what is no name of one server (R44).

    A URL, an ID, a mask, an IP address and a port are refused with what to give instead.
    """
    given = text.strip()
    if fault := _around_it(given):
        raise ValueError(f"{given[:_SHOWN]!r} {fault}, such as 'conf.example.com'")
    if fault := fault_of(given):
        raise ValueError(
            f"{given[:_SHOWN]!r} is not allowed: {fault}; give the full name of one server, such "
            "as 'conf.example.com'"
        )
    return ServerName(given, normalised(given))


def _around_it(given: str) -> str | None:
    """Say what stands around the name, or in its place."""
    if not given:
        return "is empty; give the name of a server"
    if "://" in given:
        return "is a URL; give the name of the server alone"
    if "@" in given:
        return "is an ID or an address; give what stands behind its @"
    if "/" in given:
        return "has a path; give the name of the server alone"
    if _PORT.fullmatch(given):
        return "has a port; give the name of the server alone"
    if "*" in given:
        return "is a mask; give the name of one server that it may cover"
    return None
