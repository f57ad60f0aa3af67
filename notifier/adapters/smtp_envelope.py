"""The envelope of a letter: whether a server can take it at all, and the commands that say so."""

import asyncio
import re
from functools import lru_cache
from typing import Final

import msgspec

from notifier.adapters.smtp_line import Answers, Line, Waits
from notifier.adapters.smtp_offers import Offers
from notifier.core.outcomes import Refused
from notifier.core.replies import Phase
from notifier.ports.mail import Letter

# Spaces, brackets and controls would end the address on the command line and begin something else.
_ADDRESS: Final = re.compile(r"[^\x00-\x20\x7f-\x9f<>]+@[^\x00-\x20\x7f-\x9f<>@]+")

# RFC 5321 §4.5.3.1.3: 256 octets with the angle brackets.
LONGEST_ADDRESS: Final = 254


class Command(msgspec.Struct, frozen=True, gc=False):
    """One command of the envelope, and how long its answer may take (seconds)."""

    phase: Phase
    words: bytes
    wait: float


class Passage:
    """A letter on its way: its bytes in wire form, the line that it has, and how far it is.

    `envelope` has the commands, once they were written for the line; `answers`, what the server
    owes to them if they went in one group; `waiter` is set while it waits for its turn.
    """

    __slots__ = (
        "answers",
        "content",
        "envelope",
        "letter",
        "line",
        "mail_accepted",
        "owns_line",
        "rested",
        "suspicious",
        "waiter",
    )

    def __init__(self, letter: Letter, content: bytes) -> None:
        self.letter = letter
        self.content = content
        self.waiter: asyncio.Future[None] | None = None
        self.forget()

    def forget(self) -> None:
        """Begin anew: nothing of this letter was handed over."""
        self.line: Line | None = None
        self.answers: Answers | None = None
        self.envelope = b""
        self.owns_line = False
        self.rested = False  # the line has carried letters before, and may have died since
        self.mail_accepted = False
        self.suspicious = False  # the server seems to lie about PIPELINING

    def misfit(self, offers: Offers) -> Refused | None:
        """Say why this letter cannot be handed to this server at all, or None."""
        letter, size = self.letter, len(self.content)
        if not _is_address(letter.recipient):
            return Refused("address: the recipient is not a mail address", bad_address=True)
        if letter.sender and not _is_sender(letter.sender):
            return Refused("address: the sender is not a mail address")
        if not offers.smtputf8 and self._needs_utf8:
            return Refused("smtputf8_required: the server takes only ASCII before the @")
        if not offers.eight_bit and not self.content.isascii():
            return Refused("8bitmime_required: the server takes only seven-bit letters")
        if offers.size_limit is not None and size > offers.size_limit:
            return Refused(f"too_large: {size} bytes, the server takes {offers.size_limit}")
        return None

    def address(self, line: Line) -> bytes:
        """Write the envelope for this line, up to DATA; behind a RSET where one is still open."""
        self.line, self.rested = line, line.mails > 0
        letter, offers = self.letter, line.offers
        options = f" SIZE={len(self.content)}" if offers.size_announced else ""
        if offers.eight_bit and not self.content.isascii():
            options += " BODY=8BITMIME"
        if self._needs_utf8:
            options += " SMTPUTF8"
        reset = "RSET\r\n" if line.half_open else ""
        mail = f"{reset}MAIL FROM:<{letter.sender}>{options}"
        self.envelope = f"{mail}\r\nRCPT TO:<{letter.recipient}>\r\nDATA\r\n".encode()
        line.mails += 1
        line.half_open = True
        return self.envelope

    def commands(self, waits: Waits) -> list[Command]:
        """Give the envelope command by command."""
        *before, rcpt, data = self.envelope.splitlines(keepends=True)
        return [
            *(Command(Phase.MAIL, words, waits.mail) for words in before),
            Command(Phase.RCPT, rcpt, waits.rcpt),
            Command(Phase.DATA, data, waits.data),
        ]

    @property
    def waiting(self) -> bool:
        """Whether it still stands in the queue, neither woken nor given up."""
        return self.waiter is not None and not self.waiter.done()

    def wake(self) -> None:
        """Let it look at what there is."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    @property
    def _needs_utf8(self) -> bool:
        return not (self.letter.recipient.isascii() and self.letter.sender.isascii())


def _is_address(text: str) -> bool:
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


@lru_cache(maxsize=16)
def _is_sender(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None
