"""Sending letters to the mail server: the Mailer that production uses."""

from notifier.adapters.smtp_letter import hand_over
from notifier.adapters.smtp_line import Line, Waits
from notifier.adapters.smtp_pool import Habits, Pool, RoadClosed
from notifier.core.mail_servers import Smtp
from notifier.core.outcomes import Outcome, Unreachable
from notifier.ports.mail import Fence, Letter


class SmtpMailer:
    """Sends each letter over one of a few kept connections, and says what came of it.

    It belongs to the event loop on which it first sends; connections are opened when first needed.
    `close()` takes leave of the server.
    """

    def __init__(
        self, smtp: Smtp, *, waits: Waits | None = None, habits: Habits | None = None
    ) -> None:
        self._waits = waits or Waits()
        self._pool = Pool(smtp, waits=self._waits, habits=habits or Habits())

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        """Send `letter`, asking `fence` between 354 and the body; one outcome for every end.

        A connection that has rested may be dead without telling. Then, and only as long as it did
        not take MAIL FROM, the letter goes over a fresh one, once.
        """
        outcome, stale = await self._over_a_line(letter, fence, fresh=False)
        if stale:
            outcome, _ = await self._over_a_line(letter, fence, fresh=True)
        return outcome

    def forgive(self) -> None:
        """Knock again at once if need be: others have found the server well."""
        self._pool.forgive()

    async def close(self) -> None:
        """Close all connections, politely."""
        await self._pool.close()

    async def _over_a_line(
        self, letter: Letter, fence: Fence, *, fresh: bool
    ) -> tuple[Outcome, bool]:
        """Send over one line; say also whether the line, not the server, may be to blame."""
        try:
            async with self._pool.line(fresh=fresh) as line:
                rested = line.mails > 0
                outcome = await hand_over(line, letter, fence, self._waits)
        except RoadClosed as closed:
            return Unreachable(str(closed)), False
        stale = isinstance(outcome, Unreachable) and rested and not line.mail_accepted
        if not stale:
            self._tell_the_pool(line, outcome)
        return outcome, stale

    def _tell_the_pool(self, line: Line, outcome: Outcome) -> None:
        """Let the pool know how the server behaves."""
        if isinstance(outcome, Unreachable):
            self._pool.in_trouble(outcome.detail)
        elif line.mail_accepted:
            self._pool.in_order(line)
