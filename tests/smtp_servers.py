"""Real mail servers for tests (aiosmtpd), each on a thread of its own, and certificates for them.

They work for tests with and without an event loop, and for programs that a test starts; they keep
the mails that arrive and count connections. Servers that misbehave: `smtp_scripts`.
"""

import asyncio
import base64
import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Container, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from notifier.core.mail_servers import Security, Smtp

HOST: Final = "127.0.0.1"
NAME: Final = "localhost"

T = TypeVar("T")


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived: its envelope and its bytes, unstuffed, with CRLF."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...] = ()
    secured: bool = False
    login: str = ""


class Authority:
    """A private CA and the certificates it gives."""

    def __init__(self) -> None:
        self._ca = trustme.CA()

    def file(self, folder: Path) -> str:
        """Write the CA's certificate; give its path for `ca_file`."""
        path = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(path))
        return str(path)

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """Give a server's context with a certificate for `names` (usual: this machine's)."""
        ended = dt.datetime(2020, 1, 1, tzinfo=dt.UTC) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*(names or (NAME, HOST)), not_after=ended).configure_cert(context)
        return context


class LoopThread:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._opened: list[tuple[asyncio.WriteTransport, Any]] = []  # with their sockets
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.call(self._end_tasks())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def opened(self, transport: asyncio.BaseTransport) -> None:
        """Note a connection that has to be closed at the end."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._opened.append((transport, transport.get_extra_info("socket")))

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the loop and give its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=10)

    async def _end_tasks(self) -> None:
        for transport, door in self._opened:
            transport.abort()
            # TLS that is closing already ignores that, and waits for the other side, whose loop
            # may be the one that waits here.
            with contextlib.suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await until(lambda: all(door.fileno() < 0 for _, door in self._opened), seconds=5)


@dataclass
class Record:
    """What a server has seen so far; only ever grows, so that any thread may look."""

    mails: list[Mail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0

    def opened(self) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)

    def closed(self) -> None:
        self.open -= 1

    def wait_for_mails(self, count: int, *, seconds: float = 10) -> list[Mail]:
        """Give the mails once there are `count`; fail after `seconds`."""
        wait_until(lambda: len(self.mails) >= count, seconds=seconds, what=f"{count} mails")
        return list(self.mails)


def wait_until(claim: Callable[[], bool], *, seconds: float = 10, what: str = "it") -> None:
    """Wait until `claim` holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, f"{what} did not come within {seconds} s"
        time.sleep(0.005)


async def until(claim: Callable[[], bool], *, seconds: float = 10, what: str = "it") -> None:
    """Wait until `claim` holds, letting the loop run; fail after `seconds`."""
    async with asyncio.timeout(seconds):
        while not claim():  # noqa: ASYNC110 - what is waited for happens on another thread
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class MailServer:
    """A running server: where it listens and what it has seen."""

    port: int
    security: Security
    seen: Record
    ca_file: str = ""

    def settings(self, **changes: Any) -> Smtp:
        """Give the settings that fit this server."""
        usual: dict[str, Any] = {
            "host": NAME if self.security != "none" else HOST,
            "port": self.port,
            "security": self.security,
            "ca_file": self.ca_file,
            "sender_address": "conf@example.com",
        }
        return Smtp(**(usual | changes))


# Real servers


class _Handler:
    """Keeps what aiosmtpd takes."""

    def __init__(self, seen: Record, extensions: Sequence[str]) -> None:
        self._seen = seen
        self._extensions = extensions

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name for it
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(f"250-{name}" for name in self._extensions), responses[-1]]

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        mail = Mail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=envelope.content,
            options=tuple(envelope.mail_options),
            secured=server.transport is not None
            and server.transport.get_extra_info("sslcontext") is not None,
            login=str(session.auth_data) if session.authenticated else "",
        )
        self._seen.mails.append(mail)
        return f"250 2.0.0 queued as {len(self._seen.mails)}"


class _CountingSmtpd(SMTP):
    """aiosmtpd, counting connections and demanding a login also behind implicit TLS."""

    def __init__(
        self,
        seen: Record,
        thread: LoopThread,
        *,
        login_wanted: bool,
        tokens: Container[str],
        **options: Any,
    ) -> None:
        super().__init__(_Handler(seen, options.pop("extensions")), loop=thread.loop, **options)
        self._seen = seen
        self._thread = thread
        self._tokens = tokens
        # Given to the constructor it warns, since aiosmtpd does not know about implicit TLS.
        self._auth_required = login_wanted

    async def auth_XOAUTH2(self, _: SMTP, words: list[str]) -> AuthResult:  # noqa: N802 - as above
        """Hear who comes with which token; a wrong one gets its reason first, as with Google."""
        user, token = base64.b64decode(words[1]).decode().split("\x01")[:2]
        name, shown = user.removeprefix("user="), token.removeprefix("auth=Bearer ")
        self._seen.logins.append(f"XOAUTH2 {name} {shown}")
        if shown in self._tokens:
            return AuthResult(success=True, auth_data=name)
        await self.challenge_auth('{"status": "400"}')
        return AuthResult(success=False, handled=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._thread.opened(transport)
        if self.session is None:
            self._seen.opened()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._seen.closed()
        super().connection_lost(error)


@contextlib.contextmanager
def mail_server(
    *,
    security: Security = "none",
    context: ssl.SSLContext | None = None,
    ca_file: str = "",
    login: tuple[str, str] | None = None,
    tokens: Container[str] | None = None,
    extensions: Sequence[str] = ("PIPELINING",),
    smtputf8: bool = False,
    size_limit: int = 10_000_000,
    port: int = 0,
) -> Iterator[MailServer]:
    """Run a real mail server; `context` is needed for TLS, `login` or `tokens` demands it."""
    seen = Record()
    passwords, bearers = {"LOGIN", "PLAIN"}, {"XOAUTH2"}
    excluded = (set() if login else passwords) | (bearers if tokens is None else set())

    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        name, password = given.login.decode(), given.password.decode()
        seen.logins.append(mechanism)
        return AuthResult(success=(name, password) == login, handled=False, auth_data=name)

    def speak() -> SMTP:
        return _CountingSmtpd(
            seen,
            thread,
            hostname=NAME,
            extensions=extensions,
            login_wanted=login is not None or tokens is not None,
            tokens=() if tokens is None else tokens,
            authenticator=check,
            auth_require_tls=False,
            auth_exclude_mechanism=excluded,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            enable_SMTPUTF8=smtputf8,
            data_size_limit=size_limit,
        )

    async def listen() -> asyncio.Server:
        tls = context if security == "ssl" else None
        return await asyncio.get_running_loop().create_server(speak, HOST, port, ssl=tls)

    with LoopThread() as thread, listening(thread, listen) as bound:
        yield MailServer(bound, security, seen, ca_file)


@contextlib.contextmanager
def listening(
    thread: LoopThread, listen: Callable[[], Coroutine[Any, Any, asyncio.Server]]
) -> Iterator[int]:
    """Listen while the block runs; give the port."""
    server = thread.call(listen())
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        thread.loop.call_soon_threadsafe(server.close)
