"""Tokens for mail hosts that take no passwords: fetched when first needed, kept, renewed."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from notifier.adapters.token_endpoint import Token, TokenEndpoint
from notifier.core.mail_servers import MailServer

# A token is renewed this long before its end, or a tenth of its life if that is shorter (seconds).
EARLY_SECONDS: Final = 300.0


class Tokens:
    """The token of one login: fetched when first needed, kept until shortly before its end.

    Those who ask while one is being fetched wait for the same answer.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        wait: float = 20,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = TokenEndpoint(server, wait=wait)
        self._clock = clock
        self._kept: Token | None = None
        self._renewed_at = 0.0
        self._fetching: asyncio.Task[Token] | None = None

    @property
    def described(self) -> str:
        """Where the token comes from and how long it lives; nothing of the token itself."""
        life = f", lives {self._kept.life:.0f} s" if self._kept else ""
        return f"from {self._endpoint.where}{life}"

    async def current(self) -> str:
        """Give a token that is good for a while; raise NoToken."""
        if self._kept is None or self._clock() >= self._renewed_at:
            # Shielded: who gives up waiting must not take the answer from the others.
            self._kept = await asyncio.shield(self._fetched())
        return self._kept.text

    def drop(self, text: str) -> None:
        """Forget a token that was refused, unless there is a newer one already."""
        if self._kept is not None and self._kept.text == text:
            self._kept = None

    def _fetched(self) -> asyncio.Task[Token]:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetch_ended)
        return self._fetching

    def _fetch_ended(self, fetching: asyncio.Task[Token]) -> None:
        self._fetching = None
        if not fetching.cancelled():
            fetching.exception()  # nobody may be left who waits for it

    async def _fetch(self) -> Token:
        token = await self._endpoint.token()
        self._renewed_at = self._clock() + token.life - min(EARLY_SECONDS, token.life / 10)
        return token
