"""What the service asks of the world: small parts to play, one adapter each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from notifier.core.delivery import Delivery, State
from notifier.core.life import Member
from notifier.core.notice import Kind, Notice
from notifier.core.outcomes import Outcome
from notifier.core.settings import Settings
from notifier.core.suppression import Suppression
from notifier.core.wording.template import Template
from notifier.remembering import Claimed, Commitment, Remembered


class Letter(msgspec.Struct, frozen=True):
    """A complete message (RFC 5322, CRLF) in its envelope (RFC 5321 §2.3.1)."""

    sender: str
    recipient: str
    content: bytes


# The last look before the body leaves: None lets it go, a text says why not.
Fence = Callable[[], Awaitable[str | None]]


class Mailer(Protocol):
    """Hands letters to the mail server."""

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        """Carry one letter to the server; every expected failure is an Outcome."""
        ...

    async def close(self) -> None:
        """Leave the server politely."""
        ...


class Shelf(Protocol):
    """Keeps the templates."""

    def template(self, kind: str, languages: Sequence[str]) -> tuple[Template, str]:
        """Give the template in the first of `languages` that has one, and that language."""
        ...


class Entry(msgspec.Struct, frozen=True):
    """One entry of the stream: its id and its raw fields."""

    id: str
    fields: Mapping[bytes, bytes]


class Inbox(Protocol):
    """The stream of events."""

    async def read(self, *, limit: int, block_seconds: float) -> list[Entry]:
        """Give new entries, waiting up to `block_seconds` for the first."""
        ...

    async def take_over(self, *, limit: int) -> list[Entry]:
        """Give entries that a dead or stuck listener left unacknowledged; suspects one by one."""
        ...

    async def trim(self, *, now: float) -> int:
        """Drop entries that were acknowledged long before `now` (unix seconds); give how many."""
        ...

    async def let_go(self, *, limit: int) -> int:
        """Let entries be left behind that are held since a time to come; give how many."""
        ...

    async def reject(self, entry: Entry, *, reason: str, path: str) -> None:
        """Bury an entry that is not an event, bytes and all, and acknowledge it."""
        ...


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
        revision of the settings by which moments of reminders were found.
        """
        ...

    async def slices(self, *, limit: int) -> list[tuple[Notice, str]]:
        """Give notices to everyone that are still being spread, with their cursors."""
        ...

    def pass_over(self, notice_id: str, fault: str) -> None: ...

    async def slice(self, conference: str, *, cursor: str) -> tuple[list[Member], str]:
        """Give some members from `cursor` on, and the next cursor (BEGINNING: that was all)."""
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


class DueIndex(Protocol):
    """The next moment of every conference that reminds."""

    async def due(self, *, until: datetime, limit: int) -> list[str]:
        """Give conferences with a reminder due up to `until`."""
        ...

    async def take_due(self, *, until: datetime, limit: int, holder: str) -> list[str]:
        """Give conferences as `due` does, but none while another holder works through them.

        Two that work through the same ones meet conflicts and no harm: this saves time, no more.
        """
        ...

    async def leave_due(self, holder: str) -> None:
        """Let another holder go on."""
        ...


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery to wake a worker for."""

    delivery: str
    kind: Kind
    suspect: bool = False  # a worker died with it: it goes alone, so that no other dies with it


class LedgerAway(Exception):
    """The ledger does not answer, or takes no writes at the moment; the text says what it said."""


class Ledger(Protocol):
    """Keeps the deliveries; the truth about what is owed and what was paid.

    What a claimed delivery needs (`renew` to `record`) raises LedgerAway.
    """

    async def take(self, *, limit: int, roads: int = 1, rate: int = 0) -> list[Hint]:
        """Give deliveries to hint at, the most urgent first; none while enough are hinted.

        None either while no road to a mail server works, and few of them at a limited rate.
        """
        ...

    async def claim(self, ids: Sequence[str]) -> list[Claimed]:
        """Claim deliveries that are due; those of somebody else, or final ones, are left out."""
        ...

    async def renew(self, claims: Sequence[Claimed]) -> int:
        """Say that the worker of these claims is alive; give how many still wait for the fence."""
        ...

    async def look_again(self, claimed: Claimed) -> Claimed:
        """Give the same claim with what is true now."""
        ...

    async def fence(self, claimed: Claimed) -> str:
        """Mark the body as leaving: `ok`, `lost` (not ours any more) or `changed` (look again)."""
        ...

    async def turn(self, rate: int) -> float:
        """Take a turn among `rate` mails a second over all workers; give the seconds to wait."""
        ...

    async def record(self, before: Delivery, after: Delivery) -> bool:
        """Write how an attempt ended, if the claim is still ours; a fact is always written."""
        ...

    async def suppress(self, suppression: Suppression) -> None:
        """Note that nobody lives at an address: it gets no mail for a while."""
        ...

    async def forget_suppressed(self, *, now: float) -> int:
        """Forget addresses that may get mail again at `now` (unix seconds); give how many."""
        ...

    async def overdue(self, *, limit: int, now: float) -> list[Delivery]:
        """Give deliveries whose lease is over at `now` (unix seconds)."""
        ...

    async def release(self, before: Delivery, after: Delivery) -> bool:
        """Write what becomes of an overdue delivery, if it still stands as it was seen."""
        ...

    async def wake_later(self, *, limit: int, now: float) -> int:
        """Make those ready whose time has come, and those whose hint was lost; give how many."""
        ...


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended: the delivery as it was claimed, and as it is now."""

    before: Delivery
    after: Delivery


class Journal(Protocol):
    """Keeps on the local disk how attempts ended while the ledger takes no writes."""

    def keep(self, ending: Ending) -> None:
        """Write it down; it outlives a crash of this machine. Raises OSError."""
        ...

    def endings(self) -> list[Ending]:
        """Give what is kept, of all processes of this machine."""
        ...

    def forget(self, ending: Ending) -> None:
        """Drop what the ledger has."""
        ...


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


class Wake(Protocol):
    """Wakes a worker: carries ids, never addresses (P6)."""

    def deliver(self, kind: Kind, ids: Sequence[str]) -> None:
        """Hint that these deliveries are ready."""
        ...


class Roads(Protocol):
    """How the roads to the mail servers stand."""

    async def look_after(self) -> None:
        """Let those be tried again whose pause is over."""
        ...


class SettingsStore(Protocol):
    """Where the administrator's decisions are kept."""

    async def current(self) -> Settings:
        """Give the settings of the newest revision."""
        ...

    async def in_force(self) -> tuple[int, Settings]:
        """Give the number of the newest revision, and its settings."""
        ...
