"""Sending letters to the mail server: the Mailer that production uses."""

from notifier.adapters.smtp_envelope import Passage
from notifier.adapters.smtp_habits import Habits
from notifier.adapters.smtp_letter import hand_over
from notifier.adapters.smtp_line import Line, Waits
from notifier.adapters.smtp_pool import Pool, RoadClosed
from notifier.core.mail_servers import Smtp
from notifier.core.outcomes import Outcome, Unreachable
from notifier.core.wire import wire_form
from notifier.ports.mail import Fence, Letter


class SmtpMailer:
    """Sends each letter over one of a few kept connections, and says what came of it.

    It belongs to the event loop on which it first sends; connections are opened when first needed.
    `close()` takes leave of the server.
    """

    def __init__(
        self, smtp: Smtp, *, waits: Waits | None = None, habits: Habits | None = None
    ) -> None:
        self._pool = Pool(smtp, waits=waits or Waits(), habits=habits or Habits())

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        """Send `letter`, asking `fence` between 354 and the body; one outcome for every end.

        A connection that has rested may be dead without telling. Then, and only as long as it did
        not take MAIL FROM, the letter goes over a fresh one, once; and so it does if the server
        seems not to bear commands in a group.
        """
        passage = Passage(letter, wire_form(letter.content))
        outcome, again = await self._over_a_line(passage, fence, fresh=False)
        if again:
            passage.forget()
            outcome, _ = await self._over_a_line(passage, fence, fresh=True)
        return outcome

    def forgive(self) -> None:
        """Knock again at once if need be: others have found the server well."""
        self._pool.forgive()

    async def close(self) -> None:
        """Close all connections, politely."""
        await self._pool.close()

    async def _over_a_line(
        self, passage: Passage, fence: Fence, *, fresh: bool
    ) -> tuple[Outcome, bool]:
        """Send over one line; say also whether the line, not the letter, may be to blame."""
        pool = self._pool
        try:
            line = await pool.take(passage, fresh=fresh)
        except RoadClosed as closed:
            return Unreachable(str(closed)), False
        try:
            outcome = await hand_over(passage, line, fence, pool)
        except BaseException:
            line.abort()
            raise
        finally:
            pool.leave(line)
        stale = isinstance(outcome, Unreachable) and passage.rested and not passage.mail_accepted
        again = stale or passage.suspicious
        if not again:
            self._tell_the_pool(passage, line, outcome)
        return outcome, again

    def _tell_the_pool(self, passage: Passage, line: Line, outcome: Outcome) -> None:
        """Let the pool know how the server behaves."""
        if isinstance(outcome, Unreachable):
            self._pool.in_trouble(outcome.detail)
        elif passage.mail_accepted:
            self._pool.in_order(line)
