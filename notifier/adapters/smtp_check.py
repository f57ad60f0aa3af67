"""*Check connection* (R29): the way to the mail server step by step; what to do where it ends."""

import asyncio
import ipaddress
import time
from collections.abc import Callable
from typing import Final

import msgspec

from notifier.adapters.oauth import Tokens
from notifier.adapters.smtp_letter import outcome_of
from notifier.adapters.smtp_line import Line, Silence, Waits
from notifier.adapters.smtp_opening import open_line
from notifier.adapters.smtp_stages import Stage, Unopened
from notifier.adapters.smtp_tls import tls_context
from notifier.core.mail_servers import Smtp
from notifier.core.outcomes import Accepted
from notifier.core.replies import Phase

# Word for word what R29 asks for.
CONNECTED: Final = "successfully connected"
INVALID: Final = "invalid server"

# Beside a person who waits for the answer (seconds).
PATIENCE: Final = 20.0


class Step(msgspec.Struct, frozen=True):
    """One step of the way: DNS, TCP, TLS, greeting, EHLO, AUTH, MAIL FROM."""

    name: str
    ok: bool
    detail: str
    seconds: float


class CheckReport(msgspec.Struct, frozen=True):
    """How far we came, the sentence to show, and what is odd although it works."""

    ok: bool
    steps: tuple[Step, ...]
    message: str
    warnings: tuple[str, ...] = ()


class _Walk:
    """The steps taken, each with the time since the one before."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.steps: list[Step] = []
        self._clock = clock
        self._since = clock()

    def passed(self, stage: Stage, detail: str) -> None:
        self._add(stage, detail, ok=True)

    def ended(self, stage: Stage, detail: str) -> None:
        self._add(stage, detail, ok=False)

    def _add(self, stage: Stage, detail: str, *, ok: bool) -> None:
        now = self._clock()
        self.steps.append(Step(stage.value, ok, detail, round(now - self._since, 6)))
        self._since = now


async def check(smtp: Smtp, *, timeout: float = PATIENCE) -> CheckReport:  # noqa: ASYNC109 - named so by its callers
    """Connect, secure, log in and offer the sender address, then leave; no mail is sent.

    `timeout` (seconds) is for each step. The message is `successfully connected`, or
    `invalid server: ` with the exact cause and what to do.
    """
    walk = _Walk(time.perf_counter)
    try:
        await _walk_along(smtp, walk, _patient(timeout))
    except Unopened as fault:
        walk.ended(fault.stage, fault.cause)
        message = f"{INVALID}: {fault.cause}; {fault.advice}"
        return CheckReport(False, tuple(walk.steps), message, sender_warnings(smtp))
    return CheckReport(True, tuple(walk.steps), CONNECTED, sender_warnings(smtp))


def _patient(seconds: float) -> Waits:
    """Give waits that are over after so many seconds each."""
    usual = Waits()
    names = (name for name in Waits.__struct_fields__ if name != "quit")
    return Waits(quit=usual.quit, **{name: min(seconds, getattr(usual, name)) for name in names})


async def _walk_along(smtp: Smtp, walk: _Walk, waits: Waits) -> None:
    secured = smtp.security != "none"
    tls = await asyncio.to_thread(tls_context, smtp.ca_file) if secured else None
    tokens = Tokens(smtp, wait=waits.token)
    line = await open_line(smtp, tls=tls, tokens=tokens, waits=waits, told=walk.passed)
    try:
        walk.passed(Stage.MAIL, await _offer_sender(smtp, line, waits))
    finally:
        await line.quit(waits.quit)


async def _offer_sender(smtp: Smtp, line: Line, waits: Waits) -> str:
    """Ask whether the server takes mail from our sender; give its answer, or raise Unopened."""
    advice = "set a sender address that this login may send from"
    if not smtp.sender_address:
        raise Unopened(Stage.MAIL, "no sender address is set", "set the sender address")
    if not smtp.sender_address.isascii() and not line.offers.smtputf8:
        cause = "the server takes only ASCII before the @ of the sender address"
        raise Unopened(Stage.MAIL, cause, advice)
    option = "" if smtp.sender_address.isascii() else " SMTPUTF8"
    try:
        words = f"MAIL FROM:<{smtp.sender_address}>{option}\r\n".encode()
        reply = await line.ask(words, waits.mail).reply()
        if not isinstance(outcome_of(Phase.MAIL, reply), Accepted):
            cause = f"the sender address {smtp.sender_address} was refused: {reply}"
            raise Unopened(Stage.MAIL, cause, advice)
        await line.ask(b"RSET\r\n", waits.mail).reply()
    except Silence as silence:
        cause = f"no answer to the sender address: {silence}"
        raise Unopened(Stage.MAIL, cause, "ask whoever runs the server") from None
    return str(reply)


def sender_warnings(smtp: Smtp) -> tuple[str, ...]:
    """Warn where the sender address belongs neither to the login nor to the host (R30).

    Such mail is refused by the server, or lands in the junk of those who check SPF and DKIM.
    """
    sender = smtp.sender_address.lower()
    if not sender or _fits_login(sender, smtp) or _fits_host(sender, smtp.host.lower()):
        return ()
    warning = (
        f"the sender address {smtp.sender_address} belongs neither to the login nor to the host "
        f"{smtp.host}: the server may refuse it, and others may take its mails for junk"
    )
    return (warning,)


def _fits_login(sender: str, smtp: Smtp) -> bool:
    """Tell whether the login is this mailbox, or one in the same domain."""
    if smtp.authentication == "none":
        return False
    mailbox, _, domain = sender.rpartition("@")
    login = smtp.username.lower()
    return login.rpartition("@")[2] == domain if "@" in login else login == mailbox


def _fits_host(sender: str, host: str) -> bool:
    """Tell whether host and sender share their last two labels; an address tells nothing."""
    if host == "localhost" or _is_address(host):
        return True
    domain = sender.rpartition("@")[2]
    return host.rstrip(".").split(".")[-2:] == domain.split(".")[-2:]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
