"""A desk whose letters go to a real mail server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from notifier.adapters.smtp import SmtpMailer
from notifier.adapters.smtp_habits import Habits
from notifier.adapters.smtp_line import Waits
from notifier.core.mail_servers import Smtp
from notifier.core.outcomes import Outcome
from notifier.ports.mail import Fence, Letter
from tests.adapters.desk import Desk, desk
from tests.cast import NOW
from tests.smtp_sending import SHORT
from tests.smtp_servers import MailServer

# Tests need not leave a server in peace for as long as people do.
IMPATIENT = Habits(hold_off_first=0.02, hold_off_longest=0.05)


class Remembering(SmtpMailer):
    """The true mailer; what it was given stays in `letters`."""

    def __init__(self, smtp: Smtp, letters: list[Letter], waits: Waits) -> None:
        super().__init__(smtp, waits=waits, habits=IMPATIENT)
        self._letters = letters

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        self._letters.append(letter)
        return await super().send(letter, fence)


@asynccontextmanager
async def posting(
    url: str,
    server: MailServer,
    *,
    letters: list[Letter] | None = None,
    now: datetime = NOW,
    waits: Waits = SHORT,
    **changes: Any,
) -> AsyncIterator[Desk]:
    """Open a desk that sends to `server`; `changes` are those of its settings."""
    kept = [] if letters is None else letters
    smtp = server.settings(**changes)
    async with desk(url, make_mailer=lambda _smtp: Remembering(smtp, kept, waits)) as opened:
        opened.now = now
        yield opened
