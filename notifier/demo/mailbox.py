"""A mail server that takes every mail and sends none on; it listens on loopback only."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST: Final = "127.0.0.1"

# Enough for looking around; older ones make room.
MOST_MAILS: Final = 1_000
LARGEST_MAIL_BYTES: Final = 10_000_000


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it arrived: its envelope and its bytes; `arrived` in Unix seconds."""

    number: int
    arrived: float
    recipients: tuple[str, ...]
    content: bytes
    secured: bool
    login: str


class Mailbox:
    """The mails that arrived, the oldest first."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self._taken = 0
        self._arrived = asyncio.Event()

    def take(
        self, content: bytes, recipients: list[str], *, secured: bool = False, login: str = ""
    ) -> Mail:
        self._taken += 1
        mail = Mail(
            number=self._taken,
            arrived=time.time(),
            recipients=tuple(recipients),
            content=content,
            secured=secured,
            login=login,
        )
        self.mails.append(mail)
        del self.mails[:-MOST_MAILS]
        self._arrived.set()
        return mail

    def mail(self, number: int) -> Mail | None:
        """Give the mail of that number, if it is still kept."""
        return next((mail for mail in self.mails if mail.number == number), None)

    async def change(self, *, within_seconds: float) -> None:
        """Wait for the next mail, but not for long."""
        self._arrived.clear()
        try:
            await asyncio.wait_for(self._arrived.wait(), within_seconds)
        except TimeoutError:
            return


class _Handler:
    """aiosmtpd calls these by their names."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_EHLO(  # noqa: N802  (aiosmtpd's name)
        self, _server: SMTP, session: Session, _envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        session.host_name = name
        return [*lines[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", lines[-1]]

    async def handle_DATA(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        transport = server.transport
        mail = self._mailbox.take(
            envelope.content,
            envelope.rcpt_tos,
            secured=transport is not None and transport.get_extra_info("sslcontext") is not None,
            login=str(session.auth_data) if session.authenticated else "",
        )
        return f"250 2.0.0 taken as {mail.number}"


@asynccontextmanager
async def listening(
    mailbox: Mailbox, *, tls: ssl.SSLContext, username: str, password: str
) -> AsyncIterator[int]:
    """Take mails over STARTTLS and after a login only; gives the port."""
    transports: set[asyncio.BaseTransport] = set()

    def check(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        fits = isinstance(given, LoginPassword) and given == LoginPassword(
            username.encode(), password.encode()
        )
        return AuthResult(success=fits, handled=False, auth_data=username)

    def speak() -> SMTP:
        return _Speaker(
            transports,
            _Handler(mailbox),
            hostname="mailbox.localhost",
            ident="demo mailbox",
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=check,
            data_size_limit=LARGEST_MAIL_BYTES,
        )

    server = await asyncio.get_running_loop().create_server(speak, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for transport in transports:
            transport.close()
        # TLS over TCP: each layer closes in a later turn of the loop.
        for _ in range(3):
            await asyncio.sleep(0)


class _Speaker(SMTP):
    """Remembers its transports, so that none outlives the mailbox."""

    def __init__(self, transports: set[asyncio.BaseTransport], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.add(transport)
        super().connection_made(transport)
