"""Opening a connection to a mail server: name, TCP, greeting, TLS, EHLO, login; faults in words."""

import asyncio
import ipaddress
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, NoReturn

import aiosmtplib

from notifier.adapters.smtp_line import KEPT_TEXT, Line, Waits, take_over
from notifier.adapters.smtp_words import certificate_fault, login_advice, shown_certificate
from notifier.core.cleaning import clean_line
from notifier.core.mail_servers import Smtp


class Stage(StrEnum):
    """One step of the way to a server that takes our mail."""

    DNS = "DNS"
    TCP = "TCP"
    GREETING = "greeting"
    TLS = "TLS"
    EHLO = "EHLO"
    AUTH = "AUTH"
    MAIL = "MAIL FROM"


class Unopened(Exception):
    """A connection could not be opened: at which stage, the exact cause, and what to do."""

    def __init__(self, stage: Stage, cause: str, advice: str) -> None:
        super().__init__(cause)
        self.stage = stage
        self.cause = cause
        self.advice = advice


Told = Callable[[Stage, str], None]
Addresses = list[tuple[int, tuple[Any, ...]]]

# In this order of preference. Exactly one is tried: servers that lock an account after three wrong
# passwords would otherwise be reached by one wrong password.
LOGIN_METHODS: Final = ("plain", "login", "cram-md5")

