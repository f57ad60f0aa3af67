"""The stages of the way to a mail server, and how to say at which one it ended."""

from enum import StrEnum
from typing import NoReturn

import aiosmtplib

from notifier.adapters.smtp_replies import KEPT_TEXT
from notifier.core.cleaning import clean_line


class Stage(StrEnum):
    """One step of the way to a server that takes our mail."""

    DNS = "DNS"
    TCP = "TCP"
    GREETING = "greeting"
    TLS = "TLS"
    EHLO = "EHLO"
    TOKEN = "token"
    AUTH = "AUTH"
    MAIL = "MAIL FROM"


class Unopened(Exception):
    """A connection could not be opened: at which stage, the exact cause, and what to do."""

    def __init__(self, stage: Stage, cause: str, advice: str) -> None:
        super().__init__(cause)
        self.stage = stage
        self.cause = cause
        self.advice = advice


def fail(stage: Stage, cause: str, advice: str) -> NoReturn:
    """End here."""
    raise Unopened(stage, cause, advice) from None


def shown(refusal: aiosmtplib.SMTPResponseException) -> str:
    """Give a reply on one clean line: it is kept in the ledger, logged, and shown at terminals."""
    code = f"{refusal.code} " if refusal.code > 0 else ""
    return code + clean_line(str(refusal.message), KEPT_TEXT)


def reason(fault: BaseException | None) -> str:
    """Give what a fault says, on one clean line."""
    if isinstance(fault, TimeoutError):
        return "timeout"
    return clean_line(str(getattr(fault, "strerror", None) or fault), KEPT_TEXT)
