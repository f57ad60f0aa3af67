"""How connections to a mail server are kept, and how long one in trouble is left alone."""

import asyncio

import msgspec

from notifier.adapters.smtp_line import Line


class Habits(msgspec.Struct, frozen=True):
    """How long connections are kept, and what a server is trusted with, and when (seconds)."""

    # Servers hang up on the idle after minutes; a question is cheaper than a lost letter.
    ask_after_idle: float = 30
    # Long conversations meet limits of servers and of firewalls, and never see a new DNS answer.
    renew_after: float = 300
    # Exim closes after 1,000 by default; opening a line costs 1 ms, and 2 more with TLS.
    renew_after_mails: int = 500
    leave_after_idle: float = 120
    hold_off_first: float = 1
    hold_off_longest: float = 30
    # A server that has not answered a group of commands yet is given this long for each of them,
    # however long it may take for one alone: most answer at once, and a liar never does.
    suspect_after: float = 10
    # When a body that is followed by something on trial gets help, if it is not answered.
    help_after: float = 3
    # Some servers look through each body for half a minute: behind a body that is not answered by
    # then a letter waits no longer. And as long as answers take longer than `prompt`, none is put
    # there: to take it back costs the connection.
    patience_behind: float = 2
    prompt: float = 0.5


class HoldOff:
    """How long nobody knocks: a second after the first failure, doubling to half a minute."""

    def __init__(self, habits: Habits) -> None:
        self.cause = ""
        self._habits = habits
        self._pause = 0.0
        self._until = 0.0

    @property
    def over(self) -> bool:
        """Whether the pause is over, so that one may knock."""
        return asyncio.get_running_loop().time() >= self._until

    def failed(self, cause: str) -> None:
        """Begin a pause, longer than the last one; failures within a pause are one failure."""
        self.cause = cause
        if self.over:
            doubled = max(self._habits.hold_off_first, self._pause * 2)
            self._pause = min(doubled, self._habits.hold_off_longest)
            self._until = asyncio.get_running_loop().time() + self._pause

    def outlived_by(self, line: Line) -> bool:
        """Whether `line` was opened since: one from before says nothing about knocking now."""
        return line.opened >= self._until

    def worked(self) -> None:
        """Forget the trouble."""
        self.cause = ""
        self._pause = self._until = 0.0
