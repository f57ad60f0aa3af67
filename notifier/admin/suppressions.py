"""Suppressed addresses as an administrator sees them, and letting mail go to them again."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec

from notifier.adapters.suppressions import RedisSuppressions
from notifier.admin.look import Look
from notifier.core.people import canonical
from notifier.core.suppression import Suppression

ERASED = "(erased)"


class Suppressed(msgspec.Struct, frozen=True, kw_only=True):
    """One address that gets no mail, and why; `delivery` is the one that told us."""

    address: str
    status: str
    reason: str
    since: datetime
    until: datetime
    delivery: str | None


class SuppressionList:
    """Looks at the list of suppressed addresses, and takes addresses off it."""

    def __init__(self, suppressions: RedisSuppressions) -> None:
        self._suppressions = suppressions

    async def listed(self, address: str | None = None) -> AsyncIterator[Suppressed]:
        """Give the list, or what is on it of one address, whose entry may have been erased."""
        if address is None:
            async for each in self._suppressions.all():
                yield _shown(each)
            return
        for each in (await self._suppressions.of([canonical(address)])).values():
            yield _shown(each)

    async def clear(self, addresses: Sequence[str]) -> list[str]:
        """Let mail go to these addresses again; give those that were not on the list."""
        cleared = await self._suppressions.clear([canonical(each) for each in addresses])
        return [each for each in addresses if canonical(each) not in cleared]

    async def clear_all(self) -> int:
        """Let mail go to every address again; give how many were on the list."""
        return await self._suppressions.clear_all()

    async def look(self) -> Look:
        """Say how many addresses get no mail."""
        count = await self._suppressions.count()
        return Look(
            name="suppressed",
            status="ok",
            found=f"{count} addresses get no mail, because nobody lives there",
            advice="notifier suppressions list" if count else "",
        )


def _shown(found: Suppression) -> Suppressed:
    return Suppressed(
        address=found.address or ERASED,
        status=found.status,
        reason=found.reason,
        since=found.since,
        until=found.until,
        delivery=found.delivery or None,
    )
