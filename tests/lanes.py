"""A road to a mail server for tests that are about choosing one: it says what the test tells it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from notifier.core.mail_servers import Smtp
from notifier.core.outcomes import Accepted, Outcome, Stopped, Unreachable
from notifier.ports.mail import Fence, Letter

DOWN = Unreachable("connection refused")
UP = Accepted("250 2.0.0 ok")


@dataclass
class Lane:
    """Plays one road; while it is down nothing reaches the fence."""

    outcome: Outcome | Callable[[Letter], Outcome] = UP
    tried: list[Letter] = field(default_factory=list)
    sent: list[Letter] = field(default_factory=list)
    forgiven: int = 0

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        self.tried.append(letter)
        outcome = self.outcome(letter) if callable(self.outcome) else self.outcome
        if isinstance(outcome, Unreachable) and "the message" not in outcome.detail:
            return outcome
        reason = await fence()
        if reason:
            return Stopped(reason)
        if isinstance(outcome, Accepted):
            self.sent.append(letter)
        return outcome

    def forgive(self) -> None:
        self.forgiven += 1

    async def close(self) -> None:
        """Nothing is open."""


class Lanes:
    """Makes a lane for each server, and gives it by its host."""

    def __init__(self, **outcomes: Outcome) -> None:
        self._lanes = {host: Lane(outcome) for host, outcome in outcomes.items()}

    def __call__(self, smtp: Smtp) -> Lane:
        return self._lanes.setdefault(smtp.host, Lane())

    def __getitem__(self, host: str) -> Lane:
        return self._lanes[host]
