"""What the service asks of memory: conferences, their lists, and what is owed because of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from notifier.core.delivery import State
from notifier.core.life import Member
from notifier.core.notice import Notice
from notifier.core.settings import Settings
from notifier.ports.ledger import Hint
from notifier.remembering import Commitment, Remembered


class Memory(Protocol):
    """Remembers conferences, their lists, and what is owed because of them."""

    async def recall(self, wanted: Mapping[str, Sequence[str]]) -> dict[str, Remembered]:
        """Give what is known of conferences, with the rows of the people named for each."""
        ...

    async def recall_lists(self, conferences: Sequence[str]) -> dict[str, Remembered]:
        """Give what is known of conferences, and everybody on those lists that are small.

        `whole` tells which are: up to a slice. A list that changes afterwards has another etag.
        """
        ...

    async def commit(self, steps: Sequence[Commitment], *, under: int | None = None) -> list[str]:
        """Write each, one atomic step apiece.

        Gives for each `applied`, `duplicate`, `gone`, `conflict` or `failed`. `under` is the
        revision of the settings by which they were decided.
        """
        ...

    async def commit_and_take(
        self, steps: Sequence[Commitment], *, under: int, limit: int, roads: int, rate: int
    ) -> tuple[list[str], list[Hint]]:
        """Write each, and take deliveries to hint at as the ledger does, in one round trip."""
        ...

    async def slices(self, *, limit: int) -> list[tuple[Notice, str]]:
        """Give notices to everyone that are still being spread, with their cursors."""
        ...

    def pass_over(self, notice_id: str, fault: str) -> None: ...

    async def slice(
        self, conference: str, *, cursor: str, bare: bool = False
    ) -> tuple[list[Member], str]:
        """Give some members from `cursor` on, and the next cursor (BEGINNING: that was all).

        `bare` asks for those who are known by their address only.
        """
        ...

    async def stored(self, notices: Sequence[str]) -> frozenset[str]:
        """Give those of these notices by which somebody is told."""
        ...

    async def untold(
        self, conference: str, people: Sequence[str], *, former_lives: int
    ) -> frozenset[str]:
        """Give those of these people whom nothing has reached yet in this life of a conference."""
        ...

    async def states(self, ids: Sequence[str]) -> dict[str, State]:
        """Give how these deliveries stand, as far as there are any."""
        ...

    async def forget_events(self, *, now: float) -> int:
        """Forget events so old at `now` (unix seconds) that no publisher repeats them; how many."""
        ...


class SettingsStore(Protocol):
    """Where the administrator's decisions are kept."""

    async def current(self, *, revision: int | None = None) -> Settings:
        """Give the settings of the newest revision, which may be told if it is known."""
        ...

    async def in_force(self) -> tuple[int, Settings]:
        """Give the number of the newest revision, and its settings."""
        ...

    async def lately(self) -> tuple[int, Settings]:
        """Give the same as of the last look, for somebody whose writes are refused if it is old."""
        ...
