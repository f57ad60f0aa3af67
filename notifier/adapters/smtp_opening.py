"""Opening a connection to a mail server: name, TCP, greeting, TLS, EHLO, login; faults in words."""

import asyncio
import re
import socket
import ssl
from typing import Any, Final

import aiosmtplib

from notifier.adapters.oauth import Tokens
from notifier.adapters.smtp_line import Line, Waits, take_over
from notifier.adapters.smtp_login import Told, log_in
from notifier.adapters.smtp_stages import Stage, Unopened, fail, reason, shown
from notifier.adapters.smtp_words import certificate_fault, shown_certificate
from notifier.core.cleaning import clean_line
from notifier.core.mail_servers import Smtp

Addresses = list[tuple[int, tuple[Any, ...]]]

_HOST_NAME: Final = re.compile(r"(?=.{1,255}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def _silently(stage: Stage, detail: str) -> None:
    """Tell nobody."""


async def open_line(
    smtp: Smtp,
    *,
    tls: ssl.SSLContext | None,
    tokens: Tokens,
    waits: Waits,
    told: Told = _silently,
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
        await log_in(smtp, client, tokens, wait=waits.command, told=told)
    except BaseException:
        client.close()
        raise
    return take_over(client.transport, client.esmtp_extensions)


async def _resolve(smtp: Smtp, wait: float) -> Addresses:
    """Ask for the addresses of the host."""
    if not smtp.host:
        fail(Stage.DNS, "no mail server is set", "set the host of the mail server")
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(wait):
            found = await loop.getaddrinfo(smtp.host, smtp.effective_port, type=socket.SOCK_STREAM)
    except TimeoutError:
        cause = f"the name service gave no answer about {smtp.host!r} within {wait:g} s"
        fail(Stage.DNS, cause, "check the name service of this machine")
    except (OSError, UnicodeError) as fault:
        cause = f"DNS: the host {smtp.host!r} is not known ({reason(fault)})"
        fail(Stage.DNS, cause, "check its spelling, and the name service of this machine")
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
            cause = f"{where} cannot be reached ({reason(fault)})"
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
        cause = f"the server greeted us with {shown(refusal)}"
        fail(Stage.GREETING, cause, "ask whoever runs it; it may know this machine and refuse it")
    except TimeoutError:
        cause = f"timeout: the server did not greet us within {waits.greeting:g} s"
        advice = "check port and security: a port for implicit TLS (465) waits for us to speak"
        fail(Stage.TLS if at_once else Stage.GREETING, cause, advice)
    except (aiosmtplib.SMTPException, OSError) as fault:
        origin = fault.__cause__ if at_once else None
        if isinstance(origin, OSError) and not isinstance(origin, aiosmtplib.SMTPException):
            fail(Stage.TLS, *certificate_fault(origin, smtp))
        cause = f"the server closed the connection before its greeting ({reason(fault)})"
        fail(Stage.GREETING, cause, "check the port, and whether it admits this machine")
    if at_once:
        told(Stage.TLS, shown_certificate(client.get_transport_info("peercert")))
    told(Stage.GREETING, f"{greeting.code} {clean_line(greeting.message)}")
    return client


async def _say_hello(client: aiosmtplib.SMTP, wait: float) -> None:
    try:
        async with asyncio.timeout(wait):
            await client.ehlo()
    except aiosmtplib.SMTPResponseException as refusal:
        fail(Stage.EHLO, f"the server answered EHLO with {shown(refusal)}", "ask whoever runs it")
    except (aiosmtplib.SMTPException, OSError) as fault:
        fail(Stage.EHLO, f"no answer to EHLO ({reason(fault)})", "ask whoever runs it")


async def _start_tls(
    smtp: Smtp, client: aiosmtplib.SMTP, tls: ssl.SSLContext | None, waits: Waits, told: Told
) -> None:
    """Secure the connection, then ask again: what was offered in the clear counts for nothing."""
    if not client.supports_extension("starttls"):
        fail(
            Stage.TLS,
            "STARTTLS is missing: the server does not offer it on this port",
            "choose security ssl (port 465), or the port meant for submission (587)",
        )
    try:
        async with asyncio.timeout(waits.tls):
            await client.starttls(tls_context=tls)
    except aiosmtplib.SMTPResponseException as refusal:
        fail(Stage.TLS, f"the server answered STARTTLS with {shown(refusal)}", "ask its keeper")
    except (aiosmtplib.SMTPException, OSError) as fault:
        fail(Stage.TLS, *certificate_fault(fault, smtp))
    told(Stage.TLS, shown_certificate(client.get_transport_info("peercert")))
    await _say_hello(client, waits.command)


def _own_name(door: socket.socket) -> str:
    """Give what to call ourselves: our full name, else our address (RFC 5321 §4.1.4)."""
    name = socket.gethostname()
    if _HOST_NAME.fullmatch(name):
        return name
    address = door.getsockname()[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