_HOST_NAME: Final = re.compile(r"(?=.{1,255}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Give what every handshake checks: the system's authorities and the private one, and the name.

    Reads files; raises Unopened when the private CA cannot be read.
    """
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as fault:  # ssl.SSLError is one of them
            _fail(
                Stage.TLS,
                f"the file of the private CA, {ca_file!r}, cannot be read: {fault}",
                "give a PEM file that this process may read",
            )
    return context


def _silently(stage: Stage, detail: str) -> None:
    """Tell nobody."""


async def open_line(
    smtp: Smtp, *, tls: ssl.SSLContext | None, waits: Waits, told: Told = _silently
) -> Line:
    """Open, secure and log in; raise Unopened. `told` hears of each stage when it is done.

    `tls` is what `tls_context` gives; only security none goes without.
    """
    addresses = await _resolve(smtp, waits.connect)
    told(Stage.DNS, ", ".join(str(address[0]) for _, address in addresses))
    door = await _reach(smtp, addresses, waits.connect)
    told(Stage.TCP, f"{door.getpeername()[0]} port {smtp.effective_port}")
    client = await _greet(smtp, door, tls, waits, told)
    try:
        await _say_hello(client, waits.command)
        if smtp.security == "starttls":
            await _start_tls(smtp, client, tls, waits, told)
        told(Stage.EHLO, clean_line(", ".join(sorted(client.esmtp_extensions))) or "no extensions")
        if smtp.authentication == "password":
            told(Stage.AUTH, await _log_in(smtp, client, waits.command))
    except BaseException:
        client.close()
        raise
    return take_over(client.transport, client.esmtp_extensions)


async def _resolve(smtp: Smtp, wait: float) -> Addresses:
    """Ask for the addresses of the host."""
    if not smtp.host:
        _fail(Stage.DNS, "no mail server is set", "set the host of the mail server")
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(wait):
            found = await loop.getaddrinfo(smtp.host, smtp.effective_port, type=socket.SOCK_STREAM)
    except TimeoutError:
        cause = f"the name service gave no answer about {smtp.host!r} within {wait:g} s"
        _fail(Stage.DNS, cause, "check the name service of this machine")
    except (OSError, UnicodeError) as fault:
        cause = f"DNS: the host {smtp.host!r} is not known ({_reason(fault)})"
        _fail(Stage.DNS, cause, "check its spelling, and the name service of this machine")
    return list(dict.fromkeys((int(family), address) for family, _, _, _, address in found))


async def _reach(smtp: Smtp, addresses: Addresses, wait: float) -> socket.socket:
    """Connect to the first address that answers; each gets an equal share of the time."""
    fault: Exception | None = None
    for family, address in addresses:
        try:
            return await _connect(family, address, wait / len(addresses))
        except OSError as failed:  # TimeoutError is one of them
            fault = failed
    raise Unopened(Stage.TCP, *_closed_door(smtp, fault, wait)) from None


def _closed_door(smtp: Smtp, fault: Exception | None, wait: float) -> tuple[str, str]:
    """Give cause and advice for a connection that was not made."""
    where = f"{smtp.host} port {smtp.effective_port}"
    match fault:
        case ConnectionRefusedError():
            return f"{where} refused the connection", "check the port, and that the server runs"
        case TimeoutError():
            cause = f"timeout: {where} gave no answer within {wait:g} s"
            return cause, "check the port, and the firewalls between"
        case _:
            cause = f"{where} cannot be reached ({_reason(fault)})"
            return cause, "check the network of this machine"


async def _connect(family: int, address: tuple[Any, ...], wait: float) -> socket.socket:
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setblocking(False)
        async with asyncio.timeout(wait):
            await asyncio.get_running_loop().sock_connect(door, address)
        # Commands are small and each waits for its answer: Nagle's algorithm would only add waits.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        door.close()
        raise
    return door


async def _greet(
    smtp: Smtp, door: socket.socket, tls: ssl.SSLContext | None, waits: Waits, told: Told
) -> aiosmtplib.SMTP:
    """Shake hands where TLS comes first, and hear the greeting."""
    at_once = smtp.security == "ssl"
    client = aiosmtplib.SMTP(
        hostname=smtp.host,
        sock=door,
        use_tls=at_once,
        start_tls=False,  # never "if offered": whoever strips the offer would read everything
        tls_context=tls,
        local_hostname=_own_name(door),
        timeout=None,  # it would use `wait_for`, which in Python 3.11 may swallow a cancellation
    )
    try:
        async with asyncio.timeout(waits.greeting):
            greeting = await client.connect()
    except aiosmtplib.SMTPResponseException as refusal:
        cause = f"the server greeted us with {_shown(refusal)}"
        _fail(Stage.GREETING, cause, "ask whoever runs it; it may know this machine and refuse it")
    except TimeoutError:
        cause = f"timeout: the server did not greet us within {waits.greeting:g} s"
        advice = "check port and security: a port for implicit TLS (465) waits for us to speak"
        _fail(Stage.TLS if at_once else Stage.GREETING, cause, advice)
    except (aiosmtplib.SMTPException, OSError) as fault:
        origin = fault.__cause__ if at_once else None
        if isinstance(origin, OSError) and not isinstance(origin, aiosmtplib.SMTPException):
            _fail(Stage.TLS, *certificate_fault(origin, smtp))
        cause = f"the server closed the connection before its greeting ({_reason(fault)})"
        _fail(Stage.GREETING, cause, "check the port, and whether it admits this machine")
    if at_once:
        told(Stage.TLS, shown_certificate(client.get_transport_info("peercert")))
    told(Stage.GREETING, f"{greeting.code} {clean_line(greeting.message)}")
    return client


async def _say_hello(client: aiosmtplib.SMTP, wait: float) -> None:
    try:
        async with asyncio.timeout(wait):
            await client.ehlo()
    except aiosmtplib.SMTPResponseException as refusal:
        _fail(Stage.EHLO, f"the server answered EHLO with {_shown(refusal)}", "ask whoever runs it")
    except (aiosmtplib.SMTPException, OSError) as fault:
        _fail(Stage.EHLO, f"no answer to EHLO ({_reason(fault)})", "ask whoever runs it")


async def _start_tls(
    smtp: Smtp, client: aiosmtplib.SMTP, tls: ssl.SSLContext | None, waits: Waits, told: Told
) -> None:
    """Secure the connection, then ask again: what was offered in the clear counts for nothing."""
    if not client.supports_extension("starttls"):
        _fail(
            Stage.TLS,
            "STARTTLS is missing: the server does not offer it on this port",
            "choose security ssl (port 465), or the port meant for submission (587)",
        )
    try:
        async with asyncio.timeout(waits.tls):
            await client.starttls(tls_context=tls)
    except aiosmtplib.SMTPResponseException as refusal:
        _fail(Stage.TLS, f"the server answered STARTTLS with {_shown(refusal)}", "ask its keeper")
    except (aiosmtplib.SMTPException, OSError) as fault:
        _fail(Stage.TLS, *certificate_fault(fault, smtp))
    told(Stage.TLS, shown_certificate(client.get_transport_info("peercert")))
    await _say_hello(client, waits.command)


async def _log_in(smtp: Smtp, client: aiosmtplib.SMTP, wait: float) -> str:
    """Log in by the one method that suits; give its name."""
    if client.get_transport_info("sslcontext") is None and not _is_local(client):
        _fail(
            Stage.AUTH,
            "login refused by us: the password would cross the network in the clear",
            "choose security ssl or starttls",
        )
    method = next((name for name in LOGIN_METHODS if name in client.server_auth_methods), None)
    if method is None:
        offered = ", ".join(client.server_auth_methods) or "none"
        cause = f"the server offers no login by password here (it offers: {offered})"
        _fail(Stage.AUTH, cause, "choose another security or port, or authentication none")
    by_method = {
        "plain": client.auth_plain,
        "login": client.auth_login,
        "cram-md5": client.auth_crammd5,
    }
    try:
        async with asyncio.timeout(wait):
            await by_method[method](smtp.username, smtp.password)
    except aiosmtplib.SMTPResponseException as refusal:
        said = _without_password(_shown(refusal), smtp)
        _fail(Stage.AUTH, f"login refused: {said}", login_advice(refusal.code))
    except (aiosmtplib.SMTPException, OSError) as fault:
        _fail(Stage.AUTH, f"login unanswered ({_reason(fault)})", "check username and password")
    return method.upper()


def _is_local(client: aiosmtplib.SMTP) -> bool:
    """Tell whether the other end is this machine, by its address and not by its name."""
    peer = client.get_transport_info("peername")
    return ipaddress.ip_address(peer[0].partition("%")[0]).is_loopback


def _own_name(door: socket.socket) -> str:
    """Give what to call ourselves: our full name, else our address (RFC 5321 §4.1.4)."""
    name = socket.gethostname()
    if _HOST_NAME.fullmatch(name):
        return name
    address = door.getsockname()[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _without_password(said: str, smtp: Smtp) -> str:
    """Give a reply to a login; some servers quote what they were given, plain or in base64."""
    plain = smtp.password.encode()
    login = b"\0%b\0%b" % (smtp.username.encode(), plain)
    for secret in (smtp.password, *(b64encode(each).decode() for each in (plain, login))):
        said = said.replace(secret, "…") if secret else said
    return said


def _shown(refusal: aiosmtplib.SMTPResponseException) -> str:
    """Give a reply on one clean line: it is kept in the ledger, logged, and shown at terminals."""
    code = f"{refusal.code} " if refusal.code > 0 else ""
    return code + clean_line(str(refusal.message), KEPT_TEXT)


def _reason(fault: BaseException | None) -> str:
    if isinstance(fault, TimeoutError):
        return "timeout"
    return clean_line(str(getattr(fault, "strerror", None) or fault), KEPT_TEXT)


def _fail(stage: Stage, cause: str, advice: str) -> NoReturn:
    raise Unopened(stage, cause, advice) from None
