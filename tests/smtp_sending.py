"""Sending one letter to a test server: the letter, the patience, and a mailer that is closed."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import pytest

from notifier.adapters.smtp import SmtpMailer
from notifier.adapters.smtp_habits import Habits
from notifier.adapters.smtp_line import Waits
from notifier.core.mail_servers import Smtp
from notifier.core.outcomes import Accepted, Outcome
from notifier.ports.mail import Letter

LETTER: Final = Letter(
    sender="conf@example.com",
    recipient="boris@example.org",
    content=b"From: conf@example.com\r\nTo: boris@example.org\r\nSubject: Hello\r\n\r\nBoris\r\n",
)

# No server of these tests needs longer; a hanging one is noticed after this (seconds).
SHORT: Final = Waits(
    connect=5, tls=5, greeting=5, command=5, mail=5, rcpt=5, data=5, body=5, noop=0.2
)


def quick(phase: str) -> Waits:
    """Give waits of which the one for `phase` is over at once."""
    return msgspec.structs.replace(SHORT, **{phase: 0.2})


async def go_on() -> None:
    """Let everything pass."""


@asynccontextmanager
async def mailer(
    settings: Smtp, *, waits: Waits = SHORT, habits: Habits | None = None
) -> AsyncIterator[SmtpMailer]:
    """Give a mailer while the block runs."""
    sender = SmtpMailer(settings, waits=waits, habits=habits)
    try:
        yield sender
    finally:
        await sender.close()


async def send_one(settings: Smtp, letter: Letter = LETTER, *, waits: Waits = SHORT) -> Outcome:
    """Send one letter with a mailer of its own."""
    async with mailer(settings, waits=waits) as sender:
        return await sender.send(letter, go_on)


def all_accepted(outcomes: list[Outcome]) -> bool:
    """Tell whether every letter was taken."""
    return all(isinstance(outcome, Accepted) for outcome in outcomes)


def own_address() -> str:
    """Give an address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        try:
            door.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(door.getsockname()[0])
