"""A mail server that the test plays: what it says, and whether it took the letter."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from notifier.core.delivery import Delivery
from notifier.core.notice import Notice
from notifier.core.outcomes import (
    Accepted,
    Deferred,
    Outcome,
    Refused,
    Stopped,
    Unanswered,
    Unreachable,
)
from notifier.ports.mail import Fence, Letter
from tests.faults.held import Hold, Killed, Luck


class Answer(StrEnum):
    """What a mail server says to a letter, or does not say."""

    ACCEPTED = "250 2.0.0 ok"
    LATER = "451 4.7.1 try again"
    NEVER = "554 5.7.1 no"
    BAD_ADDRESS = "550 5.1.1 nobody there"
    CLOSED = "421 4.3.2 closing"
    ARRIVED_UNSAID = "took it, and the answer was lost"
    LOST_UNSAID = "took nothing, and said nothing"
    ARRIVED_KILLED = "took it, and the worker was killed"
    LOST_KILLED = "the worker was killed before it took anything"


TAKEN: Final = {Answer.ACCEPTED, Answer.ARRIVED_UNSAID, Answer.ARRIVED_KILLED}
KILLING: Final = {Answer.ARRIVED_KILLED, Answer.LOST_KILLED}
OUTCOMES: Final[dict[Answer, Outcome]] = {
    Answer.ACCEPTED: Accepted(Answer.ACCEPTED),
    Answer.LATER: Deferred(Answer.LATER),
    Answer.NEVER: Refused(Answer.NEVER),
    Answer.BAD_ADDRESS: Refused(Answer.BAD_ADDRESS, bad_address=True),
    Answer.CLOSED: Unreachable(Answer.CLOSED),
    Answer.ARRIVED_UNSAID: Unanswered("connection reset"),
    Answer.LOST_UNSAID: Unanswered("connection reset"),
}
# Before the body has left, silence is a closed road.
EARLY: Final = (Answer.LATER, Answer.NEVER, Answer.BAD_ADDRESS, Answer.CLOSED, Answer.LOST_KILLED)


DEADLY: Final = {Luck.KILLED_BEFORE, Luck.KILLED_AFTER, Luck.KILLED_HALFWAY}
# What misfortune with the connection to Redis is to a letter that is on its way: nothing, and a
# kill is a kill.
AS_LUCK: Final = {
    Luck.KILLED_BEFORE: Answer.LOST_KILLED,
    Luck.KILLED_HALFWAY: Answer.ARRIVED_KILLED,
    Luck.KILLED_AFTER: Answer.ARRIVED_KILLED,
}


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A letter at the moment when its body leaves."""

    delivery: Delivery
    notice: Notice
    content: bytes
    at: datetime


class MailServer:
    """Keeps what left for it and what it took; `look_up` finds what a letter is about."""

    def __init__(
        self, look_up: Callable[[str], Awaitable[tuple[Delivery, Notice, datetime]]]
    ) -> None:
        self.left: list[Left] = []  # the body was on its way
        self.arrived: list[Left] = []  # the server has it
        self.under_way: list[Left] = []  # its worker waits for the answer
        self.watch: Callable[[Left], Awaitable[None]] | None = None
        self._look_up = look_up

    def forget(self) -> None:
        """Begin anew."""
        self.left.clear()
        self.arrived.clear()
        self.under_way.clear()

    async def leave(self, letter: Letter) -> Left:
        """Note a letter whose body leaves."""
        mark = letter.content.partition(b"X-Notifier-Delivery: ")[2].split(b"\r\n")[0].decode()
        delivery, notice, at = await self._look_up(mark)
        left = Left(delivery=delivery, notice=notice, content=letter.content, at=at)
        if self.watch:
            await self.watch(left)
        self.left.append(left)
        return left


class HeldMailer:
    """Plays the Mailer: asks the fence as a real one does, and says what the test says."""

    def __init__(self, server: MailServer, hold: Hold) -> None:
        self._server = server
        self._hold = hold

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        early = await self._hold.step("envelope")
        if early is Answer.LOST_KILLED or early in DEADLY:
            raise Killed
        if early in EARLY:
            return OUTCOMES[early]
        reason = await fence()
        if reason:
            return Stopped(reason)
        with self._hold:
            left = await self._server.leave(letter)
        self._server.under_way.append(left)
        try:
            said = await self._hold.step("body")
        finally:
            self._server.under_way.remove(left)
        answer = said if isinstance(said, Answer) else AS_LUCK.get(said, Answer.ACCEPTED)
        if answer in TAKEN:
            self._server.arrived.append(left)
        if answer in KILLING:
            raise Killed
        return OUTCOMES[answer]

    async def close(self) -> None:
        """Nothing is open."""
