"""What the service asks of the way out: wording, servers, and the roads to them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from notifier.core.outcomes import Outcome
from notifier.core.wording.template import Template


class Letter(msgspec.Struct, frozen=True):
    """A complete message (RFC 5322, CRLF) in its envelope (RFC 5321 §2.3.1)."""

    sender: str
    recipient: str
    content: bytes


# The last look before the body leaves: None lets it go, a text says why not.
Fence = Callable[[], Awaitable[str | None]]


class Mailer(Protocol):
    """Hands letters to the mail server."""

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        """Carry one letter to the server; every expected failure is an Outcome."""
        ...

    async def close(self) -> None:
        """Leave the server politely."""
        ...


class Roads(Protocol):
    """How the roads to the mail servers stand."""

    async def look_after(self) -> None:
        """Let those be tried again whose pause is over."""
        ...


class Shelf(Protocol):
    """Keeps the templates."""

    def template(self, kind: str, languages: Sequence[str]) -> tuple[Template, str]:
        """Give the template in the first of `languages` that has one, and that language."""
        ...
