"""What the service asks of the clocks, and whether there is anything to do by them."""

from datetime import datetime
from typing import Protocol

import msgspec


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What the clocks told at a look that found nothing wrong."""

    redis: float  # unix seconds; what leases follow
    own: datetime  # what reminders follow


class Clocks(Protocol):
    """The clocks that leases and reminders follow: whatever follows the time asks here."""

    async def moment(self) -> Moment | None:
        """Look at them; None while one jumps, or while they disagree."""
        ...

    def now(self) -> datetime:
        """Give the time, as it goes on from the last look that found nothing wrong."""
        ...

    def doubt(self, moment: datetime) -> bool:
        """Tell whether clocks disagree about `moment` being over: that waits for a later look."""
        ...


class Agenda(Protocol):
    """What there is to do."""

    async def empty(self, moment: Moment) -> bool:
        """Tell whether nothing is due, put off until now, waiting, on its way or being walked."""
        ...
